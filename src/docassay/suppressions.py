"""`<!-- docassay: ignore DA402 reason -->` -> Suppression, and the findings that it takes out.

A suppression speaks of the block that follows it: a paragraph, a table, an annotation with its fence. `ignore-page`
speaks of the whole page. Without a reason it is not in force.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from .findings import Finding
from .model import Element, Suppression

_COMMENT = re.compile(r"\s*docassay\s*:\s*(?P<verb>[\w-]*)\s*(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_CODE = re.compile(r"DA\d{3}(?![\w-])[,;:]?\s*", re.IGNORECASE)
VERBS = ("ignore", "ignore-page")


def read(elements: Sequence[Element]) -> Iterator[Suppression]:
    """The suppressions of a page, in its order; those that say too little as well."""
    for index, element in enumerate(elements):
        if element.kind != "comment" or not (match := _COMMENT.match(element.text)):
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


def _end(elements: Sequence[Element], index: int) -> int:
    """The last line of the block that follows."""
    for following in range(index + 1, len(elements)):
        if elements[following].kind != "comment":
            return elements[following].end_line
    return elements[-1].end_line


def sifted(
    found: Iterable[Finding], suppressions: Sequence[Suppression]
) -> tuple[list[Finding], list[tuple[Suppression, str]]]:
    """The findings that remain; and, of the suppressions in force, each code that took none out."""
    in_force = [one for one in suppressions if one.codes and one.reason and one.known]
    whole = {code: one for one in in_force if not one.end_line for code in one.codes}
    by_code: dict[str, list[Suppression]] = {}
    for one in in_force:
        for code in one.codes if one.end_line else ():
            by_code.setdefault(code, []).append(one)
    remaining: list[Finding] = []
    used: set[tuple[int, str]] = set()
    for finding in found:
        near = by_code.get(finding.code, [])
        # The nearest one above reaches as far down as any other.
        above = bisect_right(near, finding.line, key=lambda one: one.line)
        taker = near[above - 1] if above and finding.line <= near[above - 1].end_line else whole.get(finding.code)
        if taker:
            used.add((taker.line, finding.code))
        else:
            remaining.append(finding)
    return remaining, [(one, code) for one in in_force for code in one.codes if (one.line, code) not in used]
