"""`response`: what the service answers to the request of the same name, or to the one before it."""

from __future__ import annotations

import msgspec

from .. import messages
from ..model import Block
from .base import COMMON, BlockType


def read(block: Block) -> Block:
    """The block with its response."""
    fence = block.fence
    if fence is None:
        return block
    return msgspec.structs.replace(block, content=messages.parse_response(fence.text, fence.text_line, fence.column))


TYPE = BlockType(
    name="response",
    keys={
        **COMMON,
        "isEmpty": "boolean",
        "expectError": "boolean",
        "nullableProperties": "strings",
        "optionalProperties": "strings",
    },
    read=read,
)
