"""Family 4, the contract: statements of the pages that contradict each other, or that nothing else speaks of."""

from __future__ import annotations

import json
import posixpath
import re
import sys
from bisect import bisect_left
from collections.abc import Hashable, Iterator, Sequence
from itertools import islice
from typing import Any

from msgspec import structs

from .. import annotate, jsontext, messages, templates, typenames, verdict, wording
from .. import contract as promises
from ..findings import Finding, Fix, Level, Rule, rule
from ..model import (
    Block,
    Body,
    Example,
    Place,
    Promises,
    Property,
    Request,
    ResourceType,
    Response,
    TypeExpression,
)
from ..schema import Schemas, describe
from ..wording import guess, nearest, shorten


@rule("DA401", "response-without-request", "error")
def response_without_request(self: Rule, page: Promises, schemas: Schemas) -> Iterator[Finding]:
    """A response that belongs to no request.

    A response belongs to the request that its `name` names, or to the last request above it. One without a request
    is never compared with anything.
    """
    known = {name for example in page.examples for name in example.request.names}
    again = _named_again(page)
    lonely = {block.line: block for block in page.unpaired}
    responses = lonely | {block.line: block for example in page.examples for block in example.responses}
    for block in responses.values():
        for name in block.names:
            above = max((one.request.line for one in page.examples if one.request.line < block.line), default=0)
            if name in known or above in again:
                continue  # of a request that has the name of another one, DA403 speaks
            hint = guess(nearest(name, sorted(known)), "name a request of this page, or remove the name")
            message = f"no request on this page is named '{name}'"
            yield self.at(block.path, message=message, hint=hint, **_value(block, "name", name))
        if not block.names and block.line in lonely:
            yield self.at(
                block.path,
                block.line,
                "no request stands before this response",
                "put it below its request, or give both the same name",
            )


def _named_again(page: Promises) -> set[int]:
    """The lines of the requests of a page that have the name of an earlier one."""
    seen: set[str] = set()
    again: set[int] = set()
    for one in page.examples:
        if one.name and one.name in seen:
            again.add(one.request.line)
        seen.add(one.name)
    return again


@rule("DA402", "request-without-response", "warning")
def request_without_response(self: Rule, page: Promises, schemas: Schemas) -> Iterator[Finding]:
    """A request that no response belongs to.

    Nothing says what the service answers, so it cannot be tested. Add a response, or annotate the request as
    `ignored`.
    """
    again = _named_again(page)
    names = {name for one in page.examples for name in one.request.names}
    answers = (*page.unpaired, *(block for one in page.examples for block in one.responses))
    lost_names = list(islice((name for block in answers for name in block.names if name not in names), MANY_NAMES))
    for example in page.examples:
        if example.responses:
            continue
        if example.request.fence and "blockType" in example.request.fence.text:
            continue  # DA207: the fence was never closed, and has swallowed the response
        if any(one.response and one.line > example.request.line for one in page.included):
            continue
        lines = [one.request.line for one in page.examples]
        after = min((line for line in lines if line > example.request.line), default=sys.maxsize)
        before = max((line for line in lines if line < example.request.line), default=0)
        if any(example.request.line < line <= after for line in page.unread) or any(
            before < one.line < after for one in page.unpaired
        ):
            continue  # DA202, DA204, DA208 or DA401 speaks of the fence that shows it
        if example.request.line in again or (lost_names and example.name and nearest(example.name, lost_names, 0.7)):
            continue  # DA403 or DA401 speaks of the name
        if example.request.fence and messages.looks_like(example.request.fence.text) == "response":
            continue  # DA304
        if isinstance(example.request.content, Request) and example.request.content.method:
            named = f" '{example.name}'" if example.name else ""
            yield self.at(
                example.request.path,
                example.request.line,
                f"no response belongs to the request{named}",
                'add a response block below it, or set its blockType to "ignored"',
            )


@rule("DA403", "duplicate-name", "warning")
def duplicate_name(self: Rule, page: Promises, schemas: Schemas) -> Iterator[Finding]:
    """A name that several requests have, on one page or on pages of one folder.

    Responses, scenarios and bindings find a request by its name. The first one keeps it. Pages of different folders,
    such as two versions of an API, are not compared.
    """
    first: dict[str, Place] = {}
    folder = posixpath.dirname(page.path)
    for example in page.examples:
        block = example.request
        if not example.name:
            continue
        if example.name not in first:
            first[example.name] = Place(block.path, block.line)
            beside = [
                place
                for place in schemas.contract.requests.get(example.name, ())
                if posixpath.dirname(place.path) == folder
            ]
            known = min(beside, key=lambda place: place.path, default=first[example.name])
            said = str(known)
        else:
            known = first[example.name]
            said = f"line {known.line}"
        if known != Place(block.path, block.line):
            yield self.at(
                block.path,
                message=f"the name '{example.name}' belongs to the request at {said} already",
                hint="give each request a name of its own",
                **_value(block, "name", example.name),
                subject=example.name,
                documented=known,
            )


@rule("DA404", "unknown-type", "warning")
def unknown_type(self: Rule, page: Promises, schemas: Schemas) -> Iterator[Finding]:
    """A type that no page of the documentation defines.

    Bodies of this type are checked against the example alone. Define it in a `resource` block, or correct its name.
    One finding for each type and page, at its first place. What an example says of a value in it counts too, if its
    namespace is one that the pages define types in.
    """
    seen: set[str] = set()
    for block in page.typed:
        name = block.odata_type
        if not name or block.block_type not in ("request", "response", "example", "resource"):
            continue
        if block.block_type == "resource":
            says = isinstance(block.annotation.data.get("baseType"), str) and name in schemas.contract.types
            base = schemas.contract.types[name].base if says else ""
            if base and not promises.full_name(schemas.contract, base) and base not in seen:
                seen.add(base)
                message = f"no resource block defines the base type '{base}'"
                hint = _similar(schemas, base)
                yield self.at(block.path, message=message, hint=hint, **_value(block, "baseType", base))
            continue
        if typenames.from_cell(name).name in typenames.PRIMITIVES or name.lower() in _ODATA or name in seen:
            continue
        if not promises.full_name(schemas.contract, name):
            seen.add(name)
            key = "@type" if "@type" in block.annotation.data else "@odata.type"
            message, hint = f"no resource block or enumeration defines the type '{name}'", _similar(schemas, name)
            made_up = name.startswith("requestBodyResourceFor.")
            if made_up:
                hint = f"remove '{key}': API Doctor makes up this name for a body without a type"
            level = "note" if made_up else self.level
            yield self.at(block.path, message=message, hint=hint, level=level, **_value(block, key, name))
    namespaces = {one.lower() for one in schemas.contract.namespaces if one}
    for block, pointer, name in _named_in_bodies(page):
        known = promises.full_name(schemas.contract, name) or typenames.from_cell(name).name in typenames.PRIMITIVES
        if not known and name.lower().rpartition(".")[0] in namespaces and name not in seen:
            seen.add(name)
            place = verdict.places_of(schemas, block).get(pointer) or Place(block.path, block.line)
            message = f"no resource block or enumeration defines the type '{name}'"
            hint = _similar(schemas, name)
            yield self.at(
                block.path, place.line, message, hint, column=0, word=name, pointer=pointer, subject=f"body {name}"
            )


@rule("DA405", "example-against-type", "error")
def example_against_type(self: Rule, page: Promises, schemas: Schemas) -> Iterator[Finding]:
    """An example whose value is not of the documented type.

    One of the two is wrong, and a reader cannot know which. The finding cites both lines; where several examples of a
    page show the same wrong value, the first one stands for all.
    """
    found: list[tuple[Finding, Hashable]] = []
    for block, violations in _example_violations(page, schemas):
        for one in violations:
            if one.kind == "odata-type" and one.pointer.count("/") <= 3 and _is_denied(page, schemas, block):
                continue
            if one.kind != "undocumented":
                # A page may only have forgotten to say that one type derives from another.
                level = "warning" if one.kind in ("enum-case", "odata-type") else self.level
                hint = _CORRECT.get(one.kind, "correct the example, or the type in the property table")
                found.append(
                    (
                        _of(self, schemas, block, one, hint, level),
                        (one.message, _observed_kind(one)),
                    )
                )
    yield from _once(found)


def _observed_kind(one: verdict.Violation) -> str:
    """What of an observed value makes one fault of a property another: nothing, its JSON type, or the value."""
    kinds = {"enum-case": "", "type": one.observed[:1].replace("f", "t")}
    return kinds.get(one.kind, one.observed)


def _once(found: Sequence[tuple[Finding, Hashable]]) -> Iterator[Finding]:
    """Each fault of a page once, where several of its examples have it: at the first, with the lines of the others."""
    groups: dict[Hashable, list[Finding]] = {}
    for one, fault in found:
        groups.setdefault(fault, []).append(one)
    for group in groups.values():
        first, *others = sorted(group, key=lambda one: one.line)
        lines = [str(line) for line in sorted({one.line for one in others} - {first.line})]
        shown = lines[:MANY_NAMES] + ([f"{len(lines) - MANY_NAMES} more"] if len(lines) > MANY_NAMES else [])
        also = f" (also in line{'s' * (len(lines) > 1)} {wording.enumerate_words(shown, 'and')})" if lines else ""
        yield structs.replace(first, message=first.message + also)


_CORRECT = {
    "odata-type": "correct the example, or say in its resource block which baseType the type has",
    "null": "show a value, or say in the property table that it may be null",
    "enum": "correct the example, or the values that the documented line lists",
    "enum-case": "write the value alike in both places",
    "range": "correct the example, or give the property a larger type",
}
"""What mends a contradiction, by its kind."""


@rule("DA406", "undocumented-in-example", "warning")
def undocumented_in_example(self: Rule, page: Promises, schemas: Schemas) -> Iterator[Finding]:
    """A property that an example shows and no page describes.

    Readers see it and find no word on it. Add it to the property table of its type, or remove it from the example.
    """
    told: list[tuple[Finding, Hashable]] = []
    for block, found in _example_violations(page, schemas):
        undocumented = [one for one in found if one.kind == "undocumented"]
        if undocumented and _shows_one(block, verdict.shape(schemas, block)):
            undocumented = [one for one in undocumented if one.pointer.count("/") > 1]  # DA418 says why
        strange = _of_another_type(schemas, block, undocumented) if len(undocumented) >= STRANGE else []
        if undocumented and _is_denied(page, schemas, block):
            own = promises.full_name(schemas.contract, block.odata_type)
            undocumented = [one for one in undocumented if one.owner != own]  # DA426 speaks of the type
        elif strange:
            key = "@type" if "@type" in block.annotation.data else "@odata.type"
            data = block.annotation.data
            names = _named([_name_at(one) for one in strange])
            owner = strange[0].owner
            yield self.at(
                block.path,
                message=f"most of what the example shows is not documented for '{owner}': {names}",
                hint="correct the type in the annotation, give it the base type that has them, or describe them",
                **(_value(block, key, data[key]) if key in data else {"line": block.line}),
                documented=strange[0].place,
                subject=f"{owner} {names}",
            )
        for one in undocumented:
            if one in strange:
                continue
            hint = guess(one.close, "add it to the property table, or remove it from the example")
            if one.pointer == "/value" and one.observed.startswith("{"):
                hint = 'show its members without "value" around them: that is for collections'
            told.append((_of(self, schemas, block, one, hint), (one.message, one.place)))
    yield from _once(told)


def _name_at(one: verdict.Violation) -> str:
    return jsontext.unescape(one.pointer.rpartition("/")[2])


MANY_NAMES = 8
STRANGE = 3
"""From so many properties on that a type does not have, the example may be of another type."""


def _of_another_type(
    schemas: Schemas, block: Block, undocumented: Sequence[verdict.Violation]
) -> list[verdict.Violation]:
    """The undocumented properties of the documented type itself, if the example shows more of them than of others."""
    form = verdict.shape(schemas, block) if not isinstance(block.content, Request) else None
    start = (
        f"/{form.collection}/*"
        if form and form.collection not in ("", "/")
        else "/*"
        if form and form.collection
        else ""
    )
    outer = [one for one in undocumented if one.pattern.rpartition("/")[0] == start]
    shown = {
        re.sub(r"/\d+(?=/|$)", "/*", pointer).removeprefix(start)
        for pointer in verdict.places_of(schemas, block)
        if "@" not in pointer
    }
    count = sum(one.count("/") == 1 for one in shown)
    return outer if len(outer) >= STRANGE and len(outer) * 2 > count else []


@rule("DA407", "required-missing-in-request", "error")
def required_missing_in_request(self: Rule, page: Promises, schemas: Schemas) -> Iterator[Finding]:
    """A property that the page calls required, and that its request example lacks.

    Readers who copy the example get an error, or the property is not required. Only POST and PUT are looked at: a PATCH
    sends what is to change.
    """
    for example in page.examples:
        request = example.request.content
        if not isinstance(request, Request) or request.body is None or request.body.json is None:
            continue
        if page.lists_all and _unlisted(page, example):
            continue  # DA414 speaks of the method or the path
        value = request.body.json.value
        if not isinstance(value, dict) or request.method not in ("POST", "PUT") or not example.responses:
            continue
        first = example.responses[0].content
        if isinstance(first, Response) and first.status and first.status >= 400:
            continue
        shown = _names_in(value) | ({"id"} if request.method == "PUT" else set())  # which has its key in the URI
        strange = shown - example.body_properties.keys()
        lacking = [
            one
            for one in example.body_properties.values()
            if one.required and not _is_given(one, shown) and not nearest(one.name, strange, 0.8)  # DA406
        ]
        said = [one.required_by for one in lacking if one.required_by]
        if lacking and (place := lacking[0].table_place):
            names = _named([one.name for one in lacking])
            by_text = len(said) == len(lacking)
            which, where = ("text above the table", "text or ") if by_text else ("table", "")
            line = said[0].line if by_text else place.line
            yield self.at(
                example.request.path,
                request.body.line,
                f"the request example lacks {names}, which the {which} calls required (line {line})",
                f"add what is missing to the example; or say in the {where}table that it's optional, or remove its row",
                column=request.body.column,
                documented=place,
                subject=names,
                pointer="/" + lacking[0].name if len(lacking) == 1 else "",
                observed="no such property",
            )


@rule("DA408", "table-against-representation", "error")
def table_against_representation(self: Rule, page: Promises, schemas: Schemas) -> Iterator[Finding]:
    """A property to which the table gives another type than the JSON representation.

    Clients are generated from either. The finding cites both lines.
    """
    kinds = schemas.kinds
    for resource in promises.own_types(page):
        for one in resource.properties.values():
            if one.table is None or one.sample is None or one.table_place is None or one.sample_place is None:
                continue
            by_table, by_sample = typenames.json_types(one.table, kinds), typenames.json_types(one.sample, kinds)
            shown, told = _said(one.sample, by_sample), _said(one.table, by_table)
            if one.sample.collection and by_table == typenames.ANY and _is_type_name(one.table):
                by_table, told = frozenset({"object"}), f"one '{one.table.name}'"
            place, word, level, more = one.sample_place, f'"{one.name}"', self.level, ""
            agree = bool(by_table & by_sample)  # in their JSON types
            types = _strangers(schemas, one.table, one.sample) if agree else None
            if agree and types is None:
                if not typenames.formats_differ(one.table, one.sample):
                    continue
                level = "warning"  # the words of a representation are often those of a generator
            elif types is not None:
                if _shows_a_name(schemas, one):
                    continue
                told, shown = (f"of the type '{one.name}'" for one in types)
                place, word = _sample_place(page, schemas, resource, one) or place, one.sample.name
                level = "warning"  # a page may only have forgotten to say that one derives from the other
                if one.linked.lower() == types[1].name.rpartition(".")[2].lower():
                    more = ", whose link leads to the former"
            yield self.at(
                place.path,
                place.line,
                f"'{one.name}' is {shown} in the JSON representation, but {told} in the table{more}",
                "correct the one that is wrong",
                column=0,
                word=word,
                documented=one.table_place,
                pointer="/" + jsontext.escape(one.name),
                subject=one.name,
                level=level,
            )


def _is_type_name(expression: TypeExpression) -> bool:
    """Whether an expression names a type that is no primitive, and not a collection of it."""
    return bool(expression.name) and expression.name not in typenames.PRIMITIVES and not expression.collection


def _shows_a_name(schemas: Schemas, one: Property) -> bool:
    """Whether the type that a representation names for a property is a value: of a documented `@odata.type`."""
    resource = promises.resolve(schemas.contract, one.table.name) if one.table and one.table.name else None
    return resource is not None and "@odata.type" in resource.properties


def _strangers(
    schemas: Schemas, table: TypeExpression, sample: TypeExpression
) -> tuple[ResourceType, ResourceType] | None:
    """The two types that table and representation name, if neither derives from the other."""
    if sample.name in typenames.PRIMITIVES or table.name in typenames.PRIMITIVES or sample.word:
        return None
    names = {promises.full_name(schemas.contract, name) for name in (table.name, sample.name)}
    if len(names) < 2 or "" in names:
        return None
    one, other = promises.resolve(schemas.contract, table.name), promises.resolve(schemas.contract, sample.name)
    if one is None or other is None or not table.name or not sample.name or one.is_enum or other.is_enum:
        return None
    related = other in promises.lineage(schemas.contract, one) or one in promises.lineage(schemas.contract, other)
    return None if related else (one, other)


@rule("DA409", "base-type-circle", "error")
def base_type_circle(self: Rule, page: Promises, schemas: Schemas) -> Iterator[Finding]:
    """A type that derives from itself, directly or by way of others.

    No client can be generated from that. Its properties are read as if it had no base type; correct one `baseType`.
    """
    for block in page.samples:
        resource = schemas.contract.types.get(block.odata_type)
        if block.block_type != "resource" or resource is None or resource.place.path != block.path:
            continue
        line = promises.lineage(schemas.contract, resource)
        again = promises.resolve(schemas.contract, line[-1].base) if line[-1].base else None
        if again is not None and again.name == resource.name == min(one.name for one in line):
            way = " -> ".join(f"'{one.name}'" for one in (*line, resource))
            message = f"the type derives from itself: {way}"
            where = _value(block, "baseType", resource.base)
            yield self.at(block.path, message=message, hint="correct one baseType", **where)


@rule("DA410", "unknown-property-type", "warning")
def unknown_property_type(self: Rule, page: Promises, schemas: Schemas) -> Iterator[Finding]:
    """A property whose table or representation names a type that no page of the documentation defines.

    Its values are not checked. Define the type in a `resource` block, or correct its name.
    """
    bodies = {id(one.body_properties): one.body_properties for one in page.examples}
    for rows in bodies.values() if schemas.contract.definitions else ():
        for one in rows.values():
            if one.table_place and (said := _names_nothing(schemas, one.table)):
                yield _unknown_property_type(self, schemas, one, said, one.table_place, "")
    for resource in promises.own_types(page):
        for one in resource.properties.values():
            in_table = _names_nothing(schemas, one.table) if one.table_place else ""
            if in_table and one.table_place:
                yield _unknown_property_type(self, schemas, one, in_table, one.table_place, resource.name)
            said = _names_nothing(schemas, one.sample)
            if not said or one.sample_place is None or said.rpartition(".")[2] == in_table.rpartition(".")[2]:
                continue
            if said.rpartition(".")[0] in schemas.contract.namespaces:  # else a value with points in it, as a host name
                place = _sample_place(page, schemas, resource, one) or one.sample_place
                yield _unknown_property_type(self, schemas, one, said, place, resource.name)


def _names_nothing(schemas: Schemas, said: TypeExpression | None) -> str:
    """The type that an expression names, if no page defines it; nothing if the row lists its members itself."""
    if said is None or not said.name or said.name in typenames.PRIMITIVES or _is_known(schemas, said.name):
        return ""
    return "" if said.enum and not _similar(schemas, said.name, or_else="") else said.name


def _unknown_property_type(self: Rule, schemas: Schemas, one: Property, name: str, place: Place, owner: str) -> Finding:
    return self.at(
        place.path,
        place.line,
        f"'{one.name}' has the type '{name}', which no resource block or enumeration defines",
        _similar(schemas, name, but=owner),
        column=0,
        word=name,
        pointer="/" + jsontext.escape(one.name),
        subject=one.name + name,
    )


def _sample_place(page: Promises, schemas: Schemas, resource: ResourceType, one: Property) -> Place | None:
    """Where the JSON representation names the type of a property, if it says so inside of an object."""
    block = next((block for block in page.samples if block.line == resource.place.line), None)
    places = verdict.places_of(schemas, block) if block else {}
    here = f"/{jsontext.escape(one.name)}"
    return places.get(f"{here}/@odata.type") or places.get(f"{here}/0/@odata.type")


@rule("DA411", "property-without-row", "warning")
def property_without_row(self: Rule, page: Promises, schemas: Schemas) -> Iterator[Finding]:
    """A property that the JSON representation shows and no property table describes.

    Readers see it and find no word on it. Add a row, or remove it from the representation. Passed over where less than
    half of what it shows has a row: then the table describes something else.
    """
    for resource in promises.own_types(page):
        inherited = {name for one in promises.lineage(schemas.contract, resource)[1:] for name in one.properties}
        shown = [one for one in resource.properties.values() if one.sample_place and one.name not in inherited]
        lacking = [one for one in shown if not one.table_place]
        rows = {one.name: one.table_place for one in resource.properties.values() if not one.sample_place}
        alike = {name.lower(): name for name in rows}
        unlike = [one for one in lacking if one.name.lower() not in alike]
        for one in lacking:
            if one in unlike and len(unlike) * 2 > len(shown):
                continue
            place = one.sample_place or resource.place
            close = alike.get(one.name.lower()) or nearest(one.name, rows, 0.8)
            yield self.at(
                place.path,
                place.line,
                f"'{one.name}' stands in the JSON representation of '{resource.name}', but in no table",
                f"the table has '{close}': write both alike" if close else "add a row that describes it, or remove it",
                column=0,
                word=f'"{one.name}"',
                documented=rows.get(close),
                pointer="/" + jsontext.escape(one.name),
                subject=one.name,
            )


@rule("DA412", "property-without-sample", "note")
def property_without_sample(self: Rule, page: Promises, schemas: Schemas) -> Iterator[Finding]:
    """A property that the table describes and the JSON representation does not show.

    Clients that are generated from the representation lack it. Relationships, annotations, and tables of which the
    representation shows less than half are passed over.
    """
    for resource in promises.own_types(page):
        inherited = {name for one in promises.lineage(schemas.contract, resource)[1:] for name in one.properties}
        for rows in _tables_of(resource):
            lacking = [
                one for one in rows if not one.sample_place and one.name not in inherited and "@" not in one.name
            ]
            alone = [one.name for one in resource.properties.values() if one.sample_place and not one.table_place]
            for one in lacking if len(lacking) * 2 <= len(rows) else ():
                if nearest(one.name, alone, 0.8):
                    continue  # DA411 says that it is written otherwise there
                place = one.table_place or resource.place
                yield self.at(
                    place.path,
                    place.line,
                    f"'{one.name}' stands in the table of '{resource.name}', but not in its JSON representation",
                    "add it to the JSON representation, or remove the row",
                    column=0,
                    word=one.name,
                    documented=resource.place,
                    pointer="/" + jsontext.escape(one.name),
                    subject=one.name,
                )


@rule("DA413", "status-against-text", "error")
def status_against_text(self: Rule, page: Promises, schemas: Schemas) -> Iterator[Finding]:
    """An example that shows another success than the text promises.

    Clients are written against either. The finding cites both lines. Failures, codes that the page names anywhere, and
    examples of requests that the page does not list are passed over.
    """
    found: dict[tuple[int, str, str], list[tuple[Example, Response, Place]]] = {}
    for example in page.examples if any(one.promised for one in page.statuses) else ():
        part = bisect_left(page.listings, example.request.line) if len(page.listings) > 1 else 0
        mine = [one for one in page.statuses if not part or bisect_left(page.listings, one.place.line) == part]
        promised = {one.code: one.place for one in mine if one.promised}
        named = {one.code for one in mine}
        for block in example.responses if promised else ():
            status = block.content.status if isinstance(block.content, Response) else None
            if (
                isinstance(block.content, Response)
                and status
                and status < 400
                and status not in named
                and _is_example(example)
                and not _unlisted(page, example)
            ):
                codes = wording.enumerate_words([str(code) for code in sorted(promised)], "or")
                place = next(iter(promised.values()))
                found.setdefault((status, codes, str(place)), []).append((example, block.content, place))
    for (status, codes, _), ((example, content, place), *more) in found.items():
        others = [str(one.line) for _, one, _ in more]
        s, do = ("s", "") if len(others) > 1 else ("", "es")
        too = f" (so do{do} line{s} {wording.enumerate_words(others, 'and')})" if others else ""
        request = example.request.content
        nothing = status == 204 and isinstance(request, Request) and request.method == "GET"
        yield self.at(
            page.path,
            content.line,
            f"the example answers {status}{too}, but line {place.line} says {codes}",
            "say in the text when 204 comes back" if nothing else "correct the one that is wrong",
            level="warning" if nothing else self.level,
            column=0,
            word=str(status),
            documented=place,
            subject=f"{status} {codes} {example.name}",
            observed=str(status),
        )


@rule("DA414", "request-not-listed", "warning")
def request_not_listed(self: Rule, page: Promises, schemas: Schemas) -> Iterator[Finding]:
    """An example whose method and path are not among those that the page lists under `HTTP request`.

    One of the two is wrong, or the list is not complete. Origins, versions, queries, arguments of functions, and `me`
    for a user make no difference; requests with a method that the page does not list, and such to other hosts, are
    taken for steps on the way.
    """
    told: set[tuple[str, tuple[str, ...]]] = set()
    for example in page.examples if page.lists_all else ():
        request = example.request.content
        if not isinstance(request, Request) or not _unlisted(page, example) or not _is_example(example):
            continue
        every = [one.template for one in page.operations]
        same = [one for one in page.operations if one.method == request.method]
        shown = {block.content.line for block in page.typed if isinstance(block.content, Request)}
        listed = [one for one in page.operations if one.place.line not in shown]
        alike = [one for one in listed if templates.is_listed(request.target, [one.template])]
        methods = list(dict.fromkeys(one.method for one in alike))
        if any(fault.kind in ("unknown-method", "unresolved-uri") for fault in request.malformed):
            continue  # DA304, DA301
        if templates.is_foreign(request.target, every) and not methods:
            continue
        step = request.method in ("GET", "HEAD", "DELETE") and not all(_unlisted(page, one) for one in page.examples)
        if not same and (step or not methods):
            continue
        path = templates.path_of(request.target)
        if messages.behind_blank(request.target):
            continue  # DA304
        key = (request.method, templates.segments(request.target))
        if key in told:
            continue  # one path is one cause, whatever the query and the arguments of functions
        told.add(key)
        paths = {templates.path_of(one.template): one.place for one in reversed(same or page.operations)}
        close = nearest(path, paths, 0.0)
        where = f" with {request.method}, only with {wording.enumerate_words(methods, 'and')}" if methods else ""
        what = shorten(path, 100) if methods else f"{request.method} {shorten(path, 100)}"
        at = paths[close] if close else (same or page.operations)[0].place
        if methods:
            at = alike[0].place
        elif close:
            where = f", but {shorten(close, 100)}"
        yield self.at(
            example.request.path,
            request.line,
            f"the HTTP request section does not list {what}{where}",
            "correct the example, or add its path to the HTTP request section",
            column=request.column,
            word=request.target,
            documented=at,
            subject=f"{request.method} {request.target}",
            observed=request.target,
        )


@rule("DA415", "type-defined-twice", "warning")
def type_defined_twice(self: Rule, page: Promises, schemas: Schemas) -> Iterator[Finding]:
    """A type that another page, or the same one, defines otherwise.

    Readers and generators find one of the two. Values are checked against what all definitions say together. One note
    for a type of which pages only describe different parts.
    """
    for resource in page.types:
        others = promises.definitions(schemas.contract, resource)
        if len(others) < 2:
            continue
        known = schemas.contract.types[resource.name]
        best = next((one for one in others if one.place == known.place), resource)
        if resource.place != best.place:
            if resource.is_enum == best.is_enum and (what := _contradiction(schemas, resource, best)):
                message = f"the type '{resource.name}' is defined at {best.place} too, {what}"
                hint = "define it once, and link to it"
                yield self.at(
                    page.path,
                    resource.place.line,
                    message,
                    hint,
                    documented=best.place,
                    subject=f"{resource.name} {best.place.path}",
                )
            continue
        parts = [
            one
            for one in others
            if one.is_enum == best.is_enum and set(one.properties) - set(best.properties)
            and not _contradiction(schemas, one, best)
        ]  # fmt: skip
        if parts:
            lacking = [name for name in parts[0].properties if name not in best.properties]
            names = _named(lacking, 5)
            pages = len({one.place.path for one in parts[1:]})
            more = f", others on {pages} more page{'s' * (pages > 1)}" if pages else ""
            yield self.at(
                page.path,
                best.place.line,
                f"the type '{best.name}' is defined in parts: {names} only at {parts[0].place}{more}",
                "show the whole type on one page, and link to it",
                documented=parts[0].place,
                subject=best.name,
                level="note",
            )


def _contradiction(schemas: Schemas, one: ResourceType, best: ResourceType) -> str:
    """In what two definitions of a type contradict each other, in words."""
    for name, mine in one.properties.items():
        theirs = best.properties.get(name)
        if theirs is not None and not _allowed(schemas, mine) & _allowed(schemas, theirs):
            return f"with another type of '{name}'"
    if one.namespace and best.namespace and one.namespace != best.namespace:
        return ""  # two enumerations of one name
    here = [f"'{member}'" for member in one.members if member not in best.members]
    there = [f"'{member}'" for member in best.members if member not in one.members]
    said = [f"{', '.join(found[:3])} only {where}" for found, where in ((here, "here"), (there, "there")) if found]
    return f"with other members: {' and '.join(said)}" if said else ""


def _allowed(schemas: Schemas, one: Property) -> frozenset[str]:
    """The JSON types that a property may have."""
    said = [expression for expression in (one.table, one.sample) if expression]
    return frozenset().union(*(typenames.json_types(expression, schemas.kinds) for expression in said)) or typenames.ANY


@rule("DA416", "type-letter-case", "warning")
def type_letter_case(self: Rule, page: Promises, schemas: Schemas) -> Iterator[Finding]:
    """The name of a type in another letter case than where it is defined.

    OData tells names by their letter case, so a client that follows the page fails. It is read as the type that is
    meant. A note in the type column of a table; nothing where that links to the type.
    """
    for block in page.typed:
        data = block.annotation.data
        for key in ("@odata.type", "@type", "baseType"):
            name = data.get(key)
            if not isinstance(name, str) or not (right := _right_case(schemas, typenames.from_cell(name).name)):
                continue
            line, _ = annotate.value_position(block.annotation, key)
            wrong = typenames.from_cell(name).name
            yield self.at(
                block.path,
                line,
                f"the type '{wrong}' is written '{right}' where it is defined",
                f"write '{right}'",
                column=0,
                word=wrong,
                documented=schemas.contract.types[promises.full_name(schemas.contract, wrong)].place,
                subject=wrong,
                fixes=(Fix(line, 0, wrong, right),),
            )
    for block, pointer, name in _named_in_bodies(page):
        if right := _right_case(schemas, name):
            shown = verdict.places_of(schemas, block).get(pointer) or Place(block.path, block.line)
            yield self.at(
                block.path,
                shown.line,
                f"the type '{name}' is written '{right}' where it is defined",
                f"write '#{right}'",
                column=0,
                word=name,
                pointer=pointer,
                documented=schemas.contract.types[promises.full_name(schemas.contract, name)].place,
                subject=f"{pointer} {name}",
                fixes=(Fix(shown.line, 0, name, right),),
            )
    for resource in promises.own_types(page):
        for one in resource.properties.values():
            for said, place in ((one.table, one.table_place), (one.sample, one.sample_place)):
                if said is one.table and one.linked:
                    continue
                if said and place and (right := _right_case(schemas, said.name)):
                    if said is one.sample and _shows_a_name(schemas, one):
                        continue
                    if said is one.sample:
                        place = _sample_place(page, schemas, resource, one) or place
                    yield self.at(
                        place.path,
                        place.line,
                        f"the type '{said.name}' of '{one.name}' is written '{right}' where it is defined",
                        f"write '{right}'",
                        column=0,
                        word=said.name,
                        documented=schemas.contract.types[promises.full_name(schemas.contract, said.name)].place,
                        subject=one.name + said.name,
                        pointer="/" + jsontext.escape(one.name),
                        level="note" if said is one.table else self.level,
                        fixes=(Fix(place.line, 0, said.name, right),) if one.name != said.name else (),
                    )


@rule("DA417", "annotated-property", "warning")
def annotated_property(self: Rule, page: Promises, schemas: Schemas) -> Iterator[Finding]:
    """An annotation that names a property which its type does not have.

    `keyProperty` tells generators what identifies an entity; a key that is described nowhere breaks them. In
    `optionalProperties` and `nullableProperties` such a name has no effect: a note, unless it is nearly that of
    a property. Passed over where a type is open or its base type unknown.
    """
    for block in page.samples:
        resource = schemas.contract.types.get(block.odata_type) if block.block_type == "resource" else None
        if resource is None or not _is_whole(schemas, resource):
            continue
        known = verdict.properties_of(schemas, resource)
        for key in ("keyProperty", "optionalProperties", "nullableProperties") if known else ():
            named = block.annotation.data.get(key)
            for index, name in enumerate(named if isinstance(named, list) else [named]):
                if not isinstance(name, str) or not name.strip() or "@" in name or name.strip() in known:
                    continue
                lower = {one.lower(): one for one in known}
                close = lower.get(name.strip().lower()) or nearest(name, known, 0.8)
                line, column = annotate.value_position(
                    block.annotation, key, index if isinstance(named, list) else None
                )
                yield self.at(
                    block.path,
                    line,
                    f"'{key}' names '{shorten(name.strip(), 60)}', which '{resource.name}' does not have",
                    guess(close, "describe the property, or name the base type that has it; or remove it here"),
                    column=column,
                    word=json.dumps(name, ensure_ascii=False),
                    level=self.level if key == "keyProperty" or close else "note",
                    subject=f"{key} {name} {resource.name}",
                    fixes=(Fix(line, 0, name, close),) if close.lower() == name.lower() else (),
                )


@rule("DA418", "collection-against-example", "warning")
def collection_against_example(self: Rule, page: Promises, schemas: Schemas) -> Iterator[Finding]:
    """A response whose annotation says that one value comes back, and whose example shows many, or the reverse.

    docassay goes by the example. Other tools take the whole body for one value, and find nothing of it documented.
    """
    for block in page.typed:
        content = block.content
        body = content.body if block.block_type == "response" and isinstance(content, Response) else None
        if body is None or body.json is None or body.json.stopped is not None or not block.odata_type:
            continue
        if _is_unclear(block, "isCollection"):
            continue  # DA203 speaks of what was to say so
        if any(fault.kind in _BRACKETS for fault in body.json.repairs):
            continue  # DA306 says where an array was to begin or end
        if isinstance(content, Response) and content.status and content.status >= 400:
            continue
        form = verdict.shape(schemas, block)
        misnamed = _misnamed_collection(block, body.json.value) if _shows_one(block, form) else ""
        if misnamed:
            place = verdict.places_of(schemas, block).get(f"/{jsontext.escape(misnamed)}") or Place(
                block.path, block.line
            )
            named = verdict.collection_property(block)
            wrong = "is no array" if misnamed == named else f"is not called '{named}'"
            yield self.at(
                block.path,
                place.line,
                f"many come back, as the annotation says, but what would hold them {wrong}",
                guess(named) if misnamed != named else "show the members in an array, or correct the annotation",
                column=place.column,
                word=f'"{misnamed}"',
                pointer=f"/{jsontext.escape(misnamed)}",
                subject=misnamed,
            )
        elif _shows_one(block, form):
            yield self.at(
                block.path,
                message="the annotation says that many come back, but the example shows one",
                hint="show the members in an array, or correct the annotation",
                **_collection_place(block),
                documented=Place(block.path, body.line),
            )
        elif not block.is_collection and form.collection not in ("", "/") and _is_plainly_collection(form):
            said = "says that one comes back" if "isCollection" in block.annotation.data else "does not say so"
            key = next(key for key in ("isCollection", "@type", "@odata.type") if key in block.annotation.data)
            yield self.at(
                block.path,
                message=f"the example shows a collection of '{block.odata_type}', but the annotation {said}",
                hint='write "isCollection": true, or show the one object without '
                f"'\"{form.collection}\": [ ]' around it",
                **_value(block, key, block.annotation.data[key]),
                documented=Place(block.path, body.line),
                subject=block.odata_type,
            )


def _is_unclear(block: Block, key: str) -> bool:
    """Whether an annotation has a boolean with a value that is none, or a key that was to be it."""
    data = block.annotation.data
    wrong = not isinstance(data.get(key, False), bool) and not annotate.is_true(data[key])
    return wrong or (key not in data and any(key[:2] == one[:2].lower() and nearest(key, (one,), 0.85) for one in data))


_BRACKETS = ("mismatched-bracket", "missing-bracket", "extra-bracket", "truncated")


def _misnamed_collection(block: Block, value: Any) -> str:
    """The property that was meant to hold the members, where it has another name or is no array."""
    if not isinstance(value, dict):
        return ""
    named = verdict.collection_property(block)
    if named in value and not isinstance(value[named], dict):
        return named
    arrays = [key for key, member in value.items() if isinstance(member, list)]
    return nearest(named, arrays, 0.8)


def _is_plainly_collection(form: verdict.Shape) -> bool:
    """Whether what an example shows can only be a collection: its type is known, or nothing else stands beside it."""
    if form.resource is not None:
        return True
    if form.primitive is not None or not isinstance(form.example, dict):
        return False
    members = form.example[form.collection]
    alone = all(key == form.collection or key.startswith("@odata.") for key in form.example)
    return alone and bool(members) and all(isinstance(one, dict) for one in members)


def _shows_one(block: Block, form: verdict.Shape) -> bool:
    """Whether the annotation says that many come back, and the example shows one."""
    return block.block_type == "response" and block.is_collection and form.has_example and not form.collection


def _collection_place(block: Block) -> dict[str, Any]:
    """Where an annotation says that many come back."""
    data = block.annotation.data
    key = (
        "isCollection" if annotate.is_true(data.get("isCollection")) else "@type" if "@type" in data else "@odata.type"
    )
    return _value(block, key, data[key])


@rule("DA419", "response-without-type", "note")
def response_without_type(self: Rule, page: Promises, schemas: Schemas) -> Iterator[Finding]:
    """A response that shows a JSON document, and whose annotation does not say of which type.

    It is held against nothing but itself. Add `@odata.type`, or define the type. Passed over in a documentation that
    defines no types.
    """
    for block in page.typed if schemas.contract.definitions else ():
        content = block.content
        if block.block_type != "response" or block.odata_type or not isinstance(content, Response):
            continue
        if content.status in (204, 205, 304):
            continue  # DA312
        value = content.body.json.value if content.body and content.body.json else None
        if not isinstance(value, dict | list) or not value or not content.status or content.status >= 300:
            continue
        if any(nearest(key, ("@odata.type", "@type"), 0.8) for key in block.annotation.data):
            continue  # DA203 speaks of the key that was to say so
        yield self.at(
            block.path,
            block.line,
            "the response shows JSON, but its annotation names no type",
            'add "@odata.type" to the annotation',
            documented=Place(block.path, content.body.line if content.body else content.line),
            subject=f"{content.status} {jsontext.show(value, 200)}",
        )


@rule("DA420", "response-without-body", "warning")
def response_without_body(self: Rule, page: Promises, schemas: Schemas) -> Iterator[Finding]:
    """A response whose annotation promises a type, and which shows no body.

    Nothing says how the answer looks. Streams, and answers that have no body by their status, are passed over.
    """
    for block in page.typed:
        content = block.content
        if block.block_type != "response" or not isinstance(content, Response) or content.status not in (200, 201):
            continue
        resource = promises.resolve(schemas.contract, block.odata_type) if block.odata_type else None
        if resource is None or resource.is_media_entity or (content.body and content.body.kind != "empty"):
            continue
        yield self.at(
            block.path,
            content.line,
            f"the annotation promises '{block.odata_type}', but the response shows no body",
            "add the body below the header fields, in the same fence, or remove the type",
            documented=Place(block.path, block.line),
            subject=block.odata_type,
        )


@rule("DA421", "members-against-enumeration", "warning")
def members_against_enumeration(self: Rule, page: Promises, schemas: Schemas) -> Iterator[Finding]:
    """A row of a property table that lists members which the enumeration it names does not have.

    Clients are written against either. Values are allowed to be of both; correct the list that is wrong.
    """
    rows = [one for resource in promises.own_types(page) for one in resource.properties.values()]
    rows.extend(page.examples[0].body_properties.values() if page.examples else ())
    for one in rows:
        more = promises.members_beyond(schemas.contract, one.table)
        enumeration = promises.resolve(schemas.contract, one.table.name) if one.table and more else None
        if enumeration is None or one.table_place is None:
            continue
        names = _named(more, 3)
        lower = {member.lower(): member for member in enumeration.members}
        close = lower.get(more[0].lower()) or nearest(more[0], enumeration.members, 0.8)
        said = f"which the enumeration '{enumeration.name}' does not have"
        hint = guess(close, "correct the row, or the table of the enumeration")
        if all(member.lower() in lower for member in more):
            said = f"which the enumeration '{enumeration.name}' writes with other capitals"
            hint = f"write both alike; the enumeration has '{close}'"
        yield self.at(
            one.table_place.path,
            one.table_place.line,
            f"'{one.name}' lists {names}, {said}",
            hint,
            column=0,
            word=more[0],
            documented=enumeration.place,
            pointer="/" + jsontext.escape(one.name),
            subject=f"{one.name} {' '.join(more)}",
        )


@rule("DA422", "undefined-resource", "warning")
def undefined_resource(self: Rule, page: Promises, schemas: Schemas) -> Iterator[Finding]:
    """A `resource` block that defines nothing: it names no type, or shows no JSON object.

    Whatever refers to the type finds none of its properties. Add `@odata.type`, and show an object with a member for
    each property.
    """
    for block in page.samples:
        if block.block_type != "resource" or block.fence is None:
            continue
        body = block.content if isinstance(block.content, Body) else None
        if body is not None and body.json is not None and body.json.stopped is not None:
            continue  # DA307
        is_object = body is not None and body.json is not None and isinstance(body.json.value, dict)
        if not block.odata_type:
            message, hint = "this resource block names no type", 'add "@odata.type" to the annotation'
            yield self.at(block.path, block.line, message, hint, subject=_beginning(block))
        elif not is_object:
            message = f"the representation of '{block.odata_type}' is no JSON object"
            hint = "show an object with a member for each property"
            yield self.at(block.path, block.fence.line, message, hint, subject=block.odata_type)


@rule("DA423", "request-table-against-type", "warning")
def request_table_against_type(self: Rule, page: Promises, schemas: Schemas) -> Iterator[Finding]:
    """A row of the table of a request body that contradicts the type which the body represents.

    It gives a property another JSON type, or almost its name. The finding cites both lines.
    """
    example = next((one for one in page.examples if one.body_properties), None)
    request = example.request.content if example else None
    if example is None or not isinstance(request, Request) or request.body is None:
        return
    value = request.body.document.json.value if request.body.document.json else None
    resource = _type_of_request(page, schemas, example.request, value)
    known = verdict.properties_of(schemas, resource) if resource else {}
    lower = {name.lower(): one for name, one in known.items()}
    for row in example.body_properties.values():
        one = known.get(row.name) or lower.get(row.name.lower())
        if one is None and resource is not None and _is_whole(schemas, resource):
            close = nearest(row.name, known.keys() - example.body_properties.keys(), 0.8)
            one = known.get(close)
            one = one if one and _allowed(schemas, row) & _allowed(schemas, one) else None
        if one is None or resource is None or row.table is None or row.table_place is None:
            continue
        here, there = _allowed(schemas, row), _allowed(schemas, one)
        if row.name != one.name:
            message = f"the table writes '{row.name}', but '{resource.name}' has '{one.name}'"
        elif not here & there:
            message = f"'{row.name}' is {_an(here)} in this table, but {_an(there)} in '{resource.name}'"
        else:
            continue
        yield self.at(
            row.table_place.path,
            row.table_place.line,
            message,
            "correct the one that is wrong",
            column=0,
            word=row.name,
            documented=one.place,
            pointer="/" + jsontext.escape(row.name),
            subject=f"{row.name} {resource.name}",
        )


@rule("DA424", "type-namespace", "warning")
def type_namespace(self: Rule, page: Promises, schemas: Schemas) -> Iterator[Finding]:
    """The name of a type in another namespace than where it is defined.

    It is read as the type that is meant; to a service it is another one. One finding for each name and page.
    """
    named = [(block, "", block.odata_type) for block in page.typed if block.block_type != "resource"]
    told: set[str] = set()
    for block, pointer, name in (*named, *_named_in_bodies(page)):
        full = promises.full_name(schemas.contract, name) if "." in name else ""
        if not full or "." not in full or full.lower() == name.lower() or name in told:
            continue
        told.add(name)
        if pointer:
            place = verdict.places_of(schemas, block).get(pointer) or Place(block.path, block.line)
            where: dict[str, Any] = {"line": place.line, "column": 0, "word": name, "pointer": pointer}
        else:
            where = _value(block, "@type" if "@type" in block.annotation.data else "@odata.type", name)
        yield self.at(
            block.path,
            message=f"the type '{name}' is defined as '{full}'",
            hint=f"write '{full}', or define the other type",
            **where,
            documented=schemas.contract.types[full].place,
            subject=f"{pointer} {name}",
        )


@rule("DA425", "duplicate-row", "warning")
def duplicate_row(self: Rule, page: Promises, schemas: Schemas) -> Iterator[Finding]:
    """A property, member or parameter that has two rows in one table.

    Readers find one of them; where they say different things, one is wrong.
    """
    for table, rows in page.twice:
        first, second = rows
        yield self.at(
            second.path,
            second.line,
            f"'{table}' has a row in this table already, in line {first.line}",
            "keep one of them",
            column=0,
            word=table,
            documented=first,
            subject=table,
        )


@rule("DA426", "statement-against-annotation", "warning")
def statement_against_annotation(self: Rule, page: Promises, schemas: Schemas) -> Iterator[Finding]:
    """An annotation, or an example, that says other than the text of its page, or than the JSON below it.

    It has another base type, another namespace, or another type of what comes back than the text names, another type
    than the representation itself does, or a request body where the text says that there is none. One of the two is
    wrong.
    """
    blocks = [block for block in page.samples if block.block_type == "resource" and block.odata_type]
    for block in blocks:
        body = verdict.shown_body(block)
        value = body.json.value if body and body.json else None
        says = value.get("@odata.type") if isinstance(value, dict) else None
        name = typenames.from_cell(says).name if isinstance(says, str) else ""
        known = schemas.contract.types.get(block.odata_type)
        if known and "@odata.type" in known.properties and known.properties["@odata.type"].table:
            continue  # it is a property like others, and this is a value
        if name and name not in typenames.PRIMITIVES and not _are_related(schemas, name, block.odata_type):
            place = verdict.places_of(schemas, block).get("/@odata.type") or Place(block.path, block.line)
            yield self.at(
                block.path,
                place.line,
                f"the representation says that its type is '{name}', the annotation '{block.odata_type}'",
                "correct the one that is wrong",
                column=0,
                word=name,
                pointer="/@odata.type",
                documented=Place(block.path, block.line),
                subject=f"{name} {block.odata_type}",
            )
    for claim in page.claims if len(blocks) == 1 else ():
        (block,) = blocks
        base, space = block.annotation.data.get("baseType"), block.odata_type.rpartition(".")[0]
        if claim.kind == "base" and isinstance(base, str) and _denies(schemas, block, claim.name, base):
            where = _value(block, "baseType", base)
            said = f"the annotation says that the base type is '{base}', the text '{claim.name}'"
        elif claim.kind == "namespace" and space and claim.name.rstrip(".").lower() != space.lower():
            where = _value(block, "@type" if "@type" in block.annotation.data else "@odata.type", block.odata_type)
            said = f"the annotation says that the namespace is '{space}', the text '{claim.name}'"
        else:
            continue
        hint = "correct the one that is wrong"
        yield self.at(block.path, message=said, hint=hint, **where, documented=claim.place, subject=said)
    for block in page.examples[0].responses if page.examples else ():
        answer = _answer_in_text(page, block)
        if answer is None:
            continue
        if told := _type_in_text(schemas, block, answer[0]):
            message = f"the annotation says that '{block.odata_type}' comes back, the text '{told}'"
        elif (many := _many_in_text(schemas, block, answer[0])) is not None:
            shown, told = ("one", "many come back") if many else ("many", "one comes back")
            message = f"the example shows {shown} of '{block.odata_type}', the text says that {told}"
        else:
            continue
        if not _is_main(page):
            continue
        yield self.at(
            block.path,
            message=message,
            hint="correct the one that is wrong",
            **_value(block, *_type_key(block)),
            documented=answer[1],
            subject=f"{block.odata_type} {told}",
        )
    bare = next((claim for claim in page.claims if claim.kind == "no-body"), None)
    for example in page.examples if bare else ():
        request = example.request.content
        if bare and isinstance(request, Request) and request.body and request.body.kind == "json":
            said, hint = "the request has a body, but the text says that there is none", "correct the one that is wrong"
            yield self.at(page.path, request.body.line, said, hint, documented=bare.place, subject=example.name)


@rule("DA427", "type-link", "warning")
def type_link(self: Rule, page: Promises, schemas: Schemas) -> Iterator[Finding]:
    """A type column whose link has the name of one type, and leads to the page of another one.

    Readers take one of the two, and docassay the name. Correct the one that is wrong.
    """
    rows = [one for resource in promises.own_types(page) for one in resource.properties.values()]
    rows.extend(page.examples[0].body_properties.values() if page.examples else ())
    for one in rows:
        if not one.linked or one.table is None or one.table_place is None or not one.table.name:
            continue
        named = promises.resolve(schemas.contract, one.table.name)
        if named is None or named.is_enum or _page_of(named) == one.linked.lower():
            continue
        other = promises.resolve(schemas.contract, one.linked.rpartition("-")[2])
        if other is None or other.name == named.name or _page_of(other) != one.linked.lower():
            continue
        if one.sample and promises.full_name(schemas.contract, one.sample.name) == other.name:
            continue  # DA408 speaks of both
        yield self.at(
            one.table_place.path,
            one.table_place.line,
            f"the link of '{one.name}' has the name of '{named.name}', but leads to '{other.name}'",
            "correct the one that is wrong",
            column=0,
            word=one.table.name,
            documented=other.place,
            pointer="/" + jsontext.escape(one.name),
            subject=f"{one.name} {named.name}",
        )


@rule("DA428", "row-without-type", "warning")
def row_without_type(self: Rule, page: Promises, schemas: Schemas) -> Iterator[Finding]:
    """A row of a property table that names no type, where the others do.

    Its values are not checked, and clients cannot be generated. Write the type; it may stand in the wrong column.
    """
    for name, cell, place in page.untyped:
        yield self.at(
            place.path,
            place.line,
            f"'{shorten(cell, 60)}' is no type of '{name}'" if cell else f"the row of '{name}' names no type",
            "write its type into the type column",
            column=0,
            word=cell or name,
            pointer="/" + jsontext.escape(name),
            subject=name,
        )


def _page_of(resource: ResourceType) -> str:
    """The name of the page that defines a type, in small letters."""
    return posixpath.basename(resource.place.path).rpartition(".")[0].lower()


def _type_key(block: Block) -> tuple[str, Any]:
    """The key of an annotation that names its type, and its value."""
    data = block.annotation.data
    key = "@type" if "@type" in data else "@odata.type"
    return key, data[key]


def _answer_in_text(page: Promises, block: Block) -> tuple[str, Place] | None:
    """What the text says of the first response of the page: the sentence on its status, and where it stands."""
    example, content = page.examples[0] if page.examples else None, block.content
    if example is None or block not in example.responses or not block.odata_type or not isinstance(content, Response):
        return None
    said = next((one for one in page.statuses if one.promised and one.code == content.status), None)
    if said is None:
        return None
    sentences = promises.SENTENCE.split(said.said) if ". " in said.said else (said.said,)
    sentence = next((" ".join(one.split()) for one in sentences if str(said.code) in one), "")
    return None if "header" in sentence.lower() else (sentence, said.place)


def _is_denied(page: Promises, schemas: Schemas, block: Block) -> bool:
    """Whether the text says that another type comes back: DA426 speaks of the response."""
    said = _answer_in_text(page, block)
    return said is not None and _is_main(page) and _type_in_text(schemas, block, said[0]) != ""


def _is_main(page: Promises) -> bool:
    """Whether the first example of a page shows what the page is about."""
    return _is_example(page.examples[0]) and not _unlisted(page, page.examples[0])


_WORD = re.compile(r"\w+")
_MANY_OF = re.compile(r"\b(?:collection|list|array) of (?:the |all )?\W{0,3}(\w+)", re.IGNORECASE)
_ONE_OF = re.compile(r"\b(?:an?|the|single) \W{0,3}(\w+)\b(?=(?:(?!collection|list).){0,80} object\b)", re.IGNORECASE)


def _many_in_text(schemas: Schemas, block: Block, sentence: str) -> bool | None:
    """Whether a sentence says that many come back, where annotation and example agree that it is not so."""
    form = verdict.shape(schemas, block)
    if not form.has_example or form.resource is None or bool(form.collection) != block.is_collection:
        return None  # DA418 speaks of annotation and example
    short = form.resource.name.rpartition(".")[2].lower()
    many = any(match[1].lower() == short for match in _MANY_OF.finditer(sentence))
    one = any(match[1].lower() == short for match in _ONE_OF.finditer(sentence))
    return None if many == one or many == bool(form.collection) else many


def _type_in_text(schemas: Schemas, block: Block, sentence: str) -> str:
    """The type that a sentence says comes back, if that of a response is no such type."""
    short = block.odata_type.rpartition(".")[2].lower()
    words = _WORD.findall(sentence.lower())
    if short in words or f"{short}s" in words:
        return ""
    from .. import operations  # which few pages need

    named = operations.named_type(sentence, schemas.contract)
    own = promises.resolve(schemas.contract, block.odata_type)
    told = promises.resolve(schemas.contract, named.name) if named else None
    if own is None or told is None or own.is_enum or told.is_enum or _are_related(schemas, told.name, own.name):
        return ""
    return told.name


def _are_related(schemas: Schemas, name: str, other: str) -> bool:
    """Whether two names are those of one type, or of types of which one derives from the other."""
    if name.rpartition(".")[2].lower() == other.rpartition(".")[2].lower():
        return True
    one, two = promises.resolve(schemas.contract, name), promises.resolve(schemas.contract, other)
    if one is None or two is None:
        return False
    return one in promises.lineage(schemas.contract, two) or two in promises.lineage(schemas.contract, one)


def _denies(schemas: Schemas, block: Block, said: str, base: str) -> bool:
    """Whether the type that a page says its own derives from is known, and no base type by the annotation."""
    claimed, own = promises.resolve(schemas.contract, said), promises.resolve(schemas.contract, block.odata_type)
    if claimed is None or own is None or promises.resolve(schemas.contract, base) is None:
        return False
    return claimed not in promises.lineage(schemas.contract, own)


def _named_in_bodies(page: Promises) -> Iterator[tuple[Block, str, str]]:
    """What the examples of a page say of the types of values in them: block, JSON Pointer, name."""
    for block in page.typed:
        body = verdict.shown_body(block) if block.block_type != "resource" else None
        if body is None or body.json is None or '"@odata.type"' not in body.text:
            continue
        waiting: list[tuple[str, Any]] = [("", body.json.value)]
        while waiting:
            at, value = waiting.pop()
            if isinstance(value, dict):
                name = value.get("@odata.type")
                if isinstance(name, str) and len(name) <= typenames.MAX_CELL:
                    yield block, f"{at}/@odata.type", typenames.from_cell(name).name or name.lstrip("#")
                inner = [(f"{at}/{jsontext.escape(key)}", one) for key, one in value.items()]
                waiting.extend(reversed(inner))
            elif isinstance(value, list):
                waiting.extend(reversed([(f"{at}/{index}", one) for index, one in enumerate(value)]))


def _beginning(block: Block) -> str:
    """The first words of what a block shows."""
    return " ".join(block.fence.text.split())[:80] if block.fence else ""


def _is_whole(schemas: Schemas, resource: ResourceType) -> bool:
    """Whether everything that a type may have is known: neither it nor a base type is open or undocumented."""
    line = promises.lineage(schemas.contract, resource)
    return not any(one.is_open for one in line) and not promises.base_of(schemas.contract, line[-1])


def _right_case(schemas: Schemas, name: str) -> str:
    """The name of a type in its own letter case, if it is written in another one."""
    if not name or name in typenames.PRIMITIVES:
        return ""
    full = promises.full_name(schemas.contract, name)
    right = full if "." in name else full.rpartition(".")[2]
    return right if right.lower() == name.lower() and right != name else ""


def _is_example(example: Example) -> bool:
    """Whether the example stands in a section on examples, and not in one of its own for one more request."""
    return not example.apart and re.search("example|request", example.request.section, re.IGNORECASE) is not None


def _unlisted(page: Promises, example: Example) -> bool:
    """Whether the page lists requests, and not that of the example."""
    request = example.request.content
    if not isinstance(request, Request) or not request.method or not request.target or not page.operations:
        return False
    return not templates.is_listed(
        request.target, [one.template for one in page.operations if one.method == request.method]
    )


def _names_in(value: Any) -> set[str]:
    """The names of all members in a value, at any depth: a table may describe nested ones without a word on it."""
    found: set[str] = set()
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            found.update(one)
        waiting.extend(one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())
    return found


def _is_given(one: Property, shown: set[str]) -> bool:
    """Whether a body has a property: itself, a reference in its place, or as a stream, which no JSON holds."""
    bound = f"{one.name}@odata.bind" in shown  # OData JSON 4.01, 8.5
    return one.name in shown or bound or bool(one.table and one.table.name == "Edm.Stream")


def _named(names: Sequence[str], most: int = MANY_NAMES) -> str:
    """The first names of some, and how many more there are."""
    more = [f"{len(names) - most} more"] if len(names) > most else []
    return wording.enumerate_words([*(f"'{name}'" for name in names[:most]), *more], "and")


def _tables_of(resource: ResourceType) -> list[list[Property]]:
    """The properties of each table: rows that stand below each other."""
    rows = [one for one in resource.properties.values() if one.table_place and not one.relationship]
    rows.sort(key=lambda one: (one.table_place.path, one.table_place.line) if one.table_place else ("", 0))
    found: list[list[Property]] = []
    last = Place("", 0)
    for one in rows:
        place = one.table_place or last
        if place.path != last.path or place.line > last.line + 2:  # a row may head a section of the table
            found.append([])
        found[-1].append(one)
        last = place
    return found


def _is_known(schemas: Schemas, name: str) -> bool:
    return name.lower() in _ODATA or bool(promises.full_name(schemas.contract, name))


_ODATA = {"odata.error", "microsoft.graph.odataerrors.odataerror"}


def _example_violations(page: Promises, schemas: Schemas) -> Iterator[tuple[Block, list[verdict.Violation]]]:
    told = {f"/{jsontext.escape(name)}" for one in page.examples for name in one.body_properties}
    for block in page.typed:
        content = block.content
        if block.block_type in ("response", "example") and isinstance(content, Response | Body):
            if isinstance(content, Response) and (content.status or 0) >= 400 and not _shows_its_type(schemas, block):
                continue
            found = verdict.check_example(schemas, block)
            # What the table of the request body says is told on this page, if not with the type.
            yield block, [one for one in found if one.kind != "undocumented" or one.pointer not in told]
    for example in page.examples:
        request = example.request.content
        body = request.body.document if isinstance(request, Request) and request.body else None
        statuses = [one.content.status for one in example.responses if isinstance(one.content, Response)]
        if (
            body is None
            or body.json is None
            or body.json.stopped is not None
            or (statuses and (statuses[0] or 0) >= 400)
        ):
            continue
        key = (example.request.path, example.request.line)
        if key not in schemas.examples:
            resource = _type_of_request(page, schemas, example.request, body.json.value)
            schemas.examples[key] = verdict.check_request(
                schemas, resource, example.body_properties, body.json.value, sample=True
            )
        yield example.request, schemas.examples[key]


def _shows_its_type(schemas: Schemas, block: Block) -> bool:
    """Whether a response has any property of its type: of failures, many annotations name the type of the success."""
    form = verdict.shape(schemas, block)
    known = verdict.properties_of(schemas, form.resource) if form.resource else {}
    return isinstance(form.example, dict) and not known.keys().isdisjoint(form.example)


def _type_of_request(page: Promises, schemas: Schemas, block: Block, value: Any) -> ResourceType | None:
    """The type of a request body: as it says itself, as its annotation says, or as the page does."""
    says = value.get("@odata.type") if isinstance(value, dict) else None
    for name in (says, block.odata_type):
        if isinstance(name, str) and name:
            return promises.resolve(schemas.contract, name)
    target = block.content.target.partition("?")[0] if isinstance(block.content, Request) else ""
    if target.rstrip("/").endswith("/$value"):
        return None  # it is what the entity holds
    if page.supplied:
        from .. import operations  # which a check needs for this alone
    for sentence in page.supplied:
        if named := operations.named_type(sentence, schemas.contract):
            return None if named.collection else promises.resolve(schemas.contract, named.name)
    return None


def _of(
    self: Rule, schemas: Schemas, block: Block, one: verdict.Violation, hint: str, level: Level | None = None
) -> Finding:
    place = verdict.places_of(schemas, block).get(one.pointer)
    name = jsontext.unescape(one.pointer.rpartition("/")[2])
    times = f" ({one.count} times in this example)" if one.count > 1 else ""
    return self.at(
        block.path,
        place.line if place else block.line,
        one.message + times,
        hint,
        column=place.column if place else 1,
        word=jsontext.show(name, len(name) + 2) if place and not name.isdigit() else "",
        pointer=one.pointer,
        documented=one.place,
        observed=one.observed,
        subject=one.pattern + one.message,
        level=level or self.level,
    )


def _value(block: Block, key: str, value: Any) -> dict[str, Any]:
    """Where an annotation has a value: line, column and word."""
    line, column = annotate.value_position(block.annotation, key)
    return {"line": line, "column": column, "word": json.dumps(value, ensure_ascii=False)}


_DEFINE = "define it in a resource block, or correct the name"


def _similar(schemas: Schemas, name: str, but: str = "", or_else: str = _DEFINE) -> str:
    """A hint for the name of a type that no page defines; `but`: a type that it cannot be."""
    if match := re.fullmatch(r"(\w+)\((.+)\)", name):
        return guess(f"Collection({match[2]})" if nearest(match[1].lower(), ("collection",), 0.8) else "")
    short = name.rpartition(".")[2].lower()
    names = schemas.contract.names
    if "." not in name and (primitive := nearest(short, _PRIMITIVE_NAMES, 0.8)):
        return guess(_PRIMITIVE_NAMES[primitive])
    # What begins or ends alike and is about as long: comparing with all of thousands takes longer than all else.
    alike = [
        one
        for one in names
        if (one[:2] == short[:2] or one[-3:] == short[-3:]) and abs(len(one) - len(short)) <= 4 and "." not in one
    ]
    close = nearest(short, [one for one in alike if names[one] != but], 0.87)
    longer = [one for one in names if len(short) > 9 and one.endswith(short) and "." not in one and names[one] != but]
    close = close or (longer[0] if len(longer) == 1 else "")
    return guess(schemas.contract.names.get(close, ""), or_else)


_PRIMITIVE_NAMES = {one.lower(): one for one in (name.removeprefix("Edm.") for name in typenames.PRIMITIVES)}


def _said(expression: TypeExpression, kinds: frozenset[str]) -> str:
    """What an expression says, in words: its format if it has one, else its JSON types."""
    fragment = typenames.fragment(expression, {})
    return describe(fragment) if "format" in fragment else _an(kinds)


def _an(kinds: frozenset[str]) -> str:
    names = sorted(kinds - {"integer"} if "number" in kinds else kinds)
    return " or ".join(("an " if name[0] in "aeio" else "a ") + name for name in names)


RULES = (
    response_without_request,
    request_without_response,
    duplicate_name,
    unknown_type,
    example_against_type,
    undocumented_in_example,
    required_missing_in_request,
    table_against_representation,
    base_type_circle,
    unknown_property_type,
    property_without_row,
    property_without_sample,
    status_against_text,
    request_not_listed,
    type_defined_twice,
    type_letter_case,
    annotated_property,
    collection_against_example,
    response_without_type,
    response_without_body,
    members_against_enumeration,
    undefined_resource,
    request_table_against_type,
    type_namespace,
    duplicate_row,
    statement_against_annotation,
    type_link,
    row_without_type,
)
