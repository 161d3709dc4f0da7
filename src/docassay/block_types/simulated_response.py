"""`simulatedResponse`: a response that stands in for a service in API Doctor's own tests. Read, never replayed."""

from __future__ import annotations

from . import response
from .base import BlockType

TYPE = BlockType(name="simulatedResponse", keys=response.TYPE.keys, read=response.read)
