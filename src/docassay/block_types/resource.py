"""`resource`: the JSON representation of a type: a sample value, or the name of its type, for every property."""

from __future__ import annotations

import msgspec

from .. import messages
from ..model import Block
from .base import COMMON, BlockType


def _read(block: Block) -> Block:
    fence = block.fence
    if fence is None:
        return block
    return msgspec.structs.replace(block, content=messages.make_body(fence.text, fence.text_line, fence.column, ()))


TYPE = BlockType(
    name="resource",
    keys={
        **COMMON,
        "@property.aka": "string",
        "baseType": "string or null",
        "keyProperty": "string",
        "optionalProperties": "strings",
        "nullableProperties": "strings",
        "openType": "boolean",
        "abstract": "boolean",
        "isMediaEntity": "boolean",
        "@odata.annotations": "any",
    },
    read=_read,
)
