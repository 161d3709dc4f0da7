"""Loaded -> what `docassay show` prints: one row for every annotated block, example, type and operation."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from . import contract
from .model import Block, Page, Request, Response
from .pipeline import Loaded


def as_object(loaded: Loaded) -> dict[str, Any]:
    """The JSON form. Its names are a contract that other tools read."""
    promises = loaded.schemas.contract
    return {
        "pages": [_page(one) for one in loaded.docs.pages],
        "blocks": [_block(block) for page in loaded.docs.pages for block in page.blocks],
        "examples": [
            {
                "id": one.id,
                "name": one.name,
                "path": one.request.path,
                "line": one.request.line,
                "method": one.request.content.method if isinstance(one.request.content, Request) else "",
                "url": one.request.content.target if isinstance(one.request.content, Request) else "",
                "responses": [
                    {"line": block.line, "status": _status(block), "odata_type": block.odata_type or None}
                    for block in one.responses
                ],
            }
            for one in promises.examples
        ],
        "types": [
            {
                "name": one.name,
                "path": one.place.path,
                "line": one.place.line,
                "base_type": contract.base_of(promises, one) or None,
                "enum": one.is_enum,
                "properties": [
                    {"name": name, "line": prop.place.line if prop.place else None, "nullable": prop.nullable}
                    for name, prop in one.properties.items()
                ],
                "members": list(one.members),
            }
            for one in promises.types.values()
        ],
        "operations": [
            {"method": one.method, "url": one.template, "path": one.place.path, "line": one.place.line}
            for one in promises.operations
        ],
        "tally": tally(loaded),
    }


def tally(loaded: Loaded) -> dict[str, int]:
    """What became of the annotated blocks: every one is in exactly one row."""
    counts = Counter(dict.fromkeys(_ROWS, 0))
    counts.update(fate for _, fate in fates(loaded))
    return {"blocks": sum(counts.values()), **{name: counts[name] for name in _ROWS}}


def fates(loaded: Loaded) -> Iterator[tuple[Block, str]]:
    """Each annotated block, and the row of the tally that it is in."""
    promises = loaded.schemas.contract
    paired = {(block.path, block.line) for one in promises.examples for block in one.responses}
    silent = {(block.path, block.line) for page in promises.pages for block in page.silent}
    for page in loaded.docs.pages:
        for block in page.blocks:
            yield block, _fate(block, paired, silent)


_ROWS = ("requests", "responses", "responses_to_ignored", "resources", "examples", "ignored", "reported")


def _fate(block: Block, paired: set[tuple[str, int]], silent: set[tuple[str, int]]) -> str:
    at = (block.path, block.line)
    if block.block_type in ("ignored", "samples", "testParams", "permissions", "simulatedResponse"):
        return "ignored"
    if block.fence is None or block.annotation.status == "failed":
        return "reported"
    if block.block_type == "request":
        return "requests"
    if block.block_type == "response":
        return "responses" if at in paired else "responses_to_ignored" if at in silent else "reported"
    return {"resource": "resources", "example": "examples"}.get(block.block_type, "reported")


def render(loaded: Loaded, form: str) -> str:
    """As text or JSON."""
    found = as_object(loaded)
    if form == "json":
        return json.dumps(found, indent=2, ensure_ascii=False) + "\n"
    lines = []
    for block in found["blocks"]:
        fence = f"{block['fence_line']}-{block['fence_end_line']}" if block["fence_line"] else "no fence"
        what = " ".join(str(part) for part in (block["method"], block["status"]) if part)
        named = ", ".join(block["name"]) if isinstance(block["name"], list) else block["name"] or ""
        row = (
            f"{block['path']}:{block['line']}:",
            block["block_type"] or "?",
            fence,
            what,
            named,
            block["odata_type"] or "",
        )
        lines.append("".join(char if char.isprintable() else "�" for char in " ".join(part for part in row if part)))
    lines.append("")
    lines.extend(
        f"{one['id']}: {one['method']} {one['url']} -> "
        + (", ".join(str(response["status"]) for response in one["responses"]) or "nothing")
        for one in found["examples"]
    )
    counts = found["tally"]
    lines.append(
        f"{len(found['pages'])} pages, {len(found['types'])} types, {len(found['operations'])} operations, "
        f"{counts['blocks']} blocks: "
        + ", ".join(f"{counts[name]} {name.replace('_', ' ')}" for name in _ROWS if counts[name])
    )
    return "\n".join(lines) + "\n"


def _page(one: Page) -> dict[str, Any]:
    return {"path": one.path, "title": one.title, "blocks": len(one.blocks)}


def _block(block: Block) -> dict[str, Any]:
    content = block.content
    request = content if isinstance(content, Request) else None
    names = list(block.names)
    return {
        "path": block.path,
        "line": block.line,
        "fence_line": block.fence.line if block.fence else None,
        "fence_end_line": block.fence.end_line if block.fence else None,
        "block_type": block.block_type or None,
        "name": names if isinstance(block.annotation.data.get("name"), list) else (names[0] if names else None),
        "odata_type": _type(block),
        "annotation": block.annotation.status,
        "method": (request.method or None) if request else None,
        "status": _status(block),
        "sha1": _sha1(block.fence.text) if block.fence else None,
    }  # fmt: skip


def _sha1(text: str) -> str:
    return hashlib.sha1(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def _status(block: Block) -> int | None:
    return block.content.status if isinstance(block.content, Response) else None


def _type(block: Block) -> str | None:
    """The type as the annotation writes it."""
    written = block.annotation.data.get("@odata.type") or block.annotation.data.get("@type")
    return written if isinstance(written, str) else None
