"""Source -> Element, Link: the CommonMark blocks of a page, with their places. The only module that knows markdown-it.

Only block rules run: inline Markdown matters here for links alone, and those are found by a linear scan.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from typing import Any, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.common.utils import normalizeReference
from markdown_it.rules_block import StateBlock, blockquote, fence, heading, hr, html_block, list_block
from markdown_it.token import Token
from markdown_it.utils import EnvType

from . import wording
from .model import Element, Link, Malformed, Row, Source, Table

_TAB = re.compile(r"\[[^\]]*\]\(#tab/")
_ALERT = re.compile(r"\[!(?:NOTE|TIP|IMPORTANT|CAUTION|WARNING|div|VIDEO|INCLUDE)\b", re.IGNORECASE)
_INCLUDE = re.compile(r"\[!INCLUDE[\s-]*\Z", re.IGNORECASE)
_LINK = re.compile(  # begins with a plain character, for which there is a fast search; an image's ! is looked for after
    r"\[(?P<text>[^\[\]\\]*+(?:(?:\\.|\[[^\[\]]*\])[^\[\]\\]*+)*+)\]"
    r"\(\s*+(?P<target><[^<>\n]*>|"  # brackets in brackets, as deep as three (CommonMark 0.31, 6.3)
    r"(?:[^\s()]++|\((?:[^\s()]++|\((?:[^\s()]++|\([^\s()]*+\))*+\))*+\))*+)"
    r"(?:\s++(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?\s*+\)"
)
_DEFINED = re.compile(r"\]:[ \t]*(?:<([^<>]*)>|(\S+))")
_IMAGE_IN_LINK = re.compile(r"!\[[^\[\]]*\]\(\s*(?P<target>[^\s()]+)")
_HTML_LINK = re.compile(
    r"<(?:a|img)\s[^<>]{0,999}?(?<=\s)(?:href|src)\s{0,9}=\s{0,9}(?:\"([^\"<>\n]*)\"|'([^'<>\n]*)')"
    r"|:::image\s(?:(?!:::)[^\n]){0,999}?(?<=\s)source=\"([^\"\n]*)\"",
    re.IGNORECASE,
)
_MALFORMED_LINK = re.compile(
    r"\]\([ \t]*(?:(?P<words>[\w./-]{1,200}(?:[ \t]+[\w./-]{1,200}){1,6}\.(?:md|png|jpe?g|gif|svg))\)"
    r"|(?P<target>(?:https?://|\.{0,2}/|[\w-][\w./~%-]{0,200}\.(?:md|png|jpe?g|gif|svg|html?)\b)[^()\s<>\"|]{0,300})"
    r"(?:(?P<blank>[ \t]+(?![\"'(])[^()\n\"'|]{0,300}\))|[^()\n]{0,300}$))",
    re.MULTILINE | re.IGNORECASE,
)
_ODD_LINK = re.compile(
    r"(?<![\w\]])\([^()\[\]\n]{1,100}\)\[(?P<reversed>(?:[^\[\]\s]{1,300}\.md|https?://)[^\[\]\s]{0,300})\]"
    r"|(?<![\w\\])\[[^\[\]\n]{1,100}\](?:[ \t]+\((?P<apart>[^()\s]{1,300}\.md[^()\s]{0,300})\)|\((?P<empty>[ \t]*)\))"
)
_BACKTICKS = re.compile(r"`+")
_MARKS = re.compile(r"[\[*`_\\]")
_PLAIN = re.compile(
    r"(?P<code>`+)(?P<inside>[^`]+)(?P=code)|\[(?P<text>[^\[\]]*)\]\([^()]*\)|\*{1,3}|(?<!\w)_{1,3}(?=\S)|(?<=\S)_{1,3}(?!\w)"
    r"|\\(?P<escaped>[^\w\s])"
)


class Parsed(NamedTuple):
    """What a page consists of, each in its order."""

    elements: list[Element]
    links: list[Link]
    undefined: list[Link]
    """Reference links without a definition: `target` is the label."""
    malformed: list[Malformed]
    """Links that readers see as brackets, since the target holds a blank or never ends; rows that do not fit."""


class _Found(NamedTuple):
    """What is found in the inline Markdown of a page, while its blocks are read."""

    links: list[Link]
    odd: list[int]
    """Lines from which on brackets and parentheses stand side by side and make no link."""
    rows: list[tuple[int, int, str]]
    """Rows of tables with more or fewer cells than the header: line, cells of the header, text."""


def parse(source: Source) -> Parsed:
    """The blocks and the links of a page."""
    env: dict[str, Any] = {_DEFINES: "]:" in source.text}
    tokens: list[Token] = []
    # markdown-it looks one character too far where a block quote ends a text that has no line end.
    text = source.text if source.text.endswith("\n") else source.text + "\n"
    lines = text.split("\n")
    state = _state(text, lines, env, tokens)
    _tokenize(state)
    found = _Found([], [], [])
    links = found.links
    elements = list(_elements(tokens, lines, found))
    for reference in env.get("references", {}).values():
        span = reference.get("map")
        if isinstance(span, list):
            links.append(_definition(str(reference.get("href", "")), span[0], lines))
    if "href=" in text or "src=" in text or "source=" in text:
        links.extend(_html_links(elements, lines))
    links.sort(key=lambda link: (link.line, link.column))
    undefined = list(_undefined(elements, lines, env.get("references", {}))) if "][" in text else []
    malformed = list(_malformed_links(elements, lines)) if found.odd else []
    malformed.extend(_malformed_row(*row, lines) for row in found.rows)
    return Parsed(elements, links, undefined, malformed)


def plain(inline: str) -> str:
    """Inline Markdown as the text that a reader sees: marks and link targets removed."""
    if not _MARKS.search(inline):
        return inline.strip()
    return _PLAIN.sub(lambda match: match["inside"] or match["text"] or match["escaped"] or "", inline).strip()


# --- the parser --------------------------------------------------------------------------------------------------

# Nearly all lines of a documentation are text, table rows, headings, fences and comments at the top level. The rules of
# markdown-it ask a dozen questions about each of them; the rule below knows the answer from the first character. It
# gives the blocks that markdown-it gives (`tests/test_markdown.py` compares the two), and leaves all else to it: lists,
# block quotes and what is in them, indented code, thematic breaks, reference definitions, other HTML.

_STARTS_BLOCK = frozenset("`~>-*_+<#=:0123456789[\t ")
"""Characters with which a line may be something else than text. All other lines are text, or go on with one."""
_DEFINES = "docassay-defines"
"""Under this name in the environment: whether the page may define references at all."""
_NEEDS_MORE = frozenset("`~-*_+=:0123456789[")
"""Those of them that begin a block only if more follows in the same line."""
_LIST_NUMBER = re.compile(r"\d{1,9}[.)](?![^ \t\n])")
_BLANKS = " \t"
_INDENTS = (" ", "\t")


def _state(text: str, lines: list[str], env: EnvType, tokens: list[Token]) -> StateBlock:
    """The state that the rules of markdown-it work on: where each line begins and ends, and how far it is indented."""
    state = StateBlock("", _PARSER, env, tokens)
    state.src = text
    if lines and not lines[-1].strip(_BLANKS):
        lines = lines[:-1]  # what follows the last line end is no line
    begins = [0, *accumulate([len(line) + 1 for line in lines])]
    ends = [begin - 1 for begin in begins[1:]]
    del begins[-1]
    shifts = [len(line) - len(line.lstrip(_BLANKS)) if line[:1] in _INDENTS else 0 for line in lines]
    indents = shifts
    if "\t" in text:
        indents = [len(line[:shift].expandtabs(4)) if shift else 0 for line, shift in zip(lines, shifts, strict=True)]
    state.lineMax = len(begins)
    state.bMarks, state.eMarks = [*begins, len(text)], [*ends, len(text)]
    state.tShift, state.sCount, state.bsCount = [*shifts, 0], [*indents, 0], [0] * (len(begins) + 1)
    return state


def _tokenize(state: StateBlock) -> None:
    """The blocks of a page, as the parser of markdown-it goes through them; what that does for lists alone is left."""
    others = [rule for rule in _PARSER.block.ruler.getRules("") if rule is not _common]
    begins, shifts, ends, line, end = state.bMarks, state.tShift, state.eMarks, 0, state.lineMax
    while line < end:
        if begins[line] + shifts[line] >= ends[line]:
            line += 1
            continue
        state.line = line
        if not _common(state, line, end, False):
            for rule in others:
                if rule(state, line, end, False):
                    break
        line = state.line


def _common(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """The block at line `start`, if it is one of the frequent ones."""
    if silent or state.sCount[start] - state.blkIndent > 3:
        return False
    at = state.bMarks[start] + state.tShift[start]
    first = state.src[at]
    if first not in _STARTS_BLOCK or (first in _NEEDS_MORE and _is_text(state, at, state.eMarks[start])):
        return _text(state, start, end)
    if state.level or state.tShift[start]:
        return False
    if first == "#":
        return _heading(state, start, at)
    if first in "`~":
        return _code(state, start, at)
    return state.src.startswith("<!--", at) and _comment(state, start, at)


class _Token:
    """As much of a token as anybody looks at: markdown-it's own takes ten times as long to make."""

    __slots__ = ("content", "hidden", "info", "level", "map", "markup", "tag", "type")

    def __init__(self, kind: str, tag: str, content: str, start: int, end: int, level: int) -> None:
        self.type, self.tag, self.content, self.map, self.level = kind, tag, content, (start, end), level
        self.info = self.markup = ""
        self.hidden = False


def _is_text(state: StateBlock, at: int, end: int) -> bool:
    """Whether a line that begins like a list, a thematic break, a definition or a fence is surely none of them."""
    source = state.src
    first, second = source[at], source[at + 1 : at + 2] if at + 1 < end else ""
    if first in "*-_+":
        if second in ("", " ", "\t"):
            return False
        return second != first or any(char not in _BLANKS + first for char in source[at + 2 : end])
    if first in "`~":
        return not source.startswith(first * 3, at)
    if first == "[":
        return not state.env.get(_DEFINES, True)  # a label may go on over lines
    return not _LIST_NUMBER.match(source, at) if first.isdigit() else True  # = and :


def _push(state: StateBlock, kind: str, tag: str, content: str, start: int, line: int) -> bool:
    state.tokens.append(_Token(kind, tag, content, start, line, state.level))  # type: ignore[arg-type]
    state.line = line
    return True


def _heading(state: StateBlock, start: int, at: int) -> bool:
    line = state.src[at : state.eMarks[start]]
    text = line.lstrip("#")
    level = len(line) - len(text)
    if level > 6 or (text and text[0] not in " \t"):
        return False
    text = text.rstrip(_BLANKS)
    opened = text.rstrip("#")  # a closing sequence counts only behind a blank
    if opened != text and (not opened or opened[-1] in _BLANKS):
        text = opened
    return _push(state, "heading", f"h{level}", text.strip(), start, start + 1)


def _code(state: StateBlock, start: int, at: int) -> bool:
    source, end = state.src, state.eMarks[start]
    opening = source[at:end]
    mark = opening[0]
    length = len(opening) - len(opening.lstrip(mark))
    info = opening[length:]
    if length < 3 or (mark == "`" and mark in info):
        return False
    close = _closing(source, end, mark * length)
    body = state.bMarks[start + 1] if start + 1 < state.lineMax else len(source)
    if close < 0:
        last, content = state.lineMax, source[body : state.eMarks[state.lineMax - 1] + 1]
    else:
        last, content = bisect_right(state.bMarks, close, hi=state.lineMax), source[body:close]
    _push(state, "fence", "code", content, start, last)
    state.tokens[-1].info, state.tokens[-1].markup = info, mark * length
    return True


def _closing(source: str, position: int, marks: str) -> int:
    """Where the line begins that closes a fence of such marks (CommonMark 0.31, 4.5); -1 if none does."""
    while (at := source.find(marks, position)) >= 0:
        begin, position = source.rfind("\n", 0, at) + 1, source.find("\n", at)
        position = len(source) if position < 0 else position
        is_indented = at - begin > 3 or source[begin:at].strip(" ")
        if not is_indented and not source[at:position].lstrip(marks[0]).strip(_BLANKS):
            return begin
    return -1


def _comment(state: StateBlock, start: int, at: int) -> bool:
    close = state.src.find("-->", at)
    last = state.lineMax if close < 0 else bisect_right(state.bMarks, close, hi=state.lineMax)
    content = state.src[state.bMarks[start] : state.eMarks[last - 1] + 1]
    return _push(state, "html_block", "", content, start, last)


def _text(state: StateBlock, start: int, end: int) -> bool:
    """A paragraph or Setext heading, in one pass: other rules are asked only about lines that could be theirs."""
    source, begins, shifts = state.src, state.bMarks, state.tShift
    state.parentType = "paragraph"
    line, last, marker = start + 1, state.lineMax, ""
    while line < last:
        at = begins[line] + shifts[line]
        if at >= state.eMarks[line]:
            break
        first, indent = source[at], state.sCount[line]
        if first in _STARTS_BLOCK and indent - state.blkIndent <= 3:
            if (
                first in "-="
                and state.blkIndent <= indent
                and line < end
                and _is_underline(source[at : state.eMarks[line]])
            ):
                marker = first
                break
            if indent >= 0 and any(rule(state, line, last, True) for rule in _INTERRUPTING[first]):
                break
        line += 1
    if state.level:
        content = state.getLines(start, line, state.blkIndent, False)
    else:
        content = source[begins[start] : state.eMarks[line - 1]]
    if marker:
        return _push(state, "heading", "h1" if marker == "=" else "h2", content.strip(), start, line + 1)
    return _push(state, "text", "p", content.strip(), start, line)


def _is_underline(text: str) -> bool:
    stripped = text.rstrip(" \t")
    return stripped == stripped[0] * len(stripped)


_INTERRUPTING: dict[str, tuple[Callable[[StateBlock, int, int, bool], bool], ...]] = {
    **dict.fromkeys("`~", (fence,)), **dict.fromkeys("*-", (hr, list_block)), "_": (hr,),
    **dict.fromkeys("+0123456789", (list_block,)), ">": (blockquote,), "<": (html_block,), "#": (heading,),
    **dict.fromkeys("=:[\t ", ()),
}  # fmt: skip
"""What may end a paragraph (CommonMark 0.31, 4 and 5), by the first character of the line."""
_PARSER = MarkdownIt("commonmark")
_PARSER.block.ruler.before("code", "common", _common)


# --- blocks ------------------------------------------------------------------------------------------------------


def _elements(tokens: list[Token], lines: list[str], found: _Found) -> Iterator[Element]:
    containers: list[int] = []
    section, lead = "", ""
    index = 0
    while index < len(tokens):
        token = tokens[index]
        kind = token.type
        if token.map is None:
            if kind in _CONTAINER_ENDS:
                containers.pop()
            index += 1
            continue
        first, last = token.map[0] + 1, token.map[1]
        where = tuple(containers)
        if kind in _CONTAINERS:
            containers.append(first)
        elif kind in ("heading", "heading_open"):
            content = token.content if kind == "heading" else tokens[index + 1].content
            if "\n" in content and _table_start(content.split("\n")):
                # To GFM, the rule under a table ends it; to CommonMark, which knows no tables, it underlines a heading.
                for element in _prose(content, first, last - 1, where, section, lead, found):
                    _find_all_links(element, lines, found)
                    yield element
                lead = ""
                index += 1 if kind == "heading" else 3
                continue
            if "](" in content:
                _find_links(content, first, lines, found)
            if _TAB.match(content):
                yield Element("tab", first, last, content, container=where, section=section)
            else:
                section, lead = plain(content), ""
                yield Element(
                    "heading", first, last, section, level=int(token.tag[1]), container=where, section=section
                )
            index += 0 if kind == "heading" else 2
        elif kind in ("text", "paragraph_open"):
            content = token.content if kind == "text" else tokens[index + 1].content
            if content.count("\n") != last - first:  # a line of blanks that only Unicode knows is stripped
                opening = content.split("\n", 1)[0]
                first = next((line for line in range(first, last + 1) if opening in lines[line - 1]), first)
            for element in _prose(content, first, last, where, section, lead, found):
                lead = element.text
                _find_all_links(element, lines, found)
                yield element
            index += 0 if kind == "text" else 2
        elif kind == "fence":
            lead = ""
            yield _fence(token, first, last, lines, where, section)
        elif kind == "code_block":
            lead, opening = "", token.content.split("\n", 1)[0]
            raw = lines[first - 1]
            column = len(raw) - len(opening) + 1 if raw.endswith(opening) else 5
            yield Element("code", first, last, token.content, column, container=where, section=section)
        elif kind == "html_block":
            yield from _html(token, first, last, lines, where, section)
        else:
            lead = ""
            info = "break" if kind == "hr" else ""
            yield Element("other", first, last, token.content, info=info, container=where, section=section)
        index += 1


def _find_all_links(element: Element, lines: list[str], found: _Found) -> None:
    if element.table:
        for number in range(element.line, element.end_line + 1):
            if "](" in lines[number - 1]:
                _find_links(lines[number - 1], number, lines, found)
        return
    text = element.text
    if "](" in text:
        _find_links(text, element.line, lines, found)
    if "[" in text and (")[" in text or "] (" in text):
        found.odd.append(element.line)


_CONTAINERS = {"blockquote_open", "list_item_open", "bullet_list_open", "ordered_list_open"}
_CONTAINER_ENDS = {name.replace("_open", "_close") for name in _CONTAINERS}


def _prose(
    content: str, first: int, last: int, where: tuple[int, ...], section: str, lead: str, found: _Found
) -> Iterable[Element]:
    """A paragraph; or a table (GFM, 4.10), with the paragraph above its header row if there is one."""
    if "\n" not in content or not _MAYBE_TABLE.search(content):
        info = "alert" if content.startswith("[!") and _ALERT.match(content) else ""
        return (Element("paragraph", first, last, content, info=info, container=where, section=section),)
    return _with_table(content, first, last, where, section, lead, found)


def _with_table(
    content: str, first: int, last: int, where: tuple[int, ...], section: str, lead: str, found: _Found
) -> Iterator[Element]:
    rows = content.split("\n")
    start = _table_start(rows)
    if not start:
        found.rows.extend((first + at, len(_cells(rows[at - 1])), rows[at]) for at in _no_delimiters(rows))
    if start != 1:
        text = "\n".join(rows[: start - 1]) if start else content
        info = "alert" if _ALERT.match(text) else ""
        until = first + start - 2 if start else last
        yield Element("paragraph", first, until, text, info=info, container=where, section=section)
        lead = text
    if start:
        header = _cells(rows[start - 1])
        body = []
        for index in range(start + 1, len(rows)):
            if rows[index].startswith(("    ", "\t")) or _LIST_ITEM.match(rows[index]):
                break
            cells = _cells(rows[index])
            if cells[0][:2] in ("--", ":-") and _DELIMITER.fullmatch(rows[index]) and "--" in rows[index]:
                found.rows.append((first + index, len(header), rows[index]))
            elif len(cells) != len(header) and not (cells[0].startswith("**") and not any(cells[1:])):
                found.rows.append((first + index, len(header), rows[index]))  # no heading of the rows below it
            if len(cells) != len(header):
                cells = (*cells[: len(header)], *[""] * (len(header) - len(cells)))
            body.append(Row(first + index, cells))
        line = first + start - 1
        table = Table(line, tuple(plain(cell) for cell in header), tuple(body), section, plain(lead))
        end = body[-1].line if body else line + 1
        info = "comment" if "!-" in content else ""
        yield Element("table", line, end, info=info, container=where, section=section, table=table)
        if end < first + len(rows) - 1:
            text = "\n".join(rows[end - first + 1 :])
            yield Element("paragraph", end + 1, last, text, container=where, section=section)


def _table_start(rows: list[str]) -> int:
    """The index of the first delimiter row below a header row; 0 if there is none."""
    return next((index for index in range(1, len(rows)) if _is_delimiter(rows[index], rows[index - 1])), 0)


def _no_delimiters(rows: list[str]) -> Iterator[int]:
    """Rows that would be delimiter rows, if they had as many cells as the row above them."""
    for index in range(1, len(rows)):
        row, above = rows[index].strip(), rows[index - 1]
        if "|" in row.strip("|") and "|" in above and _DELIMITER.fullmatch(row) and not _DELIMITER.fullmatch(above):
            yield index


def _is_delimiter(row: str, header: str) -> bool:
    if not row.lstrip(" ").startswith(("|", ":", "-")) or not _DELIMITER.fullmatch(row):
        return False
    return ("|" in row or ":" in row) and len(_cells(row)) == len(_cells(header)) and ("|" in row or "|" in header)


def rows(element: Element, cells: int) -> tuple[Row, ...]:
    """The lines of a paragraph as rows of a table with so many cells."""
    found = ((element.line + at, _cells(text)) for at, text in enumerate(element.text.split("\n")))
    return tuple(Row(line, (*one[:cells], *[""] * (cells - len(one)))) for line, one in found)


def _cells(row: str) -> tuple[str, ...]:
    text = row.strip()
    if "\\|" in text:
        text = text.replace("\\|", "\0")
        return tuple([cell.replace("\0", "|").strip() for cell in _split(text)])
    return tuple([cell.strip() for cell in _split(text)])


def _split(row: str) -> list[str]:
    return row.removeprefix("|").removesuffix("|").split("|")


_MAYBE_TABLE = re.compile(r"\n[ \t]*[|:-][ \t|:-]*(?:\n|\Z)")
_LIST_ITEM = re.compile(r" {0,3}\d{1,9}[.)][ \t]")  # ends a table, not a paragraph (GFM, 4.10; CommonMark, 5.2)
_DELIMITER = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")


def _fence(token: Token, first: int, last: int, lines: list[str], where: tuple[int, ...], section: str) -> Element:
    content = token.content
    closing = lines[last - 1].strip(" \t>") if last <= len(lines) else ""
    count = content.count("\n")
    closed = last - first == count + 1 and set(closing) == {token.markup[0]} and len(closing) >= len(token.markup)
    column = 1
    if content:
        opening, raw = content.split("\n", 1)[0], lines[first]
        column = len(raw) - len(opening) + 1 if opening and raw.endswith(opening) else 1
    return Element(
        "fence",
        first,
        last,
        content,
        column,
        first + 1,
        token.info.strip(),
        container=where,
        section=section,
        closed=closed,
        mark=token.markup,
    )


def _html(
    token: Token, first: int, last: int, lines: list[str], where: tuple[int, ...], section: str
) -> Iterator[Element]:
    """Each comment of an HTML block. What stands beside the comments is kept as an element of kind `other`."""
    raw = "\n".join(lines[first - 1 : last])
    if "<!--" not in raw:
        yield Element("other", first, last, raw, container=where, section=section)
        return
    content = token.content
    position, line = 0, first
    before = (0, 0, 0)
    while (start := content.find("<!--", position)) >= 0:
        if content[position:start].strip():
            yield Element("other", line, line, content[position:start].strip(), container=where, section=section)
        line += content.count("\n", position, start)
        end = content.find("-->", start + 4)
        closed = end >= 0
        end = end if closed else len(content)
        text = content[start + 4 : end]
        text = text if closed else text.removesuffix("\n")
        # Of several comments in one line, only the first is looked for in the page.
        margin = before[2] + start - before[1] if before[0] == line else _margin(content, start, lines, line)
        before = (line, start, margin)
        yield Element(
            "comment",
            line,
            line + text.count("\n"),
            text,
            margin + 4,
            line,
            container=where,
            section=section,
            closed=closed,
            margin=_margin(content, content.find("\n", start) + 1, lines, line + 1) - 1 if "\n" in text else 0,
        )
        position = min(end + 3, len(content))
        line += text.count("\n")
    if content[position:].strip():
        yield Element("other", line, last, content[position:].strip(), container=where, section=section)


def _margin(content: str, start: int, lines: list[str], line: int) -> int:
    """The column of an offset: the container's prefix is not in `content`, but is in the page."""
    begin = content.rfind("\n", 0, start) + 1
    end = content.find("\n", start)
    piece = content[begin : end if end >= 0 else len(content)]
    raw = lines[line - 1] if line <= len(lines) else piece
    if not raw.endswith(piece):  # the container has taken a part of a tab
        shown = piece.lstrip(_BLANKS)
        return max(len(raw) - len(shown), 0) + max(start - begin - (len(piece) - len(shown)), 0) + 1
    return len(raw) - len(piece) + start - begin + 1


# --- links -------------------------------------------------------------------------------------------------------


def _find_links(content: str, line: int, lines: list[str], found: _Found) -> None:
    """Add the links of inline Markdown whose first line is `line`."""
    links, before_these, first = found.links, len(found.links), line
    several = "\n" in content
    base = lines[line - 1].find(content) if not several and line <= len(lines) else -1
    text = _without_code(content) if "`" in content else content
    if "<!--" in text:
        text = _without_comments(text)
    alert = "[!" in text
    at, column, position = 0, 0, 0
    while match := _LINK.search(text, position):
        start, position = match.span()
        if start:
            before = text[start - 1]
            if before == "\\":
                position = start + 1
                continue
            if before == "!" and text[start - 2 : start - 1] != "\\":
                start -= 1
        if base >= 0:
            column = base + start + 1
        else:
            if ends := content.count("\n", at, start) if several else 0:
                line, column = line + ends, 0
            at = start
            raw = lines[line - 1] if line <= len(lines) else ""
            column = max(raw.find(content[at : match.end()].split("\n", 1)[0], column), 0) + 1
        words, target = match.groups()
        at_target = column + match.start(2) - start if "\n" not in content[start : match.start(2)] else 0
        if target.startswith("<"):
            target, at_target = target[1:-1], at_target and at_target + 1
        include = alert and _INCLUDE.search(text, max(start - 20, 0), start) is not None
        links.append(Link(line, column, target, words, include, at_target))
        if words.startswith("![") and (inner := _IMAGE_IN_LINK.match(words)):
            links.append(Link(line, column, inner["target"]))
    if text.count("](") > len(links) - before_these or "]()" in text:
        found.odd.append(first)


def _html_links(elements: list[Element], lines: list[str]) -> Iterator[Link]:
    """The links and images of a page that are written in HTML, or as docfx writes images."""
    for element in elements:
        if element.kind not in ("paragraph", "heading", "table", "other"):
            continue
        for number in range(element.line, min(element.end_line, len(lines)) + 1):
            line = _without_comments(_without_code(lines[number - 1]))
            for match in _HTML_LINK.finditer(line):
                group = match.lastindex or 1
                yield Link(number, match.start() + 1, match[group], target_column=match.start(group) + 1)


def _malformed_links(elements: list[Element], lines: list[str]) -> Iterator[Malformed]:
    for element in elements:
        if element.kind not in ("paragraph", "heading", "table"):
            continue
        last = min(element.end_line, len(lines))
        for number in range(element.line, last + 1):
            line = lines[number - 1]
            if not ("](" in line or ")[" in line or "] (" in line):
                continue
            text = _without_comments(_without_code(line))
            for match in _ODD_LINK.finditer(text):
                kind = match.lastgroup or ""
                yield Malformed(f"link-{kind}", number, match.start() + 1, match.group())
            for match in _MALFORMED_LINK.finditer(text):
                bracket = text.rfind("[", 0, match.start())
                if bracket < 0 or text[bracket - 1 : bracket] == "\\":
                    continue  # meant as it stands
                goes_on = number < last and element.table is None and ")" in lines[number][:300]
                if match["words"]:
                    yield Malformed("link-blank", number, match.start("words") + 1, match["words"])
                elif match["blank"]:
                    whole = match["target"] + match["blank"].removesuffix(")")
                    yield Malformed("link-blank", number, match.start("target") + 1, whole)
                elif not goes_on:
                    yield Malformed("link-open", number, match.start("target") + 1, match["target"])


def _malformed_row(line: int, cells: int, row: str, lines: list[str]) -> Malformed:
    """A row that does not have the `cells` of the header; `text`: what does not fit, or how many cells it has.

    `table-row-code`: the bar that ends the last cell stands in code; `table-row-backtick`: behind a backtick that
    begins none.
    """
    row = row.strip()
    mine = len(_cells(row))
    begin = max(lines[line - 1].find(row), 0) + 1
    if _DELIMITER.fullmatch(row) and mine == cells:
        return Malformed("table-dashes-again", line, begin)
    if _DELIMITER.fullmatch(row):
        return Malformed("table-delimiter", line, begin, f"{mine} instead of {cells}")
    above = lines[line - 2].strip()
    if mine < cells and "|" in above and not above.endswith("|") and row.endswith("|"):
        return Malformed("table-row-broken", line, begin, row)
    if mine < cells:
        return Malformed("table-row-short", line, begin, f"{mine} instead of {cells}")
    bars = [match.start() for match in _BAR.finditer(row)]
    end = bars[cells if row.startswith("|") else cells - 1]
    rest = row[end + 1 :]
    surplus = rest.strip().removesuffix("|").strip()
    kind = "table-row-long"
    if row.count("`", 0, end) % 2:  # code makes no difference (GFM, 4.10)
        begins = row.rindex("`", 0, end) + 1
        kind = "table-row-code" if row[begins : begins + 1].strip() else "table-row-backtick"
    return Malformed(kind, line, begin + len(row) - len(rest.lstrip()), surplus)


_BAR = re.compile(r"(?<!\\)\|")
_REFERENCE = re.compile(r"(?<![\\\]!\w])\[([^\[\]\n]+)\]\[([^\[\]\n]*)\](?![\[(])")


_LIKE_DEFINITION = re.compile(r"[ \t>]*\[([^\[\]]+)\]:")


def _like_definitions(lines: list[str]) -> dict[str, int]:
    """The labels of lines that look like definitions of references, and where each list of such lines begins."""
    found: dict[str, int] = {"": 0}
    begins = 0
    for at, line in enumerate(lines, 1):
        match = _LIKE_DEFINITION.match(line)
        begins = (begins or at) if match else 0
        if match:
            found[normalizeReference(match[1])] = begins
    return found


def _undefined(elements: list[Element], lines: list[str], references: dict[str, Any]) -> Iterator[Link]:
    """Full and collapsed reference links (CommonMark 0.31, 6.3) whose label no definition has."""
    meant: dict[str, int] | None = None
    for element in elements:
        if element.kind not in ("paragraph", "heading", "table"):
            continue
        for number in range(element.line, min(element.end_line, len(lines)) + 1):
            line = lines[number - 1]
            text = _without_comments(_without_code(line)) if "][" in line else ""
            for match in _REFERENCE.finditer(text):
                label = match[2].strip() or match[1].strip()
                if normalizeReference(label) not in references:
                    close = wording.nearest(normalizeReference(label), references, 0.8)
                    meant = meant or _like_definitions(lines)
                    at = meant.get(normalizeReference(label), 0)
                    yield Link(number, match.start() + 1, label, match[1], close=close.lower(), meant=at)


def _definition(target: str, line: int, lines: list[str]) -> Link:
    raw = lines[line] if line < len(lines) else ""
    at_target = 0
    if (written := _DEFINED.search(raw)) and (written[1] or written[2]):
        target = written[1] or written[2]  # markdown-it gives it with escapes
        at_target = written.start(1 if written[1] else 2) + 1
    return Link(line + 1, max(raw.find("["), 0) + 1, target, target_column=at_target)


def _without_comments(text: str) -> str:
    """The text with its comments blanked out."""
    pieces: list[str] = []
    position = 0
    while (start := text.find("<!--", position)) >= 0 and (end := text.find("-->", start)) >= 0:
        pieces += (text[position:start], re.sub(r"[^\n]", " ", text[start : end + 3]))
        position = end + 3
    return "".join((*pieces, text[position:])) if pieces else text


def _without_code(text: str) -> str:
    """The text with the content of its code spans blanked out. Linear: runs of backticks are matched by length."""
    runs = [(match.start(), match.end()) for match in _BACKTICKS.finditer(text)]
    later: dict[int, list[int]] = {}
    for index in range(len(runs) - 1, -1, -1):
        later.setdefault(runs[index][1] - runs[index][0], []).append(index)
    pieces: list[str] = []
    position = index = 0
    while index < len(runs):
        start, end = runs[index]
        same = later[end - start]
        while same and same[-1] <= index:
            same.pop()
        if same and not (start and text[start - 1] == "\\"):
            close = runs[same[-1]][0]
            pieces.append(text[position:end])
            pieces.append(re.sub(r"[^\n]", " ", text[end:close]))
            position = close
            index = same[-1] + 1
        else:
            index += 1
    pieces.append(text[position:])
    return "".join(pieces)
