"""What a report needs to know of where it is shown."""

from __future__ import annotations

import msgspec


class Context(msgspec.Struct, frozen=True):
    """The surroundings of a report."""

    color: bool = False
    width: int = 100
    prefix: str = ""
    """What stands before the path of a page so that a terminal can open it: the PATH that was given."""
    hint: str = ""
    """What to do next, for the end: a sentence on each line."""
