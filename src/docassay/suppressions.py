"""`<!-- docassay: ignore DA402 reason -->` -> Suppression, and the findings that it takes out.

A suppression speaks of the block that follows it: a paragraph, a table, an annotation with its fence. `ignore-page`
speaks of the whole page. Without a reason it is not in force. The `suppressions` of API Doctor's page annotations hold
its messages; where docassay has a rule for the same fault, they take out its findings that name the same thing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from . import jsontext
from .findings import Finding
from .model import Element, Suppression

_COMMENT = re.compile(r"\s*docassay\s*(?::|(?=ignore\b))\s*(?P<verb>[\w-]*)\s*(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_CODE = re.compile(r"DA\d{3}(?![\w-])[,;:]?\s*", re.IGNORECASE)
VERBS = ("ignore", "ignore-page")
API_DOCTOR = "suppressions"
"""The verb of those that stand in a page annotation."""
_MESSAGES = tuple(
    (re.compile(pattern, re.IGNORECASE), codes)
    for pattern, codes in (
        (r"Undocumented property '(?P<about>[^']+)'", ("DA406",)),
        (r"Property '(?P<about>[^']+)' found in resource definition", ("DA411",)),
        (r"Property '(?P<about>[^']+)' found in markdown table", ("DA412",)),
        (r"Expected type .*?Property: (?P<about>[\w.@]+), actual value", ("DA405", "DA408")),
        (r"Type mismatch between example and table\. Parameter name: (?P<about>[\w.@]+)", ("DA405", "DA408")),
        (r"/(?P<about>[\w.@]+):\s*(?:\\r\\n)?\s*Inconsistent types between parameter", ("DA405", "DA408")),
        (r"Referenced type (?P<about>[\w.]+) is not defined", ("DA404", "DA410")),
        (r"unrecognized type declaration (?P<about>[\w.]+)", ("DA404", "DA405", "DA410")),
        (r"Resource (?P<about>[\w.]+) is defined in multiple files", ("DA415",)),
        (r"(?:FileNotFound|BookmarkMissing)\S*\s*'\[(?P<about>[^\]]+)\]", ("DA102", "DA107", "DA109")),
        (r"Missing metadata for code block: codeblock -\s*(?P<about>[A-Z]+ \S+)", ("DA208",)),
        (r"Duplicate method identifier detected: (?P<about>[^\s.]+)", ("DA403",)),
        (r"(?:value for|required) YAML header:? '?(?P<about>[\w.-]+)", ("DA111",)),
        (r"Tab (?:header|group)(?P<about>)", ("DA110",)),
        (r"required document header is missing from the document: (?P<about>.+)", ("DA112",)),
        (r"Could not find key property (?P<about>[\w.]+) on", ("DA417",)),
        (r"Defined sample key '(?P<about>[^']+)' was not found", ("DA212",)),
        (r"Body missing from response(?P<about>)", ("DA420",)),
    )
)
"""What API Doctor says of a fault, and which rules say the same."""


def may_be_in(text: str) -> bool:
    """Whether it is worth looking for suppressions in a page; most have none."""
    return "docassay" in text or "DOCASSAY" in text or f'"{API_DOCTOR}"' in text


def read(elements: Sequence[Element]) -> Iterator[Suppression]:
    """The suppressions of a page, in its order; those that say too little as well."""
    for index, element in enumerate(elements):
        if element.kind != "comment":
            continue
        if not (match := _COMMENT.match(element.text)):
            if f'"{API_DOCTOR}"' in element.text:
                yield from _of_api_doctor(element)
            continue
        verb, rest = match["verb"].lower(), match["rest"].strip()
        codes = []
        while code := _CODE.match(rest):
            codes.append(code.group()[:5].upper())
            rest = rest[code.end() :]
        end = 0 if verb == "ignore-page" else _end(elements, index)
        yield Suppression(
            element.line, max(element.column - 4, 1), end, tuple(codes), rest.strip(" -:"), verb, verb in VERBS
        )


def _of_api_doctor(element: Element) -> Iterator[Suppression]:
    data = jsontext.read(element.text).value
    listed = data.get(API_DOCTOR) if isinstance(data, dict) else None
    for said in listed if isinstance(listed, list) else ():
        text = " ".join(said.split()) if isinstance(said, str) else ""
        for pattern, codes in _MESSAGES:
            if match := pattern.search(text):
                yield Suppression(element.line, 1, 0, codes, text, API_DOCTOR, True, match["about"])
                break


def _end(elements: Sequence[Element], index: int) -> int:
    """The last line of the block that follows; of a list or a quote, all of it."""
    depth = len(elements[index].container)
    following = next((one for one in elements[index + 1 :] if one.kind != "comment"), elements[-1])
    inside = following.container[depth : depth + 1]
    within = (one for one in elements[index + 1 :] if inside and one.container[depth : depth + 1] == inside)
    return max((one.end_line for one in within), default=following.end_line)


def sifted(
    found: Iterable[Finding], suppressions: Sequence[Suppression]
) -> tuple[list[Finding], list[tuple[Suppression, str]]]:
    """The findings that remain; and, of the suppressions in force, each code that took none out."""
    in_force = [one for one in suppressions if one.codes and one.reason and one.known]
    whole: dict[str, list[Suppression]] = {}
    by_code: dict[str, list[Suppression]] = {}
    for one in in_force:
        for code in one.codes:
            (by_code if one.end_line else whole).setdefault(code, []).append(one)
    remaining: list[Finding] = []
    used: set[tuple[int, str]] = set()
    for finding in found:
        near = by_code.get(finding.code, [])
        # The nearest one above reaches as far down as any other.
        above = bisect_right(near, finding.line, key=lambda one: one.line)
        taker = near[above - 1] if above and finding.line <= near[above - 1].end_line else None
        taker = taker or next((one for one in whole.get(finding.code, ()) if _names(finding, one.about)), None)
        if taker:
            used.add((taker.line, finding.code))
        else:
            remaining.append(finding)
    asked = [one for one in in_force if one.verb != API_DOCTOR]  # of those, most speak of faults of API Doctor itself
    return remaining, [(one, code) for one in asked for code in one.codes if (one.line, code) not in used]


def _names(finding: Finding, about: str) -> bool:
    """Whether a finding is about something: a property, a type, a link, the first line of a fence."""
    return (
        not about
        or about.lower() in f"{finding.subject} {finding.pointer} {finding.message} {finding.observed}".lower()
    )
