"""`request`: an HTTP request that the service answers as the response that belongs to it says."""

from __future__ import annotations

import msgspec

from .. import messages
from ..model import Block
from .base import COMMON, BlockType


def _read(block: Block) -> Block:
    fence = block.fence
    if fence is None:
        return block
    return msgspec.structs.replace(block, content=messages.parse_request(fence.text, fence.text_line, fence.column))


TYPE = BlockType(
    name="request",
    keys={
        **COMMON,
        "sampleKeys": "strings",
        "scopes": "string",
        "apiVersions": "string",
        "tags": "string",
        "target": "string",
        "isComposable": "boolean",
        "idempotent": "boolean",
        "opaqueUrl": "boolean",
        "@odata.annotations": "any",
        "longRunningResponseType": "string",
    },
    read=_read,
)
