"""The report for people: what is wrong, where, what to do; then one line that sums it up, and what to do next.

One cause is said once: findings with the same rule and sentence are shown together, with the places that they hit.
Those of a check come page by page, each with its line of the page and a mark below the place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from unicodedata import east_asian_width

import click

from ..findings import LEVELS, Finding, Level, Report, Verdict
from .context import Context

PLACES = 5
"""So many places of one cause are listed; the rest is counted."""
MOST = 60
"""So many findings of a verification are shown: where that many cases fail, the first ones tell why."""

_COLORS: dict[Level, str] = {"error": "red", "warning": "yellow", "note": "cyan"}


def render(report: Report, context: Context) -> str:
    """Lines of text, with colour if the context has it."""
    lines = [*_findings(report, context), *_blocked(report.verdicts, context), *_summary(report, context)]
    return "\n".join(lines) + "\n"


def finding(one: Finding, context: Context, more: Sequence[Finding] = ()) -> Iterator[str]:
    """One finding: where, what, the two sides, what to do; and the other places that have the same cause."""
    place = style(printable(f"{context.prefix}{one.path}:{one.line}:{one.column}:"), context, bold=True)
    code = style(one.code, context, fg=_COLORS[one.level], bold=True)
    yield f"{place} {code} {one.slug}: {printable(one.message)}"
    if one.excerpt:
        yield from _excerpt(one, context)
    if one.pointer and not more:
        yield f"    at          {printable(one.pointer)}"
    if one.documented and not more:
        yield f"    documented  {printable(f'{context.prefix}{one.documented}')}"
    if one.observed:
        yield f"    observed    {printable(one.observed)}"
    if one.case and not more:
        yield f"    case        {printable(one.case)}"
    if one.hint:
        yield f"    hint        {printable(one.hint)}"
    if more:
        shown = ", ".join(other.case or f"{context.prefix}{other.path}:{other.line}" for other in more[:PLACES])
        rest = f" and {len(more) - PLACES} more" if len(more) > PLACES else ""
        yield f"    also        {printable(shown)}{rest}"


def _excerpt(one: Finding, context: Context) -> Iterator[str]:
    """The line of the page, cut to the width, with a mark below the column."""
    width, line = max(context.width - 8, 20), one.excerpt
    at = max(one.column - one.excerpt_column, len(line) - len(line.lstrip()))
    begin = max(at - width * 2 // 3, 0) if len(line) > width else 0
    text = printable(line[begin : begin + width].replace("\t", " "))
    before = ("…" + text[1:] if begin else text)[: at - begin]
    if begin + width < len(line):
        text = text[:-1] + "…"
    text = "…" + text[1:] if begin else text
    bar = style("|", context, fg="bright_black")
    yield f"{one.line:>7} {bar} {text}"
    marked = text[at - begin :][: max(one.end_column - one.column, 1)]
    mark = style("^" * max(_wide(marked), 1), context, fg=_COLORS[one.level], bold=True)
    yield f"{'':>7} {bar} {' ' * _wide(before)}{mark}"


def _wide(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def printable(text: str) -> str:
    """Text from pages and answers without anything that could steer a terminal."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else " " if char in "\t\n\r" else "�" for char in text)


def style(text: str, context: Context, **looks: str | bool) -> str:
    """Text in colour, where there is colour."""
    return click.style(text, **looks) if context.color else text  # type: ignore[arg-type]


def _findings(report: Report, context: Context) -> Iterator[str]:
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for one in report.findings:
        groups.setdefault(_cause(one), []).append(one)
    if report.command == "check":
        yield from _by_page(list(groups.values()), context)
        return
    shown = list(groups.values())[:MOST]
    for first, *more in shown:
        yield from finding(first, context, more)
    if len(groups) > len(shown):
        yield f"… and {len(groups) - len(shown)} more findings: choose cases with -k, or see all with --format json"


def _by_page(groups: Sequence[list[Finding]], context: Context) -> Iterator[str]:
    for path, several in groupby(groups, key=lambda group: group[0].path):
        page = list(several)
        found = [one for group in page for one in group]
        counts = ", ".join(_count(count, level) for level in LEVELS if (count := _of(found, level)))
        yield f"{style(printable(context.prefix + path), context, underline=True)}  {counts}"
        for first, *more in page:
            yield from finding(first, context, more)
        yield ""


def _of(found: Iterable[Finding], level: Level) -> int:
    return sum(one.level == level for one in found)


def _cause(one: Finding) -> tuple[str, ...]:
    """What makes two findings one: a target that is down, credentials that are missing, a folder that is not there."""
    if one.code in ("DA507", "DA701"):
        return (one.code, one.subject, one.hint)
    if one.code == "DA501" and re.match("[45]", one.observed):
        return (one.code, one.observed[:3])
    if one.code in ("DA102", "DA106") and one.hint.startswith("there is no folder"):
        return (one.code, one.hint)
    return (one.code, one.path, str(one.line), str(one.column), one.pointer, one.case, one.message)


def _blocked(verdicts: Iterable[Verdict], context: Context) -> Iterator[str]:
    groups: dict[str, list[Verdict]] = {}
    for one in verdicts:
        if one.outcome == "blocked":
            groups.setdefault(one.case.blocked, []).append(one)
    for reason, members in list(groups.items())[:MOST]:
        request = members[0].case.example.request
        place = style(printable(f"{context.prefix}{request.path}:{request.line}:1:"), context, bold=True)
        state = style("blocked", context, fg="yellow", bold=True)
        yield f"{place} {state} {printable(members[0].case.id)}: {printable(reason)}"
        if members[0].case.hint:
            yield f"    hint        {printable(members[0].case.hint)}"
        if len(members) > 1:
            shown = ", ".join(one.case.id for one in members[1 : PLACES + 1])
            rest = f" and {len(members) - 1 - PLACES} more" if len(members) - 1 > PLACES else ""
            yield f"    also        {printable(shown)}{rest}"
    if len(groups) > MOST:
        yield f"… and {len(groups) - MOST} more reasons: see all with --format json"


def _summary(report: Report, context: Context) -> Iterator[str]:
    if (report.findings and report.command != "check") or any(one.outcome == "blocked" for one in report.verdicts):
        yield ""
    counts = [_count(report.count(level), level) for level in LEVELS if report.count(level)]
    found = ", ".join(counts) or ("nothing was tested" if report.exit_code == 2 else "nothing to report")
    if report.command == "verify":
        states = [f"{report.outcomes(one)} {one}" for one in ("passed", "failed", "blocked") if report.outcomes(one)]
        text = f"{_count(len(report.verdicts), 'case')}: {', '.join(states) or 'none'}; {found}"
    else:
        text = f"{_count(report.pages, 'page')}, {_count(report.blocks, 'block')}: {found}"
    yield style(text, context, fg="green" if report.exit_code == 0 else "red", bold=True)
    if context.hint:
        yield context.hint


def _count(number: int, name: str) -> str:
    return f"{number} {name}{'s' if number != 1 else ''}"
