"""Finding -> a page with its faults mended. Changes nothing else on the page: line ends and BOM stay as they are."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable
from difflib import unified_diff
from io import StringIO
from pathlib import Path

from .findings import Fix


def apply(file: Path, fixes: Iterable[Fix]) -> int:
    """Mend a file; how many of the fixes were made. It is replaced in one step: a crash leaves the old one.

    Raises OSError.
    """
    mended, count = mend(file.read_bytes(), fixes)
    if not count:
        return 0
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as there:
            there.write(mended)
        os.chmod(name, file.stat().st_mode)
        os.replace(name, file)
    except BaseException:
        os.unlink(name)
        raise
    return count


def mend(data: bytes, fixes: Iterable[Fix]) -> tuple[bytes, int]:
    """The bytes of a page with the fixes made, from the last to the first, and how many there were.

    In a page that is not Unicode, columns are bytes, and only ASCII is put in.
    """
    mark, encoding = next(((mark, name) for mark, name in _BOMS if data.startswith(mark)), (b"", "utf-8"))
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError:
        if encoding != "utf-8":
            return data, 0
        text, encoding = data[len(mark) :].decode("latin-1"), "latin-1"
    lines = _LINE.findall(text)
    end = next((line[len(line.rstrip("\r\n")) :] for line in lines if line.endswith(("\r", "\n"))), "\n")
    count = 0
    above = (len(lines) + 1, 0)
    for fix in sorted(set(fixes), key=lambda fix: (fix.line, fix.column, fix.old), reverse=True):
        until = (fix.line, fix.column + len(fix.old))
        if fix.line > len(lines) or until > above or (encoding == "latin-1" and not fix.new.isascii()):
            continue  # two fixes of one place: the later run makes the other one
        changed = _changed(lines[fix.line - 1], fix, end)
        if changed is not None:
            lines[fix.line - 1] = changed
            above = (fix.line, fix.column)
            count += 1
    return mark + "".join(lines).encode(encoding), count


_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


def _changed(line: str, fix: Fix, end: str) -> str | None:
    """The line (with its end) once it is mended; None if it does not hold what is to be replaced."""
    before, behind = line[: fix.column - 1], line[fix.column - 1 :]
    if fix.old == "\n":
        return "" if not line.strip(" \t\r\n>") else None
    if not behind.startswith(fix.old):
        return None
    behind = behind[len(fix.old) :]
    first, *rest = fix.new.split("\n")
    margin = re.sub(r"[^>\s]", " ", before)
    pieces = [before + first, *(margin + one for one in rest)]
    return end.join([*(one.rstrip(" \t") for one in pieces[:-1]), pieces[-1] + behind])


def difference(path: str, data: bytes, fixes: Iterable[Fix]) -> str:
    """What mending changes, as a unified diff."""
    before, after = (
        list(StringIO(text.decode("utf-8", "replace"), newline="\n")) for text in (data, mend(data, fixes)[0])
    )
    lines = unified_diff(before, after, f"a/{path}", f"b/{path}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
