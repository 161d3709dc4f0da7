"""Operation… -> Endpoint: one for each method and path, with all that the pages say of it; shared by the formats.

Pages name the parameter of one path in several ways, and several pages describe one operation. Here each path has one
spelling, and what the pages say is put together.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from .. import messages, operations, templates, typenames, verdict
from ..model import (
    Answer,
    Block,
    Body,
    Example,
    Field,
    Operation,
    Parameter,
    Payload,
    Permission,
    Place,
    Property,
    Request,
    Response,
)
from ..pipeline import Loaded
from ..schema import Schema, json_type, too_deep
from .types import Types, collection_of, of_expression, of_properties, unique

METHODS = ("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE")
"""Those that OpenAPI 3.1 knows, in its order (4.8.9)."""
_HOLE = re.compile(r"\{[^{}]*\}")
_MEDIA = re.compile(r"\b(?:application|audio|image|message|multipart|text|video)/[\w.+-]+")
_BINARY = re.compile(r"\b(?:binary|bytes|stream|raw content)\b", re.IGNORECASE)
_VOLATILE = {"content-type", "content-length", "date", "connection", "transfer-encoding", "server", "set-cookie",
             "request-id", "client-request-id", "keep-alive", "x-ms-ags-diagnostic"}  # fmt: skip


class Content(msgspec.Struct):
    """A body of one media type."""

    schemas: list[Schema]
    """What it may be; nothing: anything."""
    examples: dict[str, Any]

    def schema(self) -> Schema | None:
        """One schema for all of them; None if there is nothing to say."""
        if not self.schemas or {} in self.schemas:
            return None
        return self.schemas[0] if len(self.schemas) == 1 else {"anyOf": self.schemas}


class Message(msgspec.Struct):
    """A request or response."""

    description: str
    places: list[Place]
    media: dict[str, Content]
    headers: dict[str, str]
    """Header fields of a response, each with a value that an example shows."""
    required: bool = False


class Endpoint(msgspec.Struct, frozen=True):
    """A method on a path, with everything that all pages say of it."""

    id: str
    """Made of method and path: the same whatever else is documented."""
    method: str
    path: str
    title: str
    description: str
    places: tuple[Place, ...]
    listed: bool
    parameters: tuple[Parameter, ...]
    permissions: tuple[Permission, ...]
    body: Message | None
    responses: dict[int, Message]


def collect(loaded: Loaded, types: Types) -> list[Endpoint]:
    """Every endpoint, by path and method."""
    promises = loaded.schemas.contract
    groups: dict[str, dict[str, list[Operation]]] = {}
    for one in operations.build(loaded.docs.pages, promises):
        if one.method in METHODS:
            groups.setdefault(templates.shape(one.template), {}).setdefault(one.method, []).append(one)
    spelled = sorted((_spelling([one for ones in group.values() for one in ones]), group) for group in groups.values())
    used: set[str] = set()
    return [
        _endpoint(types, method, path, group[method], unique(_identity(method, path), used))
        for path, group in spelled
        for method in METHODS
        if method in group
    ]


def left_out(loaded: Loaded) -> Iterator[tuple[Place, str, str]]:
    """What pages list or show and no endpoint stands for: its place, what is written there, and why."""
    promises = loaded.schemas.contract
    listed = ((one.place, one.method, one.template) for one in promises.operations)
    requests = [(example.request, example.request.content) for example in promises.examples]
    shown = (
        (Place(block.path, content.line), content.method, content.target)
        for block, content in requests
        if isinstance(content, Request) and content.method and content.target
    )
    for place, method, target in (*listed, *shown):
        if templates.read(target, promises.roots) is None:
            why = (
                "its path is shortened"
                if "..." in target or "…" in target
                else "it holds what a service would have to fill in"
                if messages.unresolved(target)
                else "it is no path of the documented service"
            )
            yield place, f"{method} {target}", why
        elif method not in METHODS:
            yield place, f"{method} {target}", "OpenAPI has no such method"


def _spelling(group: list[Operation]) -> str:
    """The most frequent way to write a path, those first that a page lists."""
    counts = Counter(one.template for one in group if one.listed) or Counter(one.template for one in group)
    return min(counts, key=lambda path: (-counts[path], path))


def _identity(method: str, path: str) -> str:
    words = re.sub(r"\{([^{}]*)\}", r" by \1 ", re.sub(r"\w+='?\{([^{}]*)\}'?", r" by \1 ", path))
    return "_".join([method.lower(), *re.findall(r"[A-Za-z0-9]+", words)])


def _endpoint(types: Types, method: str, path: str, group: list[Operation], identity: str) -> Endpoint:
    first = next((one for one in group if one.listed), group[0])
    descriptions = dict.fromkeys(one.description for one in group if one.description)
    permissions: dict[str, Permission] = {}
    for permission in (permission for one in group for permission in one.permissions):
        known = permissions.get(permission.kind)
        choices = tuple(dict.fromkeys((*(known.choices if known else ()), *permission.choices)))
        permissions[permission.kind] = Permission(permission.kind, choices, known.place if known else permission.place)
    return Endpoint(
        id=identity,
        method=method,
        path=path,
        title=first.title,
        description="\n\n".join(descriptions),
        places=tuple(dict.fromkeys(one.place for one in group)),
        listed=any(one.listed for one in group),
        parameters=tuple(_parameters(path, group)),
        permissions=tuple(permissions.values()),
        body=_request(types, group),
        responses=_responses(types, group),
    )


# --- parameters --------------------------------------------------------------------------------------------------


def _parameters(path: str, group: list[Operation]) -> Iterator[Parameter]:
    names = [hole[1:-1] for hole in _HOLE.findall(path)]
    found: dict[tuple[str, str], list[Parameter]] = {}
    for one in group:
        holes = [parameter for parameter in one.parameters if parameter.where == "path"]
        for name, parameter in zip(names, holes, strict=True):
            found.setdefault(("path", name), []).append(msgspec.structs.replace(parameter, name=name))
        for parameter in one.parameters:
            if parameter.where != "path":
                found.setdefault((parameter.where, parameter.name.lower()), []).append(parameter)
    for (where, name), said in found.items():
        if where == "header" and name in ("authorization", "content-type", "accept"):
            continue  # OpenAPI says of these elsewhere, and ignores them here (4.8.12)
        best = next((one for one in said if one.description), said[0])
        yield msgspec.structs.replace(
            best,
            type=next((one.type for one in said if one.type), None),
            place=next((one.place for one in said if one.place), None),
            sample=next((one.sample for one in said if one.sample), ""),
            required=where == "path" or (len(said) == len(group) and all(one.required for one in said)),
        )


# --- messages ----------------------------------------------------------------------------------------------------


def _request(types: Types, group: list[Operation]) -> Message | None:
    made = Message("", [], {}, {})
    shown: list[bool] = []
    for one in group:
        payload = one.body
        examples = [(example, example.request.content) for example in one.examples]
        bodies = [
            (example, content)
            for example, content in examples
            if isinstance(content, Request) and content.body is not None and content.body.kind != "empty"
        ]
        shown.extend(isinstance(content, Request) and (example, content) in bodies for example, content in examples)
        if payload is None and not bodies:
            continue
        if payload is not None:
            made.description = made.description or payload.description
            if payload.place:
                made.places.append(payload.place)
        is_map = payload is not None and _is_map(payload, [content.body for _, content in bodies])
        told = _payload_schema(types, payload, [] if is_map else [content.body for _, content in bodies])
        if told is not None and is_map:
            told = {"type": "object", "additionalProperties": told}
        for example, content in bodies:
            if content.body is None:
                continue
            media = _media_type(content.headers, content.body)
            schema = told if told is not None else _by_annotation(types, example.request)
            _add(made, media, schema, example, content.body)
        if payload is not None and not (bodies and payload.properties):
            media = _media_in_prose(one, payload)
            if not bodies or not messages.is_json(media):
                _add(made, media, told)
    if not made.media:
        return None
    says = any(one.body is not None for one in group)
    made.required = all(shown) if shown else says and group[0].method in ("POST", "PUT", "PATCH")
    return made


def _is_map(payload: Payload, bodies: Sequence[Body | None]) -> bool:
    """Whether the properties of the table are those of each value in the body, which the examples have under names of
    their own."""
    values = [body.json.value if body and body.json else None for body in bodies]
    names = payload.properties.keys()
    return bool(values and names) and all(
        isinstance(value, dict)
        and value
        and value.keys().isdisjoint(names)
        and all(isinstance(one, dict) and one.keys() & names for one in value.values())
        for value in values
    )


def _payload_schema(types: Types, payload: Payload | None, bodies: Sequence[Body | None]) -> Schema | None:
    """What the table of a request body says, or its type. What an example does without is not required."""
    if payload is None:
        return None
    shown = [body.json.value for body in bodies if body and body.json and isinstance(body.json.value, dict)]
    if payload.properties:
        known = payload.type.name.lower() if payload.type else ""
        resource = types.schemas.contract.types.get(types.schemas.contract.names.get(known, ""))
        properties: dict[str, Property] = {}
        for name, one in payload.properties.items():
            required = one.required and all(name in value for value in shown)
            if resource and name in resource.properties and (one.table is None or not one.table.name):
                inner = resource.properties[name]
                one = msgspec.structs.replace(inner, table_place=one.table_place, read_only=False)
            properties[name] = msgspec.structs.replace(one, required=required)
        return of_properties(types, properties)
    return of_expression(types, payload.type) if payload.type else None


def _media_in_prose(one: Operation, payload: Payload) -> str:
    said = [parameter.description for parameter in one.parameters if parameter.name.lower() == "content-type"]
    for text in (*said, payload.description):
        if match := _MEDIA.search(text):
            return match.group().rstrip(".+-")  # the end of a sentence is no part of it
    return "application/octet-stream" if _BINARY.search(payload.description) else "application/json"


def _responses(types: Types, group: list[Operation]) -> dict[int, Message]:
    found: dict[int, Message] = {}
    for one in group:
        for answer in one.answers:
            made = found.setdefault(answer.status, Message("", [], {}, {}))
            made.description = made.description or answer.description
            made.places.extend(place for place in answer.places if place not in made.places)
            _answer(types, one, answer, made)
    for status, made in found.items():
        made.description = made.description or _phrase(status)
    return dict(sorted(found.items()))


def _answer(types: Types, one: Operation, answer: Answer, made: Message) -> None:
    told = of_expression(types, answer.type) if answer.type else None
    if answer.type is not None and answer.type.collection and told is not None:
        told = collection_of(types, told.get("items", {}))
    own = {example.id: example for example in one.examples}
    for identity, block in answer.blocks:
        content = block.content
        if not isinstance(content, Response):
            continue
        for field in content.headers:
            if field.name.lower() not in _VOLATILE:
                made.headers.setdefault(field.name, field.value)
        body = content.body
        if body is None or body.kind == "empty":
            continue
        schema = _by_annotation(types, block)
        if schema is None and body.json is not None:
            schema = told if told and isinstance(body.json.value, dict) else {"type": json_type(body.json.value)}
        _add(made, _media_type(content.headers, body, block), schema, own.get(identity) or identity, body)
    if not answer.blocks and told is not None:
        _add(made, "application/json", told)
    elif not answer.blocks and answer.status == 200 and _BINARY.search(answer.description):
        _add(made, "application/octet-stream", None)


def _by_annotation(types: Types, block: Block) -> Schema | None:
    """The schema of the body of a block, by the type that its annotation names; None if it names none that is known."""
    if not isinstance(block.content, Request | Response):
        return None
    shape = verdict.shape(types.schemas, block)
    if shape.resource is not None:
        member: Schema = {"$ref": types.refer[shape.resource.name.lower()]}
    else:
        expression = typenames.from_cell(block.odata_type)
        if shape.primitive is None or expression.name == "Edm.Stream":
            return None
        member = of_expression(types, expression)
        if not shape.collection and isinstance(shape.example, dict) and "value" in shape.example:
            return {"type": "object", "required": ["value"], "properties": {"value": member}}  # OData JSON 4.01, 11
    if shape.collection == "/":
        return {"type": "array", "items": member}
    return collection_of(types, member, shape.collection) if shape.collection else member


def _media_type(fields: Sequence[Field], body: Body, block: Block | None = None) -> str:
    named = messages.media_type(fields)
    if re.fullmatch(r"[\w.+*-]+/[\w.+*-]+", named, re.ASCII):
        return named
    if body.json is not None:
        return "application/json"
    stream = block is not None and block.odata_type.lower() in ("edm.stream", "stream")
    return "application/octet-stream" if stream or body.kind == "placeholder" else "text/plain"


def _add(
    made: Message, media: str, schema: Schema | None, example: Example | str = "", body: Body | None = None
) -> None:
    """What one statement says of a body of a media type; with an example of it."""
    is_json = messages.is_json(media)
    content = made.media.setdefault(media, Content([], {}))
    if not is_json:
        schema = _text_schema(media)
    if schema is None:
        schema = {}
    if schema not in content.schemas:
        content.schemas.append(schema)
    value = _shown(body, is_json)
    if value is not None and value not in content.examples.values():
        name = example if isinstance(example, str) else example.name or example.id
        taken = {known.lower() for known in content.examples}
        content.examples[unique(name.rpartition("/")[2], taken)] = value


def _text_schema(media: str) -> Schema:
    """The schema of a body that is no JSON: text, bytes, or something with a structure of its own."""
    if media.startswith("text/"):
        return {"type": "string"}
    if media.startswith("multipart/") or media.endswith(("urlencoded", "xml")):
        return {}
    return {"type": "string", "format": "binary"}


def _shown(body: Body | None, is_json: bool) -> Any:
    """The body of an example as a value; None if it holds none that can be shown."""
    if body is None or body.kind in ("empty", "placeholder"):
        return None
    if is_json:
        whole = body.json is not None and body.json.stopped is None and not too_deep(body.json.value)
        return body.json.value if whole and body.json is not None else None
    return body.text.rstrip("\n")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}."
