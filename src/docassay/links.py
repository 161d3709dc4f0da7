"""Link targets -> what is missing. Follows relative links on the disk, never over the network.

Each folder is read once, and each target looked up once for each folder.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from urllib.parse import unquote

from . import wording
from .model import Value
from .source import Root


def listing(folder: str) -> list[str]:
    """The names in a folder; none if it cannot be read."""
    try:
        return sorted(os.listdir(folder))
    except (OSError, ValueError):
        return []


@lru_cache(65536)
def reduced(anchor: str) -> str:
    """A heading, or what a link says behind `#`, as its letters and digits: sites differ in all else that they keep."""
    return _NO_LETTERS.sub("", anchor.lower())


_NO_LETTERS = re.compile(r"[\W_]+")


def fingerprint(names: Sequence[str]) -> str:
    """What changes when a name in a folder does."""
    return hashlib.sha256("\0".join(names).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def path_of(target: str) -> str:
    """The path in the target of a link; nothing if it leads to another site, or only to a part of the page."""
    path = target.split("#", 1)[0].split("?", 1)[0].strip()
    return "" if leads_elsewhere(path) else path


def leads_elsewhere(target: str) -> bool:
    """Whether the target of a link is no relative path: an absolute URI or path, a part of the page, a hole."""
    return _ELSEWHERE.match(target) is not None


_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//|/|~|#|\{|%7b", re.IGNORECASE)
_ENCODED = re.compile(r"[%\\]")

MAX_DEPTH = 64
"""Folders inside each other that are climbed to find the first one that is missing."""


class Missing(Value, frozen=True):
    """That a link leads to nothing."""

    hint: str
    folder: str = ""
    """The first folder on the way that is not there, from the root of the pages; empty if only the file is missing."""


def _alike(wanted: str, names: Iterable[str]) -> list[str]:
    """Some names that begin alike and are alike long: comparing with all of them takes longer than reading the page."""
    return list(islice((one for one in names if one[:2] == wanted[:2] and abs(len(one) - len(wanted)) <= 3), 20))


def respelled(folder: str, limit: str, names: Callable[[str], Mapping[str, str]], asked: set[str]) -> str:
    """A folder below `limit` as it is spelled on the disk, if it is there with other capitals; else as it was.

    `names`: gives those in a folder, by their small letters. The folders that are looked into are added to `asked`.
    """
    real = limit
    for part in os.path.relpath(folder, limit).split(os.sep)[:MAX_DEPTH]:
        asked.add(real)
        name = names(real).get(part.lower())
        if name is None:
            return folder
        real = os.path.join(real, name)
    return real


class Links:
    """What the links of pages lead to."""

    def __init__(self, roots: Sequence[Root], anchors: Mapping[str, Sequence[str]]) -> None:
        """`anchors`: what can be named behind `#`, reduced, of each page by its name."""
        self._anchors = anchors
        self._sets: dict[str, frozenset[str]] = {}
        self._pages = {name.lower(): name for name in anchors}
        self._by_name: dict[str, list[str]] = {}
        self.asked_pages: set[str] = set()
        """The pages whose anchors were looked at, until the set is cleared; `*/name` where any page of a name was."""
        self._roots = [(root.prefix, os.path.abspath(root.folder), root.limit) for root in reversed(roots)]
        self._names: dict[str, dict[str, str]] = {}
        self._fingerprints: dict[str, str] = {}
        self._folders: dict[tuple[str, str], str] = {}
        self._known: dict[tuple[str, str], tuple[Missing | None, set[str], set[str]]] = {}
        self._respelled: dict[str, tuple[str, set[str]]] = {}
        self._spelled: dict[tuple[str, str], tuple[str, set[str]]] = {}
        self._absent: dict[tuple[str, str], tuple[Missing, list[str]]] = {}
        self.asked: set[str] = set()
        """The folders that were looked into, until the set is cleared."""

    def missing(self, page: str, target: str) -> Missing | None:
        """What is wrong with the target of a link on `page`; None if it leads to a file, or to another site.

        Letter case is passed over: many sites do. Links that leave the repository are not followed.
        """
        key = (page.rpartition("/")[0], target)
        if key not in self._known:
            before, self.asked, self.asked_pages = (self.asked, self.asked_pages), set(), set()
            path = unquote(path_of(target)).replace("\\", "/")
            self._known[key] = (self._missing(page, path) if path else None, self.asked, self.asked_pages)
            self.asked, self.asked_pages = before
        said, folders, pages = self._known[key]
        self.asked |= folders
        self.asked_pages |= pages
        return said

    def _missing(self, page: str, target: str) -> Missing | None:
        way, _, name = target.rstrip("/").rpartition("/")
        if name in ("", ".", ".."):
            way, name = target, ""
        folder = self._folder(page, way)
        if folder.startswith("!"):
            return Missing(folder[1:])
        if not name:
            folder, name = os.path.split(folder)
        folder = self._real(page, folder)
        self.asked.add(folder)
        names = self._listing(folder)
        lower = name.lower()
        stem, dot, kind = lower.rpartition(".")
        if lower in names or f"{lower}.md" in names or (dot + kind in (".html", ".htm") and f"{stem}.md" in names):
            return None  # sites make the one of the other
        if not names:
            return self._no_folder(page, folder, way)
        close = wording.nearest(lower, _alike(lower, names), 0.85)
        meant = posixpath.join(way, names[close]) if close else self._elsewhere(page, lower)
        return Missing(wording.guess(meant, "correct the path, or remove it"))

    def _elsewhere(self, page: str, name: str) -> str:
        """The way from a page to the one page of a name, if there is just one."""
        if not self._by_name:
            for one in self._pages.values():
                self._by_name.setdefault(posixpath.basename(one).lower(), []).append(one)
        self.asked_pages.add(f"*/{name}")
        found = self._by_name.get(name, [])
        return posixpath.relpath(found[0], posixpath.dirname(page) or ".") if len(found) == 1 else ""

    def spelled(self, page: str, target: str) -> str:
        """The path of a link as its file is spelled, where it leads to one of another letter case; else nothing."""
        key = (page.rpartition("/")[0], target)
        if key not in self._spelled:
            before, self.asked = self.asked, set()
            path = path_of(target)
            self._spelled[key] = (self._spell(page, path) if path and not _ENCODED.search(path) else "", self.asked)
            self.asked = before
        said, folders = self._spelled[key]
        self.asked |= folders
        return said

    def _spell(self, page: str, target: str) -> str:
        way, slash, name = target.rpartition("/")
        folder = self._folder(page, way) if name not in ("", ".", "..") else "!"
        if folder.startswith("!"):
            return ""
        there = self._real(page, folder)
        self.asked.add(there)
        names = self._listing(there)
        real = names.get(name.lower(), name)
        if real != name and os.path.exists(os.path.join(there, name)) and name in listing(there):
            real = name  # there may be both
        if real == name and there == folder:
            return ""
        if there != folder:  # the last folders of the way are spelled otherwise
            parts = way.split("/")
            spelled = there.split(os.sep)[-len(parts) :]
            alike = zip(parts, spelled, strict=True)
            way = "/".join(right if right.lower() == part.lower() else part for part, right in alike)
        return f"{way}{slash}{real}"

    def _real(self, page: str, folder: str) -> str:
        """A folder as it is spelled, where capitals alone keep it from being found."""
        if self._listing(folder):
            return folder
        if folder not in self._respelled:
            _, _, limit = next(one for one in self._roots if page.startswith(one[0]))
            looked: set[str] = set()
            self._respelled[folder] = (respelled(folder, limit, self._listing, looked), looked)
        real, looked = self._respelled[folder]
        self.asked |= looked
        return real

    def anchor_missing(self, page: str, target: str) -> Missing | None:
        """What is wrong with a link to a part of a page; None if there is such a part, or the page was not read."""
        path, _, anchor = target.partition("#")
        anchor = unquote(anchor).partition("?")[0]
        path = unquote(path.partition("?")[0])
        there = posixpath.normpath(posixpath.join(posixpath.dirname(page), path)) if path else page
        name = self._pages.get(there.lower()) or self._pages.get(f"{there.lower()}.md")
        wanted = reduced(anchor)
        if name is None or not wanted or anchor.startswith("tab/") or anchor.lower() == "top":  # HTML, 7.4.6.4
            return None
        self.asked_pages.add(name)
        if name not in self._sets:
            self._sets[name] = frozenset(self._anchors[name])
        known = self._sets[name]
        if wanted in known or wanted.rstrip("0123456789") in known:  # the second one of a name has a number
            return None
        close = wording.nearest(wanted, _alike(wanted, self._anchors[name]), 0.7)
        return Missing(wording.guess(close, "correct the part behind #, or remove it"))

    def _no_folder(self, page: str, folder: str, way: str) -> Missing:
        """That a way leads to no folder: the first one on it that is not there is named."""
        start = page.rpartition("/")[0]
        if (start, way) not in self._absent:
            first, looked = posixpath.normpath(way or "."), list[str]()
            while (above := posixpath.dirname(first)) and posixpath.basename(above) not in ("", ".", ".."):
                if len(looked) == MAX_DEPTH:
                    break
                folder = os.path.dirname(folder)
                looked.append(folder)
                if self._listing(folder):
                    break
                first = above
            hint = f"there is no folder '{first}': correct the path"
            said = Missing(hint, posixpath.normpath(posixpath.join(start, first)))
            self._absent[start, way] = (said, looked)
        said, looked = self._absent[start, way]
        self.asked.update(looked)
        return said

    def _folder(self, page: str, way: str) -> str:
        """The folder that a way leads to from a page; or, after `!`, what to say of one that must not be followed."""
        key = (page.rpartition("/")[0], way)
        if key not in self._folders:
            self._folders[key] = self._follow(page, way)
        return self._folders[key]

    def _follow(self, page: str, way: str) -> str:
        prefix, root, limit = next(one for one in self._roots if page.startswith(one[0]))
        start = os.path.dirname(os.path.join(root, page.removeprefix(prefix)))
        found = os.path.normpath(os.path.join(start, way))  # no look at the disk: the page chooses what is in `way`
        if found != limit and not found.startswith(limit.rstrip(os.sep) + os.sep):
            said = f"it leads out of {os.path.basename(limit)}/, where no page was read"
            return f"!{said}: correct it, or check the folder that holds both"
        return found

    def _listing(self, folder: str) -> dict[str, str]:
        if folder not in self._names:
            names = listing(folder)
            self._names[folder] = {name.lower(): name for name in names}
            self._fingerprints[folder] = fingerprint(names)
        return self._names[folder]

    def seen(self, folders: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """Folders, with the fingerprints of what was in them when they were first looked into."""
        found = sorted(folders)
        for folder in found:
            self._listing(folder)
        return tuple((folder, self._fingerprints[folder]) for folder in found)
