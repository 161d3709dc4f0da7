"""Contract -> JSON Schema 2020-12. The only module that knows jsonschema.

Every promise carries the line of the page that made it, as `$comment`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import msgspec

from . import contract, jsontext, typenames
from .formats import FORMATS
from .model import Contract, Place, Property, ResourceType, TypeExpression

if TYPE_CHECKING:
    from jsonschema import ValidationError

    from .verdict import Violation

DIALECT = "https://json-schema.org/draft/2020-12/schema"
CONTRACT_ID = "urn:docassay:contract"
MOST_ERRORS = 500
"""Errors of one value that are looked at."""
MAX_DEPTH = 64
"""Levels of a value that is checked against its type; a deeper one is no documentation, and no answer to it."""
Schema = dict[str, Any]


class Schemas(msgspec.Struct, frozen=True):
    """The contract as schemas, ready to validate. Made once per contract by `compile`."""

    contract: Contract
    definitions: Mapping[str, Schema]
    """One schema for each type, and one more (`+derived`) for each that others derive from; made when asked for."""
    kinds: Mapping[str, str]
    """The JSON type of each documented type, by any of its names in lower case: `object`, or `string` for an enum."""
    refer: dict[str, str] = {}
    """The `$ref` of a value of each documented type, by any of its names in lower case."""
    validators: dict[str, Any] = {}
    """jsonschema's validators, made when there is an error to find; under an empty name what they share."""
    places: dict[tuple[str, int], dict[str, Place]] = {}
    examples: dict[tuple[str, int], list[Violation]] = {}
    """What `verdict` has found out of a block once, by path and line."""


_DERIVED = "+derived"


def compile(promises: Contract) -> Schemas:
    """All types of a contract as definitions that refer to each other."""
    derived = descendants(promises)
    kinds = {name: "string" if full in promises.enums else "object" for name, full in promises.names.items()}
    refer = {name: reference(full + _DERIVED * (full in derived)) for name, full in promises.names.items()}

    def define(name: str) -> Schema:
        plain = name.removesuffix(_DERIVED)
        if plain != name and plain in derived:
            return _polymorphic(plain, derived[plain])
        return _definition(promises, promises.types[name], refer, kinds)

    names = (*promises.types, *(name + _DERIVED for name in derived))
    return Schemas(promises, contract.OnDemand(names, define), kinds, refer)


def descendants(promises: Contract) -> dict[str, list[str]]:
    """The full names of all types that derive from a type, directly or by way of others."""
    derived: dict[str, list[str]] = {}
    for name in promises.bases:
        for ancestor in contract.ancestors(promises, name):
            derived.setdefault(ancestor, []).append(name)
    return derived


def bundle(schemas: Schemas) -> Schema:
    """All definitions as one JSON Schema."""
    return {
        "$schema": DIALECT,
        "$id": CONTRACT_ID,
        "$defs": {name: schemas.definitions[name] for name in schemas.definitions},
    }


def asked_types(schemas: Schemas) -> set[str]:
    """The types that were looked at since this was last called, by full name."""
    found: set[str] = set()
    for mapping in (schemas.contract.types, schemas.definitions):
        if isinstance(mapping, contract.OnDemand):
            found.update(name.removesuffix(_DERIVED) for name in mapping.asked)
            mapping.asked.clear()
    return found


def reference(name: str) -> str:
    """The `$ref` of a definition: its name as a token of a JSON Pointer, in a URI fragment (RFC 6901, 6)."""
    return f"{CONTRACT_ID}#/$defs/{quote(jsontext.escape(name), safe='.+')}"


@cache
def _referred(reference: str) -> str:
    """The name of the definition that a `$ref` leads to."""
    return jsontext.unescape(unquote(reference.rpartition("/")[2]))


def _definition(
    promises: Contract, resource: ResourceType, refer: dict[str, str], json_kinds: dict[str, str]
) -> Schema:
    comment = str(resource.place)
    if resource.is_enum:
        several = typenames.several_of(resource.members) if resource.several else {"enum": list(resource.members)}
        return {"type": "string", **several, "$comment": comment}
    found: Schema = {"type": "object", "title": resource.name, "$comment": comment}
    line = contract.lineage(promises, resource)
    if 1 < len(line) < contract.MAX_LINEAGE and resource not in contract.lineage(promises, line[1]):
        found["allOf"] = [{"$ref": reference(line[1].name)}]  # no circle, of which DA409 speaks
    found["properties"] = {
        one.name: property_schema(promises, one, refer, json_kinds) for one in resource.properties.values()
    }
    return found


def property_schema(promises: Contract, one: Property, refer: dict[str, str], json_kinds: dict[str, str]) -> Schema:
    """What a property may be: by its table; by all that speak of it where they contradict each other."""
    schema: Schema
    if one.table and one.sample:
        by_table, by_sample = typenames.json_types(one.table, json_kinds), typenames.json_types(one.sample, json_kinds)
        if not by_table & by_sample or typenames.formats_differ(one.table, one.sample):
            schema = {"anyOf": [typenames.fragment(one.table, refer), typenames.fragment(one.sample, refer)]}
        else:
            schema = typenames.fragment(typenames.narrower(one.table, one.sample, by_table, json_kinds), refer)
    else:
        schema = typenames.fragment(one.table or one.sample or TypeExpression(), refer)
    if "$ref" in schema and one.table and one.table.several:
        named = contract.resolve(promises, one.table.name)
        if named and named.is_enum:
            schema = {"anyOf": [schema, {"type": "string", **typenames.several_of(named.members)}]}
    if "$ref" in schema and (more := contract.members_beyond(promises, one.table)):
        schema = {"anyOf": [schema, {"type": "string", "enum": list(more)}]}
    if one.nullable or one.relationship:
        schema = _or_null(schema)
    if one.deprecated:
        schema = {**schema, "deprecated": True}
    return {**schema, "$comment": str(one.place)} if one.place else schema


def _or_null(schema: Schema) -> Schema:
    if not schema:
        return schema
    if isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]} | (
            {"enum": [*schema["enum"], None]} if "enum" in schema else {}
        )
    return {"anyOf": [schema, {"type": "null"}]}


def _polymorphic(name: str, derived: list[str]) -> Schema:
    """A type or any that derives from it, told by `@odata.type` (OData JSON 4.01, 4.6.3)."""
    choices: list[Schema] = [{"$ref": reference(name)}]
    for one in sorted(derived):
        says_so = {"properties": {"@odata.type": {"enum": [one, f"#{one}"]}}, "required": ["@odata.type"]}
        choices.append({"if": says_so, "then": {"$ref": reference(one)}})
    return {"allOf": choices}


def too_deep(value: Any) -> bool:
    """Whether a value has more levels than are checked."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def fits(schemas: Schemas, schema: Schema, value: Any) -> bool:
    """Whether a value fits a schema of the bundle, nulls aside.

    Knows the keywords that this module writes, and no others. jsonschema is asked only about what does not fit: most
    values do, and saying so takes a fraction of the time that finding every error takes.
    """
    for keyword, wanted in schema.items():
        match keyword:
            case "$comment" | "title" | "deprecated" | "then" | "pattern":  # a pattern says what the members say
                pass
            case "$ref":
                if not fits(schemas, schemas.definitions[_referred(wanted)], value):
                    return False
            case "type":
                kind = json_type(value)
                kinds = (wanted,) if isinstance(wanted, str) else wanted
                if kind not in kinds and not (kind == "integer" and "number" in kinds) and not _is_whole(value, kinds):
                    return False
            case "properties":
                if isinstance(value, dict):
                    for name, inner in wanted.items():
                        passes = name not in value or (value[name] is None and not name.startswith("@"))
                        if not passes and not fits(schemas, inner, value[name]):
                            return False
            case "items":
                if isinstance(value, list) and not all(fits(schemas, wanted, member) for member in value):
                    return False
            case "allOf":
                if not all(fits(schemas, inner, value) for inner in wanted):
                    return False
            case "anyOf":
                if not any(fits(schemas, inner, value) for inner in wanted):
                    return False
            case "if":
                if fits(schemas, wanted, value) and not fits(schemas, schema["then"], value):
                    return False
            case "required":
                if isinstance(value, dict) and not all(name in value for name in wanted):
                    return False
            case "enum":
                if not any(value == member and json_type(value) == json_type(member) for member in wanted):
                    return False
            case "x-docassay-members":
                if isinstance(value, str) and not _are_members(value, wanted):
                    return False
            case "format":
                if isinstance(value, str) and not FORMATS[wanted](value):
                    return False
            case "minimum":
                if isinstance(value, int | float) and not isinstance(value, bool) and value < wanted:
                    return False
            case "maximum":
                if isinstance(value, int | float) and not isinstance(value, bool) and value > wanted:
                    return False
            case _:
                raise NotImplementedError(keyword)
    return True


class Fault(msgspec.Struct, frozen=True):
    """One way in which a value does not fit; named as in jsonschema's ValidationError."""

    validator: str
    """The keyword."""
    schema: Schema
    instance: Any
    absolute_path: tuple[str | int, ...]
    context: list[Fault] = []
    """Of `anyOf`: why each choice does not fit."""


def faults(schemas: Schemas, schema: Schema, value: Any, path: tuple[str | int, ...] = ()) -> Iterator[Fault]:
    """Every way in which a value does not fit, nulls aside: what `errors` finds, without an import that takes longer
    than the thousands of examples of a documentation. A test holds the two together."""
    for keyword, wanted in schema.items():
        match keyword:
            case "$ref":
                yield from faults(schemas, schemas.definitions[_referred(wanted)], value, path)
            case "properties":
                for name, inner in wanted.items() if isinstance(value, dict) else ():
                    passes = name not in value or (value[name] is None and not name.startswith("@"))
                    if not passes:
                        yield from faults(schemas, inner, value[name], (*path, name))
            case "items":
                for index, member in enumerate(value) if isinstance(value, list) else ():
                    yield from faults(schemas, wanted, member, (*path, index))
            case "allOf":
                for inner in wanted:
                    yield from faults(schemas, inner, value, path)
            case "anyOf":
                if not any(fits(schemas, inner, value) for inner in wanted):
                    context = [one for inner in wanted for one in faults(schemas, inner, value, path)]
                    yield Fault(keyword, schema, value, path, context)
            case "if":
                if fits(schemas, wanted, value):
                    yield from faults(schemas, schema["then"], value, path)
            case "x-docassay-members":
                if not fits(schemas, {keyword: wanted}, value):
                    yield Fault("pattern", schema, value, path)
            case "then" | "title" | "deprecated" | "$comment" | "pattern":
                pass
            case _:
                if not fits(schemas, {keyword: wanted}, value):
                    yield Fault(keyword, schema, value, path)


def _are_members(text: str, members: Sequence[str]) -> bool:
    """Whether a text is one member of an enumeration or several (OData JSON 4.01, 7.1), as its pattern has it."""
    if text in members:
        return True
    first, *others = text.split(",")
    return first in members and all(part.removeprefix(" ") in members for part in others)


def _is_whole(value: Any, kinds: Sequence[str]) -> bool:
    """1.0 is an integer to JSON Schema (2020-12, 4.2.3)."""
    return "integer" in kinds and isinstance(value, float) and value.is_integer()


def errors(schemas: Schemas, name: str, value: Any) -> Iterator[ValidationError]:
    """What jsonschema finds wrong with a value of a type."""
    from jsonschema import Draft202012Validator, FormatChecker, ValidationError
    from jsonschema.validators import extend
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT202012

    def pattern(validator: Any, wanted: str, instance: Any, schema: Schema) -> Iterator[ValidationError]:
        """That of an enumeration says what its members say; to compile it takes longer than to look them up."""
        if isinstance(instance, str) and not _are_members(instance, schema[typenames.MEMBERS]):
            yield ValidationError(f"{instance!r} does not match {wanted!r}")

    if not schemas.validators:
        checker = FormatChecker(formats=())
        for kind, check in FORMATS.items():
            checker.checks(kind)(lambda text, check=check: not isinstance(text, str) or check(text))
        contents = {"$schema": DIALECT, "$id": CONTRACT_ID, "$defs": schemas.definitions}
        registry = Registry().with_resource(CONTRACT_ID, Resource.from_contents(contents, DRAFT202012))
        schemas.validators[""] = (extend(Draft202012Validator, {"pattern": pattern}), registry, checker)  # type: ignore[no-untyped-call]
    if name not in schemas.validators:
        validator, registry, checker = schemas.validators[""]
        schemas.validators[name] = validator({"$ref": reference(name)}, registry=registry, format_checker=checker)
    # Thousands of members may be wrong in the same way: the first ones tell it.
    yield from islice(schemas.validators[name].iter_errors(value), MOST_ERRORS)


def members_of(schema: Schema) -> list[str]:
    """The members that the schema of an enumeration lists."""
    if "enum" in schema:
        return [str(member) for member in schema["enum"] if member is not None]
    return [str(member) for member in schema.get(typenames.MEMBERS, ())]


FORMAT_NAMES = {
    "date-time": "a date and time with offset (RFC 3339)", "date": "a date", "time-of-day": "a time of day",
    "duration": "an ISO 8601 duration", "uuid": "a GUID", "byte": "base64 text", "uri-reference": "a URI",
}  # fmt: skip
TYPE_NAMES = {
    "string": "a string", "integer": "an integer", "number": "a number", "boolean": "a boolean", "object": "an object",
    "array": "an array", "null": "null",
}  # fmt: skip


def describe(schema: Schema) -> str:
    """What a schema asks for, in words."""
    if "format" in schema:
        return FORMAT_NAMES.get(schema["format"]) or str(schema["format"])
    kinds = schema.get("type")
    if isinstance(kinds, str):
        return TYPE_NAMES[kinds]
    if isinstance(kinds, list):
        return " or ".join(TYPE_NAMES[kind] for kind in kinds)
    if "$ref" in schema:
        return "'" + _referred(schema["$ref"]).removesuffix("+derived") + "'"
    if "anyOf" in schema:
        names = [describe(choice) for choice in schema["anyOf"] if choice is not typenames.PRIMITIVES["number"]]
        names = [name for name in names if name != "something else"]
        return " or ".join(dict.fromkeys(names)) or "something else"
    return "something else"


def json_type(value: Any) -> str:
    """The type of a value in the words of JSON Schema."""
    if value is None:
        return "null"
    for kind, name in ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string"), (dict, "object")):
        if isinstance(value, kind):
            return name
    return "array"
