"""Source -> Element, Link: the CommonMark blocks of a page, with their places. The only module that knows markdown-it.

Only block rules run: inline Markdown matters here for links alone, and those are found by a linear scan.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from .model import Cell, Element, Link, Row, Source, Table

_PARSER = MarkdownIt("commonmark").enable("table")
_TAB = re.compile(r"\[[^\]]*\]\(#tab/")
_ALERT = re.compile(r"\[!(?:NOTE|TIP|IMPORTANT|CAUTION|WARNING|div|VIDEO|INCLUDE)\b", re.IGNORECASE)
_LINK = re.compile(
    r"!?\[(?P<text>(?:[^\[\]\\]|\\.|\[[^\[\]]*\])*)\]"
    r"\(\s*(?P<target><[^<>\n]*>|[^\s()]*(?:\([^\s()]*\)[^\s()]*)*)"
    r"(?:\s+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?\s*\)"
)
_IMAGE_IN_LINK = re.compile(r"!\[[^\[\]]*\]\(\s*(?P<target>[^\s()]+)")
_BACKTICKS = re.compile(r"`+")
_PLAIN = re.compile(r"\[([^\[\]]*)\]\([^()]*\)|[*`_]{1,3}(?=\S)|(?<=\S)[*`_]{1,3}")


def parse(source: Source) -> tuple[list[Element], list[Link]]:
    """The blocks and the links of a page, each in the order of the page."""
    env: dict[str, dict[str, dict[str, object]]] = {}
    tokens: list[Token] = []
    _PARSER.block.parse(source.text, _PARSER, env, tokens)
    lines = source.text.split("\n")
    elements = list(_elements(tokens, lines))
    links = list(_links(tokens, lines))
    for reference in env.get("references", {}).values():
        span = reference.get("map")
        if isinstance(span, list):
            links.append(_definition(str(reference.get("href", "")), span[0], lines))
    return elements, sorted(links, key=lambda link: (link.line, link.column))


def plain(inline: str) -> str:
    """Inline Markdown as the text that a reader sees: marks and link targets removed."""
    if not any(mark in inline for mark in "[*`_\\"):
        return inline.strip()
    return _PLAIN.sub(lambda match: match[1] or "", inline).replace("\\", "").strip()


# --- blocks ------------------------------------------------------------------------------------------------------


def _elements(tokens: list[Token], lines: list[str]) -> Iterator[Element]:
    containers: list[int] = []
    section = ""
    lead = ""
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
        elif kind == "heading_open":
            content = tokens[index + 1].content
            if _TAB.match(content):
                yield Element("tab", first, last, content, container=where, section=section)
            else:
                section, lead = plain(content), ""
                yield Element(
                    "heading", first, last, section, level=int(token.tag[1]), container=where, section=section
                )
            index += 2
        elif kind == "paragraph_open":
            lead = tokens[index + 1].content
            info = "alert" if _ALERT.match(lead) else ""
            yield Element("paragraph", first, last, lead, info=info, container=where, section=section)
            index += 2
        elif kind == "fence":
            yield _fence(token, first, last, lines, where, section)
        elif kind == "html_block":
            yield from _html(token, first, last, lines, where, section)
        elif kind == "table_open":
            end = _matching(tokens, index, "table_close")
            table = _table(tokens[index:end], lines, section, plain(lead))
            yield Element("table", first, last, container=where, section=section, table=table)
            index = end
        else:
            yield Element("other", first, last, token.content, container=where, section=section)
        index += 1


_CONTAINERS = {"blockquote_open", "list_item_open", "bullet_list_open", "ordered_list_open"}
_CONTAINER_ENDS = {name.replace("_open", "_close") for name in _CONTAINERS}


def _matching(tokens: list[Token], start: int, kind: str) -> int:
    return next(index for index in range(start, len(tokens)) if tokens[index].type == kind)


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
    while (start := content.find("<!--", position)) >= 0:
        if content[position:start].strip():
            yield Element("other", line, line, content[position:start].strip(), container=where, section=section)
        line += content.count("\n", position, start)
        end = content.find("-->", start + 4)
        closed = end >= 0
        end = end if closed else len(content)
        text = content[start + 4 : end]
        margin = _margin(content, start, lines, line)
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
        )
        position = min(end + 3, len(content))
        line += text.count("\n")
    if content[position:].strip():
        yield Element("other", line, last, content[position:].strip(), container=where, section=section)


def _margin(content: str, start: int, lines: list[str], line: int) -> int:
    """The column of a comment: the container's prefix is not in `content`, but is in the page."""
    begin = content.rfind("\n", 0, start) + 1
    end = content.find("\n", start)
    piece = content[begin : end if end >= 0 else len(content)]
    raw = lines[line - 1] if line <= len(lines) else piece
    prefix = len(raw) - len(piece) if raw.endswith(piece) else 0
    return prefix + start - begin + 1


def _table(tokens: list[Token], lines: list[str], section: str, lead: str) -> Table:
    header: list[str] = []
    rows: list[Row] = []
    cells: list[Cell] = []
    row_line, cursor, in_head = 0, 0, False
    for index, token in enumerate(tokens):
        if token.type == "thead_open":
            in_head = True
        elif token.type == "thead_close":
            in_head = False
        elif token.type == "tr_open" and token.map:
            row_line, cells, cursor = token.map[0] + 1, [], 0
        elif token.type in ("th_open", "td_open"):
            content = tokens[index + 1].content
            if in_head:
                header.append(plain(content))
            else:
                found = lines[row_line - 1].find(content, cursor)
                cursor = found + len(content) if found >= 0 else cursor
                cells.append(Cell(content, max(found, 0) + 1))
        elif token.type == "tr_close" and not in_head:
            rows.append(Row(row_line, tuple(cells)))
    first = tokens[0].map
    return Table(first[0] + 1 if first else 1, tuple(header), tuple(rows), section, lead)


# --- links -------------------------------------------------------------------------------------------------------


def _links(tokens: list[Token], lines: list[str]) -> Iterator[Link]:
    line = 0
    for token in tokens:
        if token.map:
            line = token.map[0]
        if token.type != "inline" or "](" not in token.content:
            continue
        text = _without_code(token.content)
        cursor = (line, 0)
        for match in _LINK.finditer(text):
            yield (link := _link(token.content, match, line, lines, cursor))
            cursor = (link.line - 1, link.column)
            if match["text"].startswith("!["):
                inner = _IMAGE_IN_LINK.match(match["text"])
                if inner:
                    yield Link(link.line, link.column, inner["target"])


def _link(content: str, match: re.Match[str], line: int, lines: list[str], cursor: tuple[int, int]) -> Link:
    line += content.count("\n", 0, match.start())
    whole = content[match.start() : match.end()].split("\n", 1)[0]
    raw = lines[line] if line < len(lines) else ""
    found = raw.find(whole, cursor[1] if cursor[0] == line else 0)
    target = match["target"]
    if target.startswith("<"):
        target = target[1:-1]
    return Link(line + 1, max(found, 0) + 1, target, match["text"])


def _definition(target: str, line: int, lines: list[str]) -> Link:
    return Link(line + 1, max(lines[line].find("[") if line < len(lines) else 0, 0) + 1, target)


def _without_code(text: str) -> str:
    """The text with the content of its code spans blanked out. Linear: runs of backticks are matched by length."""
    if "`" not in text:
        return text
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
