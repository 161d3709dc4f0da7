"""`example`: a sample of a type, mostly as JSON; some pages put a whole HTTP message there."""

from __future__ import annotations

import msgspec

from .. import messages
from ..model import Block
from .base import COMMON, BlockType


def _read(block: Block) -> Block:
    fence = block.fence
    if fence is None:
        return block
    place = (fence.text, fence.text_line, fence.column)
    holds = messages.looks_like(fence.text)
    if holds == "request":
        return msgspec.structs.replace(block, content=messages.parse_request(*place))
    if holds == "response":
        return msgspec.structs.replace(block, content=messages.parse_response(*place))
    return msgspec.structs.replace(block, content=messages.make_body(*place, ()))


TYPE = BlockType(
    name="example",
    keys={**COMMON, "isEmpty": "boolean", "expectError": "boolean", "nullableProperties": "strings"},
    read=_read,
)
