"""Blocks that are no examples: `ignored` (mostly the `HTTP request` section), `samples`, `permissions`.

Their request lines are read all the same: they are the operations that the page documents.
"""

from __future__ import annotations

import msgspec

from .. import messages
from ..model import Block
from .base import COMMON, BlockType


def _read(block: Block) -> Block:
    fence = block.fence
    if fence is None:
        return block
    requests = messages.request_lines(fence.text, fence.text_line, fence.column)
    return msgspec.structs.replace(block, requests=requests)


TYPES = (
    BlockType(name="ignored", keys=COMMON, read=_read),
    BlockType(name="samples", keys=COMMON, read=_read),
    BlockType(name="permissions", keys={**COMMON, "requestUrls": "strings", "mergePermissions": "boolean"}, read=_read),
)
