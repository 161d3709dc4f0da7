"""`testParams`: scenarios of the request above, with values for its parameters."""

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


TYPE = BlockType(name="testParams", keys=COMMON, read=_read)
