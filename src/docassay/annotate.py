"""Comment + fence -> Block. What each annotation says, and which fence it speaks of.

An annotation is an HTML comment whose text is a JSON object. It speaks of the fence that follows it directly, over
blank lines, other comments, docfx tab headings and alerts, which render as nothing between them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from . import jsontext, messages
from .block_types import BLOCK_TYPES, CANONICAL, KEYS, BlockType
from .model import Annotation, Block, Element, Fence

_ANNOTATION = re.compile(r"\s*\{|\s*\[\s*\{|\s*[\"']?blockType[\"']?\s*:")
_COLLECTION = re.compile(r"collection\s*+\((?P<name>[^()]*)\)?", re.IGNORECASE)
_TRANSPARENT = {"tab"}


def annotation(element: Element) -> Annotation | None:
    """The annotation that a comment is, or None if it is not meant as one."""
    if element.kind != "comment":
        return None
    text = element.text
    if text.startswith("-"):  # <!--- … --->
        dashes = len(text) - len(text.lstrip("-"))
        text = " " * dashes + text[dashes:].rstrip("-")
    if not _ANNOTATION.match(text):
        return None
    json = jsontext.read(text)
    found = Annotation(element.line, element.end_line, text, element.text_line, element.column, json, element.margin)
    if found.status != "strict" and "blockType" not in element.text and not KEYS.keys() & found.data.keys():
        return None  # braces in a comment for people
    return None if is_page_annotation(found.data) else found


def is_page_annotation(data: dict[str, Any]) -> bool:
    """Whether this is the comment that describes the page as a whole, at its end."""
    kind = data.get("type")
    return "blockType" not in data and isinstance(kind, str) and kind.lstrip().startswith("#page.")


def attach(elements: Sequence[Element], index: int) -> tuple[Element | None, str]:
    """The fence that the annotation at `index` speaks of, and what stands between them against the rules.

    No fence: (None, what stands there). A heading or paragraph between is passed over for the caller to judge: the
    fence is given, and the kind of what stands between.
    """
    container = elements[index].container
    between = ""
    for following in range(index + 1, len(elements)):
        element = elements[following]
        if element.kind in ("fence", "code") and element.container == container:
            return element, between
        if element.kind in _TRANSPARENT or (element.kind == "paragraph" and element.info == "alert"):
            continue
        if element.kind == "comment" and annotation(element) is None:
            continue
        if element.kind in ("heading", "paragraph") and not between and element.container == container:
            between = element.kind
            continue
        return None, between or element.kind
    return None, between


def block(path: str, note: Annotation, fence: Fence | None, between: str = "", section: str = "") -> Block:
    """The block that an annotation and its fence make."""
    data = note.data
    kind = block_type(data) or (inferred_type(data, fence) if note.status != "failed" else None)
    type_name, collection = odata_type(data)
    made = Block(
        path=path,
        annotation=note,
        fence=fence,
        block_type=kind.name if kind else _text(data.get("blockType")),
        names=_names(data.get("name")),
        odata_type=type_name,
        is_collection=collection or is_true(data.get("isCollection")),
        section=section,
        between=between,
    )
    return kind.read(made) if kind and fence else made


def block_type(data: dict[str, Any]) -> BlockType | None:
    """The type that `blockType` names, whatever its letter case; None if there is no such type."""
    name = data.get("blockType")
    return BLOCK_TYPES.get(CANONICAL.get(name.strip().lower(), "")) if isinstance(name, str) else None


def inferred_type(data: dict[str, Any], fence: Fence | None) -> BlockType | None:
    """The type of a block whose annotation names none, where annotation and fence leave no doubt."""
    if "blockType" in data or fence is None:
        return None
    if fence.language == "http":
        lines = [line for line in fence.text.split("\n") if line.strip()]
        if len(lines) > 1 and all(messages.looks_like(line) == "request" for line in lines):
            return BLOCK_TYPES["samples"]
        return BLOCK_TYPES.get(messages.looks_like(fence.text))
    return BLOCK_TYPES["resource"] if fence.language == "json" and odata_type(data)[0] else None


def odata_type(data: dict[str, Any]) -> tuple[str, bool]:
    """The type name without `#`, and whether it was written as a collection. `@type` is the older key."""
    name = data.get("@type") or data.get("@odata.type")
    if not isinstance(name, str):
        return "", False
    match = _COLLECTION.fullmatch(name.strip().lstrip("#"))
    return (match["name"] if match else name).strip().lstrip("#"), match is not None


def is_true(value: Any) -> bool:
    """Whether a boolean member is set; many pages write it as a string."""
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")


def key_position(note: Annotation, key: str) -> tuple[int, int]:
    """Line and column of a member of the annotation, in the page; of the comment if the member is not found."""
    found = _location(note, key)
    return position(note, found[1]) if found else (note.line, 1)


def value_position(note: Annotation, key: str, index: int | None = None) -> tuple[int, int]:
    """The same of its value, or of an element of that."""
    found = (
        _location(note, key) if index is None else jsontext.locations(note.text).get(f"/{jsontext.escape(key)}/{index}")
    )
    return position(note, found[0]) if found else (note.line, 1)


def _location(note: Annotation, key: str) -> tuple[int, int] | None:
    return jsontext.locations(note.text).get("/" + jsontext.escape(key))


def position(note: Annotation, offset: int) -> tuple[int, int]:
    """Line and column in the page of an offset into the annotation's text."""
    line, column = jsontext.line_column(note.text, offset)
    return note.text_line + line, column + (note.text_column - 1 if line == 0 else note.margin)


def _names(name: Any) -> tuple[str, ...]:
    return tuple(one for one in (name if isinstance(name, list) else [name]) if isinstance(one, str) and one)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
