"""What was found in each page, kept between runs: a file that can be deleted at any time.

One file for each documentation, in the user's own cache folder and nowhere near the pages, so that nobody can hand in
results with a pull request. A file that is damaged, of another version, or of another code of docassay is passed over.
It is replaced in one step, so that a crash or another run leaves a whole one; of two runs, the last one is kept.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

import msgspec

from . import __version__

T = TypeVar("T")

VARIABLE = "DOCASSAY_CACHE_DIR"
"""The environment variable that names another folder."""
KEPT = 30 * 24 * 60 * 60
"""Seconds for which a file is kept that no run has written again."""
_MAGIC = b"docassay cache 1\n"
_SUFFIX = ".cache"
_DIGEST = 32


def folder() -> Path:
    """Where the files lie: by the conventions of the platform, or as the environment says."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    from platformdirs import user_cache_path

    return user_cache_path("docassay", appauthor=False)


def name_of(parts: Iterable[str]) -> str:
    """The name of the file for results that depend on these texts, and on the code that makes them."""
    text = "\0".join((__version__, sys.version, *_code(), *parts))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32] + _SUFFIX


def _code() -> Iterable[str]:
    """What tells that the code has changed: the files of docassay, and of the library that knows Markdown."""
    for top, below in ((os.path.dirname(__file__), True), (_home("markdown_it"), False)):
        folders = [top]
        while folders:
            with os.scandir(folders.pop()) as entries:
                for entry in sorted(entries, key=lambda one: one.name):
                    if entry.name.endswith(".py"):
                        state = entry.stat()
                        yield f"{entry.path} {state.st_mtime_ns} {state.st_size}"
                    elif below and entry.name != "__pycache__" and entry.is_dir():
                        folders.append(entry.path)


def _home(module: str) -> str:
    spec = find_spec(module)
    return os.path.dirname(spec.origin) if spec and spec.origin else os.path.dirname(__file__)


def load(name: str, kind: type[T]) -> T | None:
    """What the file holds; nothing if there is none, or none that can be trusted."""
    try:
        data = (folder() / name).read_bytes()
    except OSError:
        return None
    head = len(_MAGIC) + _DIGEST
    if not data.startswith(_MAGIC) or data[len(_MAGIC) : head] != _sum(memoryview(data)[head:]):
        return None
    try:
        return msgspec.msgpack.decode(memoryview(data)[head:], type=kind)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return None


def save(name: str, value: object) -> None:
    """Keep it. Where that is not possible (a full or read-only disk), the next run has more to do, and that is all."""
    import tempfile

    data = msgspec.msgpack.encode(value)
    there = folder()
    try:
        there.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, scratch = tempfile.mkstemp(dir=there, suffix=_SUFFIX + ".new")
    except OSError:
        return
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_MAGIC + _sum(data))
            file.write(data)
        os.replace(scratch, there / name)
        _sweep(there)
    except OSError:
        Path(scratch).unlink(missing_ok=True)
    except BaseException:
        Path(scratch).unlink(missing_ok=True)
        raise


def _sum(data: bytes | memoryview) -> bytes:
    return hashlib.sha256(data).digest()


def _sweep(there: Path) -> None:
    """Remove what no run has used for long, and what a crash has left."""
    before = time.time() - KEPT
    for file in there.iterdir():
        if file.name.endswith((_SUFFIX, _SUFFIX + ".new")) and file.stat().st_mtime < before:
            file.unlink(missing_ok=True)
