"""20,000 broken pages: no exception, no page that takes long, every block accounted for."""

from __future__ import annotations

import time
from random import Random

import pytest

from docassay import inventory, pipeline
from docassay.config import Config
from docassay.source import read

from .grammar import page

PAGES = 500
TELLING = ("DA202", "DA204", "DA205", "DA207", "DA401")
"""The rules that say why a block is of no use."""
LONG = 60
"""Seconds for all of these pages, of which reading takes less than one: only what goes quadratic reaches it."""


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
def test_any_broken_pages_can_be_checked_and_nothing_is_lost(tmp_path, seed):
    chance = Random(seed)
    for number in range(PAGES):
        (tmp_path / f"page{number}.md").write_bytes(page(chance))
    config = Config(infer=seed % 4 == 3)
    started = time.monotonic()
    found = pipeline.check_each([tmp_path], config)
    assert time.monotonic() - started < LONG
    loaded = pipeline.load([tmp_path], config)
    tally = inventory.tally(loaded)
    assert len(found) == len(loaded.docs.pages) == PAGES
    assert sum(one.blocks for one in found.values()) == tally["blocks"] > PAGES
    assert tally["blocks"] == sum(count for row, count in tally.items() if row != "blocks")
    for one in loaded.docs.pages:
        lines = read(tmp_path / one.path, one.path).text.count("\n") + 1
        said = found[one.path].findings
        assert all(1 <= finding.line <= lines for finding in said), one.path
    for block, fate in inventory.fates(loaded):
        last = block.fence.end_line if block.fence else block.annotation.end_line
        told = [one for one in found[block.path].findings if one.code in TELLING and block.line <= one.line <= last]
        assert told or fate != "reported", f"{block.path}:{block.line}"
    assert len(pipeline.plan(loaded, pipeline.Options())) == len(loaded.schemas.contract.examples)
