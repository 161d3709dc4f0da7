"""Real documentation: read as an independent scanner reads it, without loss, without a traceback, in bounded memory."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys

import pytest

from docassay import findings, inventory, pipeline, schema, source
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


def test_every_finding_points_at_its_words(corpus):
    name, loaded = corpus
    found = pipeline.check([shared("corpora") / name], Config()).findings
    assert found
    for one in found:
        text = source.lines(source.read(source.file_of(loaded.docs.roots, one.path), one.path))
        assert one.excerpt in text[one.line - 1], one
        start = one.column - one.excerpt_column
        assert not one.word or one.excerpt[start:].startswith(one.word[: findings.EXCERPT - start]), one


@pytest.mark.parametrize("name", ["onedrive", pytest.param("graph-v1.0", marks=pytest.mark.slow)])
def test_fixes_mend_once_and_leave_the_types_as_they_are(name, tmp_path):
    docs = tmp_path / "docs"
    shutil.copytree(shared("corpora") / name, docs)

    def types() -> object:
        return without_lines(schema.bundle(pipeline.load([docs], Config()).schemas))

    before = types()
    report = pipeline.check([docs], Config())
    assert pipeline.mend([docs], report) > 10
    left = pipeline.check([docs], Config())
    assert types() == before
    assert pipeline.mend([docs], left) == 0


def without_lines(value: object) -> object:
    """A schema without the lines of the pages that say so."""
    if isinstance(value, dict):
        return {key: without_lines(one) for key, one in value.items() if key != "$comment"}
    return [without_lines(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", ["onedrive", pytest.param("graph-v1.0", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "command", [["check"], ["show", "--format", "json"], ["verify", "--target", "http://127.0.0.1:9"]]
)
def test_the_commands_run_to_the_end(name, command, tmp_path):
    docs = shared("corpora") / name
    with (tmp_path / "errors").open("w") as errors:
        running = subprocess.Popen(
            [sys.executable, "-m", "docassay", *command, docs, "-o", tmp_path / "out"], cwd=ROOT, stderr=errors
        )
        _, status, used = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    assert running.returncode in (0, 1)
    assert (tmp_path / "errors").read_text() == ""
    assert (tmp_path / "out").stat().st_size > 100
    assert used.ru_maxrss < 450 * 1024  # KiB
