"""Loaded -> JSON Schema 2020-12: one bundle of all types, request bodies and responses."""

from __future__ import annotations

from typing import Any

from .. import messages
from ..pipeline import Loaded
from ..schema import CONTRACT_ID, DIALECT
from . import endpoints, types
from .endpoints import Message


def document(loaded: Loaded) -> dict[str, Any]:
    """The bundle: a type at `#/$defs/<full name>`, a body at `…/<operation>.request` or `…/<operation>.<status>`."""
    known = types.collect(loaded.docs.pages, loaded.schemas, "#/$defs/", "$comment")
    definitions = types.definitions(known)
    used = {name.lower() for name in definitions}
    bodies: dict[str, Any] = {}
    for one in endpoints.collect(loaded, known):
        said: list[tuple[str, Message | None]] = [("request", one.body)]
        said.extend((str(status), message) for status, message in one.responses.items())
        for suffix, message in said:
            schema = _body(message)
            if message is not None and schema is not None:
                title = f"{one.method} {one.path}: {'request' if suffix == 'request' else f'response {suffix}'}"
                places = ", ".join(map(str, message.places or one.places))
                bodies[types.unique(f"{one.id}.{suffix}", used)] = {"title": title, "$comment": places} | (
                    {"allOf": [schema]} if "title" in schema or "$comment" in schema else schema
                )
    return {"$schema": DIALECT, "$id": CONTRACT_ID, "$defs": {**definitions, **dict(sorted(bodies.items()))}}


def _body(message: Message | None) -> dict[str, Any] | None:
    """The schema of a JSON body."""
    if message is None:
        return None
    schemas = (content.schema() for media, content in message.media.items() if messages.is_json(media))
    return next((schema for schema in schemas if schema), None)
