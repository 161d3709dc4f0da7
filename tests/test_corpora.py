"""Real documentation: read as an independent scanner reads it, without loss, without a traceback, in bounded memory."""

from __future__ import annotations

import gzip
import json
import resource
import subprocess
import sys

import pytest

from docassay import inventory, pipeline
from docassay.config import Config
from docassay.findings import Report

from .conftest import ROOT, shared

STATUS = {"strict": "strict", "lenient": "repaired", "failed": "failed"}


def oracle(name: str) -> list[dict]:
    plain, packed = shared("oracle") / f"blocks-{name}.jsonl", shared("oracle") / f"blocks-{name}.jsonl.gz"
    text = plain.read_text("utf-8") if plain.exists() else gzip.decompress(packed.read_bytes()).decode("utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module", params=["onedrive", pytest.param("graph-v1.0", marks=pytest.mark.slow)])
def corpus(request) -> tuple[str, pipeline.Loaded]:
    return request.param, pipeline.load([shared("corpora") / request.param], Config())


def test_every_block_is_read_as_the_oracle_reads_it(corpus):
    name, loaded = corpus
    rows = oracle(name)
    ours = {(block["path"], block["line"]): block for block in inventory.as_object(loaded)["blocks"]}
    assert set(ours) == {(row["file"], row["annotation_start"]) for row in rows}
    for row in rows:
        block = ours[row["file"], row["annotation_start"]]
        seen = {
            key: block[key]
            for key in ("block_type", "name", "odata_type", "annotation", "fence_line", "fence_end_line", "sha1")
        }
        assert seen == {
            "block_type": row["blockType"],
            "name": row["name"],
            "odata_type": row["odata_type"],
            "annotation": STATUS[row["annotation_status"]],
            "fence_line": row["fence_start"],
            "fence_end_line": row["fence_end"],
            "sha1": row["sha1"],
        }, f"{row['file']}:{row['annotation_start']}"
        if row["blockType"] in ("request", "response"):
            assert (block["method"], block["status"]) == (row["http_method"], row["http_status"]), row["file"]


def test_nothing_is_lost(corpus):
    name, loaded = corpus
    tally = inventory.tally(loaded)
    assert tally["blocks"] == len(oracle(name)) == sum(tally.values()) - tally["blocks"]
    report = pipeline.check([shared("corpora") / name], Config())
    assert isinstance(report, Report)
    assert report.blocks == tally["blocks"]


@pytest.mark.parametrize("name", ["onedrive", pytest.param("graph-v1.0", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "command", [["check"], ["show", "--format", "json"], ["verify", "--target", "http://127.0.0.1:9"]]
)
def test_the_commands_run_to_the_end(name, command, tmp_path):
    docs = shared("corpora") / name
    done = subprocess.run(
        [sys.executable, "-m", "docassay", *command, docs, "-o", tmp_path / "out"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1)
    assert done.stderr == ""
    assert (tmp_path / "out").stat().st_size > 100
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 450 * 1024  # KiB
