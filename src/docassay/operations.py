"""Page + Contract -> Operation: what a caller may send, and what comes back, with everything that pages say of it.

An `HTTP request` section lists the templates of its page; what else the page says holds for all of them, and each
example belongs to the template that it fits. Made for exports and the like: checking a page needs none of this.
"""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Literal

import msgspec

from . import contract, descriptions, markdown, templates, typenames
from .model import (
    Answer,
    Block,
    Contract,
    Example,
    Operation,
    Page,
    Parameter,
    Payload,
    Permission,
    Place,
    Request,
    Response,
    Row,
    Table,
    TypeExpression,
)
from .templates import Hole, Template

_NAME_HEADERS = {"name", "header", "header name", "parameter", "parameter name", "query parameter", "property",
                 "property name", "request header"}  # fmt: skip
_PERMISSION = re.compile(r"(?<![\w.-])[A-Za-z][\w-]*(?:\.[\w-]+)+|\b(?:openid|profile|email|offline_access)\b")
_LINK = re.compile(r"\[(?P<text>[^\[\]]+)\](?:\((?P<target>[^()\s]*+)[^()]*+\)|\[[^\[\]]*\])?(?P<after>[^.,;]{0,40})")
_OR_ANOTHER = re.compile(r"\](?:\([^()]*\)|\[[^\[\]]*\])?(?: objects?)?(?:,? or (?:an? |the )?|, (?=.{0,200}\bor ))\[")
"""Behind a link to a type: that another type may be there too."""
_BOLD = re.compile(r"\*\*(?P<text>[\w.]+)\*\*(?P<after>[^.,;]{0,40})")
_WORD = re.compile(
    r"\b(?P<text>[A-Za-z]\w{2,})(?P<after> (?:objects?|resources?|collection|entity|entities)\b[^.,;]{0,40})"
)
_PRIMITIVE = re.compile(r"\b(?:String|Boolean|Guid|Int32|Int64|Double) collection\b")
_COLLECTION = re.compile(
    r"\b(?:collections?|lists?|arrays?)\s+(?:of|containing)\s+(?:the\s+|all\s+|\w+\s+)?$", re.IGNORECASE
)
_SUPPLY = re.compile(r"\brepresentations?\s+(?:of|for)\b|\b(?:provide|supply|modified|new)\b", re.IGNORECASE)
_NO_BODY = re.compile(
    r"\b(?:do(?:es)?\s+not|don['’]t|doesn['’]t|no\s+need\s+to)\s+(?:supply|provide|include|have|require|need|specify)\b"
    r"[^.]{0,20}\bbody\b|\bno\s+request\s+body\b|^\s*(?:none|empty)\.?\s*$",
    re.IGNORECASE,
)
_NEGATIVE = re.compile(r"\b(?:no|not|n['’]t|cannot|except|unsupported)\b|n['’]t\b", re.IGNORECASE)
_REFERENCE = re.compile(r"\[([^\[\]]*)\]\[[^\[\]]*\]")
_HTML = re.compile(
    r"</?(?:a|b|br|code|div|em|font|h[1-6]|i|img|li|ol|p|span|strong|su[bp]|t[dhr]|table|u|ul)\b[^<>]*>", re.IGNORECASE
)
_NAMESPACE = re.compile(r"\W*Namespace\W*:")
_OPTION = re.compile(
    r"`(?P<name>\$\w+)\b|(?<![\w`$/])(?P<bare>\$\w+)\b"
    r"|`(?P<plain>filter|select|expand|order[bB]y|search|top|skip|count|skip[tT]oken|delta[tT]oken)`"
)

ODATA_OPTIONS = {
    "$filter": "Edm.String", "$select": "Edm.String", "$expand": "Edm.String", "$orderby": "Edm.String",
    "$search": "Edm.String", "$top": "Edm.Int32", "$skip": "Edm.Int32", "$count": "Edm.Boolean",
    "$skiptoken": "Edm.String", "$deltatoken": "Edm.String", "$format": "Edm.String",
}  # fmt: skip
"""The system query options (OData URL conventions 4.01, 5.1), and the type of each."""
MAX_OPERATIONS = 1000
"""Operations of one page; the rest of a page that has more is passed over."""
MAX_SHOWN = 50
"""Examples that one form of an operation has from the others."""


def build(pages: Sequence[Page], promises: Contract) -> tuple[Operation, ...]:
    """Every operation of the pages, by page and in the order of each.

    Two pages may describe one operation; on one page, no two have the same method and shape.
    """
    by_path = {page.path: page for page in pages}
    drafts = [_drafts(by_path[one.path], one.operations, promises) for one in promises.pages]
    known = templates.Index(draft.template for page in drafts for draft in page)
    found: list[Operation] = []
    for one, listed in zip(promises.pages, drafts, strict=True):
        page = by_path[one.path]
        if listed or one.examples:
            drafts_here = _with_examples(page, listed, one.examples, known, promises)
            parts = _parts(page)
            for part in parts:
                mine = [draft for draft in drafts_here if _part_of(parts, draft.place.line) is part]
                found.extend(_finish(part.page, mine, promises))
    return tuple(found)


class _Part(msgspec.Struct):
    """A part of a page that speaks of operations of its own: with what it says, and what the page says of all."""

    page: Page
    begin: int = 0
    end: int = sys.maxsize


def _parts(page: Page) -> list[_Part]:
    """The page; or, where each of several headings has an `HTTP request` section of its own, what stands under each."""
    spans: dict[int, int] = {}
    for index, heading in enumerate(page.headings):
        if not contract.HTTP_SECTION.search(heading.text):
            continue
        above = next((one for one in reversed(page.headings[:index]) if one.level < heading.level), None)
        if above is not None and above.level > 1:
            after = (one.line for one in page.headings if one.line > above.line and one.level <= above.level)
            spans.setdefault(above.line, next(after, sys.maxsize))
    if len(spans) < 2:
        return [_Part(page)]
    return [_Part(_cut_to(page, begin, spans), begin, end) for begin, end in spans.items()]


def _cut_to(page: Page, begin: int, spans: Mapping[int, int]) -> Page:
    """A page without what stands in the parts that begin elsewhere."""

    def stays(line: int) -> bool:
        return all(start == begin or not start <= line < end for start, end in spans.items())

    return msgspec.structs.replace(
        page,
        title=next(one.text for one in page.headings if one.line == begin),
        headings=tuple(one for one in page.headings if stays(one.line)),
        prose=tuple(one for one in page.prose if stays(one.line)),
        statements=tuple(one for one in page.statements if stays(one.line)),
        tables=tuple(one for one in page.tables if stays(one.line)),
    )


def _part_of(parts: Sequence[_Part], line: int) -> _Part:
    """The part that a line stands in; the first one for what stands in none."""
    return next((one for one in parts if one.begin <= line < one.end), parts[0])


# --- one page ----------------------------------------------------------------------------------------------------


class Draft(msgspec.Struct):
    """An operation that is being put together."""

    method: str
    template: Template
    place: Place
    listed: bool
    examples: list[Example]
    samples: dict[str, str]
    """What examples have in the place of each hole."""
    variants: int = 1
    """How often the page lists it."""
    queries: dict[str, int] = {}
    """How often with each query parameter."""


def _drafts(page: Page, listed: Sequence[Operation], promises: Contract) -> list[Draft]:
    if not listed:
        return []
    functions = _function_names(page)
    found: dict[tuple[str, str], Draft] = {}
    keys = [(block.fence.line, block.fence.end_line, _sample_keys(block)) for block in page.blocks if block.fence]
    for one in listed:
        values = {key for begin, end, known in keys if begin <= one.place.line <= end for key in known}
        made = templates.read(one.template, promises.roots, functions)
        made = templates.with_keys(made, values) if made and values else made
        if made is None or not one.method or len(found) == MAX_OPERATIONS:
            continue
        key = (one.method, made.shape)
        if key in found:
            known = found[key]
            known.variants += 1
            known.template = msgspec.structs.replace(
                known.template, query=tuple(dict(known.template.query + made.query).items())
            )
        else:
            found[key] = known = Draft(one.method, made, one.place, True, [], {}, queries={})
        for name, _ in made.query:
            known.queries[name] = known.queries.get(name, 0) + 1
    return list(found.values())


def _with_examples(
    page: Page, listed: list[Draft], examples: Sequence[Example], known: templates.Index, promises: Contract
) -> list[Draft]:
    """Each example with the operation that it belongs to; with one of its own where the page lists none."""
    drafts = list(listed)
    functions = _function_names(page) if examples else ()
    for example in examples:
        request = example.request.content
        if not isinstance(request, Request) or not request.method:
            continue
        made = templates.read(request.target, promises.roots, functions)
        if made is None:
            continue
        sent = templates.as_sent(made)
        found: tuple[int, Draft, dict[str, str]] | None = None
        for draft in drafts:
            if draft.method != request.method:
                continue
            values = templates.fits(draft.template, sent)
            if values is not None and (found is None or len(values) < found[0]):
                found = (len(values), draft, values)
        if found is None and len(drafts) < MAX_OPERATIONS:
            general = known.generalise(made, _sample_keys(example.request))
            place = Place(page.path, request.line)
            draft = Draft(request.method, general, place, False, [example], {}, queries={})
            draft.samples = {hole.name: hole.sample for hole in general.holes if hole.sample}
            for name, _ in made.query:
                draft.queries[name] = 0
            drafts.append(draft)
        if found is None:
            continue
        _, draft, values = found
        draft.examples.append(example)
        for name, value in values.items():
            if not re.search(r"[{}<>]", value):
                draft.samples.setdefault(name, value)
        for name, value in made.query:
            draft.queries.setdefault(name, 0)
            if name not in dict(draft.template.query):
                draft.template = msgspec.structs.replace(draft.template, query=(*draft.template.query, (name, value)))
    return drafts


def _sample_keys(block: Block) -> set[str]:
    """The parts of a request target that are values, as its annotation says."""
    said = block.annotation.data.get("sampleKeys")
    return {key for key in said if isinstance(key, str)} if isinstance(said, list) else set()


def _finish(page: Page, drafts: list[Draft], promises: Contract) -> Iterator[Operation]:
    if not drafts:
        return
    description = introduction(page)
    rows = list(_parameter_rows(page))
    permissions = tuple(_permissions(page))
    said = _answers_in_prose(page, promises)
    body = _payload(page, promises)
    forms = _Forms(drafts)
    has_body = any(_has_body(one) for draft in drafts for one in draft.examples)
    for draft in drafts:
        takes_body = draft.method not in ("GET", "HEAD", "DELETE", "OPTIONS", "TRACE")
        yield Operation(
            method=draft.method,
            template=draft.template.path,
            place=draft.place,
            listed=draft.listed,
            title=words(page.title),
            description=description,
            parameters=tuple(_parameters(draft, rows, page, several=len(drafts) > 1)),
            permissions=permissions,
            body=_typed(body, forms.examples(draft)) if takes_body or (draft.method == "DELETE" and has_body) else None,
            answers=tuple(_answers(said, forms.examples(draft))),
            examples=tuple(draft.examples),
        )


def _typed(body: Payload | None, examples: Sequence[Example]) -> Payload | None:
    """What is known of a body: where neither prose nor a table says its type, the annotation of an example does."""
    kinds = {one.request.odata_type for one in examples if _has_body(one)}
    if (body is not None and (body.type or body.properties)) or len(kinds) != 1 or kinds == {""}:
        return body
    (name,) = kinds
    return msgspec.structs.replace(body or Payload(), type=TypeExpression(name))


def _has_body(example: Example) -> bool:
    request = example.request.content
    return isinstance(request, Request) and request.body is not None and request.body.kind != "empty"


class _Forms:
    """Finds the examples of the other forms of an operation that has none: the same method with the same end."""

    def __init__(self, drafts: Sequence[Draft]) -> None:
        self._drafts = drafts
        self._alike: dict[tuple[str, str], list[Example]] = {}
        self._unlisted: dict[str, list[Example]] = {}
        for one in drafts:
            self._alike.setdefault((one.method, _tail(one.template)), []).extend(one.examples)
            if not one.listed:
                self._unlisted.setdefault(one.method, []).extend(one.examples)

    def examples(self, draft: Draft) -> list[Example]:
        """Those that show what comes back from an operation."""
        alike = self._alike[draft.method, _tail(draft.template)] or self._unlisted.get(draft.method, [])
        return draft.examples or alike[:MAX_SHOWN] or self._of_others(draft)

    def _of_others(self, draft: Draft) -> list[Example]:
        """Those of a form that names the same thing with a key, or without one: `/me/drive` and `/drives/{id}`."""
        others = (one for one in self._drafts if one.method == draft.method and one.examples)
        found = (example for one in others if _are_ways(draft.template, one.template) for example in one.examples)
        return list(islice(found, MAX_SHOWN))


def _are_ways(one: Template, other: Template) -> bool:
    """Whether of two paths one ends in a key, and the other in a name for the same thing: the singular of what has the
    key, or a name in the place of the key, as in `/sites/root`."""
    keyed, named = (one.shape, other.shape) if one.shape.endswith("/{}") else (other.shape, one.shape)
    above, _, name = named.rpartition("/")
    if not keyed.endswith("/{}") or not re.fullmatch(r"[a-z]+", name):
        return False
    parent = keyed.removesuffix("/{}")
    return above == parent or (parent.endswith((f"/{name}", f"/{name}s")) and named != parent)


def _tail(one: Template) -> str:
    last = one.shape.rpartition("/")[2]
    return "{}" if last.endswith("{}") else re.sub(r"\(.*", "()", last)


def introduction(page: Page) -> str:
    """What a page says between its title and the next heading, as plain text."""
    if not page.headings:
        return ""
    end = page.headings[1].line if len(page.headings) > 1 else page.prose[-1].line + 1 if page.prose else 0
    said = [words(one.text) for one in page.prose if page.headings[0].line < one.line < end]
    sentences = [sentence for text in said if not _NAMESPACE.match(text) for sentence in contract.SENTENCE.split(text)]
    return " ".join(one for one in sentences if not one.endswith(":"))  # what it announces is no prose


def words(text: str) -> str:
    """Inline Markdown as plain text on one line."""
    text = html.unescape(text) if "&" in text else text
    return _one_line(markdown.plain(_REFERENCE.sub(r"\1", _HTML.sub(" ", text) if "<" in text else text)))


def _one_line(text: str) -> str:
    return " ".join(text.split())


# --- parameters --------------------------------------------------------------------------------------------------


class _Parameter(msgspec.Struct, frozen=True):
    where: Literal["path", "query", "header", ""]
    """Empty: wherever the template has it."""
    name: str
    type: TypeExpression | None
    description: str
    required: bool
    place: Place


def _function_names(page: Page) -> list[str]:
    return [row.name for row in _parameter_rows(page) if row.where in ("path", "")]


def _titles(page: Page, table: Table) -> tuple[str, ...]:
    """The sections that a table stands in, nearest first, in lower case."""
    if table.path:  # it comes from another file
        return (table.section.lower(),)
    return tuple(title.lower() for title in contract.sections(page, table.line)[:-1]) or (table.section.lower(),)


def _parameter_rows(page: Page) -> Iterator[_Parameter]:
    for table in page.tables:
        header = [name.lower() for name in table.header]
        if not header or header[0] not in _NAME_HEADERS or len(header) < 2 or "operators" in header:
            continue  # or a list of what can be filtered by
        titles = _titles(page, table)
        if any("example" in title or "body" in title or "response" in title for title in titles):
            continue
        where = next((found for title in titles if (found := _where(title)) is not None), None)
        if where is None:
            continue
        for row in table.rows:
            if one := _parameter_row(table, header, row, where, titles[0], page.path):
                yield one


def _where(title: str) -> Literal["path", "query", "header", ""] | None:
    if "header" in title:
        return "header"
    if "parameter" not in title and "http request" not in title:
        return None
    if "query" in title:
        return "query"
    return "path" if re.search(r"\b(?:path|function|ur[il])\b", title) else ""


def _parameter_row(
    table: Table, header: list[str], row: Row, where: Literal["path", "query", "header", ""], title: str, path: str
) -> _Parameter | None:
    cells = dict(zip(header, row.cells, strict=False))
    name = contract.markdown_name(row.cells[0]) if row.cells else ""
    if not re.fullmatch(r"[$@]?[\w.@-]+", name, re.ASCII):
        return None
    kind = cells.get("type") or cells.get("data type") or cells.get("value") or ""
    expression = typenames.from_cell(kind)
    if "type" not in cells and "data type" not in cells and expression.name not in typenames.PRIMITIVES:
        expression = TypeExpression()  # a value, not a type
    told = [
        cell
        for column, cell in cells.items()
        if column not in (header[0], "type", "data type") and not column.startswith("required")
        and not (column == "value" and expression.name)
    ]  # fmt: skip
    description = " ".join(words(cell) for cell in told if cell)
    column = next((cell.strip().lower() for name, cell in cells.items() if name.startswith("required")), "")
    required = (
        bool(re.search(r"(?<!not )\brequired\b(?!\s+(?:if|when|for|only|by|in|to)\b)", description, re.IGNORECASE))
        or column in ("yes", "y", "true", "required")
        or title.startswith("required")
    )
    optional = column in ("no", "n", "false") or re.search(r"\boptional\b", description, re.IGNORECASE)
    if members := descriptions.possible_values(" ".join(told)):
        expression = msgspec.structs.replace(expression, name=expression.name or "Edm.String", enum=members)
    place = Place(table.path or path, row.line)
    known = expression if expression.name else None
    return _Parameter(where, name, known, description, required and not optional, place)


def _parameters(draft: Draft, rows: Sequence[_Parameter], page: Page, several: bool) -> Iterator[Parameter]:
    taken: set[int] = set()
    for hole in draft.template.holes:
        mine = [row for row in rows if row.where in ("path", "") and _is_named(hole, row.name)]
        taken.update(id(row) for row in mine)
        described = [
            f"{row.name}: {row.description}" if len(hole.alternatives) > 1 else row.description for row in mine
        ]
        written = " or ".join(hole.alternatives)
        yield Parameter(
            name=hole.name,
            where="path",
            type=mine[0].type if mine and len({row.type for row in mine}) == 1 else None,
            description=" ".join(one for one in described if one) or (written if len(hole.alternatives) > 1 else ""),
            required=True,
            place=mine[0].place if mine else None,
            sample=draft.samples.get(hole.name, ""),
            alternatives=hole.alternatives,
        )
    seen: set[tuple[str, str]] = set()
    queries = dict(draft.template.query)
    for row in rows:
        where = row.where or "query"
        if where == "path" or id(row) in taken or (where, row.name.lower()) in seen:
            continue
        if row.where == "" and row.name not in queries:
            continue  # a word on a part of the page that no template has
        seen.add((where, row.name.lower()))
        kind = row.type or _option_type(row.name)
        required = row.required and (where == "header" or not several or row.name in queries)
        sample = _sample(queries.get(row.name, ""))
        yield Parameter(row.name, where, kind, row.description, required, row.place, sample)
    for name, value in queries.items():
        if ("query", name.lower()) not in seen:
            seen.add(("query", name.lower()))
            targets = [one.request.content.target for one in draft.examples if isinstance(one.request.content, Request)]
            shown = all(f"{name}=" in target for target in targets)  # what an example does without is not required
            option = name.startswith("$") or f"${name.lower()}" in ODATA_OPTIONS
            always = draft.queries.get(name, 0) == draft.variants and not option and shown
            yield Parameter(name, "query", _option_type(name), required=always, sample=_sample(value))
    if draft.method in ("GET", "HEAD"):
        for name, place in _options_in_prose(page):
            if ("query", name.lower()) not in seen:
                seen.add(("query", name.lower()))
                yield Parameter(name, "query", _option_type(name), place=place)


def _sample(value: str) -> str:
    return "" if re.search(r"[{}<>]", value) else value


def _is_named(hole: Hole, name: str) -> bool:
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    return plain in {re.sub(r"[^a-z0-9]", "", one.lower()) for one in (hole.name, *hole.alternatives)}


def _option_type(name: str) -> TypeExpression | None:
    kind = ODATA_OPTIONS.get(name.lower())
    return TypeExpression(kind) if kind else None


def _options_in_prose(page: Page) -> Iterator[tuple[str, Place]]:
    """The system query options that a page says are supported."""
    for text in page.prose:
        titles = [title.lower() for title in contract.sections(page, text.line)[:-1]]
        if not any("query" in title and "parameter" in title for title in titles):
            continue
        for sentence in contract.SENTENCE.split(_one_line(text.text)):
            if "support" in sentence.lower() and not _NEGATIVE.search(sentence):
                for match in _OPTION.finditer(sentence):
                    name = match["name"] or match["bare"] or f"${match['plain'].lower()}"
                    if name.lower() in ODATA_OPTIONS:
                        yield name, Place(page.path, text.line)


# --- permissions -------------------------------------------------------------------------------------------------


def _permissions(page: Page) -> Iterator[Permission]:
    """What the permission tables say, one value for each kind of caller; the kinds stand in rows or in columns."""
    found: dict[
        Literal["delegated-work", "delegated-personal", "application"], tuple[list[tuple[str, ...]], Place]
    ] = {}
    for table in page.tables:
        header = [name.lower() for name in table.header]
        if not header or "example" in table.section.lower():
            continue
        cells: Iterable[tuple[str, str, int]]
        if header[0].startswith("permission type"):
            backwards = any("from most to least" in name for name in header)
            cells = [(row.cells[0], " , ".join(row.cells[1:]), row.line) for row in table.rows if row.cells]
        elif any(name.startswith("delegated (") for name in header[1:]):
            backwards = False
            cells = [
                (kind, cell, row.line)
                for row in table.rows
                for kind, cell in zip(table.header[1:], row.cells[1:], strict=False)
            ]
        else:
            continue
        kind = None
        for who, text, line in cells:
            kind = _kind(who) or (kind if _UNDER.match(who) else None)
            choices = _choices(markdown.plain(text))
            if kind and choices:
                known, _ = found.setdefault(kind, ([], Place(table.path or page.path, line)))
                known.extend(reversed(choices) if backwards else choices)
    for kind in sorted(found, key=_KINDS.index):
        choices, place = found[kind]
        yield Permission(kind, tuple(dict.fromkeys(choices)), place)


def _choices(text: str) -> list[tuple[str, ...]]:
    """The permissions that a cell lists, those with `and` between them together: `A and B, C`.

    At the end of a list of single ones, `and` is no more than its end: `A, B and C`.
    """
    said = [(part, names) for part in _BETWEEN.split(text) if (names := _PERMISSION.findall(part))]
    joined = [len(names) > 1 and re.search(r"\band\b", part) is not None for part, names in said]
    if len(said) > 1 and not any(joined[:-1]):
        joined[-1] = False
    found: list[tuple[str, ...]] = []
    for (_, names), together in zip(said, joined, strict=True):
        found.extend([tuple(names)] if together else [(name,) for name in names])
    return found


_BETWEEN = re.compile(r"[,;/\n]|\bor\b|<br")


_UNDER = re.compile(r"\s*&(?:nbsp|emsp|ensp);")
"""Before the name of a scenario, in a row below the kind of caller that it belongs to."""
_KINDS = ("delegated-work", "delegated-personal", "application")


def _kind(text: str) -> Literal["delegated-work", "delegated-personal", "application"] | None:
    lower = text.lower()
    if "delegated" in lower:
        return "delegated-personal" if "personal" in lower and "work" not in lower else "delegated-work"
    return "application" if "application" in lower else None


# --- bodies and responses ----------------------------------------------------------------------------------------


def _payload(page: Page, promises: Contract) -> Payload | None:
    """What the page says of the request body; None if it says nothing, or that there is none."""
    properties = contract.body_properties(page)
    said = [one for one in page.prose if any(map(contract.is_on_body, contract.sections(page, one.line)[:-1]))]
    if not properties and (not said or any(_NO_BODY.search(one.text) for one in said[:1])):
        return None
    named: TypeExpression | None = None
    place = Place(page.path, said[0].line) if said else None
    for one in said:
        for sentence in contract.SENTENCE.split(_one_line(one.text)):
            if named is None and _SUPPLY.search(sentence) and not _NO_BODY.search(sentence):
                named = named_type(sentence, promises)
    own = [one for one in said if contract.is_on_body(contract.sections(page, one.line)[0])]
    description = " ".join(words(one.text) for one in own or said)
    return Payload(named, properties, description, place)


_FAILS = re.compile(r"error|fail|\b[45]\d\d\b", re.IGNORECASE)


def _answers_in_prose(page: Page, promises: Contract) -> dict[int, Answer]:
    """The responses that the prose of the page names, by status."""
    found: dict[int, Answer] = {}
    for text in page.prose:
        if not _is_in(page, text.line, "response"):
            continue
        for sentence in contract.SENTENCE.split(_one_line(text.text)):
            for match in contract.STATUS.finditer(sentence):
                status = int(match[1])
                if status in found or status < 200:
                    continue
                kind = None if status in (204, 304) else named_type(sentence, promises)
                found[status] = Answer(status, words(sentence), kind, (Place(page.path, text.line),))
        kind = None if _FAILS.search(text.text) else named_type(_one_line(text.text), promises)
        for status, one in found.items() if kind else ():
            # `Returns a photo. The status is 201 if it is new, and 200 otherwise.`
            if status in (200, 201) and one.type is None and one.places[0].line == text.line:
                found[status] = msgspec.structs.replace(one, type=kind)
    return found


def _is_in(page: Page, line: int, word: str) -> bool:
    return any(word in title.lower() for title in contract.sections(page, line)[:-1])


def named_type(sentence: str, promises: Contract) -> TypeExpression | None:
    """The first type that a sentence names, by a link to it, in bold, or as a word before `object` and the like."""
    if match := _PRIMITIVE.search(sentence):
        return typenames.from_cell(match.group())
    for pattern in (_LINK, _BOLD, _WORD):
        for match in pattern.finditer(sentence):
            name = contract.full_name(promises, contract.markdown_name(match["text"]))
            if not name and pattern is _LINK and match["target"]:
                name = _type_of_page(match["target"], promises)
            if pattern is _WORD and name.rpartition(".")[2] != match["text"]:
                continue
            if name and pattern is _LINK and _OR_ANOTHER.match(sentence, match.end("text")):
                return None  # one of several types
            if name:
                many = _COLLECTION.search(sentence[max(match.start() - 60, 0) : match.start()]) or re.match(
                    r"\W*\s*(?:collection|list|objects|resources)\b", match["after"], re.IGNORECASE
                )
                return TypeExpression(name, collection=bool(many))
    return None


def _type_of_page(target: str, promises: Contract) -> str:
    """The type that the page behind a link describes, by the name of its file."""
    stem = target.split("#", 1)[0].rpartition("/")[2].removesuffix(".md")
    return contract.full_name(promises, stem) if "resources/" in target or "/" not in target else ""


def _answers(said: dict[int, Answer], examples: Sequence[Example]) -> Iterator[Answer]:
    found = dict(said)
    for example in examples:
        for block in example.responses:
            if not isinstance(block.content, Response) or block.content.status is None:
                continue
            status = block.content.status
            known = found.get(status) or Answer(status)
            place = Place(block.path, block.content.line)
            if place not in known.places:
                found[status] = msgspec.structs.replace(
                    known, places=(*known.places, place), blocks=(*known.blocks, (example.id, block))
                )
    yield from (found[status] for status in sorted(found))
