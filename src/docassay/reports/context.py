"""What a report needs to know of where it is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec


def nothing(path: str) -> Sequence[str]:
    """The lines of no page."""
    return ()


class Context(msgspec.Struct, frozen=True):
    """The surroundings of a report."""

    color: bool = False
    width: int = 100
    prefix: str = ""
    """What stands before the path of a page so that a terminal can open it: the PATH that was given."""
    hint: str = ""
    """What to do next, for the end: a sentence on each line."""
    lines: Callable[[str], Sequence[str]] = nothing
    """The lines of a page, by its path."""
