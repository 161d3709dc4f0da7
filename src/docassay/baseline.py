"""Report <-> a file of fingerprints: what was known when a team began, so that only what is new fails."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import msgspec

from .findings import Finding


class BaselineError(Exception):
    """A file that cannot be used; the text is one sentence for the user."""


class Entry(msgspec.Struct, frozen=True):
    """A finding as it is kept. Code, path and message are for people; the fingerprint counts."""

    fingerprint: str
    code: str
    path: str
    message: str
    count: int = 1


Naming = Callable[[str], str]
"""How a page is called wherever docassay is run, by its name in one run."""


class _File(msgspec.Struct, frozen=True):
    version: int
    findings: list[Entry]


def write(file: Path, findings: Iterable[Finding], naming: Naming = str) -> int:
    """Keep the findings, one line each, in an order that makes for small changes; how many they are.

    Raises BaselineError.
    """
    findings = [msgspec.structs.replace(one, path=naming(one.path)) for one in findings]
    counts = Counter(one.fingerprint for one in findings)
    entries = {one.fingerprint: one for one in findings}
    rows = [
        Entry(fingerprint, one.code, one.path, one.message, counts[fingerprint])
        for fingerprint, one in sorted(entries.items(), key=lambda pair: (pair[1].path, pair[1].code, pair[0]))
    ]
    lines = ",\n".join("    " + json.dumps(msgspec.to_builtins(row), ensure_ascii=False) for row in rows)
    text = f'{{\n  "version": 1,\n  "findings": [\n{lines}\n  ]\n}}\n' if rows else '{"version": 1, "findings": []}\n'
    try:
        file.write_text(text, "utf-8", errors="backslashreplace")
    except OSError as error:
        raise BaselineError(f"{file.as_posix()}: cannot be written: {error.strerror or error}") from error
    return sum(counts.values())


def read(file: Path) -> dict[str, Entry]:
    """What is known, by fingerprint.

    Raises BaselineError.
    """
    try:
        kept = msgspec.json.decode(file.read_bytes(), type=_File)
    except OSError as error:
        hint = "; make it with --write-baseline" if isinstance(error, FileNotFoundError) else ""
        raise BaselineError(f"{file.as_posix()}: cannot be read: {error.strerror or error}{hint}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BaselineError(
            f"{file.as_posix()}: this is no baseline: {error}; make it with --write-baseline"
        ) from error
    if kept.version != 1:
        raise BaselineError(f"{file.as_posix()}: a baseline of version {kept.version}; this docassay knows version 1")
    return {one.fingerprint: one for one in kept.findings}


def unknown(
    findings: Iterable[Finding], known: Mapping[str, int], naming: Naming = str
) -> tuple[list[Finding], dict[str, int]]:
    """The findings that are not known; and of what is known, how often each fingerprint was not found any more.

    `known`: how often each fingerprint is.
    """
    left = dict(known)
    new = []
    for one in findings:
        mark = msgspec.structs.replace(one, path=naming(one.path)).fingerprint
        if one.cause and one.shared_fingerprint in known:
            left.pop(one.shared_fingerprint, None)
        elif left.get(mark, 0) > 0:
            left[mark] -= 1
        else:
            new.append(one)
    return new, {mark: count for mark, count in left.items() if count > 0}
