"""What the tests of docassay share."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent
SHARED = ROOT.parent / "shared"


@pytest.fixture
def pages() -> Path:
    """The test pages of the rules."""
    return HERE / "pages"


@pytest.fixture
def lone_page(tmp_path: Path) -> Iterator[object]:
    """Puts a page into a folder of its own, so that no repository around it plays a part."""

    def put(page: Path) -> Path:
        target = tmp_path / "docs"
        target.mkdir(exist_ok=True)
        return Path(shutil.copy(page, target / page.name))

    yield put


def corpus(name: str) -> Path:
    """A documentation set of others, or a skip where there is none."""
    found = SHARED / name
    if not found.exists():
        pytest.skip(f"needs ../shared/{name}, which a clone of the repository does not have")
    return found
