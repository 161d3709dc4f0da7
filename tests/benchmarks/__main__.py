"""Speed and memory, as ratios to a floor that is measured in the same run: `python -m tests.benchmarks`.

The floor is what markdown-it-py takes to parse the same pages once, with block rules only, in one process. Without
../shared the pages are made up, alike in size and kind.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parent.parent.parent
CORPUS = ROOT.parent / "shared" / "corpora" / "graph-v1.0"
ROUNDS = 3


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        docs = CORPUS if CORPUS.exists() else made_up(Path(scratch, "docs"), 3000)
        pages = sorted(docs.rglob("*.md"))
        texts = [page.read_bytes().decode("utf-8-sig", "replace") for page in pages]
        floor = measure(lambda: parse(texts))
        print(f"{len(pages)} pages, {sum(map(len, texts)) / 1e6:.1f} MB; floor {floor:.2f} s\n")
        print(f"{'work':<44}{'measured':>12}{'ratio':>10}{'bar':>10}")
        cold, memory = command("check", docs)
        row("check, no cache", cold, cold / floor, 1.2)
        row("peak memory of check", memory, None, 450, "MB")
        one, less, more = (command("check", made_up(Path(scratch, str(n)), n))[0] for n in (1, 2000, 4000))
        row("4,000 pages against 2,000", more, (more - one) / (less - one), 2.2)
        row("docassay --help", command("--help")[0], None, 0.15)
        row("import docassay.pytest_plugin, above pytest", plugin(), None, 0.02)


def row(name: str, value: float, ratio: float | None, bar: float, unit: str = "s") -> None:
    shown = f"{ratio:.2f} x" if ratio is not None else ""
    limit = f"{bar:g} x" if ratio is not None else f"{bar:g} {unit}"
    verdict = "" if (value if ratio is None else ratio) <= bar else "  over"
    print(f"{name:<44}{value:>10.2f} {unit:<2}{shown:>9}{limit:>10}{verdict}")


def measure(work: Callable[[], object]) -> float:
    """Seconds, the median of a few rounds."""
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def parse(texts: list[str]) -> None:
    parser = MarkdownIt("commonmark")
    parser.core.ruler.enableOnly(["normalize", "block"])
    for text in texts:
        parser.parse(text)


def command(*args: object) -> tuple[float, float]:
    """Seconds (median) and MB (largest process) of a docassay command in processes of its own."""
    peak = 0.0

    def run() -> None:
        nonlocal peak
        done = subprocess.Popen(
            [sys.executable, "-m", "docassay", *map(str, args)],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, _, usage = os.wait4(done.pid, 0)
        done.returncode = 0
        peak = max(peak, usage.ru_maxrss / 1024)

    return measure(run), peak


def plugin() -> float:
    """Seconds that the import of the plugin takes where pytest is imported already."""
    code = "import pytest, time; t = time.perf_counter(); import docassay.pytest_plugin; print(time.perf_counter() - t)"
    times = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
        for _ in range(5)
    ]
    return statistics.median(times)


def made_up(there: Path, count: int) -> Path:
    """Pages with what pages have: prose, tables, annotated examples."""
    there.mkdir(parents=True)
    for number in range(count):
        rows = "".join(
            f"|property{index}|String|What property {index} of item {number} says.|\n" for index in range(20)
        )
        body = ",\n".join(f'  "property{index}": "value {index}"' for index in range(20))
        (there / f"page{number}.md").write_text(
            f"# Get item {number}\n\nReads one item. See [another](page{number // 2}.md).\n\n## Properties\n\n"
            f"|Property|Type|Description|\n|:---|:---|:---|\n{rows}\n## Examples\n\n"
            f'<!-- {{ "blockType": "request", "name": "get_item{number}" }} -->\n```http\nGET /items/{number}\n```\n\n'
            f'<!-- {{ "blockType": "response", "truncated": true }} -->\n```http\nHTTP/1.1 200 OK\n'
            f"Content-Type: application/json\n\n{{\n{body}\n}}\n```\n",
            "utf-8",
        )
    return there


main()
