"""A folder or a file -> Source. The only module that opens documentation.

Whatever the bytes are, the line numbers of the text are those that an editor shows: CRLF, CR and LF each end a
line, and nothing else does (U+2028 and form feed do not).
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from .model import Malformed, Source

SUFFIXES = (".md", ".markdown")
MAX_BYTES = 16 * 1024 * 1024
"""A larger page is not read: documentation that long is a dump, and reading it would hold up all the others."""

_LINE_END = re.compile(r"\r\n?")
_BYTES_LINE_END = re.compile(rb"\r\n?|\n")
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?P<yaml>.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_CONFLICT = re.compile(r"^(?:<{7} |>{7} )", re.MULTILINE)
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SKIPPED_FOLDERS = {"node_modules", "__pycache__"}


class NotFound(Exception):
    """A PATH that does not exist or cannot be read; the text is one sentence for the user."""


def find(path: Path) -> tuple[Path, list[Path]]:
    """The documentation root that PATH stands for, and the pages in it, sorted.

    Hidden folders are left out, and links that lead out of the root: pages are untrusted.

    Raises NotFound.
    """
    if not path.exists():
        raise NotFound(f"{path.as_posix()}: there is no such file or folder")
    if path.is_file():
        return path.parent, [path]
    if not path.is_dir():
        raise NotFound(f"{path.as_posix()}: this is neither a file nor a folder")
    try:
        return path, sorted(_walk(path))
    except PermissionError as error:
        raise NotFound(f"{error.filename}: cannot be read (permission denied)") from error


def _walk(root: Path) -> Iterator[Path]:
    real_root = os.path.realpath(root)
    for folder, names, files in os.walk(root, onerror=_raise):
        names[:] = sorted(name for name in names if not name.startswith(".") and name not in _SKIPPED_FOLDERS)
        for name in files:
            file = Path(folder, name)
            if not name.lower().endswith(SUFFIXES) or (file.exists() and not file.is_file()):
                continue  # a pipe or a device would be waited for
            if not file.is_symlink() or _inside(file, real_root):
                yield file


def _raise(error: OSError) -> None:
    raise error


def _inside(file: Path, real_root: str) -> bool:
    return os.path.commonpath([os.path.realpath(file), real_root]) == real_root


def link_root(path: Path) -> Path:
    """The folder that links of the pages below `path` may lead to: the repository or project that holds them.

    A docs team often checks one folder of several that link to each other. Without a repository around it, the
    documentation root itself.
    """
    start = path.resolve()
    for folder in (start, *start.parents):
        if (folder / ".git").exists() or (folder / "docfx.json").exists():
            return folder
    return start


def read(file: Path, name: str) -> Source:
    """The page in `file`, called `name` in every finding. A page that cannot be read is one without text.

    Nothing raises: what is wrong with the bytes is in `malformed`.
    """
    try:
        if file.stat().st_size > MAX_BYTES:
            size = f"{file.stat().st_size / 1_048_576:.0f} MiB"
            return Source(path=name, text="", digest="", malformed=(Malformed("too-large", 1, text=size),))
        data = file.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return Source(path=name, text="", digest="", malformed=(Malformed("unreadable-file", 1, text=reason),))
    return decode(data, name)


def decode(data: bytes, name: str) -> Source:
    """The page that these bytes are."""
    digest = hashlib.sha256(data).hexdigest()
    text, malformed = _text(data)
    if text is None:
        return Source(path=name, text="", digest=digest, malformed=tuple(malformed))
    if "\r" in text:
        text = _LINE_END.sub("\n", text)
    if "\0" in text:
        # A text with a few NUL bytes is damaged; one with many is no text.
        if text.count("\0") * 100 > len(text):
            return Source(path=name, text="", digest=digest, malformed=(Malformed("not-text", 1),))
        malformed.append(Malformed("nul", _line(text, text.index("\0"))))
        text = text.replace("\0", "\ufffd")
    if "<<<<<<< " in text or ">>>>>>> " in text:
        malformed.extend(
            Malformed("conflict-marker", _line(text, match.start()), text=match.group().strip())
            for match in _CONFLICT.finditer(text)
        )
    front_matter = ""
    if text.startswith("---") and (match := _FRONT_MATTER.match(text)):
        front_matter = match["yaml"]
        text = "\n" * match.group().count("\n") + text[match.end() :]
    return Source(path=name, text=text, digest=digest, front_matter=front_matter, malformed=tuple(malformed))


def _text(data: bytes) -> tuple[str | None, list[Malformed]]:
    mark, encoding = next(((mark, name) for mark, name in _BOMS if data.startswith(mark)), (b"", "utf-8"))
    if encoding == "utf-8":
        data = data[len(mark) :]
    try:
        return data.decode(encoding), []
    except UnicodeDecodeError as error:
        if b"\0" in data:
            return None, [Malformed("not-text", 1)]
        line = len(_BYTES_LINE_END.findall(data, 0, error.start)) + 1
        # Windows-1252 gives every byte a character, and is what such pages are written in.
        return data.decode("cp1252", "replace"), [Malformed("not-utf-8", line, text=f"0x{data[error.start]:02x}")]


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1
