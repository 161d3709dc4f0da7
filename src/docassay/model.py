"""Every value that flows through the pipeline. All are frozen; nothing here does work.

Lines and columns are 1-based and count in the page as its author sees it. Offsets are 0-based characters into
the text that the value was read from. Paths are POSIX, relative to the PATH that was given.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec


class Value(msgspec.Struct, frozen=True):
    """The base of all values: immutable, compared by content, cheap to store."""


# --- reading -----------------------------------------------------------------------------------------------------


class Malformed(Value, frozen=True):
    """Something that a parser could not take as it stands. Parsers return it; only rules judge it."""

    kind: str
    """What is malformed, a fixed word for each place of the code that makes one, e.g. `blank-line-before-header`."""
    line: int
    column: int = 1
    text: str = ""
    """The words of the author, or a sentence fragment on what was read instead."""
    end_line: int = 0
    """0: the same line."""


class Source(Value, frozen=True):
    """One page as text: decoded, without BOM, every line end a `\\n`. Line numbers are those of the file."""

    path: str
    text: str
    digest: str
    """SHA-256 of the bytes of the file, in hex."""
    malformed: tuple[Malformed, ...] = ()


class Repair(Value, frozen=True):
    """One place where JSON text was read otherwise than it stands."""

    kind: str
    """e.g. `trailing-comma`; the kinds are listed in `docassay.jsontext.KINDS`."""
    offset: int
    text: str = ""


class Json(Value, frozen=True):
    """What was read from a text that should be JSON."""

    value: Any
    repairs: tuple[Repair, ...] = ()
    stopped: Repair | None = None
    """Where reading ended before the text did, if it had to; `value` then holds what was read so far, or None."""
    duplicates: tuple[Repair, ...] = ()
    """A key that its object holds already; `text` is the key. The last one wins, as in most parsers."""

    @property
    def strict(self) -> bool:
        """Whether the text is JSON by RFC 8259, as it stands."""
        return not self.repairs and self.stopped is None


# --- a page ------------------------------------------------------------------------------------------------------


class Fence(Value, frozen=True):
    """A fenced code block: `line` is its opening fence, `end_line` its closing one (or the last line it reached)."""

    line: int
    end_line: int
    language: str
    """The first word of the info string, lower case; empty if there is none."""
    text: str
    """The content, container prefixes removed, every line ended by `\\n`."""
    column: int = 1
    """Where the content of the first line begins in the page."""
    closed: bool = True


class Annotation(Value, frozen=True):
    """The JSON object of an HTML comment that says what the next fence is."""

    line: int
    end_line: int
    text: str
    """The JSON text between `<!--` and `-->`."""
    text_line: int
    text_column: int
    """Where `text` begins in the page."""
    json: Json

    @property
    def data(self) -> dict[str, Any]:
        """The annotation's members; empty when its JSON could not be read."""
        return self.json.value if isinstance(self.json.value, dict) else {}

    @property
    def status(self) -> Literal["strict", "repaired", "failed"]:
        """How its JSON was read."""
        if self.json.stopped is not None or not isinstance(self.json.value, dict):
            return "failed"
        return "strict" if self.json.strict else "repaired"


class Body(Value, frozen=True):
    """The content of a message (RFC 9110, 6.4), and what it is."""

    text: str
    line: int
    column: int
    kind: Literal["empty", "json", "placeholder", "other"]
    json: Json | None = None
    """Of kind `json` only."""


class Field(Value, frozen=True):
    """A header field (RFC 9110, 5)."""

    name: str
    value: str
    line: int


class Request(Value, frozen=True):
    """An HTTP request as a page shows it."""

    method: str
    """In capitals; empty when the page names none."""
    target: str
    """The request target or URI as written, folded lines joined."""
    line: int
    headers: tuple[Field, ...] = ()
    body: Body | None = None
    malformed: tuple[Malformed, ...] = ()
    column: int = 1
    """Where the target begins."""


class Response(Value, frozen=True):
    """An HTTP response as a page shows it."""

    status: int | None
    reason: str
    line: int
    headers: tuple[Field, ...] = ()
    body: Body | None = None
    malformed: tuple[Malformed, ...] = ()


class Block(Value, frozen=True):
    """An annotation with the fence that it speaks of, or without one."""

    path: str
    annotation: Annotation
    fence: Fence | None
    block_type: str
    """The canonical name of the block type, as in `docassay.block_types`; as written when it is none of them."""
    names: tuple[str, ...] = ()
    odata_type: str = ""
    """The type name without `#` and `Collection()`."""
    is_collection: bool = False
    section: str = ""
    """The text of the nearest heading above."""
    content: Request | Response | Body | None = None
    """What the fence holds, by its block type."""
    requests: tuple[Request, ...] = ()
    """Request lines of a fence that lists several (`ignored`, `samples`)."""
    malformed: tuple[Malformed, ...] = ()
    between: str = ""
    """What stands between the annotation and its fence, where that is more than blank lines: `paragraph`, …"""

    @property
    def line(self) -> int:
        """Where the comment begins."""
        return self.annotation.line


class Heading(Value, frozen=True):
    """An ATX or Setext heading; the tab headings of docfx are none."""

    line: int
    level: int
    text: str


class Link(Value, frozen=True):
    """A link or image: `target` as written, without title."""

    line: int
    column: int
    target: str
    text: str = ""


class Cell(Value, frozen=True):
    """One cell of a table: its Markdown, trimmed."""

    text: str
    column: int


class Row(Value, frozen=True):
    """One row of a table body."""

    line: int
    cells: tuple[Cell, ...]


class Table(Value, frozen=True):
    """A GFM table."""

    line: int
    header: tuple[str, ...]
    """The header cells as plain text."""
    rows: tuple[Row, ...]
    section: str = ""
    """The text of the nearest heading above."""
    lead: str = ""
    """The text of the paragraph right above the table."""


class Text(Value, frozen=True):
    """A line of prose (or of front matter, or of a table) that a page rule looks at."""

    line: int
    text: str


class Page(Value, frozen=True):
    """All that was read from one page."""

    path: str
    digest: str
    title: str = ""
    front_matter: dict[str, Any] | None = None
    blocks: tuple[Block, ...] = ()
    fences: tuple[Block, ...] = ()
    """Fences without an annotation that plainly hold HTTP, as blocks whose annotation is made up."""
    headings: tuple[Heading, ...] = ()
    tables: tuple[Table, ...] = ()
    links: tuple[Link, ...] = ()
    placeholders: tuple[Text, ...] = ()
    """Lines outside of fences where the author left something to do."""
    prose: tuple[Text, ...] = ()
    """Paragraphs that speak of status codes or of the base type."""
    malformed: tuple[Malformed, ...] = ()
    ignored_comments: int = 0
    """Comments that are not meant as annotations."""
