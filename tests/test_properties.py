"""What holds for every page, whatever is on it.

Hypothesis makes the pages: raw bytes, and lists of fragments. A fragment is made from one number, since drawing every
part of it would take Hypothesis ten times as long as checking the page; lists still shrink to the fragments that matter.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from docassay import contract, inventory, pipeline, schema
from docassay.config import Config
from docassay.findings import Finding
from docassay.model import Response
from docassay.pipeline import Loaded

few = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
many = settings(few, max_examples=400)

# --- pages made of fragments -------------------------------------------------------------------------------------

NAMES = ("get_photo", "create photo", "../../x", "a", "A", "", "é", "request-1")
TYPES = ("x.photo", "photo", "#x.photo", "Collection(x.photo)", "x.base", "x.size", "size", "elsewhere", "a b", "é")
PROPERTIES = ("id", "name", "size", "width", "tags", "value", "a/b", "m~n", "@odata.type", "photo@odata.bind", "0", "")
BLOCK_TYPES = ("request", "response", "resource", "example", "ignored", "samples", "simulatedResponse", "Request", "no")
CELLS = ("id", "name", "size", "String", "Int32", "Boolean", "[size](size.md)", "String collection", "DateTimeOffset",
         "Required.", "Optional. Nullable.", "Not nullable.", "Possible values are: `a`, `b`.", "x.photo", "", "`a\\|b`",
         "Read-only.", "**TODO: Add Description**", "string (url)", "yes")  # fmt: skip
HEADINGS = ("# Photo", "# size enum", "## HTTP request", "## Request body", "## Properties", "## Relationships",
            "### size values", "## Members", "# [HTTP](#tab/http)", "Response\n---", "## Examples")  # fmt: skip
PROSE = ("Inherits from [base](base.md).", "The following properties are required.", "TODO: say more", "plain words",
         "[a](b.md) `[c](d.md)` ![e](f.png 'g')", "[ref]: r.md", "> [!NOTE]\n> Beware.", "---", "A 404 tells you so.",
         "<div>\n<!-- inside -->\n</div>", "<!-- a note -->", "<!-- { for people } -->", "<details>", "-->",
         '<!-- {"type": "#page.annotation"} -->', "    indented code", "- item", "1. item", "**Note:** text", "\\[a](b.md)",
         'text <!-- {"blockType": "ignored"} -->', "<!-- never closed", "\t<!-- tab -->", "\u2028", "| a |\n|---|",
         '<!-- docassay: ignore DA402 because -->', "```", "<<<<<<< HEAD", "\0")  # fmt: skip
STRINGS = ("String", "String (timestamp)", "x.photo", "a | b", "2020-01-01T00:00:00Z", "", "a", "b", "é", "…")
FIRST_LINES = ("GET /a", "GET /a", "POST https://x.example/v1.0/photos", "HTTP/1.1 200 OK", "HTTP/1.1 200 OK", "PATCH", "",
               "HTTP/1.1 204 No Content", "HTTP 201 Created", "{", "/a", "get /a?x=y z",
               "POST https://x.example/beta** Collection URI for X.y not found")  # fmt: skip
FIELDS = ("Content-Type: application/json", "Accept: x", "bad header", "  folded", "Location:")


def a_value(chance: Random, depth: int = 3) -> Any:
    """A JSON value with the names and the sample values of real pages."""
    kind = chance.randrange(9 if depth else 6)
    if kind > 6:
        return an_object(chance, depth - 1)
    if kind == 6:
        return [a_value(chance, depth - 1) for _ in range(chance.randrange(3))]
    return (None, True, chance.randrange(-9, 2**33), 0.5, chance.choice(STRINGS), "2021-02-30")[kind]


def an_object(chance: Random, depth: int = 3) -> dict[str, Any]:
    return {chance.choice(PROPERTIES): a_value(chance, depth) for _ in range(chance.randrange(5))}


def broken(chance: Random, text: str) -> str:
    """The text, half of the time with one thing wrong."""
    at = chance.randrange(len(text) + 1)
    insert = chance.choice(("{", "}", "[", ",", '"', "'", "\n", "...", "//", "“", "\\", "\xa0", "<", "\ud800"))
    wrong = (text[:at] + text[at + 1 :], text[:at] + insert + text[at:], text[:at], text.replace("}", ",}"))
    return chance.choice((*wrong, text, text, text, text))


def json_text(chance: Random) -> str:
    value = [an_object(chance) for _ in range(chance.randrange(3))] if chance.random() < 0.2 else an_object(chance)
    if chance.random() < 0.3:
        value = {"value": [an_object(chance) for _ in range(chance.randrange(3))]}
    return broken(chance, json.dumps(value, indent=chance.choice((None, 2)), ensure_ascii=chance.random() < 0.5))


def annotation(chance: Random) -> str:
    data = {
        "blockType": chance.choice(BLOCK_TYPES),
        "name": chance.choice((*NAMES, [chance.choice(NAMES), chance.choice(NAMES)])),
        "@odata.type": chance.choice(TYPES),
        "isCollection": chance.choice((True, False, "true")),
        "truncated": chance.random() < 0.5,
        "collectionProperty": chance.choice(("value", "tags", "")),
        "optionalProperties": [chance.choice(PROPERTIES)],
        "keyProperty": chance.choice(("id", "")),
        "baseType": "x.base" if chance.random() < 0.5 else None,
        "nonsense": a_value(chance, 1),
    }
    kept = {key: value for key, value in data.items() if key == "blockType" or chance.random() < 0.4}
    return f"<!-- {broken(chance, json.dumps(kept, indent=chance.choice((None, None, 2))))} -->"


def message(chance: Random) -> str:
    lines = [chance.choice(FIRST_LINES), *(chance.choice(FIELDS) for _ in range(chance.randrange(3)))]
    if chance.random() < 0.2:
        lines.insert(1, "")
    if chance.random() < 0.7:
        lines += ["", json_text(chance)] if chance.random() < 0.8 else [json_text(chance)]
    return "\n".join(lines)


def fence(chance: Random) -> str:
    mark = chance.choice(("```", "~~~~"))
    content = json_text(chance) if chance.random() < 0.3 else message(chance)
    end = mark if chance.random() < 0.95 else ""
    return f"{mark}{chance.choice(('http', ' http', 'json', '', 'HTTP', 'csharp'))}\n{content}\n{end}"


def example(chance: Random) -> str:
    gap = chance.choice(("", "", "\n", "\n\n", "\n## Request\n\n", "\ntext\n\n", "# [HTTP](#tab/http)\n"))
    return f"{annotation(chance)}\n{gap}{fence(chance)}"


def table(chance: Random) -> str:
    header = chance.choice(
        ("Property|Type|Description", "Name|Type|Required?", "Member|Value", "Relationship|Type", "x")
    )
    rows = ["|".join(chance.choice(CELLS) for _ in range(chance.randrange(1, 5))) for _ in range(chance.randrange(4))]
    rule = "|".join([":--"] * (header.count("|") + 1))
    return "\n".join(f"|{row}|" for row in (header, rule, *rows))


def fragment(seed: int) -> str:
    """One piece of a page: at the top level, in a list item or in a block quote."""
    chance = Random(seed)
    make = chance.choice((example, example, example, fence, table, None, None))
    text = make(chance) if make else chance.choice((*HEADINGS, *PROSE))
    return chance.choice((text,) * 8 + ("- " + text.replace("\n", "\n  "), "> " + text.replace("\n", "\n> ")))


fragments = st.lists(st.integers(0, 2**32 - 1).map(fragment), max_size=10)
pages = st.builds(
    lambda start, gap, parts: start + gap.join(parts),
    st.sampled_from(["", "---\ntitle: x\n---\n", "---\na: b: c\n---\n"]),
    st.sampled_from(["\n", "\n\n", "\r\n\r\n"]),
    fragments,
)

# --- how they are checked ----------------------------------------------------------------------------------------


def load(pages: dict[str, str | bytes]) -> Loaded:
    """The pages as a folder on the disk."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in pages.items():
            data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
            Path(folder, name).write_bytes(data)
        return pipeline.load([Path(folder)], Config())


def check(loaded: Loaded) -> tuple[Finding, ...]:
    return pipeline.check(loaded, Config()).findings
