"""Value + what a page promises -> Violation: where a body is not as documented, with the line that documents it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from . import contract, jsontext, typenames, wording
from .model import Block, Body, Place, Property, Request, ResourceType, Response, TypeExpression, Value
from .schema import (
    FORMAT_NAMES,
    MOST_ERRORS,
    TYPE_NAMES,
    Fault,
    Schema,
    Schemas,
    describe,
    errors,
    faults,
    fits,
    json_type,
    members_of,
    property_schema,
    reference,
    too_deep,
)

if TYPE_CHECKING:
    from jsonschema import ValidationError


class Violation(Value, frozen=True):
    """One place of a value that is not as documented."""

    kind: str
    """`type`, `null`, `null-unsaid`, `required`, `enum`, `format`, `range`, `odata-type`, `undocumented`, `collection`,
    `empty`, `enum-case`, `odata-type-unknown`. `null-unsaid`: a null where the pages say neither that it may be there
    nor that it may not."""
    pointer: str
    """JSON Pointer (RFC 6901) into the value."""
    message: str
    observed: str
    place: Place | None = None
    """The line that documents it."""
    pattern: str = ""
    """The pointer with `*` for each array index: the same fault in many members is one fault."""
    close: str = ""
    """Of an undocumented property: a documented one that may be meant, which the value does not have."""
    owner: str = ""
    """Of an undocumented property: the type that does not have it."""
    count: int = 1
    """How often it was found, in one value."""


class Shape(Value, frozen=True):
    """What a documented response says of a body: its type, whether many of them, and what the example shows."""

    resource: ResourceType | None
    """None: no page defines the type, or none is named. The example is then all there is."""
    collection: str = ""
    """The property that holds the members; `` for a single value; `/` for a bare array."""
    example: Any = None
    has_example: bool = False
    primitive: Schema | None = None
    """The schema of each value, where the type is a primitive or an enumeration."""


def collection_property(block: Block) -> str:
    """The property that is to hold the members of a collection."""
    named = block.annotation.data.get("collectionProperty")
    return named if isinstance(named, str) and named else "value"


def shape(schemas: Schemas, block: Block) -> Shape:
    """What a response block says of its body. Where annotation and example disagree, the example decides."""
    body = shown_body(block)
    example = body.json.value if body and body.json else None
    has_example = bool(body and body.json and body.json.stopped is None and not too_deep(example))
    example = example if has_example else None
    resource = contract.resolve(schemas.contract, block.odata_type) if block.odata_type else None
    member = collection_property(block)
    collection = ""
    if isinstance(example, list):
        collection = "/"
    elif isinstance(example, dict):
        holds = isinstance(example.get(member), list)
        own = resource is not None and any(
            member in one.properties for one in contract.lineage(schemas.contract, resource)
        )
        if holds and (block.is_collection or not own):
            collection = member
    elif block.is_collection:
        collection = member
    primitive: Schema | None = None
    if resource is not None and resource.is_enum:
        primitive = {"$ref": reference(resource.name)}
        resource = None
    elif resource is None and block.odata_type:
        expression = typenames.from_cell(block.odata_type)
        primitive = typenames.fragment(expression, {}) if expression.name in typenames.PRIMITIVES else None
    return Shape(resource, collection, example, has_example, primitive)


def check_response(schemas: Schemas, block: Block, value: Any) -> list[Violation]:
    """Every way in which an observed body is not what a response block documents.

    A fault of the documentation itself (its example contradicts its type) is not held against the value.
    """
    form = shape(schemas, block)
    form = msgspec.structs.replace(form, example=_canonical(schemas, form.example))
    value = _canonical(schemas, value)
    places = places_of(schemas, block)
    found = list(_check(schemas, form, value, places))
    if found and form.has_example:
        excused = {_excuse(one) for one in _check(schemas, form, form.example, {})}
        found = [one for one in found if _excuse(one) not in excused]
    return _once(found)


def _excuse(one: Violation) -> tuple[str, str, str]:
    """What a value has in common with what the example shows against its type: then either statement allows it.

    Another member of an enumeration is no excuse, nor is a text of another form, or a value of another JSON type.
    """
    value = one.observed
    like = _json_type_of(value)
    if one.kind in ("enum", "enum-case", "odata-type"):
        like = value
    elif one.kind == "format":
        like = re.sub(r"[a-z]+", "a", re.sub(r"\d+", "0", value), flags=re.IGNORECASE)
    return one.kind, one.pattern, "" if one.kind in ("undocumented", "required", "empty") else like


def _json_type_of(shown: str) -> str:
    """The JSON type of a value, by the first character of its JSON text."""
    kinds = {'"': "string", "{": "object", "[": "array", "t": "boolean", "f": "boolean", "n": "null"}
    return kinds.get(shown[:1], "number")


def check_example(schemas: Schemas, block: Block) -> list[Violation]:
    """Every way in which the example of a block contradicts its type.

    Missing properties are no contradiction, nor is a null of which no page speaks, nor a word that stands for a value.
    Found once for each block.
    """
    key = (block.path, block.line)
    if key not in schemas.examples:
        schemas.examples[key] = _check_example(schemas, block)
    return schemas.examples[key]


def _check_example(schemas: Schemas, block: Block) -> list[Violation]:
    form = shape(schemas, block)
    if form.primitive is not None and form.has_example:
        found = _primitives(schemas, form, form.example, Place(block.path, block.line), sample=True)
        return _once([one for one in found if _is_said(one)])
    if form.resource is None or not form.has_example:
        return []
    values, prefix = _members_of(form, form.example)
    if not form.collection and _is_wrapped(schemas, form.resource, form.example):
        values, prefix = [*values, form.example["value"]], "/value"
    found = []
    for number, value in enumerate(values):
        pointer = f"{prefix}/{number}" if form.collection else prefix if number else ""
        if isinstance(value, dict):
            found.extend(_by_type(schemas, form.resource, value, pointer, sample=True))
        elif not _is_word(value) and not (form.collection and value is None):
            found.append(_wrong_container("an object", value, pointer, form.resource.place))
    return _once([one for one in found if _is_said(one)])


def _primitives(
    schemas: Schemas, form: Shape, value: Any, place: Place | None, sample: bool = False
) -> list[Violation]:
    """What contradicts a type that is a primitive or an enumeration: alone, in `value`, or in a collection."""
    if form.primitive is None:
        return []
    values, prefix = _members_of(form, value)
    if not form.collection and isinstance(value, dict):  # OData JSON 4.01, 11: a single value stands in `value`
        values, prefix = ([value["value"]], "/value") if "value" in value else ([], "")
    owner = ResourceType("", place or Place("", 0))
    found: list[Violation] = []
    for number, one in enumerate(values):
        pointer = f"{prefix}/{number}" if form.collection else prefix
        if one is None or fits(schemas, form.primitive, one) or (sample and _is_word(one)):
            continue
        for error in islice(faults(schemas, form.primitive, one), MOST_ERRORS):
            found.extend(_violations(schemas, owner, error, pointer, one))
    return found


def _is_wrapped(schemas: Schemas, resource: ResourceType, example: Any) -> bool:
    """Whether an example has the one value that comes back in `value`, as only collections have theirs."""
    inner = example.get("value") if isinstance(example, dict) else None
    known = properties_of(schemas, resource)
    return isinstance(inner, dict) and "value" not in known and any(name in known for name in inner)


def _is_said(one: Violation) -> bool:
    """Whether an example contradicts what pages say, and not only goes beyond it."""
    if one.kind == "format" and one.message.endswith(FORMAT_NAMES["byte"]) and _LIKE_BASE64.fullmatch(one.observed):
        return False  # authors make up what is not meant to be read
    if one.kind == "undocumented":
        return True  # the name counts, whatever stands for its value
    return one.kind not in ("null-unsaid", "odata-type-unknown") and not _STANDS_FOR.match(one.observed)


_LIKE_BASE64 = re.compile(r'"[A-Za-z0-9+/_-]*={0,2}"')


def _canonical(schemas: Schemas, value: Any) -> Any:
    """The value with every type name in it written as the pages write it: their letter case and namespace."""
    if isinstance(value, list):
        return [_canonical(schemas, one) for one in value]
    if not isinstance(value, dict):
        return value
    found = {key: _canonical(schemas, one) for key, one in value.items()}
    says = found.get("@odata.type")
    if isinstance(says, str) and (resource := contract.resolve_exactly(schemas.contract, says)):
        found["@odata.type"] = "#" + resource.name
    return found


def _members_of(form: Shape, value: Any) -> tuple[list[Any], str]:
    """The values of the documented type in a body, and the pointer to what holds them."""
    if not form.collection:
        return [value], ""
    if form.collection == "/":
        return (value if isinstance(value, list) else []), ""
    inner = value.get(form.collection) if isinstance(value, dict) else None
    return (inner if isinstance(inner, list) else []), "/" + jsontext.escape(form.collection)


# Samples that generators and authors write in place of a value: the name of the type, or a placeholder.
_STANDS_FOR = re.compile(
    r'"(?:"$|@odata\.type|[<{].*[>}]"$|.*-value(?:-\d+)?"$|\.\.\.|…|x{3,}|int\d* |double|decimal|binary'
    r"|(?:string|date|datetime|datetimeoffset|time|timestamp|timeofday|guid|stream|json|duration|url|uri)(?![a-z])"
    r'|(?:boolean|bool|int\d*|integer|number|single|float)"|[^"]* ?\((?:identifier|timestamp)\)")',
    re.IGNORECASE,
)


def _without_words(value: Any) -> Any:
    """The value without the members that stand for one."""
    if isinstance(value, list):
        if all(_is_word(one) for one in value):
            return []
        return [_without_words(one) for one in value]
    if isinstance(value, dict):
        return {key: _without_words(one) for key, one in value.items() if "@" in key or not _is_word(one)}
    return value


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and (
        value.endswith(("...", "…")) or _STANDS_FOR.match(jsontext.show(value)) is not None
    )


def check_request(
    schemas: Schemas, resource: ResourceType | None, rows: Mapping[str, Property], value: Any, sample: bool = False
) -> list[Violation]:
    """Every way in which a request body contradicts what the page says of it.

    `resource`: the type of the body, where a page names it. `rows`: what the table of the request body says; it is
    stronger, and may describe more than the type. Where the type allows a value that its row does not, the row is what
    stands alone: DA423 says so. `sample`: words in the body may stand for values.
    What a request leaves out is no contradiction, nor is a null of which no page speaks.
    """
    if not isinstance(value, dict):
        return []
    known = properties_of(schemas, resource) if resource is not None else {}
    found = list(_by_rows(schemas, rows, known, value, sample))
    if resource is None:
        found.extend(_misnamed(rows, value))
    telling = {name for name, one in rows.items() if _tells(one)}
    for one in _by_type(schemas, resource, value, "", sample=sample) if resource is not None else ():
        name = jsontext.unescape(one.pointer.split("/")[1]) if one.pointer else ""
        said = name in rows and one.kind == "undocumented" and one.pointer.count("/") == 1
        if name not in telling and not said:
            found.append(one)
    return _once([one for one in found if not sample or _is_said(one)])


def _by_rows(
    schemas: Schemas, rows: Mapping[str, Property], known: Mapping[str, Property], value: dict[str, Any], sample: bool
) -> Iterator[Violation]:
    """What contradicts the rows of a table."""
    kinds = dict(schemas.kinds)
    for name, member in value.items():
        one = rows.get(name)
        if one is None or member is None or not _tells(one):
            continue
        wanted = property_schema(schemas.contract, one, schemas.refer, kinds)
        meant = _without_words(member) if sample else member
        if inner := _type_of(schemas, one):
            yield from _within(schemas, one, inner, member, f"/{jsontext.escape(name)}", None)
        if fits(schemas, wanted, member) or (sample and (_is_word(member) or fits(schemas, wanted, meant))):
            continue
        if name in known and fits(schemas, property_schema(schemas.contract, known[name], schemas.refer, kinds), meant):
            continue
        owner = ResourceType("", one.place or Place("", 0), properties={name: one})
        for error in islice(faults(schemas, wanted, meant, (name,)), MOST_ERRORS):
            yield from _violations(schemas, owner, error, "", value)


def _misnamed(rows: Mapping[str, Property], value: dict[str, Any]) -> Iterator[Violation]:
    """What a table that need not be complete has under almost the same name."""
    for name, member in value.items():
        if name not in rows and "@" not in name and (close := _alike(name, rows, value)):
            said, at = f"no row of the table describes '{name}'", f"/{jsontext.escape(name)}"
            yield Violation("undocumented", at, said, jsontext.show(member), rows[close].place, at, close)


def _tells(row: Property) -> bool:
    """Whether a row says which type its property has."""
    return row.table is not None and bool(row.table.name or row.table.collection)


def _check(schemas: Schemas, form: Shape, value: Any, places: dict[str, Place]) -> Iterator[Violation]:
    yield from _primitives(schemas, form, value, places.get("/value", places.get("")))
    if form.collection == "/":
        if not isinstance(value, list):
            yield _wrong_container("an array", value, "", places.get(""))
            return
        members, prefix = value, ""
    elif form.collection:
        if not isinstance(value, dict):
            yield _wrong_container("an object", value, "", places.get(""))
            return
        prefix = "/" + jsontext.escape(form.collection)
        if not isinstance(value.get(form.collection), list):
            place = places.get(prefix, places.get(""))
            yield Violation(
                "collection",
                prefix,
                f"'{form.collection}' is documented as the array of the collection",
                jsontext.show(value[form.collection]) if form.collection in value else "no such property",
                place,
                prefix,
            )
            return
        members = value[form.collection]
        rest = _without(form.example, form.collection) if form.has_example else {}
        if form.has_example:
            yield from _shown(schemas, None, rest, value, "", places)
        if form.resource is not None:
            yield from _beside(form, rest, value, places)
    else:
        if form.resource is not None and _is_wrapped(schemas, form.resource, value):
            shown = form.example.get("value") if isinstance(form.example, dict) else None
            yield from _by_type(schemas, form.resource, value["value"], "/value", shown)
        yield from _one(schemas, form, value, "", form.example if form.has_example else None, places)
        return
    sample = form.example if form.collection == "/" else (form.example or {}).get(form.collection)
    if not members and sample:
        yield Violation(
            "empty",
            prefix,
            "the example shows members, so none of them could be checked",
            "an empty array",
            places.get(prefix, places.get("")),
            prefix,
        )
    shown = merge_members(sample) if isinstance(sample, list) else None
    for index, member in enumerate(members):
        yield from _one(schemas, form, member, f"{prefix}/{index}", shown, places)


def _beside(form: Shape, shown: Any, value: dict[str, Any], places: dict[str, Place]) -> Iterator[Violation]:
    """What stands beside the members of a collection, and neither OData nor the example has there."""
    for key, member in value.items():
        if key != form.collection and "@" not in key and not (isinstance(shown, dict) and key in shown):
            at = f"/{jsontext.escape(key)}"
            message = f"no page documents '{key}' beside '{form.collection}'"
            yield Violation("undocumented", at, message, jsontext.show(member), places.get(""), at)


def _one(
    schemas: Schemas, form: Shape, value: Any, pointer: str, example: Any, places: dict[str, Place]
) -> Iterator[Violation]:
    """One value of the documented type, at `pointer`, against the type and against what the example shows."""
    if form.resource is not None:
        if not isinstance(value, dict):
            if not (example is not None and not isinstance(example, dict) and json_type(example) == json_type(value)):
                yield _wrong_container("an object", value, pointer, form.resource.place)
            return
        yield from _by_type(schemas, form.resource, value, pointer, example)
    if example is not None:
        yield from _shown(schemas, form.resource, example, value, pointer, places)


def _by_type(
    schemas: Schemas, resource: ResourceType, value: Any, pointer: str, example: Any = None, sample: bool = False
) -> Iterator[Violation]:
    """What contradicts a type. `sample`: words that stand for a value are values of any type."""
    actual, wrong = _actual_type(schemas, resource, value, pointer, example)
    if wrong:
        yield wrong
    schema = {"$ref": reference(actual.name)}
    if not fits(schemas, schema, value):
        meant = _without_words(value) if sample else value
        if not sample or not fits(schemas, schema, meant):
            found = (
                islice(faults(schemas, schema, meant), MOST_ERRORS) if sample else errors(schemas, actual.name, meant)
            )
            for error in found:
                yield from _violations(schemas, actual, error, pointer, value)
    yield from nulls(schemas, actual, value, pointer)
    if wrong is None:
        yield from _undocumented(schemas, actual, value, pointer, example)
    elif actual is not resource:  # what an unknown type adds, no page can have documented
        meant = properties_of(schemas, resource)  # and what the documented type has is said already
        for one in _undocumented(schemas, actual, value, pointer, example):
            if one.kind != "undocumented" or jsontext.unescape(one.pointer.rpartition("/")[2]) not in meant:
                yield one


def nulls(
    schemas: Schemas, resource: ResourceType, value: Any, pointer: str, nested: bool = False
) -> Iterator[Violation]:
    """Each null that no page allows, at any depth that the types are known."""
    if not isinstance(value, dict):
        if value is None:
            yield _wrong_container("an object", value, pointer, resource.place)
        return
    known = properties_of(schemas, resource)
    for key, member in value.items():
        one = known.get(key)
        if one is None or (member is not None and not isinstance(member, dict | list)):
            continue
        here = f"{pointer}/{jsontext.escape(key)}"
        inner = _type_of(schemas, one)
        if member is None:
            if one.nullable or one.relationship or not (one.table or one.sample) or _is_untyped(one):
                continue
            if inner is None and not property_schema(
                schemas.contract, one, schemas.refer, dict(schemas.kinds)
            ).keys() - {"$comment"}:
                continue  # of an unknown type
            key_of = key == resource.key or (key == "id" and not nested)
            kind = "null" if one.nullable is False or one.required or key_of else "null-unsaid"
            said = f"'{inner.name}'" if inner else describe(property_schema(schemas.contract, one, {}, {}))
            message = f"'{key}' is documented as {'required' if one.required else said}"
            message += ", and no page says that it may be null"
            yield Violation(kind, here, message, "null", one.place, _pattern(here))
        elif inner is None and one.sample and one.sample.members and not (one.table and one.table.name):
            yield from _anonymous_nulls(one.sample, member, here, one.place)
        elif inner is not None:
            members = enumerate(member) if isinstance(member, list) else ((None, member),)
            for index, element in members:
                if isinstance(element, dict):
                    yield from nulls(schemas, inner, element, here if index is None else f"{here}/{index}", nested=True)


def _anonymous_nulls(expression: TypeExpression, value: Any, pointer: str, place: Place | None) -> Iterator[Violation]:
    """The same in an object that only the JSON representation of its owner shows."""
    for index, element in enumerate(value if isinstance(value, list) else [value]):
        deeper = f"{pointer}/{index}" if isinstance(value, list) else pointer
        for key, member in element.items() if isinstance(element, dict) else ():
            said, here = (expression.members or {}).get(key), f"{deeper}/{jsontext.escape(key)}"
            if said is None or said is typenames.NULL:
                continue
            if member is None and (said.name or said.members or said.collection):
                message = f"'{key}' is documented as {describe(typenames.fragment(said, {}))}"
                message += ", and no page says that it may be null"
                yield Violation("null-unsaid", here, message, "null", place, _pattern(here))
            elif said.members:
                yield from _anonymous_nulls(said, member, here, place)


def _actual_type(
    schemas: Schemas, resource: ResourceType, value: Any, pointer: str, example: Any, place: Place | None = None
) -> tuple[ResourceType, Violation | None]:
    """The type that a value says it has, if it is the documented one or derives from it.

    `place`: the line of the property that has the value.
    """
    if not isinstance(value, dict) or "@odata.type" not in value:
        return resource, None
    says, at = value["@odata.type"], pointer + "/@odata.type"
    shown = example.get("@odata.type") if isinstance(example, dict) else None
    place = place or resource.place
    named = next((part for part in reversed(pointer.split("/")) if part and not part.isdigit()), "")
    named = "" if named == "value" else jsontext.unescape(named)
    subject = f"the type of '{named}'" if named else "the type"
    message = f"{subject} is documented as '{resource.name}'"
    if not isinstance(says, str):
        return resource, Violation("odata-type", at, message, jsontext.show(says), place, _pattern(at))
    actual = contract.resolve_exactly(schemas.contract, says)
    if actual is not None and resource in contract.lineage(schemas.contract, actual):
        return actual, None
    if isinstance(shown, str) and shown.lstrip("#").lower() == says.lstrip("#").lower():
        return actual or resource, None
    # A type that no page describes may derive from the documented one, unless the example shows which one is meant.
    kind = "odata-type" if actual is not None or isinstance(shown, str) else "odata-type-unknown"
    if actual is not None:
        message += f", and no page says that '{actual.name}' derives from it"
    elif kind == "odata-type-unknown":
        message += ", and no page describes the observed one"
    return actual or resource, Violation(kind, at, message, jsontext.show(says), place, _pattern(at))


def _violations(
    schemas: Schemas, resource: ResourceType, error: ValidationError | Fault, pointer: str, value: Any
) -> Iterator[Violation]:
    """The fault of a value of a type as violations; `pointer`: where the value stands."""
    deeper = [inner for inner in error.context or () if len(inner.absolute_path) > len(error.absolute_path)]
    if deeper and error.validator == "anyOf":
        # The choices are "this or null" or "table or sample": what is wrong lies inside of one.
        for inner in deeper:
            yield from _violations(schemas, resource, inner, pointer, value)
        return
    path = [str(part) for part in error.absolute_path]
    at = pointer + "".join("/" + jsontext.escape(part) for part in path)
    named = next((part for part in reversed(path) if not part.isdigit()), "")
    subject = f"'{named}'" if named else "the value"
    if path and path[-1].isdigit():
        subject = f"each member of {subject}"
    schema = error.schema if isinstance(error.schema, dict) else {}
    if error.instance is None and not (error.absolute_path and isinstance(error.absolute_path[-1], int)):
        return  # said by `_nulls`
    kind, message = _say(error, schema, subject, error.instance)
    place = _documented_at(schemas, resource, path, value, lists=kind in ("enum", "enum-case"))
    yield Violation(kind, at, message, jsontext.show(error.instance), place, _pattern(at))


def _documented_at(
    schemas: Schemas, resource: ResourceType, path: list[str], value: Any, lists: bool = False
) -> Place | None:
    """The line that documents the property at `path`, as deep as the types are known; `lists`: that lists members."""
    place: Place | None = resource.place
    current: ResourceType | None = resource
    for part in path:
        if current is not None:
            current = _actual_type(schemas, current, value, "", None)[0]
        if isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            value = value.get(part) if isinstance(value, dict) else None
        if part.isdigit() or current is None:
            continue
        one = properties_of(schemas, current).get(part)
        if one is None:
            break
        in_sample = lists and one.sample and one.sample.enum and not (one.table and one.table.enum)
        place = (one.sample_place if in_sample else one.place) or place
        current = _type_of(schemas, one)
        if lists and one.table and one.table.name and not one.table.enum and not in_sample:
            enumeration = contract.resolve(schemas.contract, one.table.name)
            place = enumeration.place if enumeration and enumeration.is_enum else place
    return place


def _say(error: ValidationError | Fault, schema: Schema, subject: str, value: Any) -> tuple[str, str]:
    """Kind and sentence of a violation."""
    if error.validator == "format":
        return (
            "format",
            f"{subject} is documented as {FORMAT_NAMES.get(schema.get('format', ''), schema.get('format'))}",
        )
    if isinstance(value, str) and (members := _members_asked(error)):
        if value.lower() in (member.lower() for member in members):
            return "enum-case", f"{subject} is documented as one of {_listed(members)}, in this letter case"
        return "enum", f"{subject} is documented as one of {_listed(members)}"
    if error.validator in ("minimum", "maximum"):
        return "range", f"{subject} is documented as an integer from {schema.get('minimum')} to {schema.get('maximum')}"
    return "type", f"{subject} is documented as {describe(schema).removesuffix(' or null')}"


def _members_asked(error: ValidationError | Fault) -> list[str]:
    """The members of which a text would have to be one; none if it may be something else too."""
    if error.validator in ("enum", "pattern") and isinstance(error.schema, dict):
        return members_of(error.schema)
    found: list[str] = []
    for inner in (error.context or ()) if error.validator == "anyOf" else ():
        if isinstance(inner.schema, dict) and inner.schema.get("type") == "null":
            continue
        if not (members := _members_asked(inner)):
            return []
        found += members
    return found


def _listed(members: list[str], most: int = 8) -> str:
    return ", ".join(members[:most]) + (f", … ({len(members)} members)" if len(members) > most else "")


_DYNAMIC = re.compile(r"[0-9a-f]{8}-|.*@.*|.*\d{4,}|\d+$|.{40,}", re.IGNORECASE)


def merge_members(sample: list[Any]) -> Any:
    """What every member of an array shows: of objects the properties that all of them have.

    A value is None where the members disagree: the example then shows no type.
    """
    kinds = {json_type(one) for one in sample}
    if len(kinds) != 1:
        return None
    if kinds == {"array"}:
        return [inner for one in sample for inner in one]
    if kinds != {"object"}:
        return sample[0]
    shared = [key for key in sample[0] if all(key in one for one in sample)]
    merged = {key: merge_members([one[key] for one in sample]) for key in shared}
    if len({jsontext.show(one.get("@odata.type")) for one in sample}) > 1:
        merged.pop("@odata.type", None)
    return merged


def _shown(
    schemas: Schemas, resource: ResourceType | None, example: Any, value: Any, pointer: str, places: dict[str, Place],
    at: str = "",
) -> Iterator[Violation]:  # fmt: skip
    """What the example shows and the value lacks; and, where no page gives a type, that it is of the example's type.

    `at` is the pointer into the example, by which `places` finds its line.
    """
    if isinstance(example, dict):
        if not isinstance(value, dict):
            if resource is None:
                yield from _same_type(example, value, pointer, places.get(at))
            return
        if not _REMOVED.isdisjoint(value):
            return  # a deleted entry of a delta has its id alone (OData JSON 4.01, 15.3)
        known = properties_of(schemas, resource) if resource else {}
        for key, sample in example.items():
            here, there = f"{pointer}/{jsontext.escape(key)}", f"{at}/{jsontext.escape(key)}"
            if key == "@odata.type" and key in value and resource is None:  # control information may be left out
                yield from _same_odata_type(sample, value[key], here, places.get(there))
            if key.startswith("@") or "@" in key or _DYNAMIC.match(key):
                continue
            one = known.get(key)
            if one is not None and (_is_untyped(one) or (key not in value and one.may_be_absent)):
                continue
            if key not in value:
                place = places.get(there) or (one.place if one else None)
                yield Violation(
                    "required",
                    here,
                    f"'{key}' is shown in the documented example",
                    "no such property",
                    place,
                    _pattern(here),
                )
                continue
            if one is not None and value[key] is None and one.nullable is not False:
                continue  # judged by what the pages say of null
            inner = _type_of(schemas, one) if one else None
            if one is not None and inner is None and _says_type(one):
                if isinstance(sample, dict) and isinstance(value[key], dict):
                    yield from _only_required(schemas, sample, value[key], here, places, there)
                continue
            yield from _shown(schemas, inner, sample, value[key], here, places, there)
    elif isinstance(example, list):
        if not isinstance(value, list):
            if resource is None:
                yield from _same_type(example, value, pointer, places.get(at))
            return
        sample = merge_members(example)
        if sample is not None:
            for index, member in enumerate(value):
                yield from _shown(schemas, resource, sample, member, f"{pointer}/{index}", places, f"{at}/0")
    elif resource is None and example is not None:
        yield from _same_type(example, value, pointer, places.get(at))


_REMOVED = frozenset(("@removed", "@odata.removed"))


def _only_required(
    schemas: Schemas, example: dict[str, Any], value: dict[str, Any], pointer: str, places: dict[str, Place], at: str
) -> Iterator[Violation]:
    for found in _shown(schemas, None, example, value, pointer, places, at):
        if found.kind == "required":
            yield found


def _is_untyped(one: Property) -> bool:
    """Whether the pages say that anything may be there."""
    expression = one.table or one.sample
    return expression is not None and expression.name in ("Edm.Untyped", "Edm.Stream")


def _says_type(one: Property) -> bool:
    """Whether the pages give a property a type that its schema checks."""
    expression = one.table or one.sample
    return bool(expression and (expression.name in typenames.PRIMITIVES or expression.members or expression.collection))


def _type_of(schemas: Schemas, one: Property) -> ResourceType | None:
    """The complex or entity type of a property: by its table, or by its sample where no table speaks of it."""
    expression = one.table or one.sample
    if not expression or not expression.name or expression.name in typenames.PRIMITIVES:
        return None
    found = contract.resolve(schemas.contract, expression.name)
    return found if found and not found.is_enum else None


def _type_shown(schemas: Schemas, one: Property, member: Any) -> ResourceType | None:
    """The same for a value, where table and sample name two types (DA408): the one that has more of its members."""
    first = _type_of(schemas, one)
    if first is None or one.sample is None or one.table is None or one.sample.name in ("", one.table.name):
        return first
    second = _type_of(schemas, msgspec.structs.replace(one, table=None))
    if second is None or second is first:
        return first
    elements = [element for element in (member if isinstance(member, list) else [member]) if isinstance(element, dict)]
    names = {name for element in elements for name in element}
    known = [names & properties_of(schemas, each).keys() for each in (first, second)]
    return second if len(known[1]) > len(known[0]) else first


def _same_type(example: Any, value: Any, pointer: str, place: Place | None) -> Iterator[Violation]:
    shown, observed = json_type(example), json_type(value)
    if (
        shown == observed
        or example is None
        or (shown == "integer" and observed == "number")
        or (shown == "number" and observed == "integer")
    ):
        return
    subject = f"'{jsontext.unescape(pointer.rsplit('/', 1)[-1])}'" if pointer else "the body"
    kind = "null" if value is None else "type"
    tail = ", and no page says that it may be null" if value is None else ""
    yield Violation(
        kind,
        pointer,
        f"{subject} is documented as {TYPE_NAMES[shown]}{tail}",
        jsontext.show(value),
        place,
        _pattern(pointer),
    )


def _same_odata_type(example: Any, value: Any, pointer: str, place: Place | None) -> Iterator[Violation]:
    """The type name that a value carries, where no page defines it: the name in the example is all that is known."""
    if not isinstance(example, str):
        return
    if not isinstance(value, str) or value.lstrip("#").lower() != example.lstrip("#").lower():
        message = f"the type is documented as '{example.lstrip('#')}'"
        yield Violation("odata-type", pointer, message, jsontext.show(value), place, _pattern(pointer))


def _undocumented(
    schemas: Schemas, resource: ResourceType, value: Any, pointer: str, example: Any
) -> Iterator[Violation]:
    if not isinstance(value, dict):
        return
    known = properties_of(schemas, resource)
    line = contract.lineage(schemas.contract, resource)
    if not known:
        return
    is_open = any(one.is_open for one in line)
    keys = {one.key for one in line}
    shown = example if isinstance(example, dict) else {}
    for key, member in value.items():
        if "@" in key or (key not in known and (key in shown or key in keys)):
            continue
        here = f"{pointer}/{jsontext.escape(key)}"
        one = known.get(key)
        if one is None and is_open:
            continue
        if one is None:
            yield Violation(
                "undocumented",
                here,
                f"no page documents '{key}' for '{resource.name}'",
                jsontext.show(member),
                resource.place,
                _pattern(here),
                _alike(key, [name for name, other in known.items() if _may_be(schemas, other, member)], value),
                resource.name,
            )
            continue
        inner = _type_shown(schemas, one, member)
        sample = shown.get(key)
        if inner is not None:
            yield from _within(schemas, one, inner, member, here, sample)
        elif one.sample and one.sample.members and not (one.table and one.table.name):
            yield from _unknown_members(one.sample, member, here, sample, one.place, key)


def _within(
    schemas: Schemas, one: Property, inner: ResourceType, member: Any, pointer: str, sample: Any
) -> Iterator[Violation]:
    """What the value of a property says of its type against the pages, and what no page documents in it."""
    merged = merge_members(sample) if isinstance(sample, list) else sample
    for index, element in enumerate(member if isinstance(member, list) else [member]):
        deeper = f"{pointer}/{index}" if isinstance(member, list) else pointer
        actual, wrong = _actual_type(schemas, inner, element, deeper, merged, one.place)
        if actual.name.rpartition(".")[2] in one.either:
            wrong = None  # its row says that the values of the property may have this type too
        if wrong:
            yield wrong
        if wrong is None or actual is not inner:
            yield from _undocumented(schemas, actual, element, deeper, merged)


def _unknown_members(
    expression: TypeExpression, value: Any, pointer: str, sample: Any, place: Place | None, name: str
) -> Iterator[Violation]:
    """What an object holds that the representation of its owner does not show in it."""
    known = expression.members or {}
    if isinstance(value, list):
        merged = merge_members(sample) if isinstance(sample, list) else sample
        for index, element in enumerate(value):
            yield from _unknown_members(expression, element, f"{pointer}/{index}", merged, place, name)
        return
    shown = sample if isinstance(sample, dict) else {}
    for key, member in value.items() if isinstance(value, dict) and known else ():
        here = f"{pointer}/{jsontext.escape(key)}"
        if key in known:
            yield from _unknown_members(known[key], member, here, shown.get(key), place, key)
        elif "@" not in key and key not in shown:
            message = f"no page documents '{key}' for '{name}'"
            yield Violation(
                "undocumented", here, message, jsontext.show(member), place, _pattern(here), _alike(key, known, value)
            )


def _may_be(schemas: Schemas, one: Property, value: Any) -> bool:
    """Whether a property may have a value, by the JSON types that the pages give it."""
    said = [expression for expression in (one.table, one.sample) if expression]
    kinds = [typenames.json_types(expression, schemas.kinds) for expression in said]
    return value is None or not kinds or any(json_type(value) in each for each in kinds) or _is_word(value)


def _alike(key: str, known: Iterable[str], value: Mapping[str, Any]) -> str:
    """The known name that is meant by another one: it differs in capitals, in number, or in little else."""
    free = [name for name in known if name not in value]
    wanted = key.lower().removesuffix("s")
    same = next((name for name in free if name.lower().removesuffix("s") == wanted), "")
    return same or wording.nearest(key, free, 0.8)


def properties_of(schemas: Schemas, resource: ResourceType) -> dict[str, Property]:
    """The properties of a type, its base types' included."""
    found: dict[str, Property] = {}
    for one in reversed(contract.lineage(schemas.contract, resource)):
        if found:
            for name, mine in one.properties.items():
                known = found.get(name)
                if known is not None and mine.nullable is None and known.nullable is not None:
                    mine = msgspec.structs.replace(mine, nullable=known.nullable)  # said where it is inherited from
                found[name] = mine
        else:
            found.update(one.properties)
    return found


def _wrong_container(name: str, value: Any, pointer: str, place: Place | None) -> Violation:
    subject = "the body" if not pointer else "each member"
    return Violation(
        "type", pointer, f"{subject} is documented as {name}", jsontext.show(value), place, _pattern(pointer)
    )


def places_of(schemas: Schemas, block: Block) -> dict[str, Place]:
    """The line of each member of the example, by JSON Pointer. Found once for each block."""
    key = (block.path, block.line)
    if key not in schemas.places:
        schemas.places[key] = _places(block)
    return schemas.places[key]


def shown_body(block: Block) -> Body | None:
    """The body that a block shows; of a multipart request, its first part that is JSON."""
    content = block.content
    if isinstance(content, Request):
        return content.body.document if content.body else None
    return content.body if isinstance(content, Response) else content if isinstance(content, Body) else None


def _places(block: Block) -> dict[str, Place]:
    body = shown_body(block)
    if body is None or body.json is None:
        return {}
    found = {}
    for pointer, (_, key) in jsontext.locations(body.text).items():
        line, column = jsontext.line_column(body.text, key)
        found[pointer] = Place(block.path, body.line + line, column + body.column - 1)
    return found


def _without(example: Any, key: str) -> Any:
    return {name: value for name, value in example.items() if name != key} if isinstance(example, dict) else None


def _pattern(pointer: str) -> str:
    return re.sub(r"/\d+(?=/|$)", "/*", pointer)


def _once(found: list[Violation]) -> list[Violation]:
    """Each fault once: the same one in many members of a collection is one, shown at the first; what one object lacks
    is one."""
    first: dict[tuple[str, str], Violation] = {}
    counts: Counter[tuple[str, str]] = Counter()
    pointers: dict[tuple[str, str], set[str]] = {}
    lacking: dict[str, list[str]] = {}
    for one in found:
        kind = "type" if one.kind == "odata-type" else one.kind
        where = one.pattern
        if kind == "required":
            where, _, name = one.pattern.rpartition("/")
            names = lacking.setdefault(where, [])
            if jsontext.unescape(name) not in names:
                names.append(jsontext.unescape(name))
        first.setdefault((kind, where), one)
        counts[kind, where] += one.pointer not in pointers.setdefault((kind, where), set())
        pointers[kind, where].add(one.pointer)
    for where, names in lacking.items():
        if len(names) > 1:
            shown = ", ".join(f"'{name}'" for name in names[:6]) + (", …" if len(names) > 6 else "")
            message = f"{shown} are shown in the documented example"
            one = first["required", where]
            first["required", where] = msgspec.structs.replace(one, message=message, observed="no such properties")
    return [one if counts[key] == 1 else msgspec.structs.replace(one, count=counts[key]) for key, one in first.items()]
