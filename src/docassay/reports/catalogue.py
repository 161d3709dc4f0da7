"""Rules -> Markdown: `docs/rules.md` and the table of the README. A test holds both against the code."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Rule
from ..rules import FAMILIES

LOOKS_AT = {
    "page": "a page",
    "annotation": "annotations",
    "message": "HTTP messages and the JSON in them",
    "contract": "the contract: statements that contradict each other",
    "conformance": "an exchange: what the target answered",
    "cassette": "recordings",
}


def page() -> str:
    """All of `docs/rules.md`."""
    return "\n".join(_page()) + "\n"


def table() -> str:
    """The table of the README: one row for each family."""
    lines = ["| codes | looks at | rules |", "|:--|:--|:--|"]
    for family, rules in FAMILIES:
        slugs = ", ".join(f"[{rule.slug}](docs/rules.md#{_anchor(rule)})" for rule in rules)
        lines.append(f"| {rules[0].code[:3]}xx | {LOOKS_AT[family]} | {slugs} |")
    return "\n".join(lines) + "\n"


def _page() -> Iterator[str]:
    yield "# Rules"
    yield ""
    yield "Made from the code by `DOCASSAY_UPDATE=1 pytest tests/test_documentation.py`; do not edit."
    yield ""
    yield "*error*: a machine cannot read it, or two statements contradict each other. *warning*: likely wrong."
    yield "*note*: style. `docassay rules CODE` prints the same text."
    for family, rules in FAMILIES:
        yield ""
        yield f"## {rules[0].code[:3]}xx: {LOOKS_AT[family]}"
        for rule in rules:
            yield ""
            yield f"### {rule.code} {rule.slug}"
            yield ""
            yield f"*{rule.level}.* {rule.summary}"
            yield ""
            yield rule.text


def _anchor(rule: Rule) -> str:
    return f"{rule.code.lower()}-{rule.slug}"
