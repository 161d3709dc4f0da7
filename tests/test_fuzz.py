"""20,000 broken pages: no exception, no page that takes long, every block accounted for."""

from __future__ import annotations

import time
from collections.abc import Callable
from random import Random

import pytest

from docassay import inventory, pipeline
from docassay.config import Config
from docassay.source import read

from .grammar import page

PAGES = 500
TELLING = ("DA202", "DA204", "DA205", "DA207", "DA305", "DA401")
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
        here = found[block.path].findings
        told = [one for one in here if one.code in TELLING and block.line <= one.line <= last]
        told += [one for one in here if one.code == "DA203" and one.level == "error" and block.line <= one.line <= last]
        told += [one for one in here if one.code == "DA207" and one.line <= block.line]  # what follows is lost in it
        assert told or fate != "reported", f"{block.path}:{block.line}"
    assert len(pipeline.plan(loaded, pipeline.Options())) == len(loaded.schemas.contract.examples)


REQUEST = '<!-- {"blockType": "request"} -->\n```http\n'
RESOURCE = '<!-- {"blockType": "resource", "@odata.type": "x.a"} -->\n```json\n'
MANY: dict[str, Callable[[int], str]] = {
    "links": lambda n: "".join(f"[link {i}](a.md) some text of the page\n\n" for i in range(n)),
    "includes": lambda n: "".join(f"[!INCLUDE [x](i{i}.md)]\n\n" for i in range(n)),
    "fences without annotation": lambda n: "".join(f"```http\nGET /me/{i}\n```\n\n" for i in range(n)),
    "keys": lambda n: (
        '<!-- {"blockType": "ignored"' + "".join(f',"k{i}": 1' for i in range(n)) + "} -->\n```\nx\n```\n"
    ),
    "names": lambda n: (
        REQUEST + 'GET /\n```\n<!-- {"blockType": "response", "name": ['
        + ",".join(f'"k{i}"' for i in range(n)) + "]} -->\n```http\nHTTP/1.1 200 OK\n```\n"
    ),
    "members": lambda n: RESOURCE + "{\n" + ",\n".join(f'"k{i}": [1,]' for i in range(n)) + ",\n}\n```\n",
    "equal members": lambda n: RESOURCE + "{\n" + ",\n".join('"k": 1' for _ in range(n)) + "\n}\n```\n",
    "blank lines": lambda n: REQUEST + "GET /\n" + "\nAccept: x\n" * n + "```\n",
    "folders": lambda n: "[a](" + "d/" * n + "x.md)\n",
    "comments": lambda n: "<!-- a -->" * n + "\n",
    "swallowed": lambda n: "```json\n" + '<!-- {"blockType": "request"} -->\n' * n,
    "suppressions": lambda n: "<!-- docassay: ignore DA208 x -->\n```http\nGET /\n```\n\n" * n,
    "anchors": lambda n: "".join(f"# h{i}\n\n[a](#h{i}x)\n\n" for i in range(n)),
    "tabs": lambda n: "".join(f"# [a](#tab/x{i})\n\n" for i in range(n)),
    "references": lambda n: "".join(f"[a][b{i}]\n\n" for i in range(n)),
    "capitals": lambda n: "[a](PAGE.md)\n\n" * n,
    "parts": lambda n: (
        REQUEST + "POST /\nContent-Type: multipart/mixed; boundary=A\n\n"
        + "--A\nContent-Type: application/json\n\n{1,}\n" * n + "--A--\n```\n"
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", MANY)
def test_no_number_of_things_on_a_page_takes_long(tmp_path, name):
    (tmp_path / "page.md").write_text(MANY[name](8000))
    started = time.monotonic()
    pipeline.check([tmp_path], Config())
    assert time.monotonic() - started < LONG / 10  # the slowest takes a third of a second
