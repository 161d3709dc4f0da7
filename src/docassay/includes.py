"""`[!INCLUDE [title](path)]` -> what the page gets from there. Never leaves the repository that holds the pages.

The blocks in an included file belong to that file alone, which is a page of its own if it lies among the pages; so each
is counted once. What a page gets are the tables and the statements, at the place where it includes them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from urllib.parse import unquote

import msgspec

from .model import Include, Included, Malformed, Page, Table, Text, Value
from .source import Root


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
    circles: tuple[Malformed, ...] = ()


class Includes:
    """Follows includes on the disk. Each file is read once."""

    def __init__(self, roots: Sequence[Root], read: Callable[[str, str], Page]) -> None:
        """`read`: a page, of its file and name, without what it includes."""
        self._roots = [(os.path.realpath(root.folder), root.prefix, root.limit) for root in roots]
        self._read = read
        self._known: dict[str, Content | None] = {}

    def of(self, page: Page, file: str) -> Found:
        """What a page that was read from `file` gets. A file that is included twice, or in a circle, is taken once."""
        start = os.path.realpath(file)
        tables: list[Table] = []
        statements: list[Text] = []
        included: list[Included] = []
        circles: dict[int, Malformed] = {}
        taken = {start}
        # Each include with the line of the page that leads to it, and the names of the files on the way.
        waiting: list[tuple[Include, str, str, tuple[str, ...]]] = [
            (one, start, one.target, (page.path,)) for one in reversed(page.includes)
        ]
        while waiting:
            place, holder, target, way = waiting.pop()
            path = os.path.join(os.path.dirname(holder), target_path(target))
            if not os.path.isfile(path):
                continue  # DA106 says so
            there = os.path.realpath(path)
            if there == start or (there in taken and self._name(there) in way and not self._is_page(there)):
                chain = " -> ".join((*way, self._name(there)))
                circles.setdefault(place.line, Malformed("include-circle", place.line, place.column, chain))
                continue
            content = None if there in taken else self._content(there)
            if content is None:
                continue
            taken.add(there)
            name = self._name(there)
            tables.extend(_at(table, name, place.section) for table in content.tables)
            statements.extend(Text(place.line, one.text) for one in content.statements)
            included.append(Included(place.line, name, content.digest, content.request, content.response))
            waiting.extend((place, there, one.target, (*way, name)) for one in reversed(content.includes))
        return Found(tuple(tables), tuple(statements), tuple(included), tuple(circles.values()))

    def _content(self, file: str) -> Content | None:
        if file not in self._known:
            self._known[file] = self._load(file)
        return self._known[file]

    def _load(self, file: str) -> Content | None:
        inside = any(file.startswith(limit.rstrip(os.sep) + os.sep) for _, _, limit in self._roots)
        if not inside:
            return None
        page = self._read(file, self._name(file))
        kinds = {block.block_type for block in page.blocks} | {one.holds for one in page.unannotated}
        shows = ("request" in kinds, "response" in kinds)
        return Content(page.digest, page.tables, page.statements, page.includes, *shows) if page.digest else None

    def _name(self, file: str) -> str:
        """As pages are called; of a file outside of all roots, its way from the first one."""
        for root, prefix, _ in self._roots:
            if file.startswith(root.rstrip(os.sep) + os.sep):
                return prefix + os.path.relpath(file, root).replace(os.sep, "/")
        root, prefix, _ = self._roots[0]
        return prefix + os.path.relpath(file, root).replace(os.sep, "/")

    def _is_page(self, file: str) -> bool:
        """Whether the file is checked as a page, so that a circle is reported there."""
        return any(file.startswith(root.rstrip(os.sep) + os.sep) for root, _, _ in self._roots)


def target_path(target: str) -> str:
    """The path in the target of a link."""
    return unquote(target.split("#", 1)[0].split("?", 1)[0].strip()).replace("\\", "/").replace("\0", "")


def _at(table: Table, path: str, section: str) -> Table:
    return msgspec.structs.replace(table, path=path, section=table.section or section)
