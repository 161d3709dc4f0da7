"""HttpFence -> the annotation that its author would have written. Used where pages have none, and to suggest it."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import count
from typing import Any

from . import messages
from .model import Annotation, HttpFence, Json, Page, Response

_HTTP_SECTION = re.compile(r"\bhttp requests?\b|^syntax$", re.IGNORECASE)
_SHORTENED = re.compile(r"\btruncated\b|\bshortened\b", re.IGNORECASE)
_WORDS = re.compile(r"[^a-z0-9]+")


def suggestions(page: Page) -> Iterator[tuple[HttpFence, Annotation]]:
    """Each fence without annotation that holds HTTP, with the annotation that fits it.

    A request that no response follows, and a response that no request precedes, is a remark on the way: `ignored`.
    """
    names = {name for block in page.blocks for name in block.names}
    numbers = count(2)
    shown = sorted(_shown(page)) if page.unannotated else []
    lines = [line for line, _ in shown]
    for one in page.unannotated:
        at = bisect_left(lines, one.fence.line)
        if one.holds == "request":
            paired = at + 1 < len(shown) and shown[at + 1][1] == "response"
        else:
            paired = any(holds == "request" for _, holds in shown[:at])
        data = _data(page, one, names, numbers) if paired else {"blockType": "ignored"}
        names.update([data["name"]] if "name" in data else [])
        text = f" {{ {json.dumps(data)[1:-1]} }} "
        line = one.fence.line
        yield one, Annotation(line, line, text, line, one.fence.column, Json(data))


def _shown(page: Page) -> Iterator[tuple[int, str]]:
    """Where a page shows a request or a response, outside of sections that only list requests."""
    for block in page.blocks:
        if block.fence is None:
            continue
        if block.block_type == "response" or isinstance(block.content, Response):
            yield block.fence.line, "response"
        elif block.block_type == "request" or (block.requests and not _HTTP_SECTION.search(block.section)):
            yield block.fence.line, "request"
    for one in page.unannotated:
        listed = one.holds == "request" and _HTTP_SECTION.search(one.section)
        yield one.fence.line, "" if listed else one.holds
    for included in page.included:
        if included.request or included.response:
            yield included.line, "response" if included.response else "request"


def comment(note: Annotation) -> str:
    """An annotation as the comment that says so."""
    return f"<!--{note.text}-->"


def _data(page: Page, one: HttpFence, taken: set[str], numbers: Iterator[int]) -> dict[str, Any]:
    if one.holds == "request":
        if _HTTP_SECTION.search(one.section) or _holds_several(one):
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


def _holds_several(one: HttpFence) -> bool:
    """Whether a fence shows more than one request."""
    if not any(line.startswith(messages.METHODS) for line in one.fence.text.split("\n")[1:]):
        return False
    request = messages.parse_request(one.fence.text, one.fence.text_line, one.fence.column)
    if any(fault.kind == "several-requests" for fault in request.malformed):
        return True
    body = request.body.json if request.body else None
    return body is not None and any(fault.kind == "text-after-value" for fault in body.repairs)


def _name(page: Page, taken: set[str], numbers: Iterator[int]) -> str:
    """`photo_create` for a page in `photo-create.md`; `photo_create_2` for its second request.

    The names of files differ within a folder, and so do the names of requests then. `numbers`: those that no name of
    the page has got yet.
    """
    stem = page.path.rpartition("/")[2].rpartition(".")[0]
    base = _WORDS.sub("_", stem.lower()).strip("_") or "request"
    name = base
    while name in taken:
        name = f"{base}_{next(numbers)}"
    return name


def _members(response: Response) -> list[Any]:
    value = response.body.json.value if response.body and response.body.json else None
    if isinstance(value, dict) and isinstance(value.get("value"), list):
        return list(value["value"])
    if isinstance(value, dict) and isinstance(value.get("value"), dict) and "@odata.type" not in value:
        return [value["value"]]
    return value if isinstance(value, list) else [value]


def _is_collection(response: Response) -> bool:
    value = response.body.json.value if response.body and response.body.json else None
    return isinstance(value, dict) and isinstance(value.get("value"), list)


def _type(response: Response) -> str:
    """The type that every member of the body says it has; nothing if they do not say, or differ."""
    names = [one.get("@odata.type") if isinstance(one, dict) else None for one in _members(response)]
    name = names[0] if names and all(one == names[0] for one in names) else None
    return name.lstrip("#") if isinstance(name, str) else ""
