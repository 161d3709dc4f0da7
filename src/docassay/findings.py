"""Level, Rule, Finding, Report. What a rule says, and how it is recognised again when lines have moved."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from textwrap import dedent
from typing import Any, Literal

from msgspec import structs

from .model import Case, Exchange, Malformed, NoAnswer, Place, Value

Level = Literal["error", "warning", "note"]
LEVELS: tuple[Level, ...] = ("error", "warning", "note")


class Fix(Value, frozen=True):
    """A mechanical change that mends a finding. It is made only where the page still holds what is to be replaced."""

    line: int
    column: int
    """0: where the line first has `old` as a whole word; see `located`."""
    old: str
    """What stands there; `\\n`: a line that is blank, which goes as a whole."""
    new: str
    """What comes in its place. Behind a `\\n` in it, the marks of lists and block quotes around it go on."""


class Finding(Value, frozen=True):
    """One thing to change: where, what, and what to do."""

    code: str
    slug: str
    level: Level
    path: str
    line: int
    message: str
    """One sentence for the author of the page."""
    hint: str = ""
    """What to type, or what to look at."""
    column: int = 1
    """0: where the line first has `word`; see `located`."""
    end_line: int = 0
    """0: the same line."""
    pointer: str = ""
    """JSON Pointer into the body."""
    documented: Place | None = None
    """The line that made the promise, where that is another one."""
    observed: str = ""
    case: str = ""
    """The case that found it, if one did."""
    subject: str = ""
    """What the finding is about, for the fingerprint, where the message holds a line number or an observed value."""
    fixes: tuple[Fix, ...] = ()
    """All of them mend it together."""
    cause: str = ""
    """What many findings of a rule may share, such as a folder that is not there: see `gathered`."""
    repeats: tuple[tuple[int, int, str], ...] = ()
    """Further places of the cause on the page: line, column, subject. `expanded` makes findings of them."""
    word: str = ""
    """What the finding is about, as it stands in the line from `column` on; empty: no part of the line."""

    excerpt: str = ""
    """The line of the page, or a part of it; empty if it is not known."""
    excerpt_column: int = 1
    """Where the part begins."""

    @property
    def end_column(self) -> int:
        """The column behind the last character that the finding is about; 0: it is not known."""
        return self.column + len(self.word) if self.word and self.end_line in (0, self.line) else 0

    @property
    def fixable(self) -> bool:
        """Whether `check --fix` mends it."""
        return bool(self.fixes)

    @property
    def fingerprint(self) -> str:
        """12 hex digits that stay the same when the finding moves to another line."""
        if self.cause and self.subject == self.cause:
            return self.shared_fingerprint
        what = self.subject or re.sub(r"\d+", "#", self.message)
        return _hash(self.code, self.path, self.pointer, self.case, what)

    @property
    def shared_fingerprint(self) -> str:
        """That of all findings with this cause together."""
        return _hash(self.code, self.cause)


def _hash(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode("utf-8", "replace")).hexdigest()[:12]


class Rule(Value, frozen=True):
    """Code, slug, level and check in one place. Made by the decorator `rule`; the docstring is its text."""

    code: str
    slug: str
    level: Level
    summary: str
    """The first line of the docstring."""
    text: str
    """The rest: why it matters, how to mend it."""
    check: Callable[..., Iterator[Finding]]

    def at(self, path: str, line: int, message: str, hint: str = "", **more: Any) -> Finding:
        """A finding of this rule."""
        level = more.pop("level", self.level)
        return Finding(self.code, self.slug, level, path, line, message, hint, **more)

    def on(self, path: str, fault: Malformed, message: str, hint: str, fixes: tuple[Fix, ...] = ()) -> Finding:
        """A finding of this rule where reading a page met a fault."""
        return self.at(path, fault.line, message, hint, column=fault.column, end_line=fault.end_line, fixes=fixes)


def rule(code: str, slug: str, level: Level) -> Callable[[Callable[..., Iterator[Finding]]], Rule]:
    """Make a rule of a function that takes itself as a rule, then what its family looks at, and yields findings."""

    def make(check: Callable[..., Iterator[Finding]]) -> Rule:
        summary, _, text = (check.__doc__ or "").partition("\n")
        return Rule(code, slug, level, summary.strip(), dedent(text).strip(), check)

    return make


class Verdict(Value, frozen=True):
    """What became of a case."""

    case: Case
    outcome: Literal["passed", "failed", "blocked"]
    reason: str = ""
    exchange: Exchange | None = None
    findings: tuple[Finding, ...] = ()
    silence: NoAnswer | None = None
    """What there was in place of an exchange."""
    recorded: bool = False
    """Whether a recording spared the question, though there is a target."""


class Report(Value, frozen=True):
    """Everything that a run has to say; what every report format is made of."""

    command: str
    findings: tuple[Finding, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    pages: int = 0
    blocks: int = 0
    examples: int = 0
    interrupted: bool = False
    """Whether the run was ended before its time."""

    def count(self, level: Level) -> int:
        """How many findings have this level."""
        return sum(finding.level == level for finding in self.findings)

    def outcomes(self, outcome: str) -> int:
        """How many cases ended so."""
        return sum(verdict.outcome == outcome for verdict in self.verdicts)

    @property
    def exit_code(self) -> int:
        """0: nothing at error level. 1: findings at error level. 2: nothing was tested at all."""
        if self.count("error"):
            return 1
        if self.command == "verify":
            return 0 if any(verdict.outcome != "blocked" for verdict in self.verdicts) else 2
        return 0 if self.blocks else 2


MANY = 5
"""From so many findings on, one cause is said once."""
NAMED = 8
"""So many of their places are named then."""


def gathered(found: Iterable[Finding]) -> Iterator[Finding]:
    """The findings, where many with one cause are one: at the first place, with the number of the others.

    A documentation of which one folder was not checked out would otherwise hide every other fault.
    """
    found = list(found)
    groups: dict[tuple[str, str], list[Finding]] = {}
    for one in sorted(found, key=sort_key):
        if one.cause:
            groups.setdefault((one.code, one.cause), []).append(one)
    counts = {cause: sum(1 + len(one.repeats) for one in group) for cause, group in groups.items()}
    for one in found:
        cause = (one.code, one.cause)
        group = groups.get(cause, [])
        if counts.get(cause, 0) < MANY:
            yield from expanded(one)
        elif one is group[0]:
            pages = {other.path for other in group}
            lines = [
                (other.path, line) for other in group for line in (other.line, *(at for at, _, _ in other.repeats))
            ]
            places = [f"{path}:{line}" for path, line in lines[1 : NAMED + 1]]
            more = ", …" if len(lines) > NAMED + 1 else ""
            yield structs.replace(
                one,
                message=f"{one.cause}: {counts[cause]} places on {len(pages)} page{'s' * (len(pages) != 1)} need it",
                hint="check a folder that also holds what they lead to, or correct these places",
                observed=f"also {', '.join(places)}{more}" if places else "",
                subject=one.cause,
                repeats=(),
            )


def expanded(one: Finding) -> Iterator[Finding]:
    """The finding, and one for each of its repeats."""
    if not one.repeats:
        yield one
        return
    yield structs.replace(one, repeats=())
    for line, column, subject in one.repeats:
        message = one.message.replace(f"'{one.subject}'", f"'{subject}'", 1)
        yield structs.replace(
            one, line=line, column=column, message=message, subject=subject, word=subject, excerpt="", repeats=()
        )


def located(one: Finding, lines: Sequence[str]) -> Finding:
    """The finding with its line, and with the columns that its rule left open, for itself and its fixes.

    `lines`: those of the page. What a line does not hold gets column 1; a fix of that is none.
    """
    column, word = one.column, one.word
    if not column or (word and not _holds(lines, one.line, column, word)):
        found = [(at, text) for text in (word, word.strip('"')) if (at := _column(lines, one.line, text))]
        column, word = found[0] if found else (one.column or 1, "")
    fixes = [fix if fix.column else structs.replace(fix, column=_column(lines, fix.line, fix.old)) for fix in one.fixes]
    known = tuple(fixes) if all(fix.column for fix in fixes) else ()
    line = lines[one.line - 1] if 0 < one.line <= len(lines) else ""
    start = max(column - EXCERPT // 2, 1) if len(line) > EXCERPT else 1
    excerpt = line[start - 1 : start - 1 + EXCERPT]
    return structs.replace(
        one, column=column, word=word, fixes=known, excerpt=excerpt if line.strip() else "", excerpt_column=start
    )


EXCERPT = 400
"""Characters of a line that are kept with a finding."""


def _holds(lines: Sequence[str], line: int, column: int, word: str) -> bool:
    return 0 < line <= len(lines) and lines[line - 1].startswith(word, column - 1)


def _column(lines: Sequence[str], line: int, word: str) -> int:
    """Where a line first has a text as a whole word; 0 if it does not."""
    text = lines[line - 1] if word and 0 < line <= len(lines) else ""
    at = text.find(word) if text else -1
    while at >= 0:
        before, behind = text[at - 1 : at], text[at + len(word) : at + len(word) + 1]
        if not (_WORD.match(before) or before == ".") and not _WORD.match(behind):
            return at + 1
        at = text.find(word, at + 1)
    return 0


_WORD = re.compile(r"\w")


def sort_key(finding: Finding) -> tuple[str, int, int, str, str]:
    """The order of every report: by place, then by code."""
    return (finding.path, finding.line, finding.column, finding.code, finding.message)
