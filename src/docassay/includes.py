"""`[!INCLUDE [title](path)]` -> what the page gets from there. Never leaves the repository that holds the pages.

The blocks in an included file belong to that file alone, which is a page of its own if it lies among the pages; so each
is counted once. What a page gets are the tables and the statements, at the place where it includes them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from urllib.parse import unquote

import msgspec

from .links import listing, respelled
from .model import Include, Included, Malformed, Page, Table, Text, Value
from .source import SUFFIXES, Root


class Content(Value, frozen=True):
    """What is taken of an included file."""

    digest: str
    tables: tuple[Table, ...]
    statements: tuple[Text, ...]
    includes: tuple[Include, ...]
    request: bool
    response: bool


class Found(Value, frozen=True):
    """What a page gets from all that it includes, directly or by way of others."""

    tables: tuple[Table, ...] = ()
    statements: tuple[Text, ...] = ()
    included: tuple[Included, ...] = ()
    faults: tuple[Malformed, ...] = ()
    """Includes that lead back, or on to nothing."""
    folders: tuple[str, ...] = ()
    """Those that files were looked for in."""


class Includes:
    """Follows includes on the disk. Each file is read once."""

    def __init__(self, roots: Sequence[Root], read: Callable[[str, str], Page]) -> None:
        """`read`: a page, of its file and name, without what it includes."""
        self._roots = [(os.path.realpath(root.folder), root.prefix, root.limit) for root in roots]
        self._limits = tuple(limit.rstrip(os.sep) + os.sep for _, _, limit in self._roots)
        self._read = read
        self._known: dict[str, Content | None] = {}
        self._names: dict[str, dict[str, str]] = {}
        self._folders: dict[tuple[str, str], tuple[str | None, set[str]]] = {}
        self._reals: dict[str, str] = {}

    def of(self, page: Page, file: str) -> Found:
        """What a page that was read from `file` gets. A file that is included twice, or in a circle, is taken once."""
        start = self._real(file)
        tables: list[Table] = []
        statements: list[Text] = []
        included: list[Included] = []
        faults: dict[int, Malformed] = {}
        folders: set[str] = set()
        taken = {start}
        # Each include of the page; the file that it, or one that it leads to, stands in; its target; the way there.
        waiting: list[tuple[Include, str, str, tuple[str, ...]]] = [
            (one, start, one.target, (page.path,)) for one in reversed(page.includes)
        ]
        while waiting:
            place, holder, target, way = waiting.pop()
            path = self._path(holder, target, folders)
            if path is None:
                continue
            folder, base = _parted(path)
            folders.add(folder)
            is_there = base in self._listing(folder)
            if not is_there or not os.path.isfile(path):
                if is_there:
                    included.append(Included(place.line, self._name(path), path, ""))
                if holder != start and not self._is_page(holder):  # of those in pages, DA106 tells there
                    said = " -> ".join((*way, target))
                    faults.setdefault(place.line, Malformed("include-missing", place.line, place.column, said))
                continue
            there = self._real(path)
            name = self._name(there)
            if there == start or (there in taken and name in way and not self._is_page(there)):
                said = " -> ".join((*way, name))
                faults.setdefault(place.line, Malformed("include-circle", place.line, place.column, said))
                continue
            if there in taken:
                continue
            taken.add(there)
            content = self._content(there)
            shows = (content.request, content.response) if content else (False, False)
            included.append(Included(place.line, name, path, content.digest if content else "", *shows))
            if content:
                tables.extend(_at(table, name, place.section) for table in content.tables)
                statements.extend(Text(place.line, one.text) for one in content.statements)
                waiting.extend((place, there, one.target, (*way, name)) for one in reversed(content.includes))
        return Found(tuple(tables), tuple(statements), tuple(included), tuple(faults.values()), tuple(sorted(folders)))

    def _real(self, file: str) -> str:
        """The file itself, where links of the disk lead to it. Those of each folder are followed once."""
        folder, name = os.path.split(file)
        if folder not in self._reals:
            self._reals[folder] = os.path.realpath(folder)
        path = os.path.join(self._reals[folder], name)
        return os.path.realpath(path) if os.path.islink(path) else path

    def _path(self, holder: str, target: str, folders: set[str]) -> str | None:
        """Where an include leads to from the file that holds it: as links are followed, capitals and `.md` aside.

        `folders`: those that are looked into are added.
        """
        way, slash, name = target_path(target).rpartition("/")
        key = (_parted(holder)[0], way + slash)
        if key not in self._folders:
            looked: set[str] = set()
            self._folders[key] = (self._folder(*key, looked), looked)
        folder, looked = self._folders[key]
        if folder is None or name in ("", ".", ".."):
            return None
        folders |= looked
        known = self._listing(folder)
        real = known.get(name) or known.get(name.lower()) or known.get(f"{name.lower()}.md")
        path = os.path.join(folder, real or name)
        return path if self._is_inside(path) else None

    def _folder(self, start: str, way: str, looked: set[str]) -> str | None:
        """The folder that a way leads to; nothing if it must not be followed. What is looked into is added."""
        if way.startswith("~/"):  # from the folder that docfx works in
            top = next((limit for _, _, limit in self._roots if os.path.isfile(os.path.join(limit, "docfx.json"))), "")
            path = os.path.join(top, way[2:]) if top else ""
        else:
            path = "" if way.startswith("/") else os.path.join(start, way)
        if not path:
            return None
        folder = os.path.normpath(path)
        limit = next(
            (one for _, _, one in self._roots if f"{folder}{os.sep}".startswith(one.rstrip(os.sep) + os.sep)), None
        )
        if limit is None:
            return None
        return folder if self._listing(folder) else respelled(folder, limit, self._listing, looked)

    def _listing(self, folder: str) -> dict[str, str]:
        """The names in a folder, by themselves and by their small letters."""
        if folder not in self._names:
            names = listing(folder)
            self._names[folder] = {one.lower(): one for one in names} | {one: one for one in names}
        return self._names[folder]

    def _content(self, file: str) -> Content | None:
        if file not in self._known:
            self._known[file] = self._load(file)
        return self._known[file]

    def _load(self, file: str) -> Content | None:
        if not self._is_inside(file):
            return None
        page = self._read(file, self._name(file))
        kinds = {block.block_type for block in page.blocks} | {one.holds for one in page.unannotated}
        shows = ("request" in kinds, "response" in kinds)
        return Content(page.digest, page.tables, page.statements, page.includes, *shows) if page.digest else None

    def _is_inside(self, file: str) -> bool:
        return file.startswith(self._limits)

    def _name(self, file: str) -> str:
        """As pages are called; of a file outside of all roots, its way from the first one."""
        for root, prefix, _ in self._roots:
            if file.startswith(root.rstrip(os.sep) + os.sep):
                return prefix + os.path.relpath(file, root).replace(os.sep, "/")
        root, prefix, _ = self._roots[0]
        return prefix + os.path.relpath(file, root).replace(os.sep, "/")

    def _is_page(self, file: str) -> bool:
        """Whether the file is checked as a page, so that what is wrong with its includes is reported there."""
        return file.lower().endswith(SUFFIXES) and any(
            file.startswith(root.rstrip(os.sep) + os.sep) for root, _, _ in self._roots
        )


def _parted(file: str) -> tuple[str, str]:
    """The folder and the name of a file, whose path is absolute and normal."""
    folder, _, name = file.rpartition(os.sep)
    return folder or os.sep, name


def target_path(target: str) -> str:
    """The path in the target of a link."""
    return unquote(target.split("#", 1)[0].split("?", 1)[0].strip()).replace("\\", "/").replace("\0", "")


def _at(table: Table, path: str, section: str) -> Table:
    return msgspec.structs.replace(table, path=path, section=table.section or section)
