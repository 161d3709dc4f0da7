"""HttpFence -> the annotation that its author would have written. Used where pages have none, and to suggest it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import count
from typing import Any

from . import messages
from .model import Annotation, HttpFence, Json, Page, Response

_HTTP_SECTION = re.compile(r"\bhttp requests?\b|^syntax$", re.IGNORECASE)
_SHORTENED = re.compile(r"\btruncated\b|\bshortened\b", re.IGNORECASE)
_WORDS = re.compile(r"[^a-z0-9]+")


def suggestions(page: Page) -> Iterator[tuple[HttpFence, Annotation]]:
    """Each fence without annotation that holds HTTP, with the annotation that fits it."""
    names = {name for block in page.blocks for name in block.names}
    numbers = count(2)
    for one in page.unannotated:
        data = _data(page, one, names, numbers)
        names.update([data["name"]] if "name" in data else [])
        text = f" {{ {json.dumps(data)[1:-1]} }} "
        line = one.fence.line
        yield one, Annotation(line, line, text, line, one.fence.column, Json(data))


def comment(note: Annotation) -> str:
    """An annotation as the comment that says so."""
    return f"<!--{note.text}-->"


def _data(page: Page, one: HttpFence, taken: set[str], numbers: Iterator[int]) -> dict[str, Any]:
    if one.holds == "request":
        if _HTTP_SECTION.search(one.section):
            return {"blockType": "ignored"}
        return {"blockType": "request", "name": _name(page, taken, numbers)}
    found: dict[str, Any] = {"blockType": "response"}
    response = messages.parse_response(one.fence.text, one.fence.line + 1, one.fence.column)
    has_body = response.body is not None and response.body.kind != "empty"
    if has_body and any(_SHORTENED.search(text.text) for text in page.statements):
        found["truncated"] = True
    if kind := _type(response):
        found["@odata.type"] = kind
    if _is_collection(response):
        found["isCollection"] = True
    return found


def _name(page: Page, taken: set[str], numbers: Iterator[int]) -> str:
    """`create_photo` for a page with the title "Create photo"; `create_photo_2` for its second request.

    `numbers`: those that no name of the page has got yet.
    """
    stem = page.path.rpartition("/")[2].rpartition(".")[0]
    base = _WORDS.sub("_", (page.title or stem).lower()).strip("_") or "request"
    name = base
    while name in taken:
        name = f"{base}_{next(numbers)}"
    return name


def _members(response: Response) -> list[Any]:
    value = response.body.json.value if response.body and response.body.json else None
    if isinstance(value, dict) and isinstance(value.get("value"), list):
        return list(value["value"])
    return value if isinstance(value, list) else [value]


def _is_collection(response: Response) -> bool:
    value = response.body.json.value if response.body and response.body.json else None
    return isinstance(value, dict) and isinstance(value.get("value"), list)


def _type(response: Response) -> str:
    """The type that every member of the body says it has; nothing if they do not say, or differ."""
    names = [one.get("@odata.type") if isinstance(one, dict) else None for one in _members(response)]
    name = names[0] if names and all(one == names[0] for one in names) else None
    return name.lstrip("#") if isinstance(name, str) else ""
