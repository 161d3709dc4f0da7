"""Block types: what a `blockType` promises, and how its fence is read. One file each; add yours to `BLOCK_TYPES`."""

from __future__ import annotations

from . import example, ignored, request, resource, response, simulated_response, test_params
from .base import BlockType, Key

BLOCK_TYPES: dict[str, BlockType] = {
    kind.name: kind
    for kind in (
        request.TYPE,
        response.TYPE,
        resource.TYPE,
        test_params.TYPE,
        example.TYPE,
        simulated_response.TYPE,
        *ignored.TYPES,
    )
}

CANONICAL: dict[str, str] = {name.lower(): name for name in BLOCK_TYPES}
"""Lower-case name -> name: `blockType` is read whatever its letter case, as API Doctor does."""

KEYS: dict[str, Key] = {key: expected for kind in BLOCK_TYPES.values() for key, expected in kind.keys.items()}
"""Every key that some block type knows. Pages write many of them on other blocks too, where they do no harm."""

__all__ = ["BLOCK_TYPES", "CANONICAL", "KEYS", "BlockType", "Key"]
