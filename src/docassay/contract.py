"""Page -> Contract: which response belongs to which request, and what all pages together say of each type.

Pairing (design: names first, then the nearest request-like fence before the response, annotated or not) and types
(property table, JSON representation, base type) are kept apart: either can be read alone.
"""

from __future__ import annotations

import html
import json
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from . import annotate, descriptions, jsontext, messages, templates, typenames
from .model import (
    Block,
    Body,
    Claim,
    Contract,
    Definition,
    Example,
    Operation,
    Page,
    Place,
    Promises,
    Property,
    Request,
    ResourceType,
    Response,
    Scenario,
    Status,
    Table,
    TypeExpression,
)

T = TypeVar("T")

_UNFIT = re.compile(r"[^A-Za-z0-9._@$=-]+")
_VERSION = re.compile(r"/(?:v\d+(?:\.\d+)*|beta|alpha|preview)(?=/|$)", re.IGNORECASE)
HTTP_SECTION = re.compile(r"\bhttp requests?\b|^syntax$", re.IGNORECASE)
_BASE = re.compile(
    r"\b(?:(?:inherits?|derive[sd]?)\s+from|inherits?\s+(?:all\s+)?(?:the\s+|its\s+)?properties\s+(?:from|of)"
    r"|(?:sub-?class|sub-?type|derived type)\s+(?:of|from))"
    r"\s+(?:the\s+)?(?:\[(?P<link>[^\[\]]+)\]|\*\*(?P<bold>[\w.]+)\*\*|`(?P<code>[\w.]+)`)",
    re.IGNORECASE,
)
_DERIVED = re.compile(
    r"\bderived types (?:are|include)\b(?P<types>[^.:]*+)"
    r"|\bis (?:the|an?) (?:abstract )?base (?:type|class) (?:for|of)\b(?P<of>[^.:]*+)",
    re.IGNORECASE,
)
_NAMED = re.compile(r"\[[*`]{0,2}([\w.]+)[*`]{0,2}\]|\*\*([\w.]+)\*\*")
_OPEN = re.compile(
    r"\b(?:is|as)\s+an?\s+(?:\[\s*)?[*_]{0,2}open (?:complex |entity )?type\b|\(open type\)", re.IGNORECASE
)
_NOT_OPEN = re.compile(r"\b(?:used in|not)\b[^.]{0,30}\bopen\b", re.IGNORECASE)
_MEMBER_NAMES = {"member", "members", "member name", "enum value", "possible value", "possible values", "constant"}
_MEMBER_HEADERS = _MEMBER_NAMES | {"value", "values", "name"}
_UNLESS = re.compile(r"\bnot all\b|\b(?:only|if|unless|except|depend\w*|at least one)\b", re.IGNORECASE)
"""What makes a sentence on required properties speak of some requests alone."""
_REQUIRED_LEAD = re.compile(
    r"\bproperties that are required\b|\b(?:required|mandatory) properties\b|"
    r"\bfollowing\b.{0,40}\b(?:is|are) required\b",
    re.IGNORECASE,
)
STATUS = re.compile(
    r"([1-5]\d\d)(?<![\w.#/-]\d\d\d)(?![\w.]\d|\d|[\w%]|[- ]series"  # digits first: they are found faster
    r"|\s+(?:items|objects|results|entries|elements|members|records|rows|pages|messages|users|groups|requests"
    r"|characters|bytes|[KMG]i?B|milliseconds|seconds|minutes|hours|days|pixels)\b)"
)
"""A status code in prose, and not a number of things."""
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z`*\[])")
"""What parts sentences."""
_SPEAKS_OF_STATUS = re.compile(r"[Rr]esponse|[Ss]tatus|\b[Cc]ode\b")
_FAILURE = re.compile(r"\berrors?\b|\bfail|\bunsuccessful|\binvalid\b|\bexceed", re.IGNORECASE)


def build(pages: Sequence[Page], service_roots: Sequence[str] = ()) -> Contract:
    """What the pages promise together. The order of the pages makes no difference.

    `service_roots`: the documented URIs that stand for the service; found from the examples if none is given.
    """
    promises = tuple(promises_of(page) for page in sorted(pages, key=lambda page: page.path))
    return msgspec.structs.replace(
        agree((definition(one) for page in pages for one in page.types), (named(page) for page in promises)),
        pages=promises,
        roots=tuple(root.rstrip("/") for root in service_roots) or _roots(promises),
    )


def definition(resource: ResourceType, stored: bool = False) -> Definition:
    """What has to be known of a type before it is looked at. `stored`: with the type as msgpack."""
    whole = msgspec.msgpack.encode(resource) if stored else resource
    size = len(resource.properties)
    return Definition(
        resource.name, resource.place.path, resource.base, resource.derived, resource.is_enum, size, whole
    )


def named(page: Promises) -> dict[str, Place]:
    """The first request of each name on a page."""
    found: dict[str, Place] = {}
    for one in page.examples:
        for name in one.request.names[:1]:
            found.setdefault(name, Place(page.path, one.request.line))
    return found


def agree(definitions: Iterable[Definition], requests: Iterable[Mapping[str, Place]] = ()) -> Contract:
    """The types that all pages together define, each looked at only when it is asked for.

    Where several pages define one, each may describe a part of it: see `_together`. `requests`: those of each page, by
    name.
    """
    by_name: dict[str, tuple[Place, ...]] = {}
    for page in requests:
        for name, place in page.items():
            by_name[name] = (*by_name.get(name, ()), place)
    ordered = tuple(sorted(definitions, key=lambda one: (one.name, one.size, one.path)))
    parts: dict[str, list[Definition]] = {}
    for one in ordered:
        parts.setdefault(one.name, []).append(one)
    best = {name: several[-1] for name, several in parts.items()}
    bases = {name: next((one.base for one in reversed(several) if one.base), "") for name, several in parts.items()}
    names = _names(best)
    for one in ordered:
        for said in one.derived:  # what a type says itself is stronger
            name = names.get(said.lower(), "")
            bases[name] = (bases[name] or one.name) if name and name != one.name else bases.get(name, "")
    return Contract(
        types=OnDemand(best, lambda name: _together([_whole(one) for one in reversed(parts[name])])),
        definitions=ordered,
        names=names,
        bases={name: base for name, base in bases.items() if base},
        enums=frozenset(name for name, one in best.items() if one.is_enum),
        namespaces=frozenset(name.rpartition(".")[0] for name in best),
        requests=by_name,
    )


def definitions(contract: Contract, resource: ResourceType) -> list[ResourceType]:
    """All that pages define under the full name of a type, the largest last."""
    begin = bisect_left(contract.definitions, resource.name, key=lambda one: one.name)
    end = bisect_right(contract.definitions, resource.name, begin, key=lambda one: one.name)
    return [_whole(one) for one in contract.definitions[begin:end]] if end - begin > 1 else [resource]


def _together(parts: list[ResourceType]) -> ResourceType:
    """What several pages say of a type: what the first one says, and what only the others do."""
    first, *others = parts
    if not others:
        return first
    alike = [one for one in others if one.is_enum == first.is_enum]
    properties = dict(first.properties)
    for other in alike:
        for name, one in other.properties.items():
            known = properties.get(name)
            properties[name] = one if known is None else msgspec.structs.replace(known, also=known.also + one.places)
    return msgspec.structs.replace(
        first,
        properties=properties,
        members=tuple(dict.fromkeys(member for one in (first, *alike) for member in one.members)),
        base=next((one.base for one in (first, *alike) if one.base), ""),
        key=next((one.key for one in (first, *alike) if one.key), ""),
        is_open=any(one.is_open for one in (first, *alike)),
    )


def _whole(one: Definition) -> ResourceType:
    return one.whole if isinstance(one.whole, ResourceType) else _DECODER.decode(one.whole)


_DECODER = msgspec.msgpack.Decoder(ResourceType)


class OnDemand(Mapping[str, T]):
    """A mapping whose values are made when they are asked for; it notes which ones were."""

    def __init__(self, names: Iterable[str], make: Callable[[str], T]) -> None:
        self._names = frozenset(names)
        self._make = make
        self._made: dict[str, T] = {}
        self.asked: set[str] = set()
        """The keys that were asked for, until the set is cleared."""

    def __getitem__(self, name: str) -> T:
        if name not in self._names:
            raise KeyError(name)
        self.asked.add(name)
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names  # without making it

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._names))

    def __len__(self) -> int:
        return len(self._names)


def resolve(contract: Contract, name: str) -> ResourceType | None:
    """The type that a name stands for: with or without namespace or `#`, whatever its letter case."""
    full = full_name(contract, name)
    return contract.types[full] if full else None


def resolve_exactly(contract: Contract, name: str) -> ResourceType | None:
    """The same of a name that a service gives: in another namespace, it is another type."""
    found = resolve(contract, name)
    space = _short(name).rpartition(".")[0].lower()
    return found if found and space in ("", found.name.rpartition(".")[0].lower()) else None


def members_beyond(contract: Contract, expression: TypeExpression | None) -> tuple[str, ...]:
    """The members that a type cell lists and that the enumeration which it names does not have."""
    if expression is None or not expression.enum or full_name(contract, expression.name) not in contract.enums:
        return ()
    known = resolve(contract, expression.name)
    return tuple(one for one in expression.enum if known is not None and one not in known.members)


def full_name(contract: Contract, name: str) -> str:
    """The full name of the type that a name stands for; empty if there is none."""
    key = (_short(name) if "#" in name else name.strip()).lower()
    return contract.names.get(key) or contract.names.get(key.rsplit(".", 1)[-1], "")


def _short(name: str) -> str:
    """A name without `#`, and without the address of the metadata before it (OData JSON 4.01, 4.6.3)."""
    return name.strip().rpartition("$metadata#")[2].lstrip("#")


MAX_LINEAGE = 32
"""Types that derive from each other, at most; a longer line is no documentation."""


def base_of(contract: Contract, resource: ResourceType) -> str:
    """The base type of a type, as written: as its own page has it, else as that of the base type has."""
    return resource.base or contract.bases.get(resource.name, "")


def lineage(contract: Contract, resource: ResourceType) -> tuple[ResourceType, ...]:
    """A type and the types that it derives from, nearest first. A circle ends where it closes."""
    found = {resource.name: resource}
    last = resource
    while (base := base_of(contract, last)) and (parent := resolve(contract, base)) and parent.name not in found:
        if len(found) == MAX_LINEAGE:
            break
        found[parent.name] = last = parent
    return tuple(found.values())


def own_types(page: Promises) -> list[ResourceType]:
    """The types that a page defines; of several with one name, the one with most properties."""
    found: dict[str, ResourceType] = {}
    for one in page.types:
        known = found.get(one.name)
        if known is None or len(known.properties) < len(one.properties):
            found[one.name] = one
    return list(found.values())


def ancestors(contract: Contract, name: str) -> tuple[str, ...]:
    """The full names of the types that a type derives from, nearest first, without a look at any of them."""
    found = [name]
    while base := contract.bases.get(found[-1]):
        parent = full_name(contract, base)
        if not parent or parent in found or len(found) == MAX_LINEAGE:
            break
        found.append(parent)
    return tuple(found[1:])


def _names(types: Iterable[str]) -> dict[str, str]:
    """Every way to write each type's name, in lower case. A short name that several types share is the type's in the
    namespace that most types have."""
    namespaces = Counter(name.rpartition(".")[0] for name in types)
    names: dict[str, str] = {}
    for name in sorted(types, key=lambda name: (-namespaces[name.rpartition(".")[0]], name)):
        names.setdefault(name.rpartition(".")[2].lower(), name)
    return names | {name.lower(): name for name in types}


# --- pairing -----------------------------------------------------------------------------------------------------


def promises_of(page: Page) -> Promises:
    """What one page promises: which of its responses belongs to which request, and the types that it defines."""
    requests = [block for block in page.blocks if block.block_type == "request" and isinstance(block.content, Request)]
    responses: dict[int, dict[int, Block]] = {block.line: {} for block in requests}
    by_name: dict[str, list[Block]] = {}
    for block in requests:
        for name in block.names:
            by_name.setdefault(name, []).append(block)
    unpaired: list[Block] = []
    silent: list[Block] = []
    stops = _request_like(page)
    lines = [stop.line for stop in stops]
    set_aside = {name for block in page.blocks if block.block_type in _SET_ASIDE for name in block.names}
    answered = -1  # the last request-like fence that has a response
    for block in page.blocks:
        if block.block_type != "response" or block.fence is None or _holds(block) == "request":
            continue
        owners = [_nearest(by_name[name], block) for name in block.names if name in by_name]
        before = bisect_left(lines, block.fence.line) - 1
        if not owners and not set_aside.isdisjoint(block.names):
            silent.append(block)
            continue
        if not owners and not block.names and before >= 0:
            owner = stops[before].block or _variant(page, stops, before, answered)
            answered = before
            if owner is None:
                silent.append(block)
                continue
            owners = [owner]
        answered = max(answered, before)
        for owner in owners:
            responses[owner.line][block.line] = block
        if not owners:
            unpaired.append(block)
    listed = tuple(_operations(page))
    return Promises(
        path=page.path,
        examples=tuple(_examples(page, requests, responses)),
        operations=listed,
        unpaired=tuple(unpaired),
        silent=tuple(silent),
        samples=tuple(block for block in page.blocks if block.block_type in ("example", "resource")),
        typed=tuple(block for block in page.blocks if block.block_type in _TYPED and _is_read(block)),
        types=page.types,
        included=page.included,
        statuses=tuple(_statuses(page)) if any(responses.values()) else (),
        supplied=tuple(_supplied(page)) if requests else (),
        listings=tuple(one.line for one in page.headings if HTTP_SECTION.search(one.text)) if requests else (),
        unread=tuple(_unread(page)) if requests else (),
        twice=tuple(_twice(page)),
        untyped=tuple(_untyped(page)),
        claims=tuple(_claims(page)) if requests or page.types else (),
        lists_all=not (requests and any(_SOME.search(one.text) for one in page.statements))
        and not any(messages.unresolved(one.template) for one in listed)
        and not any(one.template.count("{") != one.template.count("}") for one in listed),
    )


_NO_BODY = re.compile(r"^\W*(?:do not|don['’]t) (?:supply|provide) a request body\b[^.]*\.?\s*$", re.IGNORECASE)


_ONCE = {*_MEMBER_HEADERS, "parameter", "parameter name"}
"""What heads a table of members or parameters. Of header fields, one may have two rows for two of its values."""


def _twice(page: Page) -> Iterator[tuple[str, tuple[Place, Place]]]:
    """The properties that have two rows in one table."""
    for table in page.tables if not _is_conflicting(page) else ():
        lists = table.header[:1] and table.header[0].lower() in _ONCE and "header" not in table.section.lower()
        if table.path or not (_is_property_table(table) or is_on_body(table.section) or lists):
            continue
        if len({row.cells[0].strip("* `") for row in table.rows if row.cells}) == len(table.rows):
            continue
        first: dict[str, int] = {}
        for row in table.rows:
            name = markdown_name(row.cells[0]) if row.cells else ""
            if name in first and row.cells[0].strip("*"):
                yield name, (Place(page.path, first[name]), Place(page.path, row.line))
            elif name:
                first[name] = row.line


def _is_conflicting(page: Page) -> bool:
    """Whether a merge conflict was committed: a page then says twice what it says."""
    return any(one.kind == "conflict-marker" for one in page.malformed)


def _untyped(page: Page) -> Iterator[tuple[str, str, Place]]:
    """The rows of property tables that have nothing, or a sentence, where the other rows have a type."""
    broken = {one.line for one in page.malformed if one.kind.startswith("table-row")}
    for table in page.tables if not _is_conflicting(page) else ():
        column = next((at for at, name in enumerate(table.header) if name.lower() in _TYPE_HEADERS), 0)
        if not column or table.path or not (_is_property_table(table) or is_on_body(table.section)):
            continue
        lost = [row for row in table.rows if len(row.cells) > column and _is_no_type(row.cells[column])]
        lost = [row for row in lost if any(row.cells[1:]) and row.line not in broken]
        for row in lost if len(lost) * 2 < len(table.rows) else ():
            if name := markdown_name(row.cells[0]):
                yield name, row.cells[column], Place(page.path, row.line)


_TYPE_HEADERS = ("type", "data type", "value type")


def _is_no_type(cell: str) -> bool:
    return not cell or _is_sentence(cell)


def _is_sentence(cell: str) -> bool:
    """Whether what stands in a type column are words that name no type."""
    if cell.count(" ") < 3:
        return False
    said = typenames.from_cell(cell)
    return not (said.name or said.collection or said.enum) and "](" not in cell


def _is_lost(block: Block) -> bool:
    """Whether the annotation of a block does not say what it is: DA202 or DA204 speaks of it."""
    return block.content is None and annotate.block_type(block.annotation.data) is None


def _holds(block: Block) -> str:
    """What the fence of a block plainly holds, whatever its annotation says: DA304, DA305 or DA422 speaks of that."""
    shown = block.content
    if (
        (isinstance(shown, Response) and shown.status)
        or (isinstance(shown, Request) and shown.method)
        or not block.fence
    ):
        return block.block_type if block.fence else ""
    return messages.looks_like(block.fence.text)


def _unread(page: Page) -> Iterator[int]:
    """The fences that show a response, and whose annotation is missing or does not say so."""
    for block in page.blocks:
        if _holds(block) == ("request" if block.block_type == "response" else "response"):
            yield block.line
    yield from (one.fence.line for one in page.unannotated if one.holds == "response")


_BODY_SECTION = re.compile(
    r"request body|^(?:(?:http|json|action|message) )?(?:body|payload)(?: (?:parameters|properties))?$"
    r"|^action parameters$",
    re.IGNORECASE,
)


@lru_cache(4096)
def is_on_body(heading: str) -> bool:
    """Whether a section speaks of the request body."""
    return _BODY_SECTION.search(heading.strip()) is not None


def _may_name_a_type(said: str) -> bool:
    return "epresentation" in said or "JSON object" in said or "relevant" in said


def _supplied(page: Page) -> Iterator[str]:
    """The sentences on the request body that may name its type."""
    for text in page.statements:
        if _may_name_a_type(text.text) and any(map(is_on_body, sections(page, text.line)[:-1])):
            yield from filter(_may_name_a_type, SENTENCE.split(text.text))


def _statuses(page: Page) -> Iterator[Status]:
    """The status codes that paragraphs and tables name."""
    for text in page.statements:
        if STATUS.search(text.text) is None:
            continue
        titles = [title.lower() for title in sections(page, text.line)]
        told = "response" in "".join(titles[:1]) and not any("example" in title for title in titles)
        fails = _FAILURE.search(text.text)
        for sentence in SENTENCE.split(text.text) if fails else (text.text,):
            promised = told and not (fails and _FAILURE.search(sentence))
            for match in STATUS.finditer(sentence):
                succeeds = promised and match[1] < "4"
                yield Status(int(match[1]), Place(page.path, text.line), succeeds, sentence if succeeds else "")
    for table in page.tables:
        if _SPEAKS_OF_STATUS.search("|".join((table.section, *table.header))):
            for row in table.rows:
                for match in STATUS.finditer(" | ".join(row.cells)):
                    yield Status(int(match[1]), Place(table.path or page.path, row.line), promised=False)


def _nearest(candidates: list[Block], response: Block) -> Block:
    """Of several requests with one name, the last one before the response; else the first."""
    before = bisect_left(candidates, response.line, key=lambda block: block.line)
    return candidates[max(before - 1, 0)]


class _Stop(msgspec.Struct, frozen=True):
    """A fence that shows one request."""

    line: int
    block: Block | None = None
    """Where it is annotated as a request."""
    method: str = ""
    target: str = ""


def _variant(page: Page, stops: Sequence[_Stop], last: int, answered: int) -> Block | None:
    """The request of which the ignored one at `last` is a variant: nothing has answered it yet, method and end of the
    path are the same, and no heading begins another example between them."""
    for index in range(last - 1, max(answered, -1), -1):
        block = stops[index].block
        if stops[index].method != stops[last].method or not templates.are_variants(
            stops[index].target, stops[last].target
        ):
            return None
        if block is not None:
            between = (one for one in page.headings if stops[index].line < one.line < stops[last].line)
            return None if any("example" in one.text.lower() for one in between) else block
    return None


def _request_like(page: Page) -> list[_Stop]:
    """The fences that show one request, by line."""
    found: list[_Stop] = []
    for block in page.blocks:
        if block.fence is None:
            continue
        shown = block.content if isinstance(block.content, Request) else None
        if block.block_type == "request":
            found.append(_stop(block.fence.line, shown, block))
        elif block.requests and not HTTP_SECTION.search(block.section) and len(block.requests) == 1:
            found.append(_stop(block.fence.line, block.requests[0]))
        elif block.block_type == "example" and shown:
            found.append(_stop(block.fence.line, shown))
        elif (_is_lost(block) or block.block_type == "response") and _holds(block) == "request":
            found.append(_Stop(block.fence.line))
    for one in page.unannotated:
        if one.holds == "request" and not HTTP_SECTION.search(one.section):
            method, _, target = one.fence.text.strip().split("\n")[0].partition(" ")
            found.append(_Stop(one.fence.line, None, method.upper(), target))
    found.extend(_Stop(one.line) for one in page.included if one.request)
    return sorted(found, key=lambda one: one.line)


def _stop(line: int, request: Request | None, block: Block | None = None) -> _Stop:
    return _Stop(line, block, request.method, request.target) if request else _Stop(line, block)


def _is_read(block: Block) -> bool:
    """Whether a block is what its annotation says."""
    if block.block_type == "request":
        return isinstance(block.content, Request)
    return block.block_type != "response" or block.fence is not None


_EXAMPLES = re.compile(r"example|request|response|http|code|sample", re.IGNORECASE)
_TYPED = ("request", "response", "example", "resource")
_SET_ASIDE = ("ignored", "samples", "example")
_SOME = re.compile(r"\bcommon ways\b", re.IGNORECASE)
_NAMESPACE = re.compile(r"\W*Namespace\W*:\W*(?P<name>[\w.]+)")
_PARAMETER_NAME = re.compile(r"\{[^{}]+\}|[\w-]+")
MAX_SLUG = 120
"""Characters of a name that become part of an id, and so of a file name."""


def _examples(page: Page, requests: list[Block], responses: dict[int, dict[int, Block]]) -> Iterator[Example]:
    stem = page.path.removesuffix(".md")
    used: dict[str, int] = {}
    bodies = body_properties(page) if any(_has_body(block) for block in requests) else {}
    scenarios = any(block.block_type == "testParams" for block in page.blocks)
    for number, block in enumerate(requests, start=1):
        name = block.names[0] if block.names else ""
        slug = _UNFIT.sub("-", name).strip("-.")[:MAX_SLUG] or f"request-{number}"
        identity = slug
        while identity.lower() in used:
            used[slug.lower()] += 1
            identity = f"{slug}-{used[slug.lower()]}"
        used[identity.lower()] = 1
        below = requests[number].line if number < len(requests) else None
        given = _scenario(page, block.line, below) if scenarios else None
        answers = tuple(responses[block.line].values())
        yield Example(f"{stem}/{identity}", name, block, answers, bodies, given, _is_apart(page, block.line))


def _is_apart(page: Page, line: int) -> bool:
    """Whether a line stands below a heading of the second level that speaks of neither examples nor requests, on a page
    that has a section on its HTTP request."""
    titles = sections(page, line)
    return (
        len(titles) > 2
        and not _EXAMPLES.search(titles[-2])
        and any(heading.level == 2 and HTTP_SECTION.search(heading.text) for heading in page.headings)
    )


def _has_body(block: Block) -> bool:
    body = block.content.body if isinstance(block.content, Request) else None
    return body is not None and body.kind != "empty"


def _scenario(page: Page, above: int, below: int | None) -> Scenario | None:
    """The first scenario that is enabled in a `testParams` block between two lines.

    Parameters of the URI alone: a page does not choose the address, the body or the credentials of what is sent.
    """
    for block in page.blocks:
        if block.block_type != "testParams" or block.line < above or (below is not None and block.line > below):
            continue
        content = block.content if isinstance(block.content, Body) else None
        listed = content.json.value if content and content.json else None
        for one in listed if isinstance(listed, list) else ():
            if isinstance(one, dict) and one.get("enabled") is True:
                given = one.get("request-parameters")
                pairs = given.items() if isinstance(given, dict) else ()
                values = {
                    name.strip("{}"): json.dumps(value) if isinstance(value, bool) else str(value)
                    for name, value in pairs
                    if isinstance(value, str | int | float) and _PARAMETER_NAME.fullmatch(name)
                }
                return Scenario(str(one.get("name", "")), values)
    return None


def body_properties(page: Page) -> dict[str, Property]:
    """The properties that the page's tables under `Request body` describe.

    Of several tables that each show what is required, such as one for each kind of caller, they are alternatives.
    """
    tables = [table for table in page.tables if is_on_body(table.section)]
    rows = [list(_rows(table.path or page.path, table)) for table in tables]
    alternatives = [
        {one.name for one in found}
        for table, found in zip(tables, rows, strict=True)
        if _REQUIRED_LEAD.search(table.lead)
    ]
    names = Counter(name for found in rows for name in {one.name for one in found})
    if any(count > 1 for count in names.values()):  # tables that repeat each other are alternatives too
        alternatives = [{one.name for one in found if one.required} for found in rows]
    found: dict[str, Property] = {}
    for one in (one for table in rows for one in table):
        if one.required_by is not None and one.required_by.path == page.path:
            above = [text.line for text in page.statements if text.line < one.required_by.line]
            one = msgspec.structs.replace(one, required_by=Place(page.path, max(above, default=one.required_by.line)))
        known = found.get(one.name)
        found[one.name] = msgspec.structs.replace(known, also=known.also + one.places) if known else one
    if len(alternatives) > 1:
        always = set.intersection(*alternatives)
        for name, one in found.items():
            if one.required and name not in always and any(name in one_of for one_of in alternatives):
                found[name] = msgspec.structs.replace(one, required=False)
    return found


def sections(page: Page, line: int) -> tuple[str, ...]:
    """The headings that a line stands under, nearest first."""
    found: list[str] = []
    level = 7
    for index in range(bisect_left(page.headings, line, key=lambda heading: heading.line) - 1, -1, -1):
        heading = page.headings[index]
        if heading.level < level:
            found.append(heading.text)
            level = heading.level
        if level <= 1:
            break
    return tuple(found)


def _operations(page: Page) -> Iterator[Operation]:
    listing = any(HTTP_SECTION.search(heading.text) for heading in page.headings)
    shown: list[Operation] = []
    listed: dict[str, list[str]] = {}
    for block in page.blocks if listing else ():
        # Below a subheading, such as one for each of several requests, an example is an example.
        nested = block.block_type != "request" and _lists(page, block.line)
        if nested or HTTP_SECTION.search(block.section):
            for request in block.requests or ((block.content,) if isinstance(block.content, Request) else ()):
                made = Operation(request.method, request.target, Place(page.path, request.line))
                if block.block_type == "request":
                    shown.append(made)
                else:
                    listed.setdefault(request.method, []).append(request.target)
                    yield made
    # An example among what is listed shows something else, or what is listed with values in it.
    yield from (made for made in shown if not templates.is_listed(made.template, listed.get(made.method, ())))
    for one in page.unannotated if listing else ():
        if one.holds == "request" and (HTTP_SECTION.search(one.section) or _lists(page, one.fence.line)):
            for request in messages.request_lines(one.fence.text, one.fence.text_line, one.fence.column):
                yield Operation(request.method, request.target, Place(page.path, request.line))


def _lists(page: Page, line: int) -> bool:
    """Whether a line stands in an `HTTP request` section, at any depth below the title."""
    found: list[str] = []
    for heading in sections(page, line):
        if HTTP_SECTION.search(heading):
            return not any("example" in one.lower() for one in found)
        found.append(heading)
    return False


def _roots(pages: Iterable[Promises]) -> tuple[str, ...]:
    """The origin of most absolute request URIs, with each version that follows it.

    If more examples are relative than absolute, that of URIs which their pages list; else a foreign host is one.
    """
    origins: Counter[str] = Counter()
    listed: Counter[str] = Counter()
    versions: dict[str, set[str]] = {}
    relative = 0
    for page, example in ((one, example) for one in pages for example in one.examples):
        request = example.request.content
        if not isinstance(request, Request) or not request.target.lower().startswith(("http://", "https://")):
            relative += 1
            continue
        try:
            parts = urlsplit(request.target)
        except ValueError:
            continue
        if not parts.netloc or re.search(r"[\s{}<>*]", parts.netloc):
            continue
        origin = f"{parts.scheme.lower()}://{parts.netloc.lower()}"
        origins[origin] += 1
        if page.operations and templates.is_listed(request.target, [one.template for one in page.operations]):
            listed[origin] += 1
        if match := _VERSION.match(parts.path):
            versions.setdefault(origin, set()).add(match.group())
    if not origins:
        return ()
    origin, count = max(origins.items(), key=lambda pair: (pair[1], pair[0]))
    if count < relative:
        if not listed:
            return ()
        origin, _ = max(listed.items(), key=lambda pair: (pair[1], pair[0]))
    return (*(origin + version for version in sorted(versions.get(origin, ()))), origin)


# --- types -------------------------------------------------------------------------------------------------------


def types_of(page: Page) -> Iterator[ResourceType]:
    """What a page says of the types that it defines: by `resource` blocks with their tables, and by enumerations."""
    resources = [block for block in page.blocks if block.block_type == "resource" and block.odata_type]
    tables = [table for table in page.tables if _is_property_table(table)]
    samples = [_samples(block) for block in resources]
    owned: list[list[Table]] = [[] for _ in resources]
    if len(resources) == 1:
        owned = [tables]
    elif resources:
        for index, table in _assigned(tables, samples, resources):
            owned[index].append(table)
    for block, mine, shown in zip(resources, owned, samples, strict=True):
        yield _resource(page, block, mine, shown, single=len(resources) == 1)
    yield from _enums(page)


def _assigned(
    tables: list[Table], samples: list[dict[str, tuple[TypeExpression, int]]], resources: list[Block]
) -> Iterator[tuple[int, Table]]:
    """On a page with several resources, each table with the resource that has most of its names: half of those in the
    table, or in the representation; or else with that which its section is called by. Of several that have as many:
    that one, or the nearest."""
    called = {block.odata_type.rpartition(".")[2].lower(): index for index, block in enumerate(resources)}
    owners: dict[str, list[int]] = {}
    for index, shown in enumerate(samples):
        for name in shown:
            owners.setdefault(name, []).append(index)
    last = 0
    for table in tables:
        names = {markdown_name(row.cells[0]) for row in table.rows if row.cells}
        # A name that very many resources have says nothing about which one is meant.
        votes = Counter(index for name in names for index in owners.get(name, ())[:MOST_OWNERS])
        named = next((called[word] for word in re.findall(r"\w+", table.section.lower()) if word in called), None)
        most = max(votes.values(), default=0)
        alike = [index for index, count in votes.items() if count == most]
        best = named if named in alike else min(alike, key=lambda one: _distance(resources[one], table), default=last)
        count = votes[best]
        if count * 2 >= len(names) or (count and count * 2 >= len(samples[best])):
            yield best, table
            last = best
            continue
        if named is not None or (not votes and _is_relationship(table)):
            last = last if named is None else named
            yield last, table


def _distance(block: Block, table: Table) -> int:
    return abs(block.line - table.line)


def _is_relationship(table: Table) -> bool:
    return "relationship" in table.section.lower() or table.header[0].lower().startswith("relationship")


MOST_OWNERS = 100


def _resource(
    page: Page, block: Block, tables: list[Table], samples: dict[str, tuple[TypeExpression, int]], single: bool
) -> ResourceType:
    data = block.annotation.data
    place = Place(page.path, block.line)
    properties: dict[str, Property] = {}
    for table in tables:
        for one in _rows(table.path or page.path, table):
            known = properties.get(one.name)
            properties[one.name] = one if known is None else _stronger(known, one)
    for name, (sample, line) in samples.items():
        known = properties.get(name) or Property(name)
        nullable = True if sample is typenames.NULL and known.nullable is None else known.nullable
        properties[name] = msgspec.structs.replace(
            known, sample=sample, sample_place=Place(page.path, line), nullable=nullable
        )
    optional = _strings(data.get("optionalProperties"))
    nullable = data.get("nullableProperties")
    for name, known in properties.items():
        if name in optional:
            known = msgspec.structs.replace(known, optional=True, may_be_absent=True)
        if isinstance(nullable, list):
            known = msgspec.structs.replace(known, nullable=bool(known.nullable) or name in nullable)
        properties[name] = known
    base = data.get("baseType")
    return ResourceType(
        name=block.odata_type,
        place=place,
        base=base.strip().lstrip("#") if isinstance(base, str) else (_base_in_prose(page) if single else ""),
        derived=tuple(_derived_in_prose(page)) if single else (),
        properties=properties,
        is_open=annotate.is_true(data.get("openType")) or (single and _open_in_prose(page)),
        abstract=annotate.is_true(data.get("abstract")),
        is_media_entity=annotate.is_true(data.get("isMediaEntity")),
        key=data["keyProperty"] if isinstance(data.get("keyProperty"), str) else "",
    )


def _stronger(known: Property, other: Property) -> Property:
    """Of two rows for one property, the one whose type says more; what either says of null and the like holds."""
    best = known if known.table and known.table.name else other
    return msgspec.structs.replace(
        best,
        nullable=other.nullable if known.nullable is None else known.nullable,
        optional=known.optional or other.optional,
        deprecated=known.deprecated or other.deprecated,
        relationship=known.relationship and other.relationship,
        also=known.also + ((other if best is known else known).places),
    )


def _is_property_table(table: Table) -> bool:
    section = table.section.lower()
    if not table.header or "request" in section or "parameter" in section or "header" in section:
        return False
    first = table.header[0].lower()
    if first == "type" and len(table.header) > 1:
        first = table.header[1].lower()
    if first in ("property", "property name", "properties", "relationship", "relationships", "relationship name"):
        return len(table.header) > 1
    return first in ("name", "attribute", "field", "field name", "key", "member") and (
        "propert" in section or "relationship" in section
    )


def _rows(path: str, table: Table) -> Iterator[Property]:
    header = [name.lower() for name in table.header]
    type_column = next((index for index, name in enumerate(header) if _TYPE_HEADER.fullmatch(name)), None)
    if type_column is None and "value" in header[1:] and _are_types(table, header.index("value")):
        type_column = header.index("value")
    name_column = 1 if type_column == 0 and len(header) > 1 else 0
    required_column = next((index for index, name in enumerate(header) if name.startswith("required")), None)
    relationship = _is_relationship(table)
    all_required = bool(_REQUIRED_LEAD.search(table.lead)) and not _UNLESS.search(table.lead)
    for row in table.rows:
        name = markdown_name(row.cells[name_column]) if len(row.cells) > name_column else ""
        if row.cells and row.cells[0].startswith("**") and not any(row.cells[1:]):
            continue  # a heading within the table
        if not name.strip(":-") or " " in name or "," in name or len(row.cells) < 2:
            continue
        others = (cell for index, cell in enumerate(row.cells) if index not in (name_column, type_column))
        described = " ".join(others)
        column = (
            row.cells[required_column].strip().lower()
            if required_column is not None and required_column < len(row.cells)
            else ""
        )
        lower = described.lower()
        optional = column in ("no", "n", "false") or descriptions.is_optional(described, lower)
        read_only = descriptions.is_read_only(described, lower)
        generated = descriptions.is_generated(described, lower)
        cell = row.cells[type_column] if type_column is not None and type_column < len(row.cells) else None
        nullable = descriptions.may_be_null(described, lower)
        if nullable is None and cell and typenames.allows_null(cell):
            nullable = True
        expression = typenames.from_cell(cell) if cell is not None else None
        if expression and cell is not None:
            expression = _with_members(expression, cell, described, lower)
        linked = _linked_page(cell) if cell and ("](" in cell or "][" in cell) else ""
        if expression and linked and expression.name.lower() in (f"{linked.lower()}s", f"{linked.lower()}es"):
            expression = msgspec.structs.replace(expression, name=expression.name[: len(linked)])  # [Photos](photo.md)
        in_row = column in ("yes", "y", "true", "required") or descriptions.is_required(described, lower)
        if nullable is None and in_row and read_only:
            nullable = False  # what a response always has
        required = (in_row or all_required) and not optional and not read_only and not generated
        yield Property(
            name=name,
            either=_types_named(described, lower) if expression and "type" in lower else (),
            linked=linked,
            table=expression,
            table_place=Place(path, row.line),
            nullable=nullable,
            required=required,
            required_by=Place(path, table.line) if required and not in_row else None,
            optional=optional,
            read_only=read_only,
            relationship=relationship,
            deprecated=descriptions.is_deprecated(described, lower),
        )


_LINKED = re.compile(r"\]\((?:[^()\s]*/)?([^()\s/.#]+)")


def _linked_page(cell: str) -> str:
    """The name of the page that a link in a cell leads to; of a reference link, only that there is one."""
    match = _LINKED.search(cell)
    return match[1] if match else "?"


_CAMEL = re.compile(r"\b[a-z]+[A-Z]\w*")


def _types_named(described: str, lower: str) -> tuple[str, ...]:
    """Words of a description that may be names of types: `Of two types - userIdentity and groupIdentity`."""
    return tuple(dict.fromkeys(_CAMEL.findall(described))) if re.search(r"\btypes?\b", lower) else ()


def _with_members(expression: TypeExpression, cell: str, described: str, lower: str) -> TypeExpression:
    """What a type cell says, with the members that the description lists."""
    is_number = expression.name in typenames.INTEGERS
    named = bool(expression.name) and expression.name not in typenames.PRIMITIVES
    if named or is_number or expression.name == "Edm.String" or typenames.is_enum(cell):
        members = descriptions.possible_values(described) if descriptions.may_list(lower) else ()
        if members and (not is_number or all(re.fullmatch(r"-?\d{1,18}", one) for one in members)):
            expression = msgspec.structs.replace(expression, name=expression.name or "Edm.String", enum=members)
        if (named or expression.enum) and descriptions.lists_several(described):
            expression = msgspec.structs.replace(expression, several=True)
    return expression


def _are_types(table: Table, column: int) -> bool:
    """Whether all that stands in a column are names of primitives, or link to pages of types."""
    cells = [row.cells[column] for row in table.rows if len(row.cells) > column and row.cells[column]]
    return bool(cells) and all(
        typenames.from_cell(cell).name in typenames.PRIMITIVES or _LINK_ALONE.fullmatch(cell) for cell in cells
    )


_LINK_ALONE = re.compile(r"\[[^\[\]]+\]\([^()\s]*\bresources?/[^()\s]+\)")


_TYPE_HEADER = re.compile(r"(?:data |value )?type(?: ?\(.*\))?", re.IGNORECASE)


def markdown_name(cell: str) -> str:
    """The property name in a name cell: marks, links, HTML and notes in brackets removed."""
    if cell.isalnum():
        return cell
    text = cell
    if "[" in text:
        text = re.sub(r"\[([^\[\]]*)\](?:\([^()]*\)|\[[^\[\]]*\])?", r"\1", text)
    if "<" in text:
        text = re.sub(r"<su[bp]>[^<]*</su[bp]>|<[^<>]*>", "", text)
    if "&" in text:
        text = html.unescape(text)
    text = text.replace("\\", "").strip(" *`~:'\"\xa0")
    if text.endswith(")") and " (" in text:
        text = text.partition(" (")[0].strip(" *`~:")
    return text.strip("_") if text[:1] == "_" == text[-1:] else text


def _samples(block: Block) -> dict[str, tuple[TypeExpression, int]]:
    """Each member of a JSON representation: what it says of the type, and its line in the page."""
    body = block.content
    if not isinstance(body, Body) or body.json is None or not isinstance(body.json.value, dict):
        return {}
    places = jsontext.members(body.text, body.json.strict)
    found = {}
    for name, value in body.json.value.items():
        if name.startswith("@"):
            continue
        line = body.line + (jsontext.line_column(body.text, places[name])[0] if name in places else 0)
        found[name] = (typenames.from_sample(value), line)
    return found


def _base_in_prose(page: Page) -> str:
    found = (match for text in page.statements if (match := _BASE.search(text.text)))
    return next((_base_named(match) for match in found), "")


def _base_named(match: re.Match[str]) -> str:
    return (match["link"] or match["bold"] or match["code"]).strip("*` ")


def _claims(page: Page) -> Iterator[Claim]:
    """What the text of a page says of its one type, or of its requests, that an annotation or an example may deny."""
    for text in page.statements:
        said, place = text.text, Place(page.path, text.line)
        tells_base = "nherit" in said or "eriv" in said or "ub" in said
        if tells_base and (match := _BASE.search(said)):
            yield Claim("base", _base_named(match), place)
        if "amespace" in said and (match := _NAMESPACE.match(said)):
            yield Claim("namespace", match["name"], place)
        if "a request body" in said and _NO_BODY.search(said):
            yield Claim("no-body", "", place)


def _derived_in_prose(page: Page) -> Iterator[str]:
    for text in page.statements:
        for match in _DERIVED.finditer(re.sub(r"\]\([^()]*\)", "]", text.text)):
            said = match["types"] or match["of"] or ""
            yield from (found[0] or found[1] for found in _NAMED.findall(said))


def _open_in_prose(page: Page) -> bool:
    """Whether the page says that its type may have other properties than those that it describes."""
    said = [page.title, *(text.text for text in page.statements)]
    return any(_OPEN.search(text) and not _NOT_OPEN.search(text) for text in said)


def _enums(page: Page) -> Iterator[ResourceType]:
    """Enumerations: a page whose title says so, or a section `x values`, with a table of members."""
    for table in page.tables:
        header = [name.lower() for name in table.header]
        if table.path or not header or header[0] not in _MEMBER_HEADERS:
            continue
        name = _enum_name(page, table)
        # Where a table has the number first, the member is called so.
        column = next((index for index, name in enumerate(header) if name in _MEMBER_NAMES), 0)
        if not name or (header[0] == "name" and "value" not in header):
            continue
        cells = [row.cells[column] for row in table.rows if len(row.cells) > column and row.cells[column]]
        members = tuple(member for cell in cells for member in _members_in(cell))
        if members:
            above = max((one.line for one in page.headings if one.line < table.line and one.level > 2), default=0)
            said = [table.lead, *(text.text for text in page.statements if above < text.line < table.line)]
            yield ResourceType(
                name,
                Place(page.path, table.line),
                members=members,
                several=any(descriptions.lists_several(text) for text in said),
                is_enum=True,
                namespace=_namespace(page),
            )


def _enum_name(page: Page, table: Table) -> str:
    """The name of the enumeration whose members a table lists; empty if it lists something else."""
    section = table.section.lower()
    match = _ENUM_SECTION.match(table.section) if section not in _MEMBER_SECTIONS else None
    if match:
        name = match["name"] or match["behind"]
        return "" if name.lower() in _NO_ENUM_NAMES else name
    if _ENUMS.search(page.title) and re.fullmatch(r"\w+", table.section):
        return table.section
    title = _ENUM_TITLE.match(page.title)
    name = (title["name"] or title["behind"]) if title and section in (*_MEMBER_SECTIONS, page.title.lower()) else ""
    return "" if name.lower() in _NO_ENUM_NAMES else name


def _members_in(cell: str) -> Iterator[str]:
    """The members that a cell names, notes and marks removed."""
    text = re.sub(r"<[^<>]*>|\([^()]*\)", "", cell)
    for name in text.split(","):
        if member := markdown_name(name).strip('"“” '):
            yield member


_ENUM_SECTION = re.compile(
    r"(?P<name>\w+)\s+\(?(?:enum|enumeration|values)\b|enum(?:eration)?\s+(?P<behind>\w+)$", re.IGNORECASE
)
_ENUM_TITLE = re.compile(r"(?P<name>\w+)\s+\(?(?:enum|values)|enum(?:eration)?\s+(?P<behind>\w+)$", re.IGNORECASE)
_ENUMS = re.compile(r"^(?:enums|enumerations|enum(?:eration)? types)$", re.IGNORECASE)
_MEMBER_SECTIONS = ("", "members", "values", "enumeration members", "enum members", "possible values", "enum values",
                    "enumeration values")  # fmt: skip
_NO_ENUM_NAMES = {"possible", "allowed", "supported", "valid", "the", "enumerated", "enumeration", "enum", "members"}


def _namespace(page: Page) -> str:
    """The namespace that a page says its types are in."""
    found = (_NAMESPACE.match(text.text) for text in page.statements)
    return next((match["name"] for match in found if match), "")


def _strings(value: object) -> set[str]:
    return {one for one in value if isinstance(one, str)} if isinstance(value, list) else set()
