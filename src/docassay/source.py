"""A folder or a file -> Source. The only module that opens documentation.

Whatever the bytes are, the line numbers of the text are those that an editor shows: CRLF, CR and LF each end a
line, and nothing else does (U+2028 and form feed do not).
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from fnmatch import translate
from pathlib import Path

from .model import Malformed, Source, Value

SUFFIXES = (".md", ".markdown")
MAX_BYTES = 16 * 1024 * 1024
"""A larger page is not read: documentation that long is a dump, and reading it would hold up all the others."""

_BYTES_LINE_END = re.compile(rb"\r\n?|\n")
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?P<yaml>.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_OPEN_FRONT_MATTER = re.compile(r"---[ \t]*\n(?:[\w.-]+:[ \t]*[^\n]*\n){2,}")
_CONFLICT = re.compile(r"^(?:<{7} |>{7} )", re.MULTILINE)
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SKIPPED_FOLDERS = {"node_modules", "__pycache__"}


class NotFound(Exception):
    """A PATH that does not exist or cannot be read; the text is one sentence for the user."""


class Root(Value, frozen=True):
    """What a PATH stands for."""

    prefix: str
    """What its pages' names begin with; empty if it is the only one."""
    folder: Path
    limit: str
    """Links may lead anywhere in this folder: the repository that holds the documentation, or the folder itself."""


class Files(Value, frozen=True):
    """The pages that several PATHs stand for, before any of them is opened."""

    paths: tuple[str, ...]
    """The PATHs, absolute."""
    roots: tuple[Root, ...]
    named: tuple[tuple[str, str], ...]
    """The name of each page and its file, in the order of the names."""


def gather(paths: Sequence[Path], exclude: Sequence[str] = ()) -> Files:
    """All pages of all PATHs; where there are several, the names begin with the PATH.

    `exclude`: patterns of pages to leave out, relative to their PATH; `*` stands for anything, `/` included. A page
    that is itself a PATH is never left out.

    Raises NotFound.
    """
    found = [find(path) for path in paths]
    if exclude:
        left_out = re.compile("|".join(map(translate, exclude)))
        found = [
            (root, names if path.is_file() else [name for name in names if not left_out.match(name)])
            for path, (root, names) in zip(paths, found, strict=True)
        ]
    several = len({root.resolve() for root, _ in found}) > 1
    files: dict[str, str] = {}
    roots: dict[str, Root] = {}
    for root, names in found:
        prefix = f"{root.as_posix().rstrip('/')}/" if several else ""
        roots[prefix] = Root(prefix, root, os.fspath(link_root(root)))
        for name in names:
            files.setdefault(prefix + name, os.path.join(root, name))
    return Files(tuple(str(path.resolve()) for path in paths), tuple(roots.values()), tuple(sorted(files.items())))


def file_of(roots: Sequence[Root], page: str) -> Path:
    """The file that a page was read from."""
    root = next(one for one in reversed(roots) if page.startswith(one.prefix))
    return root.folder / page.removeprefix(root.prefix)


def find(path: Path) -> tuple[Path, list[str]]:
    """The documentation root that PATH stands for, and the pages in it: POSIX paths relative to the root, sorted.

    Hidden folders are left out, and links that lead out of the root: pages are untrusted.

    Raises NotFound.
    """
    if not path.exists():
        raise NotFound(f"{path.as_posix()}: there is no such file or folder")
    if path.is_file():
        return path.parent, [path.name]
    if not path.is_dir():
        raise NotFound(f"{path.as_posix()}: this is neither a file nor a folder")
    try:
        return path, sorted(_walk(path))
    except PermissionError as error:
        raise NotFound(f"{error.filename}: cannot be read (permission denied)") from error


def _walk(root: Path) -> Iterator[str]:
    real_root = os.path.realpath(root)
    folders = [""]
    while folders:
        prefix = folders.pop()
        with os.scandir(os.path.join(root, prefix)) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if not entry.name.startswith(".") and entry.name not in _SKIPPED_FOLDERS:
                        folders.append(f"{prefix}{entry.name}/")
                elif entry.name.lower().endswith(SUFFIXES):
                    if entry.is_symlink():
                        # One that leads nowhere is read, so that it is reported.
                        wanted = _inside(entry.path, real_root) and (
                            os.path.isfile(entry.path) or not os.path.exists(entry.path)
                        )
                    else:
                        wanted = entry.is_file()  # a pipe or a device would be waited for
                    if wanted:
                        yield prefix + entry.name


def _inside(file: str, real_root: str) -> bool:
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


def read(file: str | Path, name: str) -> Source:
    """The page in `file`, called `name` in every finding. A page that cannot be read is one without text.

    Nothing raises: what is wrong with the bytes is in `malformed`.
    """
    try:
        data = _bytes(file)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return Source(path=name, text="", digest="", malformed=(Malformed("unreadable-file", 1, text=reason),))
    if isinstance(data, int):
        size = f"{data / 1_048_576:.0f} MiB"
        return Source(path=name, text="", digest="", malformed=(Malformed("too-large", 1, text=size),))
    return decode(data, name)


def lines(page: Source) -> list[str]:
    """The lines of a page as its author sees them, front matter included."""
    found = page.text.split("\n")
    if page.front_matter:
        before = ["---", *page.front_matter.split("\n")]
        found[: len(before)] = before
    return found


def _with_plain_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def digest(file: str | Path) -> str:
    """SHA-256 of the bytes of a page, in hex; empty for one that cannot be read."""
    try:
        data = _bytes(file)
    except OSError:
        return ""
    return "" if isinstance(data, int) else hashlib.sha256(data).hexdigest()


def _bytes(file: str | Path) -> bytes | int:
    """The content of a file; of one that is too large, its size."""
    with open(file, "rb", buffering=0) as there:
        size = os.fstat(there.fileno()).st_size
        return there.readall() if size <= MAX_BYTES else size


def decode(data: bytes, name: str) -> Source:
    """The page that these bytes are."""
    digest = hashlib.sha256(data).hexdigest()
    text, malformed = _text(data)
    if text is None:
        return Source(path=name, text="", digest=digest, malformed=tuple(malformed))
    text = _with_plain_ends(text)
    if not malformed:
        malformed.extend(_garbled(text))
    if "\0" in text:
        # A text with a few NUL bytes is damaged; one with many is no text.
        if text.count("\0") * 100 > len(text):
            return Source(path=name, text="", digest=digest, malformed=(Malformed("not-text", 1),))
        malformed.append(Malformed("nul", _line(text, text.index("\0"))))
        text = text.replace("\0", "\ufffd")
    if "<<<<<<< " in text or ">>>>>>> " in text:
        marks = list(_CONFLICT.finditer(text))
        opening = [match for match in marks if match.group().lstrip().startswith("<")]
        malformed.extend(
            Malformed("conflict-marker", _line(text, match.start()), text=match.group().strip())
            for match in opening or marks  # one for each conflict
        )
    front_matter = ""
    if text.startswith("---") and (match := _FRONT_MATTER.match(text)):
        front_matter = match["yaml"]
        text = "\n" * match.group().count("\n") + text[match.end() :]
    elif text.startswith("---") and _OPEN_FRONT_MATTER.match(text):
        malformed.append(Malformed("front-matter-open", 1))
    return Source(path=name, text=text, digest=digest, front_matter=front_matter, malformed=tuple(malformed))


_MOJIBAKE = re.compile("(?:\u00e2\u20ac|\u00c3[\u0080-\u00bf]|\u00c2[\u00a0-\u00bf])\\S?")


def _garbled(text: str) -> Iterator[Malformed]:
    """Characters that an earlier conversion broke: the first place of each kind, with the count of the others.

    UTF-8 that was read as Windows-1252 begins with one of three pairs; no language writes these.
    """
    if "\ufffd" in text:
        at = text.index("\ufffd")
        yield Malformed("replaced", _line(text, at), at - text.rfind("\n", 0, at), str(text.count("\ufffd")))
    if ("\u00e2" in text or "\u00c2" in text or "\u00c3" in text) and (found := _MOJIBAKE.findall(text)):
        at = text.index(found[0])
        yield Malformed("mojibake", _line(text, at), at - text.rfind("\n", 0, at), found[0])


def _text(data: bytes) -> tuple[str | None, list[Malformed]]:
    mark, encoding = next(((mark, name) for mark, name in _BOMS if data.startswith(mark)), (b"", "utf-8"))
    if encoding == "utf-8":
        data = data[len(mark) :]
    try:
        return data.decode(encoding), [Malformed("utf-16", 1)] if encoding == "utf-16" else []
    except UnicodeDecodeError as error:
        if b"\0" in data:
            return None, [Malformed("not-text", 1)]
        line = len(_BYTES_LINE_END.findall(data, 0, error.start)) + 1
        # Windows-1252 gives every byte a character, and is what such pages are written in.
        return data.decode("cp1252", "replace"), [Malformed("not-utf-8", line, text=f"0x{data[error.start]:02x}")]


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1
