"""What a block type is: a name, the keys of its annotation, and how its fence is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from ..model import Block

Key = Literal["string", "boolean", "strings", "string or strings", "string or null", "any"]
"""What the value of a key has to be."""


class BlockType(msgspec.Struct, frozen=True):
    """A `blockType`. `read` gives the block with its content; it is called for blocks that have a fence."""

    name: str
    keys: dict[str, Key]
    read: Callable[[Block], Block]


COMMON: dict[str, Key] = {
    "blockType": "string",
    "name": "string or strings",
    "@odata.type": "string",
    "@type": "string",
    "@type.aka": "string",
    "isCollection": "boolean",
    "collectionProperty": "string",
    "truncated": "boolean",
}
