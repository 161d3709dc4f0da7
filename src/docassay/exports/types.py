"""Contract -> schemas of the types as other tools like them, with descriptions; shared by the formats.

What `docassay.schema` says for its own use is said here with the words that every tool knows. Null is allowed where a
page says so, and where an example of the pages shows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from .. import contract, descriptions, operations, schema, typenames, verdict
from ..model import (
    Contract,
    Example,
    Page,
    Place,
    Property,
    Request,
    ResourceType,
    Response,
    Row,
    Table,
    TypeExpression,
)
from ..schema import Schema, Schemas

_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")
_WRITE_ONLY = re.compile(r"\bwrite[- ]only\b", re.IGNORECASE)
_INTEGERS = {2**31 - 1: "int32", 2**63 - 1: "int64"}
_TIME_OF_DAY = r"^(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?$"


class Types(msgspec.Struct, frozen=True):
    """The types of a contract, ready to be referred to."""

    schemas: Schemas
    pages: Mapping[str, Page]
    names: Mapping[str, str]
    """The name of the definition of each type, by full name: fit for OpenAPI, and unique."""
    derived: Mapping[str, Sequence[str]]
    """The full names of the types that derive from each."""
    refer: dict[str, str]
    """The `$ref` of a value of each type, by any name of the type in lower case."""
    base: str
    """What a `$ref` begins with."""
    is_openapi: bool
    """A type itself says how to tell those that derive from it (OpenAPI 3.1, 4.8.25); otherwise a definition beside it
    does, with words that JSON Schema knows. And a relationship that leads back to its own type is any object: tools
    that follow each reference take every way around such a circle, of which there are too many."""
    circles: Mapping[str, int]
    """Which types lead back to themselves by way of each other: those of one number, by full name."""
    source: str
    """The keyword that says where a promise was made."""
    rows: Mapping[tuple[str, int], tuple[Table, Row]]
    nulls: frozenset[Place]
    """The properties that an example shows as null, by the line that documents them."""


OR_DERIVED = "-or-derived"


def collect(pages: Sequence[Page], schemas: Schemas, base: str, source: str, *, is_openapi: bool = False) -> Types:
    """Everything that definitions need to know of each other."""
    promises = schemas.contract
    derived = schema.descendants(promises)
    names: dict[str, str] = {}
    used: set[str] = set()
    for full in promises.types:
        name = unique(_UNFIT.sub("-", full).strip("-") or "type", used)
        names[full] = name
    refer = {
        name: f"{base}{names[full]}{OR_DERIVED if full in derived and not is_openapi else ''}"
        for name, full in promises.names.items()
    }
    rows = {
        (table.path or page.path, row.line): (table, row)
        for page in pages
        for table in page.tables
        for row in table.rows
    }
    by_path = {page.path: page for page in pages}
    shown = set(_shown_nulls(schemas))
    shown.update(_inherited_nulls(promises, shown))
    circles = _circles({full: _leads_to(promises, full) for full in promises.types}) if is_openapi else {}
    return Types(schemas, by_path, names, derived, refer, base, is_openapi, circles, source, rows, frozenset(shown))


def _leads_to(promises: Contract, full: str) -> set[str]:
    """The types that a type refers to, by full name."""
    resource = promises.types[full]
    found = set(contract.ancestors(promises, full)[:1])
    for one in resource.properties.values():
        for expression in (one.table, one.sample):
            if expression is not None:
                found.add(contract.full_name(promises, expression.word or expression.name))
    return found - {""}


def _circles(edges: Mapping[str, set[str]]) -> dict[str, int]:
    """The strongly connected parts of a graph, each with a number (Kosaraju's two walks)."""
    backwards: dict[str, set[str]] = {name: set() for name in edges}
    for name, targets in edges.items():
        for target in targets:
            backwards[target].add(name)
    order: list[str] = []
    seen: set[str] = set()
    for start in edges:
        waiting = [(start, False)]
        while waiting:
            name, done = waiting.pop()
            if done:
                order.append(name)
            elif name not in seen:
                seen.add(name)
                waiting.append((name, True))
                waiting.extend((target, False) for target in edges[name])
    found: dict[str, int] = {}
    for number, start in enumerate(reversed(order)):
        left = [start]
        while left:
            name = left.pop()
            if name not in found:
                found[name] = number
                left.extend(backwards[name])
    return found


def unique(name: str, used: set[str]) -> str:
    """The name, with a number if it is taken in any letter case; it is taken then."""
    number, found = 1, name
    while found.lower() in used:
        number += 1
        found = f"{name}-{number}"
    used.add(found.lower())
    return found


def definitions(types: Types) -> dict[str, Schema]:
    """The schema of each type, by the name of its definition, in the order of the names."""
    found: dict[str, Schema] = {}
    for full, resource in types.schemas.contract.types.items():
        name = types.names[full]
        found[name] = _enumeration(types, resource) if resource.is_enum else _object(types, resource)
        if full in types.derived and not types.is_openapi:
            found[name + OR_DERIVED] = _polymorphic(types, full)
    return dict(sorted(found.items()))


def of_expression(types: Types, expression: TypeExpression | None) -> Schema:
    """The schema of a value of which pages name the type."""
    return _clean(types, typenames.fragment(expression, types.refer)) if expression else {}


def of_property(types: Types, one: Property, owner: str = "") -> Schema:
    """The schema of a property, with all that pages say of it; `owner`: the full name of its type."""
    if (one.place in types.nulls and one.nullable is None) and not one.relationship:
        one = msgspec.structs.replace(one, nullable=True)
    found = _clean(types, schema.property_schema(types.schemas.contract, one, types.refer, dict(types.schemas.kinds)))
    if one.relationship and (target := _back_to(types, one, owner)):
        found = _without_circle(found, target)
    found.pop(types.source, None)
    said = described(types, one.table_place) if one.table_place else ""
    if said:
        found["description"] = said
    if one.read_only:
        found["readOnly"] = True
    elif _WRITE_ONLY.search(said):
        found["writeOnly"] = True
    if one.places:
        found[types.source] = sources(types, one.places)
    return found


def sources(types: Types, places: Iterable[Place]) -> list[str] | str:
    """The lines that say something, as the format has them: a list in OpenAPI, a text in JSON Schema."""
    said = [str(place) for place in places]
    return said if types.is_openapi else ", ".join(said)


def _back_to(types: Types, one: Property, owner: str) -> str:
    """The type that a relationship leads to, if that leads back to the owner of the relationship."""
    for expression in (one.table, one.sample):
        target = contract.full_name(types.schemas.contract, expression.name) if expression else ""
        if target and owner and types.circles.get(target, -1) == types.circles.get(owner, -2):
            return target
    return ""


def _without_circle(found: Schema, target: str) -> Schema:
    if "$ref" in found:
        return {"type": "object", "title": target} | {key: value for key, value in found.items() if key != "$ref"}
    made = dict(found)
    if isinstance(made.get("items"), dict):
        made["items"] = _without_circle(made["items"], target)
    if isinstance(made.get("anyOf"), list):
        made["anyOf"] = [_without_circle(one, target) for one in made["anyOf"]]
    return made


def _or_several(found: Schema) -> Schema:
    """An enumeration of which a value may have several members, separated by commas (OData JSON 4.01, 7.1)."""
    members = [re.escape(str(member)) for member in found["enum"] if member is not None]
    several = {"type": "string", "pattern": f"^(?:{'|'.join(members)})(?:, ?(?:{'|'.join(members)}))+$"}
    rest = {key: value for key, value in found.items() if key not in ("type", "enum")}
    return {"anyOf": [{key: found[key] for key in ("type", "enum") if key in found}, several], **rest}


def of_properties(types: Types, properties: Mapping[str, Property]) -> Schema:
    """An object that has these properties."""
    found: Schema = {"type": "object"}
    if required := [one.name for one in properties.values() if one.required]:
        found["required"] = required
    found["properties"] = {one.name: of_property(types, one) for one in properties.values()}
    return found


def collection_of(types: Types, schema_of_member: Schema, member: str = "value") -> Schema:
    """The object in which a service sends several values (OData JSON 4.01, 4.5 and 4.6)."""
    return {
        "type": "object",
        "required": [member],
        "properties": {
            member: {"type": "array", "items": schema_of_member},
            "@odata.nextLink": {"type": "string", "description": "Where to get the next part of a long collection."},
        },
    }


def described(types: Types, place: Place) -> str:
    """The description that a table row gives, as plain text."""
    if (place.path, place.line) not in types.rows:
        return ""
    table, row = types.rows[place.path, place.line]
    cells = [
        cell
        for header, cell in zip(table.header[1:], row.cells[1:], strict=False)
        if header.lower() not in ("type", "data type") and not header.lower().startswith("required")
    ]
    return " ".join(operations.words(cell) for cell in cells if cell)


def _enumeration(types: Types, resource: ResourceType) -> Schema:
    found: Schema = {"type": "string", "title": resource.name}
    said = _introduction(types, resource)
    members = _members(types, resource)
    if text := "\n\n".join(one for one in (said, members) if one):
        found["description"] = text
    found["enum"] = list(dict.fromkeys(resource.members))
    if resource.several or descriptions.lists_several(said):
        found = _or_several(found)
    return {**found, types.source: sources(types, [resource.place])}


def _members(types: Types, resource: ResourceType) -> str:
    """The members of an enumeration with what its table says of them, as a Markdown list."""
    page = types.pages.get(resource.place.path)
    tables = [one for one in page.tables if one.line == resource.place.line and not one.path] if page else []
    said = {
        contract.markdown_name(row.cells[0]): described(types, Place(resource.place.path, row.line))
        for table in tables
        for row in table.rows
        if row.cells
    }
    return "\n".join(f"- `{member}`: {said[member]}" for member in resource.members if said.get(member))


def _object(types: Types, resource: ResourceType) -> Schema:
    found: Schema = {"type": "object", "title": resource.name}
    if said := _introduction(types, resource):
        found["description"] = said
    found[types.source] = sources(types, [resource.place])
    if types.is_openapi and resource.is_media_entity:
        found["x-docassay-media-entity"] = True
    ancestors = contract.ancestors(types.schemas.contract, resource.name)
    if ancestors and resource.name not in contract.ancestors(types.schemas.contract, ancestors[0]):
        found["allOf"] = [{"$ref": types.base + types.names[ancestors[0]]}]  # no circle, of which DA409 speaks
    found["properties"] = {one.name: of_property(types, one, resource.name) for one in resource.properties.values()}
    if types.is_openapi and resource.name in types.derived:
        found["properties"].setdefault("@odata.type", {"type": "string"})
        found["discriminator"] = {
            "propertyName": "@odata.type",
            "mapping": {f"#{one}": types.base + types.names[one] for one in sorted(types.derived[resource.name])},
        }
    return found


def _polymorphic(types: Types, full: str) -> Schema:
    """A type or any that derives from it, told by `@odata.type` (OData JSON 4.01, 4.6.3)."""
    choices: list[Schema] = [{"$ref": types.base + types.names[full]}]
    for one in sorted(types.derived[full]):
        says_so = {
            "type": "object",
            "required": ["@odata.type"],
            "properties": {"@odata.type": {"enum": [one, f"#{one}"]}},
        }
        choices.append({"if": says_so, "then": {"$ref": types.base + types.names[one]}})
    return {"title": f"{full}, or a type that derives from it", "allOf": choices}


def _introduction(types: Types, resource: ResourceType) -> str:
    """What the page of a type says of it, if it is about this type."""
    page = types.pages.get(resource.place.path)
    if page is None or resource.name.rpartition(".")[2].lower() not in page.title.lower():
        return ""
    return operations.introduction(page)


def _clean(types: Types, found: Schema) -> Schema:
    """A schema of `docassay.schema` in the words of other tools."""
    made: Schema = {}
    if typenames.MEMBERS in found:
        rest = {key: value for key, value in found.items() if key not in (typenames.MEMBERS, "pattern")}
        return _clean(types, _or_several({**rest, "enum": found[typenames.MEMBERS]}))
    for key, value in found.items():
        if key == "$comment":
            made[types.source] = value
        elif key == "properties":
            made[key] = {name: _clean(types, inner) for name, inner in value.items()}
        elif isinstance(value, dict):
            made[key] = _clean(types, value)
        elif isinstance(value, list):
            made[key] = [_clean(types, one) if isinstance(one, dict) else one for one in value]
        else:
            made[key] = value
    if made.get("format") == "time-of-day":
        del made["format"]
        made["pattern"] = _TIME_OF_DAY
    elif made.get("format") == "byte":
        made["contentEncoding"] = "base64"
    elif made.get("maximum") in _INTEGERS:
        made["format"] = _INTEGERS[made["maximum"]]
    return made


def _shown_nulls(schemas: Schemas) -> list[Place]:
    """The lines that document properties which an example shows as null."""
    found: list[Place] = []
    for example in schemas.contract.examples:
        for value, named in _values(schemas, example):
            for one in value if isinstance(value, list) else [value]:
                says = one.get("@odata.type") if isinstance(one, dict) else None
                known = contract.resolve(schemas.contract, says) if isinstance(says, str) else None
                if isinstance(one, dict) and (resource := known or named):
                    nulls = verdict.nulls(schemas, resource, one, "")
                    found.extend(null.place for null in nulls if null.place and null.kind in ("null", "null-unsaid"))
    return found


def _inherited_nulls(promises: Contract, shown: set[Place]) -> Iterator[Place]:
    """The lines of a property that a type and its base type both describe, where one of them may be null."""
    for resource in promises.types.values():
        line = contract.lineage(promises, resource) if contract.base_of(promises, resource) else ()
        for name in resource.properties if len(line) > 1 else ():
            group = [one.properties[name] for one in line if name in one.properties]
            if len(group) > 1 and any(one.nullable or one.place in shown for one in group):
                yield from (one.place for one in group if one.place)


def _values(schemas: Schemas, example: Example) -> list[tuple[Any, ResourceType | None]]:
    found: list[tuple[Any, ResourceType | None]] = []
    request = example.request.content
    if isinstance(request, Request) and request.body and request.body.json and example.request.odata_type:
        found.append((request.body.json.value, contract.resolve(schemas.contract, example.request.odata_type)))
    for block in example.responses:
        if isinstance(block.content, Response):
            shape = verdict.shape(schemas, block)
            value = shape.example
            if shape.collection not in ("", "/") and isinstance(value, dict):
                value = value.get(shape.collection)
            found.append((value, shape.resource))
    return found
