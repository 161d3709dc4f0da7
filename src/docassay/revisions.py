"""A git revision -> a folder with its files, and what has changed since. The only module that runs git."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


class RevisionError(Exception):
    """A revision that cannot be used; the text is one sentence for the user."""


class Revision:
    """A commit of the repository that holds a path."""

    def __init__(self, path: Path, name: str) -> None:
        """`name`: anything that git takes for a commit, such as `origin/main` or `HEAD~1`.

        Raises RevisionError.
        """
        self._name = name
        start = path if path.is_dir() else path.parent
        self.top = Path(
            _git(start, name, "rev-parse", "--show-toplevel").decode("utf-8", "surrogateescape").rstrip("\n")
        )
        self._commit = (
            _git(start, name, "rev-parse", "--verify", "--end-of-options", f"{name}^{{commit}}").decode().strip()
        )

    def changed(self) -> set[Path]:
        """The files that differ from the revision, or that git does not know yet: absolute paths."""
        changed = _git(self.top, self._name, "diff", "--name-only", "--no-renames", "-z", self._commit, "--")
        new = _git(self.top, self._name, "ls-files", "--others", "--exclude-standard", "-z")
        return {self.top / os.fsdecode(name) for name in (changed + new).split(b"\0") if name}

    @contextmanager
    def files(self) -> Iterator[Path]:
        """A folder with all files of the revision; it goes when this ends."""
        with tempfile.TemporaryDirectory(prefix="docassay-") as folder:
            index = {"GIT_INDEX_FILE": str(Path(folder, ".index"))}
            there = Path(folder, "files")
            (there / ".git").mkdir(parents=True)  # links may lead as far as in the repository itself
            _git(self.top, self._name, "read-tree", self._commit, **index)
            _git(self.top, self._name, "checkout-index", "--all", "--force", f"--prefix={there}/", **index)
            yield there


def _git(folder: Path, name: str, *arguments: str, **environment: str) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603  no shell, and a revision never stands where an option could
            ["git", "-C", os.fspath(folder), *arguments],  # noqa: S607  the git of the user
            capture_output=True,
            check=False,
            env={**os.environ, **environment, "LC_ALL": "C"},
        )
    except OSError as error:
        raise RevisionError(f"'{name}': git cannot be run: {error.strerror or error}") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise RevisionError(_explained(folder, name, said[-1] if said else f"git ended with {done.returncode}"))
    return done.stdout


def _explained(folder: Path, name: str, said: str) -> str:
    if "not a git repository" in said:
        return f"'{name}': {folder.as_posix()} is in no git repository"
    if "needed a single revision" in said.lower() or "unknown revision" in said or "bad revision" in said:
        return f"'{name}': git knows no such commit here; in CI, fetch it first: a checkout is often the last one alone"
    return f"'{name}': git says: {said}"


def counterparts(paths: Sequence[Path], top: Path, there: Path) -> list[Path]:
    """The same paths in another copy of the repository; those that it lacks are left out."""
    found = []
    for path in paths:
        real = path.resolve()
        if real.is_relative_to(top.resolve()) and (other := there / real.relative_to(top.resolve())).exists():
            found.append(other)
    return found
