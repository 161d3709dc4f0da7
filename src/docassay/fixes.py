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


def apply(file: Path, fixes: Iterable[Fix]) -> None:
    """Mend a file. It is replaced in one step: a crash leaves the old one.

    Raises OSError.
    """
    mended = mend(file.read_bytes(), fixes)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as there:
            there.write(mended)
        os.chmod(name, file.stat().st_mode)
        os.replace(name, file)
    except BaseException:
        os.unlink(name)
        raise


def mend(data: bytes, fixes: Iterable[Fix]) -> bytes:
    """The bytes of a page, in an encoding that has ASCII in it, with the fixes made from the last line to the first."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data  # UTF-16: no fix is worth guessing at its line ends
    mark = data[:3] if data.startswith(b"\xef\xbb\xbf") else b""
    lines = data[len(mark) :].splitlines(keepends=True)
    end = next((end for end in (b"\r\n", b"\n", b"\r") if lines and lines[0].endswith(end)), b"\n")
    for fix in sorted(fixes, key=lambda fix: fix.line, reverse=True):
        below = lines[fix.line - 1] if fix.line <= len(lines) else b""
        margin = below[: fix.column - 1]  # ASCII: marks and blanks
        lines[fix.line - 1 : fix.line] = [
            margin + fix.insert.encode("utf-8") + end,
            re.sub(rb"[^>\s]", b" ", margin) + below[fix.column - 1 :],
        ]
    return mark + b"".join(lines)


def difference(path: str, data: bytes, fixes: Iterable[Fix]) -> str:
    """What mending changes, as a unified diff."""
    before, after = (
        list(StringIO(text.decode("utf-8", "replace"), newline="\n")) for text in (data, mend(data, fixes))
    )
    lines = unified_diff(before, after, f"a/{path}", f"b/{path}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
