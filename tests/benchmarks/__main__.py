"""Speed and memory, as ratios to a floor that is measured in the same run: `python -m tests.benchmarks`.

The floor is what markdown-it-py takes to parse the same pages once, with block rules only, in one process. Without
../shared the pages are made up, alike in size and kind.
"""

from __future__ import annotations

import cProfile
import os
import pstats
import shutil
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
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # the command as pip installs it: compiled
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["DOCASSAY_CACHE_DIR"] = str(Path(scratch, "cache"))
        docs = Path(scratch, "docs")
        if CORPUS.exists():
            shutil.copytree(CORPUS, docs)
        else:
            made_up(docs, 3000)
        pages = sorted(docs.rglob("*.md"))
        texts = [page.read_bytes().decode("utf-8-sig", "replace") for page in pages]
        floor = measure(lambda: parse(texts))
        print(f"{len(pages)} pages, {sum(map(len, texts)) / 1e6:.1f} MB; floor {floor:.2f} s\n")
        print(f"{'work':<44}{'measured':>12}{'ratio':>10}{'bar':>10}")

        def of_floor(work: str, seconds: float, bar: float) -> None:
            row(work, seconds, seconds / floor, bar)

        of_floor("reading alone, no rules", reading(docs), 1.2)
        of_floor("check, no cache", command("check", docs, "--no-cache"), 1.5)
        command("check", docs)
        of_floor("check, nothing changed", command("check", docs), 0.2)
        changes = iter(range(1_000_000))
        for kind in ("an operation", "a type"):
            page = next(page for page in pages if (b'"resource"' in page.read_bytes()) == (kind == "a type"))

            def change(page: Path = page) -> None:
                page.write_bytes(page.read_bytes() + b"\nOne more line: %d.\n" % next(changes))

            of_floor(f"check, one page changed ({kind})", command("check", docs, before=change), 0.25)
        code, part = slowest_rule(docs)
        row(f"the slowest rule ({code}), of a check", part, part, 0.1)
        row("memory of check, all processes", memory("check", docs, "--no-cache"), None, 450, "MB")
        one, less, more = (command("check", made_up(Path(scratch, str(n)), n), "--no-cache") for n in (1, 2000, 4000))
        row("4,000 pages against 2,000", more, (more - one) / (less - one), 2.2)
        for name, make in LARGE.items():
            half, whole = (one_page(Path(scratch, f"{name} {size}"), make(size)) for size in (0.5, 1))
            empty = command("check", half.parent.parent / "1" / "page0.md")
            times = [command("check", page) - empty for page in (half, whole)]
            if times[1] < 0.2:  # it is refused, or too little to compare
                row(name, times[1], None, 0.2)
            else:
                row(f"{name} against half of it", times[1], times[1] / times[0], 2.4)
        mine, theirs, count = validation(docs)
        row(f"validating {count} responses against jsonschema", mine, mine / theirs, 1.2)
        row("docassay --help", command("--help"), None, 0.15)
        row("import docassay.pytest_plugin, above pytest", plugin(), None, 0.02)


def slowest_rule(docs: Path) -> tuple[str, float]:
    """The rule that takes the largest part of a check in one process, and that part, by the profiler."""
    from docassay import checking, source
    from docassay.rules import RULES

    profile = cProfile.Profile()
    profile.runcall(checking.run, source.gather([docs]), jobs=1, cached=False)
    spent = {(file, line): cumulative for (file, line, _), (*_, cumulative, _) in pstats.Stats(profile).stats.items()}
    whole = max(spent.values())
    parts = {}
    for code, rule in RULES.items():
        place = (rule.check.__code__.co_filename, rule.check.__code__.co_firstlineno)
        parts[code] = spent.get(place, 0) / whole
    return max(parts.items(), key=lambda pair: pair[1])


def validation(docs: Path) -> tuple[float, float, int]:
    """Seconds for judging each documented response in full (type, formats, nulls, what the example shows, what no page
    documents); what a ready validator of jsonschema takes for the same values and schemas; how many values there are.
    """
    from docassay import pipeline, schema, verdict
    from docassay.config import Config

    schemas = pipeline.load([docs], Config()).schemas
    work = []
    for example in schemas.contract.examples:
        for block in example.responses:
            form = verdict.shape(schemas, block)
            if form.resource and isinstance(form.example, dict):
                list(schema.errors(schemas, form.resource.name, {}))
                work.append((block, form, schemas.validators[form.resource.name]))

    def mine() -> None:
        for block, form, _ in work:
            verdict.check_response(schemas, block, form.example)

    def theirs() -> None:
        for _, form, validator in work:
            members = form.example[form.collection] if form.collection else [form.example]
            for value in members:
                list(validator.iter_errors(value))

    mine(), theirs()
    return measure(mine), measure(theirs), len(work)


LARGE: dict[str, Callable[[float], str]] = {
    "a page of 5 MB": lambda size: (
        "# Page\n\n" + "Some words with `code` and [a link](page.md).\n\n" * int(110_000 * size)
    ),
    "100,000 blocks": lambda size: '<!-- {"blockType": "ignored"} -->\n```http\nGET /a\n```\n\n' * int(100_000 * size),
    "broken JSON of 5 MB": lambda size: (
        '<!-- {"blockType": "resource", "@odata.type": "x.a"} -->\n```json\n['
        + "{'a': 1,},\n" * int(450_000 * size)
        + "]\n```\n"
    ),
    "JSON nested 10,000 deep": lambda size: (
        '<!-- {"blockType": "resource", "@odata.type": "x.a"} -->\n```json\n'
        + ('{"a":[' * int(10_000 * size) + "\n") * 20
        + "\n```\n"
    ),
}
"""Pages that are larger than any page should be, by the part of their full size."""


def one_page(there: Path, text: str) -> Path:
    """A folder with one page; the page."""
    there.mkdir()
    page = there / "page.md"
    page.write_text(text, "utf-8")
    return page


def row(name: str, value: float, ratio: float | None, bar: float, unit: str = "s") -> None:
    shown = f"{ratio:.2f} x" if ratio is not None else ""
    limit = f"{bar:g} x" if ratio is not None else f"{bar:g} {unit}"
    verdict = "" if (value if ratio is None else ratio) <= bar else "  over"
    print(f"{name:<44}{value:>10.2f} {unit:<2}{shown:>9}{limit:>10}{verdict}", flush=True)


def measure(work: Callable[[], object], before: Callable[[], object] = lambda: None) -> float:
    """Seconds, the median of a few rounds; what is done before each does not count."""
    times = []
    for _ in range(ROUNDS):
        before()
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def parse(texts: list[str]) -> None:
    parser = MarkdownIt("commonmark")
    parser.core.ruler.enableOnly(["normalize", "block"])
    for text in texts:
        parser.parse(text)


def start(*args: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "docassay", *map(str, args)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def command(*args: object, before: Callable[[], object] = lambda: None) -> float:
    """Seconds of a docassay command in processes of its own."""
    return measure(lambda: start(*args).wait(), before)


def reading(docs: Path) -> float:
    """Seconds until all pages are read, in processes of their own."""
    program = "import sys; from pathlib import Path; from docassay import docset; docset.load([Path(sys.argv[1])])"
    return measure(lambda: subprocess.run([sys.executable, "-c", program, docs], check=True))


def memory(*args: object) -> float:
    """MB that a command and its children hold at most, what they share counted once (Linux; elsewhere 0)."""
    running = start(*args)
    peak = 0
    while running.poll() is None:
        peak = max(peak, sum(proportional(process) for process in family(running.pid)))
        time.sleep(0.01)
    return peak / 1024


def family(process: int) -> list[int]:
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return []
    return [process, *(one for child in children for one in family(int(child)))]


def proportional(process: int) -> int:
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)


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
            f'<!-- {{ "blockType": "resource", "@odata.type": "made.item{number}" }} -->\n'
            f"```json\n{{\n{body}\n}}\n```\n\n"
            f'<!-- {{ "blockType": "request", "name": "get_item{number}" }} -->\n```http\nGET /items/{number}\n```\n\n'
            f'<!-- {{ "blockType": "response", "truncated": true, "@odata.type": "made.item{number}" }}'
            f" -->\n```http\nHTTP/1.1 200 OK\n"
            f"Content-Type: application/json\n\n{{\n{body}\n}}\n```\n",
            "utf-8",
        )
    return there


main()
