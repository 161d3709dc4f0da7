"""Link targets -> what is missing. Follows relative links on the disk, never over the network.

Each folder is read once, and each target looked up once for each folder.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from . import wording
from .source import Root


def listing(folder: str) -> list[str]:
    """The names in a folder; none if it cannot be read."""
    try:
        return sorted(os.listdir(folder))
    except (OSError, ValueError):
        return []


def fingerprint(folder: str) -> str:
    """What changes when a name in a folder does."""
    names = "\0".join(listing(folder))
    return hashlib.sha256(names.encode("utf-8", "surrogatepass")).hexdigest()[:32]


class Links:
    """What the links of pages lead to."""

    def __init__(self, roots: Sequence[Root]) -> None:
        self._roots = [(root.prefix, os.path.abspath(root.folder), root.limit) for root in reversed(roots)]
        self._names: dict[str, dict[str, str]] = {}
        self._known: dict[tuple[str, str], tuple[str, str]] = {}
        self.asked: set[str] = set()
        """The folders that were looked into, until the set is cleared."""

    def missing(self, page: str, target: str) -> str:
        """What to say of a relative link from `page` that leads to nothing; nothing if there is such a file.

        Letter case is passed over: many sites do. Links that leave the repository are not followed.
        """
        key = (page.rpartition("/")[0], target)
        if key not in self._known:
            self._known[key] = self._look(page, target)
        said, folder = self._known[key]
        if folder:
            self.asked.add(folder)
        return said

    def _look(self, page: str, target: str) -> tuple[str, str]:
        """What to say, and the folder in which it was looked for."""
        prefix, root, limit = next(one for one in self._roots if page.startswith(one[0]))
        start = os.path.dirname(os.path.join(root, page.removeprefix(prefix)))
        try:
            found = os.path.normpath(os.path.join(start, target))
        except ValueError:
            return "correct the path, or remove the link", ""
        if found != limit and not found.startswith(limit.rstrip(os.sep) + os.sep):
            said = f"it leads out of {os.path.basename(limit)}/, where no page was read"
            return f"{said}: correct it, or check the folder that holds both", ""
        folder, name = os.path.split(found)
        names = self._listing(folder)
        if name.lower() in names or f"{name.lower()}.md" in names or found == limit:
            return "", folder
        if not names:
            return f"there is no folder '{Path(os.path.relpath(folder, start)).as_posix()}'", folder
        # Only names that begin and end alike: comparing with all of a large folder takes longer than reading the page.
        wanted = name.lower()
        alike = [one for one in names if one[:2] == wanted[:2] and abs(len(one) - len(wanted)) <= 3][:100]
        close = wording.nearest(wanted, alike, 0.7)
        return wording.guess(names.get(close, ""), "correct the path, or remove the link"), folder

    def _listing(self, folder: str) -> dict[str, str]:
        if folder not in self._names:
            self._names[folder] = {name.lower(): name for name in listing(folder)}
        return self._names[folder]
