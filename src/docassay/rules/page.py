"""Family 1, a page: what an author or a generator left behind, and what no reader can follow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from ..findings import Finding, Fix, Rule, rule
from ..links import Links, leads_elsewhere, path_of
from ..model import Heading, Include, Link, Outline, Page, Place
from ..wording import guess, nearest, shorten

_UNREADABLE = {
    "unreadable-file": "the file cannot be read: {}",
    "too-large": "the page is too large to be read ({}; the limit is 16 MiB)",
    "not-text": "this is not a text file",
}
_DAMAGED = {
    "not-utf-8": ("the file is not UTF-8 (byte {} here); it was read as Windows-1252", "save the page as UTF-8"),
    "utf-16": ("the file is UTF-16; most tools take it for no text", "save the page as UTF-8"),
    "replaced": (
        "a character was lost here: '\ufffd' stands in its place ({} on this page)",
        "write the character again; it was lost when the text was converted",
    ),
    "mojibake": (
        "'{}' is one character of UTF-8 that was read as Windows-1252",
        "write the character again, here and where the page has others of the kind",
    ),
    "nul": ("the text holds a NUL character", "remove it; the file may have been damaged in transfer"),
    "conflict-marker": ("a merge conflict was committed: '{}'", "resolve the conflict and remove its marks"),
}


@rule("DA101", "placeholder", "warning")
def placeholder(self: Rule, page: Page) -> Iterator[Finding]:
    """A placeholder that somebody or some generator left to be filled in.

    Readers see it as it stands. Replace it with what it asks for, or remove the line.
    """
    for text in page.placeholders:
        left = text.text[text.column - 1 :].strip('|"* ')
        shown = shorten(left, 70)
        yield self.at(
            page.path,
            text.line,
            f"a placeholder was left in: {shown}",
            "replace it with what it asks for, or remove it",
            column=0,
            word=left,
            subject=shown,
        )


@rule("DA102", "broken-link", "error")
def broken_link(self: Rule, page: Page, links: Links) -> Iterator[Finding]:
    """A relative link to a page that is not there.

    Readers get an error page. Correct the path; the hint names a page of a similar name where there is one. Only
    files are looked at, never the network, and nothing outside of the repository that holds the pages.
    """
    for link in page.links:
        if not link.include and (fault := links.missing(page.path, link.target)):
            yield self.at(
                page.path,
                link.line,
                f"the image '{link.target}' is not there"
                if _IMAGE.search(path_of(link.target))
                else f"the link to '{link.target}' leads to nothing",
                fault.hint,
                **_at(link),
                subject=link.target,
                cause=fault.folder and f"there is no folder '{fault.folder}'",
            )


_IMAGE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|bmp|ico)$", re.IGNORECASE)


def _at(link: Link) -> dict[str, Any]:
    """Where the target of a link stands; where the link does, if that is not known."""
    return {"column": link.target_column, "word": link.target} if link.target_column else {"column": link.column}


@rule("DA103", "unreadable-page", "error")
def unreadable_page(self: Rule, page: Page) -> Iterator[Finding]:
    """A page that cannot be read as text, so that nothing on it was checked.

    Save it as UTF-8 text, or move it out of the documentation folder.
    """
    for one in page.malformed:
        if one.kind in _UNREADABLE:
            yield self.at(
                page.path,
                1,
                _UNREADABLE[one.kind].format(one.text),
                "save it as UTF-8 text, or move it out of the documentation folder",
            )


@rule("DA104", "damaged-text", "warning")
def damaged_text(self: Rule, page: Page) -> Iterator[Finding]:
    """What does not belong into a page: another encoding, garbled or NUL characters, an unresolved merge conflict.

    The page was read all the same, as well as it could be; what stands around the damage may be read wrongly.
    """
    for one in page.malformed:
        if one.kind in _DAMAGED:
            message, hint = _DAMAGED[one.kind]
            yield self.at(
                page.path, one.line, message.format(one.text), hint, column=one.column, subject=one.kind + one.text
            )


@rule("DA105", "unreadable-front-matter", "error")
def unreadable_front_matter(self: Rule, page: Page) -> Iterator[Finding]:
    """Front matter between the `---` lines that is not YAML, never ends, or has a key twice.

    A publishing tool stops there, or takes the page without title and description. Put quotes around a value that
    holds a colon or begins with a special character.
    """
    for one in page.malformed:
        if one.kind in _FRONT_MATTER:
            message, hint = _FRONT_MATTER[one.kind]
            yield self.on(page.path, one, message.format(one.text), hint)


_FRONT_MATTER = {
    "front-matter": (
        "the front matter is not YAML: {}",
        "put quotes around the value, or correct the indentation",
    ),
    "front-matter-open": ("the front matter never ends", "write a line --- behind its last key"),
    "front-matter-twice": ("the front matter has the key '{}' twice", "remove one of the two"),
}


@rule("DA106", "broken-include", "error")
def broken_include(self: Rule, page: Page, links: Links) -> Iterator[Finding]:
    """An `[!INCLUDE …]` of a file that is not there, or that includes this page in turn.

    The published page lacks that content, or the build ends there. What an included file holds is read with the page:
    its tables and statements count as the page's own, its blocks as those of the included file.
    """
    lost: dict[tuple[str, str, int], list[Include]] = {}  # those of one missing folder together
    for index, one in enumerate(page.includes):
        if absent := links.missing(page.path, one.target):
            key = (absent.folder, absent.hint, 0 if absent.folder else index)
            lost.setdefault(key, []).append(one)
    for (folder, hint, _), (first, *more) in lost.items():
        yield self.at(
            page.path,
            first.line,
            f"the include of '{first.target}' leads to nothing, so this page lacks its content",
            hint,
            column=first.column,
            word=first.target,
            subject=first.target,
            cause=folder and f"there is no folder '{folder}'",
            repeats=tuple((one.line, one.column, one.target) for one in more),
        )
    for fault in page.malformed:
        if fault.kind == "include-circle":
            message = f"this include leads back to where it began: {fault.text}"
            yield self.on(page.path, fault, message, "remove one of these includes")
        elif fault.kind == "include-missing":
            message = f"a file that is included here includes one that is not there: {fault.text}"
            yield self.on(page.path, fault, message, "correct the last of these includes")


@rule("DA107", "broken-anchor", "warning")
def broken_anchor(self: Rule, page: Page, links: Links) -> Iterator[Finding]:
    """A link to a part of a page that has no such heading.

    Readers arrive at the top of the page. Only letters and digits are compared, since sites differ in what else they
    keep of a heading; ids in HTML count too.
    """
    for link in page.links:
        if "#" not in link.target or (link.target[0] != "#" and leads_elsewhere(link.target)):
            continue
        if fault := links.anchor_missing(page.path, link.target):
            yield self.at(
                page.path,
                link.line,
                f"no heading answers to '#{link.target.partition('#')[2]}'",
                fault.hint,
                **_at(link),
                subject=link.target,
            )


@rule("DA108", "undefined-reference", "warning")
def undefined_reference(self: Rule, page: Page) -> Iterator[Finding]:
    """A reference link whose label is defined nowhere on the page, so that readers see its brackets.

    Add a definition, such as `[label]: page.md`, or write the link out.
    """
    for link in page.undefined:
        yield self.at(
            page.path,
            link.line,
            f"the link refers to '[{link.target}]', which is defined nowhere on this page",
            f"put a blank line above line {link.meant}: it is read as the end of the text before it"
            if link.meant
            else guess(f"[{link.close}]" if link.close else "", f"add a line: [{link.target}]: <the page it leads to>"),
            column=0,
            word=f"[{link.target}]",
            subject=link.target,
        )


@rule("DA109", "link-letter-case", "note")
def link_letter_case(self: Rule, page: Page, links: Links) -> Iterator[Finding]:
    """A link to a page whose name has other capitals.

    Some sites pass over that; git hosts and most web servers do not, and readers there get an error page.
    """
    for link in page.links:
        if real := links.spelled(page.path, link.target):
            path = path_of(link.target)
            yield self.at(
                page.path,
                link.line,
                f"the link to '{path}' leads to '{real.rpartition('/')[2]}' only where capitals do not count",
                f"write '{real}'",
                column=link.target_column or link.column,
                word=path if link.target_column else "",
                subject=path,
                fixes=(Fix(link.line, link.target_column, path, real),) if link.target_column else (),
            )


@rule("DA110", "tab-group", "warning")
def tab_group(self: Rule, page: Page) -> Iterator[Finding]:
    """A group of docfx tabs that does not end, or has one tab twice.

    Without a line `---` behind the last tab, all that follows is hidden in it.
    """
    seen: dict[tuple[int, str], int] = {}
    for index, tab in enumerate(page.tabs):
        if (tab.group, tab.id) in seen:
            yield self.at(
                page.path,
                tab.line,
                f"the tab '{tab.id}' is in this group already",
                "remove one of them; or end the group before with a line ---, or give the tab another id",
                column=0,
                word=f"#tab/{tab.id}",
                documented=Place(page.path, seen[tab.group, tab.id]),
                subject=tab.id,
            )
        seen.setdefault((tab.group, tab.id), tab.line)
        last = index + 1 == len(page.tabs) or page.tabs[index + 1].group != tab.group
        if last and not tab.ended:
            yield self.at(
                page.path,
                tab.line,
                "this group of tabs never ends: what follows belongs to its last tab",
                "write a line --- behind the content of the last tab",
                subject=f"never ends {tab.id}",
            )


@rule("DA114", "malformed-link", "warning")
def malformed_link(self: Rule, page: Page) -> Iterator[Finding]:
    """A link that readers see as text, or that has no target, or backslashes in it.

    It is text where the target holds a blank or never ends, or where the brackets are in the wrong order or stand
    apart. Write `[text](target)`, `%20` for a blank (or put the target into `<` and `>`), and `/` between folders.
    """
    for link in page.links:
        if "\\" in link.target and _BACKSLASH.search(link.target) and link.target_column and not link.include:
            right = link.target.replace("\\", "/")
            yield self.at(
                page.path,
                link.line,
                f"the link to '{shorten(link.target, 80)}' has backslashes, which most sites take for a part of a name",
                f"write {right}",
                **_at(link),
                subject=link.target,
                fixes=(Fix(link.line, link.target_column, link.target, right),),
            )
    for one in page.malformed:
        if one.kind in _ODD_LINKS:
            message, hint = _ODD_LINKS[one.kind]
            yield self.at(
                page.path, one.line, message.format(shorten(one.text, 80)), hint, column=one.column, word=one.text,
                subject=one.text,
            )  # fmt: skip
        if one.kind in ("link-blank", "link-open"):
            blank = one.kind == "link-blank"
            yield self.at(
                page.path,
                one.line,
                f"the link to '{shorten(one.text, 80)}' is read as text: its target "
                + ("holds a blank" if blank else "never ends"),
                _mend_link(one.text) if blank else "add the closing parenthesis",
                column=one.column,
                word=one.text,
                subject=one.text,
            )


_BACKSLASH = re.compile(r"\\[\w.]")
_ODD_LINKS = {
    "link-reversed": ("'{}' is no link: its brackets are in the wrong order", "write [text](target)"),
    "link-apart": ("'{}' is no link: a blank parts text and target", "remove the blank between ] and ("),
    "link-empty": ("the link '{}' has no target", "write where it leads to, or remove the brackets"),
}


def _mend_link(target: str) -> str:
    """What to do with a blank in the target of a link: behind the name of a file, it is where the link was to end."""
    path, _, words = target.strip().partition(" ")
    if path.endswith((".md", "/")) and "." not in words:
        return f"close the parenthesis before the blank: ({path}) {words.strip()}"
    return "write %20 for the blank, or remove it"


@rule("DA115", "malformed-table", "warning")
def malformed_table(self: Rule, page: Page) -> Iterator[Finding]:
    """A table whose rows do not have as many cells as its header.

    GitHub cuts surplus cells off, and shows no table where the row of dashes does not fit the header; docfx shows
    both. Often it is a bar within a cell, which has to be written `\\|`. Rows that lack cells are a note, one for each
    table; a heading of others, in bold, may stand alone. It is an error where no tool shows a table at all.
    """
    if any(one.kind == "conflict-marker" for one in page.malformed):
        return  # DA104: its marks may stand between the rows
    short = {one.line: one.text for one in page.malformed if one.kind == "table-row-short"}
    told: set[int] = set()
    for one in page.malformed:
        if one.kind in _SURPLUS and one.text:
            yield self.at(
                page.path,
                one.line,
                f"on GitHub, the row ends before '{shorten(one.text, 80)}': its header has fewer cells",
                _SURPLUS[one.kind],
                column=one.column,
                word=one.text,
            )
        elif one.kind == "table-row-short" and one.line not in told:
            table = next(
                (table for table in page.tables if table.rows and table.line < one.line <= table.rows[-1].line), None
            )
            lines = {row.line for row in table.rows} if table else {one.line}
            others = len([line for line in short if line in lines]) - 1
            told |= lines
            if table and others and lines <= short.keys() and {short[line] for line in lines} == {one.text}:
                mine, _, cells = one.text.partition(" instead of ")
                yield self.at(
                    page.path,
                    table.line,
                    f"the header has {cells} cells, and each row {mine}",
                    "remove the surplus cell of the header and of the row of dashes, or add it to the rows",
                    level="note",
                )
                continue
            more = f" (and {others} more of its rows)" if others > 0 else ""
            yield self.at(
                page.path,
                one.line,
                f"the row has fewer cells than the header of its table: {one.text}{more}",
                "add the cells that are missing, with nothing between their bars if they are empty",
                column=one.column,
                level="note",
            )
        elif one.kind == "table-row-broken":
            yield self.at(
                page.path,
                one.line,
                f"the row above this line breaks off, so that its end, '{shorten(one.text, 60)}', is no part of it",
                "join this line to the one above",
                column=one.column,
            )
        elif one.kind == "table-dashes-again":
            message = "readers see this second row of dashes as a row of the table"
            hint = "remove it; or begin another table with a blank line and a header above it"
            yield self.at(page.path, one.line, message, hint, column=one.column)
        elif one.kind in _NO_TABLE:
            message, hint = _NO_TABLE[one.kind]
            yield self.at(page.path, one.line, message, hint, column=one.column, level="error")
        elif one.kind == "table-delimiter":
            mine, _, cells = one.text.partition(" instead of ")
            yield self.at(
                page.path,
                one.line,
                f"on GitHub, no table shows here: its row of dashes has {mine} cells, its header {cells}",
                "give both rows the same number of cells",
                column=one.column,
            )


_SURPLUS = {
    "table-row-long": "write \\| for a bar within a cell, or remove the surplus cell",
    "table-row-code": "write the code with the bar in it as <code>a&#124;b</code>",
    "table-row-backtick": "write \\| for the bar, and \\` for the ` before it",
}
_NO_TABLE = {
    "table-apart": (
        "readers see this row as text: a blank line parts it from its table",
        "remove the blank line above it",
    ),
    "table-no-dashes": (
        "readers see no table here: the row of dashes below the header is missing",
        "write one, such as |:--|:--|, with a cell for each of the header",
    ),
    "table-no-header": (
        "readers see no table here: no header stands above the row of dashes",
        "write the names of the columns above it",
    ),
}


@rule("DA116", "malformed-heading", "warning")
def malformed_heading(self: Rule, page: Page) -> Iterator[Finding]:
    """A heading without a blank behind its `#`, which readers see as text.

    Nothing can link to it, and what stands below belongs to the heading above it. Put a blank behind the `#`.
    """
    for one in page.malformed:
        if one.kind == "heading-blank":
            marks = one.text[: len(one.text) - len(one.text.lstrip("#"))]
            yield self.at(
                page.path,
                one.line,
                f"'{shorten(one.text, 80)}' is read as text: no blank stands behind the {marks}",
                f"write {marks} {shorten(one.text.lstrip('#'), 60)}",
                column=0,
                word=one.text,
                subject=one.text,
                fixes=(Fix(one.line, 0, one.text, f"{marks} {one.text.lstrip('#')}"),),
            )


@rule("DA111", "front-matter-key", "warning")
def front_matter_key(self: Rule, page: Page, outline: Outline) -> Iterator[Finding]:
    """Front matter without a key that the settings ask for, or with nothing behind it.

    The publishing tool or its index needs it. The keys stand in `front-matter` of `[[tool.docassay.paths]]`; without
    that setting nothing is asked for.
    """
    for key in outline.front_matter:
        if key not in page.front_matter:
            yield self.at(
                page.path,
                1,
                f"the front matter has no value for '{key}'",
                guess(nearest(key, page.front_matter, 0.8), f"add a line: {key}: …"),
                subject=key,
            )


@rule("DA112", "missing-heading", "warning")
def missing_heading(self: Rule, page: Page, outline: Outline) -> Iterator[Finding]:
    """A heading that the settings ask for, and the page does not have.

    Readers look for the same parts on all pages of a kind. The headings stand in `headings` of
    `[[tool.docassay.paths]]`; without that setting nothing is asked for.
    """
    for wanted, heading in _asked(page, outline):
        if heading is None and not wanted.endswith("?"):
            close = nearest(wanted, [one.text for one in page.headings[1:]], 0.7)
            at = next((one.line for one in page.headings[1:] if one.text == close), 1)
            yield self.at(
                page.path,
                at,
                f"the page has no heading '{wanted}'",
                f"write '{wanted}' in place of '{close}'" if close else f"add a part with this heading: ## {wanted}",
                subject=wanted,
            )


@rule("DA113", "heading-order", "note")
def heading_order(self: Rule, page: Page, outline: Outline) -> Iterator[Finding]:
    """A heading that stands before one that the settings put ahead of it.

    Readers look for the parts of a page in the order that all pages have.
    """
    last: tuple[str, Heading] | None = None
    for wanted, heading in _asked(page, outline):
        if heading is None:
            continue
        if last is not None and heading.line < last[1].line:
            yield self.at(
                page.path,
                heading.line,
                f"'{heading.text}' stands before '{last[1].text}', which comes first on such pages",
                f"move it behind line {last[1].line}",
                documented=Place(page.path, last[1].line),
                subject=wanted,
            )
        else:
            last = wanted, heading


def _asked(page: Page, outline: Outline) -> Iterator[tuple[str, Heading | None]]:
    """Each heading that is asked for, with the first one of the page that it stands for."""
    for wanted in outline.headings:
        pattern = wanted.removesuffix("?")
        yield wanted, next((one for one in page.headings[1:] if fnmatchcase(one.text, pattern)), None)


RULES = (
    placeholder,
    broken_link,
    unreadable_page,
    damaged_text,
    unreadable_front_matter,
    broken_include,
    broken_anchor,
    undefined_reference,
    link_letter_case,
    tab_group,
    front_matter_key,
    missing_heading,
    heading_order,
    malformed_link,
    malformed_table,
    malformed_heading,
)
ASKING = (broken_link, broken_include, broken_anchor, link_letter_case)
"""Those that also ask what links lead to."""
EXPECTING = (front_matter_key, missing_heading, heading_order)
"""Those that hold a page against the settings of its project."""
ALONE = tuple(one for one in RULES if one not in (*ASKING, *EXPECTING))
"""Those that look at the page alone."""
