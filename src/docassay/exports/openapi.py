"""Loaded -> OpenAPI 3.1: operations, bodies, responses, named examples, types and permissions."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from ..model import Parameter
from ..pipeline import Loaded
from . import endpoints, types
from .endpoints import Content, Endpoint, Message
from .types import Types

SOURCE = "x-docassay-source"
"""The lines of the pages that say so."""
_SCHEMES = {
    "delegated-work": "A permission that somebody with a work or school account has granted to the caller.",
    "delegated-personal": "A permission that somebody with a personal account has granted to the caller.",
    "application": "A permission that the caller has itself.",
}


def document(loaded: Loaded) -> dict[str, Any]:
    """The description of the API."""
    known = types.collect(loaded.docs.pages, loaded.schemas, "#/components/schemas/", SOURCE, is_openapi=True)
    found = endpoints.collect(loaded, known)
    examples = _Examples(found)
    paths: dict[str, Any] = {}
    for one in found:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(known, one, examples)
    made: dict[str, Any] = {"openapi": "3.1.0", "info": _info(loaded)}
    if server := _server(loaded):
        made["servers"] = [{"url": server}]
    if tags := sorted({_tag(one.path) for one in found}):
        made["tags"] = [{"name": tag} for tag in tags]
    made["paths"] = paths
    components: dict[str, Any] = {"schemas": types.definitions(known)}
    if examples.shared:
        components["examples"] = examples.shared
    if kinds := {permission.kind for one in found for permission in one.permissions}:
        components["securitySchemes"] = {
            kind: {"type": "http", "scheme": "bearer", "description": text}
            for kind, text in _SCHEMES.items()
            if kind in kinds
        }
    made["components"] = components
    if missing := [f"{place}: {request}: {why}" for place, request, why in endpoints.left_out(loaded)]:
        made["x-docassay-left-out"] = missing
    return made


def _info(loaded: Loaded) -> dict[str, str]:
    first = {page.path.lower(): page.title for page in loaded.docs.pages if page.title}
    namespaces = Counter(name.rpartition(".")[0] for name in loaded.schemas.contract.types)
    namespaces.pop("", None)
    common = min(namespaces, key=lambda name: (-namespaces[name], name), default="")
    title = first.get("index.md") or first.get("readme.md") or common or "API"
    version = re.search(r"/(v\d[\w.]*|beta|alpha|preview)$", _server(loaded))
    return {"title": title, "version": version[1] if version else "1.0"}


def _server(loaded: Loaded) -> str:
    """The service root under which most examples stand."""
    promises = loaded.schemas.contract
    counts: Counter[str] = Counter()
    for example in promises.examples:
        target = getattr(example.request.content, "target", "")
        counts.update([next((root for root in promises.roots if target.startswith(root + "/")), "")])
    del counts[""]
    return min(counts, key=lambda root: (-counts[root], root), default=promises.roots[0] if promises.roots else "")


def _tag(path: str) -> str:
    return next(iter(re.findall(r"[A-Za-z]\w*", re.sub(r"\{[^{}]*\}", "", path))), "root")


def _operation(known: Types, one: Endpoint, examples: _Examples) -> dict[str, Any]:
    made: dict[str, Any] = {"operationId": one.id, "tags": [_tag(one.path)]}
    if one.title:
        made["summary"] = one.title
    if one.description:
        made["description"] = one.description
    made[SOURCE] = [str(place) for place in one.places]
    if one.parameters:
        made["parameters"] = [_parameter(known, parameter) for parameter in one.parameters]
    if one.body is not None:
        body: dict[str, Any] = {"description": one.body.description} if one.body.description else {}
        body["required"] = one.body.required
        if one.body.places:
            body[SOURCE] = [str(place) for place in one.body.places]
        made["requestBody"] = {**body, "content": _content(one.body, examples)}
    if one.responses:
        made["responses"] = {str(status): _response(message, examples) for status, message in one.responses.items()}
    else:
        made["responses"] = {"default": {"description": "No page says what comes back."}}
    if one.permissions:
        # "One of the following permissions is required": each choice is an alternative.
        made["security"] = [
            {permission.kind: list(names)} for permission in one.permissions for names in permission.choices
        ]
    return made


def _parameter(known: Types, one: Parameter) -> dict[str, Any]:
    made: dict[str, Any] = {"name": one.name, "in": one.where, "required": one.required}
    if not one.required:
        del made["required"]
    if one.description:
        made["description"] = one.description
    schema = types.of_expression(known, one.type) or {"type": "string"}
    made["schema"] = schema
    if one.sample and (sample := _typed(one.sample, schema)) is not None:
        made["example"] = sample
    if one.place:
        made[SOURCE] = [str(one.place)]
    return made


def _typed(text: str, schema: dict[str, Any]) -> Any:
    """A value of a URI as the schema has it; None if it is none."""
    kind = schema.get("type")
    if kind == "string" and "enum" not in schema and "format" not in schema:
        return text
    if kind == "integer" and re.fullmatch(r"-?\d{1,18}", text):
        return int(text)
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    return text if text in schema.get("enum", ()) else None


def _response(one: Message, examples: _Examples) -> dict[str, Any]:
    made: dict[str, Any] = {"description": one.description, SOURCE: [str(place) for place in one.places]}
    if one.headers:
        made["headers"] = {
            name: {"schema": {"type": "string"}, "example": value} for name, value in one.headers.items()
        }
    if one.media:
        made["content"] = _content(one, examples)
    return made


def _content(one: Message, examples: _Examples) -> dict[str, Any]:
    return {media: _media(content, examples) for media, content in one.media.items()}


def _media(content: Content, examples: _Examples) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if schema := content.schema():
        made["schema"] = schema
    if content.examples:
        made["examples"] = {name: examples.of(name, value) for name, value in content.examples.items()}
    return made


class _Examples:
    """Examples that stand in several places become components; one operation often has many forms."""

    def __init__(self, found: list[Endpoint]) -> None:
        self.shared: dict[str, Any] = {}
        self._names: dict[int, str] = {}
        self._used: set[str] = set()
        self._counts: Counter[int] = Counter()
        for one in found:
            for message in filter(None, (one.body, *one.responses.values())):
                for content in message.media.values():
                    self._counts.update(id(value) for value in content.examples.values())

    def of(self, name: str, value: Any) -> dict[str, Any]:
        """The example, or a reference to it."""
        if not isinstance(value, dict | list) or self._counts[id(value)] < 2:
            return {"value": value}
        if id(value) not in self._names:
            key = re.sub(r"[^\w.-]+", "-", name, flags=re.ASCII) or "example"
            self._names[id(value)] = types.unique(key, self._used)
            self.shared[self._names[id(value)]] = {"value": value}
        return {"$ref": f"#/components/examples/{self._names[id(value)]}"}
