"""Source -> Page, PATH… -> DocSet. What each page holds, before anything is said about how pages fit together."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from . import annotate, contract, infer, markdown, messages, parallel, source, suppressions
from .includes import Found, Includes
from .links import reduced
from .model import (
    Block,
    Element,
    Fence,
    Heading,
    HttpFence,
    Include,
    Link,
    Malformed,
    Page,
    Source,
    Suppression,
    Tab,
    Table,
    Text,
)

_PLACEHOLDER = re.compile(
    r"\bTODO\s*:|\*\*\s*TODO\b|(?<!\w)([*_])(?:TODO|TBD|FIXME)\1(?!\w)"
    r"|\*\*\s*Unknown Type '|\b(?:Collection|Entity) URI for \S+ not found"
    r"|(?<=.\|)\s{0,9}(?:TODO|TBD|FIXME)\.?\s{0,99}(?=\||$)"  # alone in a cell that is not the first
    r"|^\s{0,9}(?:TODO|TBD|FIXME)\.?\s{0,9}$|^\W{0,3}FIXME\b|\[(?:TODO|TBD|FIXME)\](?![(\[])"
    r"|^[\w.]{1,40}:\s{1,9}[\"']?(?:TODO|TBD)[\"']?\s{0,9}$"
    r"|\b(?:ADD|ENTER|INSERT|PROVIDE|WRITE) [A-Z][A-Z ]{1,60} HERE\b|\bLorem ipsum\b"
)
_STATEMENT = re.compile(
    r"\b(?:inherits?|derives?|derived)\s+from\b|\bderived types\b|\bbase (?:type|class)\b"
    r"|\binherits? (?:all )?(?:the |its )?properties (?:of|from)\b|\bderived type (?:of|from)\b|\bsub-?type of\b"
    r"|\b[1-5]\d\d\b|\brequired\b|\btruncated\b|\bshortened\b"
    r"|\brepresentations? (?:of|for)\b|\bsub-?class\b|\bopen (?:complex |entity )?type\b"
    r"|\bnamespace\b|\bcommon ways\b|\bflags?\b|\bcommas?\b|\bcombin|\bmulti-?valued\b|\bmore than one\b"
)
_NUMBER = re.compile(r"[1-5][0-9][0-9]")
_ANNOTATION_IN_TEXT = re.compile(
    r"<\s?!-{1,3}\s{0,9}\{(?:(?!-->).){0,1000}?[\"']?blockType|\{[^{}]{0,200}?[\"'“”]blockType[\"'“”]\s?:",
    re.IGNORECASE | re.DOTALL,
)
_BEHIND_WORDS = re.compile(r"\s*[^\s{\-][^{]{0,40}\{[^{}]{0,200}?[\"']blockType[\"']\s?:", re.IGNORECASE)

_ANNOTATION_LINE = re.compile(
    r"^ {0,3}<!--\s{0,9}\{(?:(?!-->)[^\n]|\n(?!\n)){0,1000}?[\"']?blockType", re.IGNORECASE | re.MULTILINE
)
_MARKDOWN = ("markdown", "md", "html", "text", "csharp", "javascript")

_KEY = re.compile(r"^([\w.-]+)[ \t]*:(?=\s|$)", re.MULTILINE)
_KEY_WITH_VALUE = re.compile(r"""^([\w.-]+)[ \t]*:(?![ \t]*(?:""|'')?[ \t]*$(?!\n[ \t-]))""", re.MULTILINE)
_PLAIN_FRONT_MATTER = re.compile(
    r"""(?:[\w.-]+:(?:[ ]+(?:"[^"\\\n]*"[ \t]*|'[^'\n]*'[ \t]*|[\w/][^\n:#'"]*))?\n|[ \t]*\n)*""", re.VERBOSE
)


class DocSet(msgspec.Struct, frozen=True):
    """The pages that were read, and where they came from."""

    pages: tuple[Page, ...]
    roots: tuple[source.Root, ...]
    suppressions: dict[str, tuple[Suppression, ...]] = {}
    """By the path of the page."""


def load(
    paths: Sequence[Path],
    jobs: int = 0,
    inferring: bool = False,
    exclude: Sequence[str] = (),
    step: parallel.Step = parallel.silent,
) -> DocSet:
    """All pages of all PATHs, in the order of their names, read by `jobs` processes (0: as many as there are cores).

    `inferring`: read fences that plainly hold HTTP as if they were annotated. `exclude`: as in `source.gather`.

    Raises source.NotFound.
    """
    files = source.gather(paths, exclude)
    with parallel.uncollected():
        reader = Reader(files.roots, inferring)
        pages = parallel.run(reader.read, Page, files.named, jobs or parallel.jobs_available(), step)
    return DocSet(tuple(pages), files.roots, {one.path: one.suppressions for one in pages if one.suppressions})


class Reader:
    """Reads pages, with what they include. Each included file is read once."""

    def __init__(self, roots: Sequence[source.Root], inferring: bool = False, prose: bool = True) -> None:
        """`prose`: keep the paragraphs that speak of operations, which only exports look at."""
        self._includes = Includes(roots, lambda file, name: read_page(source.read(file, name)))
        self._inferring = inferring
        self._prose = prose

    def read(self, named: tuple[str, str]) -> Page:
        """All that the page in a file holds; `named`: its name and the file."""
        return self.read_with_source(named)[0]

    def read_with_source(self, named: tuple[str, str]) -> tuple[Page, Source]:
        """The same, with the text that it was read from."""
        name, file = named
        text = source.read(file, name)
        page = read_page(text, self._prose)
        if page.includes:
            page = _with(page, self._includes.of(page, file))
        return (with_inferred(page) if self._inferring else page), text


def _with(page: Page, found: Found) -> Page:
    page = msgspec.structs.replace(
        page,
        tables=page.tables + found.tables,
        statements=page.statements + found.statements,
        included=found.included,
        malformed=page.malformed + found.faults,
        looked_in=found.folders,
    )
    return msgspec.structs.replace(page, types=tuple(contract.types_of(page))) if found.tables else page


def with_inferred(page: Page) -> Page:
    """The page as if its fences that plainly hold HTTP were annotated."""
    made = [annotate.block(page.path, note, one.fence, "", one.section) for one, note in infer.suggestions(page)]
    blocks = sorted((*page.blocks, *made), key=lambda block: block.line)
    return msgspec.structs.replace(page, blocks=tuple(blocks), unannotated=())


def read_page(page: Source, prose: bool = True) -> Page:
    """All that one page holds. Total: any text gives a page."""
    elements, links, undefined, broken = markdown.parse(page)
    malformed = [*page.malformed, *_front_matter(page.front_matter), *_swallowed(elements), *broken]
    blocks = list(_blocks(page.path, elements, malformed))
    taken = {block.fence.line for block in blocks if block.fence}
    malformed.extend(_unended(elements, taken, malformed))
    malformed.extend(_loose(elements))
    title = next((element.text for element in elements if element.kind == "heading"), "")
    found = Page(
        path=page.path,
        digest=page.digest,
        title=title,
        prose=tuple(_prose(elements)) if prose else (),
        blocks=tuple(blocks),
        unannotated=tuple(_unannotated(elements, taken, page.text)),
        tables=tuple(_tables(elements, {one.line for one in malformed if one.kind == "table-apart"})),
        links=tuple(links),
        includes=tuple(_includes(links, elements)),
        suppressions=tuple(suppressions.read(elements)) if suppressions.may_be_in(page.text) else (),
        anchors=tuple(_anchors(page.text, elements)),
        undefined=tuple(undefined),
        tabs=tuple(_tabs(elements)) if "#tab/" in page.text else (),
        headings=tuple(Heading(one.line, one.level, one.text) for one in elements if one.kind == "heading"),
        front_matter=tuple(_KEY_WITH_VALUE.findall(page.front_matter)),
        placeholders=tuple(_placeholders(page, elements)),
        statements=tuple(Text(e.line, e.text) for e in elements if e.kind == "paragraph" and _states(e.text)),
        malformed=tuple(malformed),
    )
    return msgspec.structs.replace(found, types=tuple(contract.types_of(found)))


_TELLING = ("response", "body", "payload", "parameter")
_LISTING = ("response", "query parameter")
"""What these sections say stands in lists too."""


def _prose(elements: Sequence[Element]) -> Iterator[Text]:
    """The paragraphs of a page that speak of its operation or type."""
    above: list[tuple[int, str]] = []  # the open sections: level, and what they are about
    about, titled = "", False
    for element in elements:
        if element.kind == "paragraph":
            if element.info != "alert" and (about == "listing" or (about == "telling" and not element.container)):
                yield Text(element.line, element.text)
            continue
        if element.container or element.kind != "heading":
            continue
        while above and above[-1][0] >= element.level:
            above.pop()
        text = element.text.lower()
        about = "example" if "example" in text else above[-1][1] if above else ""
        if not about and any(word in text for word in _TELLING):
            about = "listing" if any(word in text for word in _LISTING) else "telling"
        above.append((element.level, about if titled else ""))
        about, titled = (about if titled else "telling"), True


def _states(text: str) -> bool:
    # Most texts hold none of the words: a search for all of them at once takes ten times as long.
    lower = text.lower()
    maybe = (
        "required" in lower
        or "inherit" in lower
        or "deriv" in lower
        or "truncated" in lower
        or "shortened" in lower
        or "representation" in lower
        or "class" in lower
        or "base type" in lower
        or "open " in lower
        or "common ways" in lower
        or "flag" in lower
        or "comma" in lower
        or "combin" in lower
        or "more than one" in lower
        or "subtype" in lower
        or lower.startswith("namespace")
    )
    if "request body" in lower and ("t supply a" in lower or "t provide a" in lower or "relevant" in lower):
        return True
    if "json object" in lower:
        return True
    return bool(maybe or _NUMBER.search(text)) and _STATEMENT.search(lower) is not None


def _blocks(path: str, elements: Sequence[Element], malformed: list[Malformed]) -> Iterator[Block]:
    claimed: dict[int, Block] = {}
    found: list[Block] = []
    for index, element in enumerate(elements):
        note = annotate.annotation(element) if element.kind == "comment" else None
        if note is None:
            if (
                not element.closed
                or "lockType" in element.text
                or (element.kind == "comment" and "\n<!--" in element.text)
                or ("!-" in element.text and "blocktype" in element.text.lower())
                or (element.info == "comment" and "blocktype" in _raw_text(element).lower())
            ):
                malformed.extend(_lost_comment(element))
            continue
        target, between = annotate.attach(elements, index)
        fence = _fence(target) if target else None
        kind = annotate.block_type(note.data)
        if between and (kind is None or kind.name != "request"):
            fence = None  # only a request is sure enough to be looked for further down
        problems: tuple[Malformed, ...] = ()
        if not element.closed or "<!--" in element.text:
            problems = (Malformed("comment-never-ends", element.line, max(element.column - 4, 1)),)
        elif fence and not fence.closed:
            problems = (Malformed("fence-never-ends", fence.line, 1, end_line=fence.end_line),)
        block = annotate.block(path, note, fence, between, element.section)
        block = msgspec.structs.replace(block, malformed=problems)
        if fence and fence.line in claimed:
            # The nearest annotation has the fence; the one further away speaks of nothing.
            earlier = claimed[fence.line]
            position = found.index(earlier)
            found[position] = msgspec.structs.replace(
                annotate.block(path, earlier.annotation, None, "annotation", earlier.section)
            )
        if fence:
            claimed[fence.line] = block
        found.append(block)
    yield from found


def _fence(element: Element) -> Fence:
    return Fence(
        line=element.line,
        end_line=element.end_line,
        language=element.info.split(None, 1)[0].lower() if element.info else "",
        text=element.text,
        column=element.column,
        closed=element.closed,
        indented=element.kind == "code",
        mark=element.mark,
    )


def _front_matter(text: str) -> Iterator[Malformed]:
    keys = _KEY.findall(text)
    if len(set(keys)) < len(keys):
        yield from _repeated_keys(text)
    if _PLAIN_FRONT_MATTER.fullmatch(text):
        return  # nearly all are: a YAML parser takes longer for them than for the rest of the page
    import yaml

    try:
        # Not the loader in C: deep nesting ends the process there. No tags, so that a date that is none is a text.
        yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  it makes texts, lists and mappings, nothing else
    except RecursionError:
        yield Malformed("front-matter", 2, 1, "it is nested too deep")
    except yaml.YAMLError as error:
        # What is never closed, or no key, is told of where it begins, not where the parser gave up.
        begins = getattr(error, "context", None) in _BEGUN
        mark = getattr(error, "context_mark" if begins else "problem_mark", None)
        line, column = (mark.line + 2, mark.column + 1) if mark else (2, 1)
        yield Malformed("front-matter", line, column, getattr(error, "problem", None) or "it cannot be read")


_BEGUN = ("while scanning a simple key", "while scanning a quoted scalar", "while parsing a flow sequence",
          "while parsing a flow mapping")  # fmt: skip


def _repeated_keys(text: str) -> Iterator[Malformed]:
    seen: set[str] = set()
    for number, line in enumerate(text.split("\n"), start=2):
        if match := _KEY.match(line):
            if match[1] in seen:
                yield Malformed("front-matter-twice", number, 1, match[1])
            seen.add(match[1])


def _lost_comment(element: Element) -> Iterator[Malformed]:
    if element.kind == "comment" and not element.closed:
        yield Malformed("comment-never-ends", element.line, element.column - 4)
    elif element.kind == "comment" and "\n<!--" in element.text:
        yield Malformed("comment-swallows", element.line, element.column - 4)
    elif element.kind == "comment" and _BEHIND_WORDS.match(element.text):
        yield Malformed("annotation-behind-words", element.line, element.column - 4)
    kind = {"code": "annotation-indented", "comment": ""}.get(element.kind, "annotation-in-text")
    if element.kind == "fence" or not kind:
        return
    raw = _raw_text(element)
    if element.kind != "code" and "`" in raw:
        raw = re.sub(r"`[^`]*`", lambda match: " " * len(match[0]), raw)  # where it is shown, it is not meant
    if match := _ANNOTATION_IN_TEXT.search(raw):
        yield Malformed(kind, element.line + raw.count("\n", 0, match.start()), 1)


def _loose(elements: Sequence[Element]) -> Iterator[Malformed]:
    """Headings and rows of tables that readers see as text."""
    for index, element in enumerate(elements):
        first = element.text[:1]
        if element.kind != "paragraph" or first not in ("#", "|"):
            continue
        rows = element.text.split("\n")
        if first == "#":
            if _LOOSE_HEADING.match(rows[0]):
                yield Malformed("heading-blank", element.line, 1, rows[0])
        elif all(_LOOSE_ROW.fullmatch(row) for row in rows):
            above = elements[index - 1] if index else None
            if any(_DASHES.fullmatch(row) for row in rows[1:]):
                continue  # it does not have the cells of the header
            if above is not None and above.kind == "table":
                yield Malformed("table-apart", element.line, 1, rows[0])
            elif len(rows) > 1:
                kind = "table-no-header" if _DASHES.fullmatch(rows[0]) else "table-no-dashes"
                yield Malformed(kind, element.line, 1, rows[0])


_LOOSE_HEADING = re.compile(r"#{2,6}[A-Za-z]|#[A-Z][a-z]+(?:\s|$)")
_LOOSE_ROW = re.compile(r"\s*\|.*\|.*\|\s*")
_DASHES = re.compile(r"[\s|:-]*-[\s|:-]*")


def _raw_text(element: Element) -> str:
    """The text of a block; of a table, a line for each row."""
    if element.table is None:
        return element.text
    rows = ["|".join(element.table.header), "", *("|".join(row.cells) for row in element.table.rows)]
    return "\n".join(rows)


def _unended(elements: Sequence[Element], taken: set[int], told: Sequence[Malformed]) -> list[Malformed]:
    """Fences without annotation that are never closed, where nothing in them tells so already."""
    named = {one.text for one in told if one.kind in ("annotation-in-fence", "fence-in-fence")}
    return [
        Malformed("fence-never-ends", one.line, 1, end_line=one.end_line)
        for one in elements
        if one.kind == "fence" and not one.closed and one.line not in taken and str(one.line) not in named
    ]


def _swallowed(elements: Sequence[Element]) -> Iterator[Malformed]:
    """Annotations and openings of fences inside of one that holds HTTP or JSON, which was never closed before them."""
    for element in elements:
        if element.kind != "fence" or not ("blockType" in element.text or "```" in element.text):
            continue
        if element.closed and (element.info.lower().startswith(_MARKDOWN) or _shows_fences(element)):
            continue
        if "blockType" not in element.text:
            match = _OPENING.search(element.text) if element.mark == "```" else None
            if match:
                line = element.text_line + element.text.count("\n", 0, match.start())
                yield Malformed("fence-in-fence", line, element.column, text=str(element.line))
            continue
        line, at = element.text_line, 0
        for match in _ANNOTATION_LINE.finditer(element.text):
            line += element.text.count("\n", at, match.start())
            at = match.start()
            yield Malformed("annotation-in-fence", line, element.column, text=str(element.line))


_OPENING = re.compile(r"^``` ?[A-Za-z]+[ \t]*$", re.MULTILINE)


def _shows_fences(element: Element) -> bool:
    """Whether a fence shows others, as a page on the format does: its mark is longer or another one, or theirs are not
    meant to be read."""
    return len(element.mark) > 3 or "\\```" in element.text or ("~" in element.mark and "```" in element.text)


def _unannotated(elements: Sequence[Element], taken: set[int], text: str) -> Iterator[HttpFence]:
    found = [
        (element, holds)
        for element in elements
        if element.kind == "fence" and element.line not in taken and (holds := messages.looks_like(element.text))
    ]
    lines = text.split("\n") if found else []
    for element, holds in found:
        opening = lines[element.line - 1]
        column = len(opening) - len(opening.lstrip(" \t>"))
        if opening[column] not in "`~":
            column = min(at for mark in ("```", "~~~") if (at := opening.find(mark)) >= 0)
        yield HttpFence(_fence(element), holds, element.section, column + 1)


def _includes(links: Sequence[Link], elements: Sequence[Element]) -> Iterator[Include]:
    wanted = [link for link in links if link.include]
    headings = [element for element in elements if element.kind == "heading"] if wanted else []
    for link in wanted:
        above = bisect_right(headings, link.line, key=lambda element: element.line)
        section = headings[above - 1].text if above else ""
        yield Include(link.line, link.target_column or link.column, link.target, section)


_ID = re.compile(r"<[a-z][a-z0-9]*\s[^<>]{0,500}?\b(?:id|name)\s{0,9}=\s{0,9}[\"']?([^\"'\s<>]+)", re.IGNORECASE)


_GIVEN_ID = re.compile(r"\{#([^\s{}]+)[^{}]*\}\s*$")
"""The id of a heading, as Markdig and others have it behind its text."""


def _anchors(text: str, elements: Sequence[Element]) -> Iterator[str]:
    for element in elements:
        if element.kind == "heading":
            yield reduced(element.text)
        if element.kind == "heading" and "{#" in element.text and (given := _GIVEN_ID.search(element.text)):
            yield reduced(given[1])
    if "<" in text:
        yield from map(reduced, _ID.findall(text))


def _tabs(elements: Sequence[Element]) -> Iterator[Tab]:
    group: list[tuple[int, str]] = []
    for element in (*elements, None):
        ended = element is None or element.info == "break"
        if element is not None and element.kind == "tab":
            group.append((element.line, element.text.partition("(#tab/")[2].partition(")")[0]))
        elif element is None or ended or element.kind == "heading":
            yield from (Tab(line, name, group[0][0], ended) for line, name in group)
            group = []


def _tables(elements: Sequence[Element], apart: set[int]) -> Iterator[Table]:
    tables: list[Table] = []
    for element in elements:
        if element.table:
            tables.append(element.table)
        elif tables and element.line in apart:
            # Its author meant these rows to belong to the table above.
            *before, last = tables
            tables = [
                *before,
                msgspec.structs.replace(last, rows=(*last.rows, *markdown.rows(element, len(last.header)))),
            ]
    yield from tables


def _may_hold_placeholder(text: str) -> bool:
    """Every placeholder holds one of these words: most pages hold none, and are done with."""
    return (
        "TODO" in text
        or "TBD" in text
        or "FIXME" in text
        or " HERE" in text
        or "Lorem" in text
        or "Unknown Type" in text
        or " URI for " in text
    )


def _placeholders(page: Source, elements: Sequence[Element]) -> Iterator[Text]:
    text, before = page.text, page.front_matter
    if not _may_hold_placeholder(text) and not (before and _may_hold_placeholder(before)):
        return
    for number, line in enumerate(page.front_matter.split("\n"), start=2):
        if match := _PLACEHOLDER.search(line):
            yield Text(number, line, match.start() + 1)
    lines = page.text.split("\n")
    for element in elements:
        if element.kind in ("paragraph", "heading", "table", "tab"):
            for number in range(element.line, min(element.end_line, len(lines)) + 1):
                if match := _PLACEHOLDER.search(lines[number - 1]):
                    yield Text(number, lines[number - 1], match.start() + 1)
