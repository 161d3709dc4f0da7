"""Every value that flows through the pipeline. All are frozen; nothing here does work.

Lines and columns are 1-based and count in the page as its author sees it. Offsets are 0-based characters into
the text that the value was read from. Paths are POSIX, relative to the PATH that was given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec


class Value(msgspec.Struct, frozen=True, array_like=True):
    """The base of all values: immutable, compared by content, cheap to store (as arrays, without field names)."""


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
    """Front matter is blanked out, line by line: it is not Markdown."""
    digest: str
    """SHA-256 of the bytes of the file, in hex."""
    front_matter: str = ""
    """The YAML between the `---` lines; its first line is line 2 of the page."""
    malformed: tuple[Malformed, ...] = ()


class Repair(Value, frozen=True):
    """One place where JSON text was read otherwise than it stands."""

    kind: str
    """e.g. `trailing-comma`; the kinds are listed in `docassay.jsontext.KINDS`."""
    offset: int
    text: str = ""


MAX_DEPTH = 256
"""Objects and arrays inside each other in JSON text that is read."""
MAX_SIZE = 10_000_000
"""Characters of JSON text that is read."""
MAX_REPAIRS = 100_000
"""Text with more faults than this is not JSON that somebody broke."""


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


class Element(Value, frozen=True):
    """One block of CommonMark, or one comment of an HTML block, in the order of the page."""

    kind: Literal["comment", "fence", "code", "heading", "tab", "table", "paragraph", "other"]
    line: int
    end_line: int
    text: str = ""
    """The comment between its marks, the content of the fence, the inline Markdown of heading or paragraph."""
    column: int = 1
    """Where `text` begins in its first line."""
    text_line: int = 0
    """The line where `text` begins, if that is not `line`."""
    info: str = ""
    """Of a fence: its info string. Of a paragraph that opens with an alert such as `[!NOTE]`: `alert`. Of a table that
    may hold a comment: `comment`. Of another block that is a thematic break: `break`."""
    level: int = 0
    container: tuple[int, ...] = ()
    """The open lists and block quotes, outermost first, each by the line where it begins."""
    section: str = ""
    """The text of the nearest heading above."""
    closed: bool = True
    table: Table | None = None
    margin: int = 0
    """Of a comment: how many characters of its second line belong to lists and block quotes around it."""
    mark: str = ""
    """Of a fence: the backticks or tildes that open it."""


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
    indented: bool = False
    """Code indented by four columns, without fences: its content begins at `line`."""
    mark: str = ""
    """The backticks or tildes that open it."""

    @property
    def text_line(self) -> int:
        """Where the content begins."""
        return self.line + (not self.indented)


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
    margin: int = 0
    """How many characters of each further line belong to lists and block quotes around it."""

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


class Body(Value, frozen=True, tag=True):
    """The content of a message (RFC 9110, 6.4), and what it is."""

    text: str
    line: int
    column: int
    kind: Literal["empty", "json", "placeholder", "other"]
    json: Json | None = None
    """Of kind `json` only."""
    parts: tuple[Part, ...] = ()
    """Of a multipart body (RFC 2046, 5.1): its parts."""

    @property
    def document(self) -> Body:
        """What holds the JSON of the message: the body, or its first part that is JSON."""
        return next((part.body for part in self.parts if part.body.kind == "json"), self)


class Part(Value, frozen=True):
    """A part of a multipart body."""

    headers: tuple[Field, ...]
    body: Body


class Field(Value, frozen=True):
    """A header field (RFC 9110, 5)."""

    name: str
    value: str
    line: int


class Request(Value, frozen=True, tag=True):
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


class Response(Value, frozen=True, tag=True):
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


class Link(Value, frozen=True):
    """A link or image: `target` as written, without title."""

    line: int
    column: int
    target: str
    text: str = ""
    include: bool = False
    """Whether it is that of an `[!INCLUDE …]`."""
    target_column: int = 0
    """Where the target begins; 0 if that is not known."""
    close: str = ""
    """Of a reference without definition: a label that is defined and looks like its own."""
    meant: int = 0
    """Of a reference without definition: the line that looks like one, and is none; 0: there is none."""


class Row(Value, frozen=True):
    """One row of a table body: the Markdown of its cells, trimmed, as many as the header has."""

    line: int
    cells: tuple[str, ...]


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
    path: str = ""
    """The page that was included here and holds the table; empty: this page."""


class Text(Value, frozen=True):
    """A line or paragraph of prose that a later stage looks at."""

    line: int
    text: str
    column: int = 1


class HttpFence(Value, frozen=True):
    """A fence without annotation whose first line is a request or status line."""

    fence: Fence
    holds: Literal["request", "response"]
    section: str = ""
    column: int = 1
    """Where a line can be put in above it: behind the mark of a list item that begins on the line of the fence."""


# --- the contract ------------------------------------------------------------------------------------------------


class Place(Value, frozen=True):
    """A line of a page that makes a promise."""

    path: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


class TypeExpression(Value, frozen=True):
    """What a type cell or a sample value says: a primitive of OData, the name of a type, or nothing certain."""

    name: str = ""
    """`Edm.*` name of a primitive, a type name as written, or empty: any value."""
    collection: bool = False
    nested: int = 0
    """How many collections there are inside of the outermost one."""
    enum: tuple[str, ...] = ()
    """The members, where the place itself lists them."""
    members: dict[str, TypeExpression] | None = None
    """Of an anonymous object."""
    word: str = ""
    """A sample that is one word: a string, or the name of a type if some page defines one of this name."""
    several: bool = False
    """Of an enumeration: whether a value may have several members (OData JSON 4.01, 7.1)."""
    is_value: bool = False
    """A sample value, not the name of a type: what it says of formats and sizes is a guess."""


class Property(Value, frozen=True):
    """A property of a type, or of a request body, with everything that pages say of it."""

    name: str
    table: TypeExpression | None = None
    table_place: Place | None = None
    sample: TypeExpression | None = None
    sample_place: Place | None = None
    nullable: bool | None = None
    """None: no page says whether it may be null."""
    required: bool = False
    """`Required.` in its description, or in a table of required properties."""
    required_by: Place | None = None
    """The sentence above the table that calls all of its rows required, where nothing else does."""
    optional: bool = False
    may_be_absent: bool = False
    """Listed in `optionalProperties`: a response may lack it even where the example shows it."""
    read_only: bool = False
    relationship: bool = False
    deprecated: bool = False
    either: tuple[str, ...] = ()
    """Words of its description that may be names of types, if it speaks of types; its values may have these too."""
    linked: str = ""
    """The page that its table links to from its type, whose name may then be written as a title: `photo` of
    `../resources/photo.md#json`; empty if it does not."""
    also: tuple[Place, ...] = ()
    """Further lines that speak of it: rows of other tables, and what other pages say of its type."""

    @property
    def place(self) -> Place | None:
        """The line that speaks of it first: its row, or its member of the representation."""
        return self.table_place or self.sample_place

    @property
    def places(self) -> tuple[Place, ...]:
        """Every line that speaks of it."""
        return tuple(place for place in (self.table_place, self.sample_place, *self.also) if place)


class ResourceType(Value, frozen=True):
    """A type (OData: entity or complex type; or an enumeration) as the pages describe it."""

    name: str
    place: Place
    base: str = ""
    """As written."""
    derived: tuple[str, ...] = ()
    """The types that its page says derive from it, as written."""
    properties: dict[str, Property] = {}
    members: tuple[str, ...] = ()
    """Of an enumeration."""
    several: bool = False
    """Of an enumeration: whether a value may have several of them."""
    is_open: bool = False
    is_enum: bool = False
    abstract: bool = False
    key: str = ""
    namespace: str = ""
    """Of an enumeration, whose name has none: the one that its page names."""
    is_media_entity: bool = False
    """Whether it is a stream with properties (CSDL 4.01, 6.2: `HasStream`)."""


class Heading(Value, frozen=True):
    """A heading, as plain text."""

    line: int
    level: int
    text: str


class Tab(Value, frozen=True):
    """`# [Title](#tab/id)`: a tab of docfx."""

    line: int
    id: str
    group: int
    """The line where its group begins."""
    ended: bool
    """Whether a thematic break or the end of the page ends the group, and not a heading."""


class Suppression(Value, frozen=True):
    """A comment that takes findings out: `docassay: ignore DA402 reason`."""

    line: int
    column: int
    end_line: int
    """The last line that it speaks of; 0: the whole page."""
    codes: tuple[str, ...]
    reason: str
    verb: str
    """As written, in lower case."""
    known: bool
    """Whether there is such a verb."""
    about: str = ""
    """What the finding has to name; empty: any. Only API Doctor's suppressions say so."""


class Outline(Value, frozen=True):
    """What the settings of a project ask of some pages."""

    path: str
    """Which pages: `*` stands for anything, `/` included."""
    front_matter: tuple[str, ...] = ()
    """The keys that the front matter has to have."""
    headings: tuple[str, ...] = ()
    """The headings below the title, in their order; `*` stands for anything, `?` behind one says that it may lack."""


class Include(Value, frozen=True):
    """`[!INCLUDE [title](target)]`: the content of a file belongs here."""

    line: int
    column: int
    """Where the target begins, or the whole, where that is not known."""
    target: str
    section: str = ""
    """The text of the nearest heading above."""


class Included(Value, frozen=True):
    """What a page gets from a file that it includes."""

    line: int
    """Where it is included."""
    path: str
    file: str
    """As the include leads to it, symbolic links not followed."""
    digest: str
    """Empty: it could not be read."""
    request: bool = False
    """Whether it shows an HTTP request."""
    response: bool = False


class Page(Value, frozen=True):
    """All that was read from one page."""

    path: str
    digest: str
    title: str = ""
    blocks: tuple[Block, ...] = ()
    unannotated: tuple[HttpFence, ...] = ()
    """Fences that plainly hold an HTTP message, without an annotation."""
    tables: tuple[Table, ...] = ()
    links: tuple[Link, ...] = ()
    placeholders: tuple[Text, ...] = ()
    """Lines outside of fences where a generator or an author left something to fill in."""
    statements: tuple[Text, ...] = ()
    """Paragraphs that name a base type, a status code, required properties or the type of a body, or say that examples
    are shortened."""
    prose: tuple[Text, ...] = ()
    """Paragraphs below the title, and in sections on parameters, bodies and responses; none of those on examples."""
    types: tuple[ResourceType, ...] = ()
    """What this page alone says of the types that it defines."""
    includes: tuple[Include, ...] = ()
    included: tuple[Included, ...] = ()
    """The files that were found there, and those that these include in turn."""
    looked_in: tuple[str, ...] = ()
    """The folders that files to be included were looked for in."""
    suppressions: tuple[Suppression, ...] = ()
    anchors: tuple[str, ...] = ()
    """What a link may name behind `#`: headings and ids, reduced to their letters and digits (`links.reduced`)."""
    undefined: tuple[Link, ...] = ()
    """Reference links without a definition: `target` is the label."""
    tabs: tuple[Tab, ...] = ()
    headings: tuple[Heading, ...] = ()
    front_matter: tuple[str, ...] = ()
    """The keys of the front matter that have a value."""
    malformed: tuple[Malformed, ...] = ()


class Scenario(Value, frozen=True):
    """Values that a page gives to the parameters of a request."""

    name: str
    parameters: dict[str, str] = {}


class Example(Value, frozen=True):
    """A request with the responses that the page gives to it."""

    id: str
    """`<page>/<example>`: unique, and fit for a file name."""
    name: str
    """As the annotation says; empty if it does not."""
    request: Block
    responses: tuple[Block, ...] = ()
    body_properties: dict[str, Property] = {}
    """What the table of the request body says."""
    scenario: Scenario | None = None
    """The first one that is enabled in the `testParams` block below the request."""
    apart: bool = False
    """Whether it stands in a part of its page that speaks of one more request, not under its examples."""


class Parameter(Value, frozen=True):
    """A part of a request that its caller fills in."""

    name: str
    where: Literal["path", "query", "header"]
    type: TypeExpression | None = None
    description: str = ""
    """As plain text."""
    required: bool = False
    place: Place | None = None
    sample: str = ""
    """A value that the pages show."""
    alternatives: tuple[str, ...] = ()
    """Of a path parameter: all names that the template gives it, as in `{id | userPrincipalName}`."""


class Permission(Value, frozen=True):
    """What a caller of one kind may be granted to make a request; any one of the choices is enough."""

    kind: Literal["delegated-work", "delegated-personal", "application"]
    choices: tuple[tuple[str, ...], ...]
    """From least to most privileged; of one that has several names, all are needed."""
    place: Place


class Payload(Value, frozen=True):
    """A body that prose or a table describes."""

    type: TypeExpression | None = None
    properties: dict[str, Property] = {}
    """Those of the table of the request body."""
    description: str = ""
    place: Place | None = None


class Answer(Value, frozen=True):
    """A response that prose or an example documents."""

    status: int
    description: str = ""
    """The sentence that says so."""
    type: TypeExpression | None = None
    """The type that the sentence names."""
    places: tuple[Place, ...] = ()
    blocks: tuple[tuple[str, Block], ...] = ()
    """The response examples, each with the id of the example that it belongs to."""


class Operation(Value, frozen=True):
    """A method on a path template, as the `HTTP request` section of a page lists it.

    All but the first three fields come from `docassay.operations`, which reads the rest of the page.
    """

    method: str
    template: str
    """As written; of a whole operation: relative to the service root, without query, each parameter as `{name}`."""
    place: Place
    listed: bool = True
    """Whether an `HTTP request` section lists it; otherwise only an example shows it."""
    title: str = ""
    description: str = ""
    parameters: tuple[Parameter, ...] = ()
    permissions: tuple[Permission, ...] = ()
    body: Payload | None = None
    answers: tuple[Answer, ...] = ()
    """In the order of their status codes."""
    examples: tuple[Example, ...] = ()


class Status(Value, frozen=True):
    """A status code that the text of a page names."""

    code: int
    place: Place
    promised: bool
    """Whether the text says that it comes back from the operation of the page; otherwise it is only spoken of."""
    said: str = ""
    """The text that promises it."""


class Claim(Value, frozen=True):
    """What a sentence of a page says of its type or its requests."""

    kind: Literal["base", "namespace", "no-body"]
    """Of which type it inherits; in which namespace it is; that requests have no body."""
    name: str
    """The type or the namespace."""
    place: Place


class Promises(Value, frozen=True):
    """What one page promises: its blocks, paired, and the types that it defines."""

    path: str
    examples: tuple[Example, ...]
    operations: tuple[Operation, ...]
    unpaired: tuple[Block, ...] = ()
    """Responses that no request precedes, or that name one which is not there."""
    silent: tuple[Block, ...] = ()
    """Responses to a request that is ignored or has no annotation: checked, not replayed."""
    samples: tuple[Block, ...] = ()
    """`example` and `resource` blocks."""
    typed: tuple[Block, ...] = ()
    """All blocks that may name a type, in the order of the page."""
    types: tuple[ResourceType, ...] = ()
    included: tuple[Included, ...] = ()
    statuses: tuple[Status, ...] = ()
    supplied: tuple[str, ...] = ()
    """What the page says on which type a request body represents: sentences, in its order."""
    listings: tuple[int, ...] = ()
    """The lines of the headings of its `HTTP request` sections."""
    unread: tuple[int, ...] = ()
    """The lines of fences that show a response of which no annotation says so."""
    twice: tuple[tuple[str, tuple[Place, Place]], ...] = ()
    """Properties that have two rows in one table, and the lines of these."""
    untyped: tuple[tuple[str, str, Place], ...] = ()
    """Rows of property tables that name no type, of tables whose other rows do: property, what stands there, line."""
    claims: tuple[Claim, ...] = ()
    lists_all: bool = True
    """Whether the page does not say that there are further requests of the kind that it lists."""


class Definition(Value, frozen=True):
    """That a page defines a type: what has to be known of all types before any of them is looked at."""

    name: str
    path: str
    base: str
    """As written."""
    derived: tuple[str, ...]
    """Those that it is said to be the base type of."""
    is_enum: bool
    size: int
    """How many properties it has."""
    whole: ResourceType | bytes
    """The type, or the same as msgpack."""


class Contract(Value, frozen=True):
    """Everything that the pages promise."""

    types: Mapping[str, ResourceType]
    """By full name; where several pages define a type, what they say together."""
    definitions: tuple[Definition, ...]
    """Every definition on any page, by name; of those with one name, the largest last."""
    names: dict[str, str]
    """Each way to write a type's name, in lower case: its full name."""
    bases: dict[str, str]
    """Of each type that has a base type, by full name: its name as its page or that of the base type has it."""
    enums: frozenset[str]
    """The full names of the enumerations."""
    namespaces: frozenset[str]
    """Those that documented types are in."""
    requests: Mapping[str, tuple[Place, ...]] = {}
    """The requests of each name, on all pages."""
    pages: tuple[Promises, ...] = ()
    """In the order of their paths. None where only the types are wanted."""
    roots: tuple[str, ...] = ()
    """The documented service roots: origin, and version if the URIs have one."""

    @property
    def examples(self) -> list[Example]:
        """Those of all pages."""
        return [one for page in self.pages for one in page.examples]

    @property
    def operations(self) -> list[Operation]:
        """Those of all pages."""
        return [one for page in self.pages for one in page.operations]


# --- verification ------------------------------------------------------------------------------------------------


class Case(Value, frozen=True):
    """An example made ready to be sent, or the reason why it cannot be."""

    id: str
    example: Example
    method: str
    target: str
    """Relative to the service root; begins with `/`."""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    blocked: str = ""
    """One sentence: why it cannot be sent."""
    hint: str = ""
    """What unblocks it."""


class Sent(Value, frozen=True):
    """A request as it goes over the wire."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None


class Exchange(Value, frozen=True):
    """What came back."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    elapsed: float
    """Seconds."""


class NoAnswer(Value, frozen=True):
    """No complete response: the sentence says what happened instead."""

    kind: Literal["unreachable", "timeout", "broken", "no-cassette"]
    text: str
