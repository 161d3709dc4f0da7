"""What a check remembers: never a difference in what it says, and only what a change concerns is read again."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from docassay import cache, checking, docset, pipeline
from docassay.config import Config

PAGES = 30


def resource(name: str, kind: str, *, base: str = "", more: str = "") -> str:
    base = f', "baseType": "x.{base}"' if base else ""
    return (
        f"# {name}\n\n## Properties\n\n|Property|Type|Description|\n|:--|:--|:--|\n|size|{kind}|Its size.|\n{more}\n"
        f'<!-- {{ "blockType": "resource", "@odata.type": "x.{name}"{base} }} -->\n'
        f'```json\n{{ "size": "{kind}" }}\n```\n'
    )


def get(name: str, size: str, *, link: str = "index.md") -> str:
    return (
        f"# Get {name}\n\nSee [more]({link}).\n\n"
        f'<!-- {{ "blockType": "request", "name": "get_{name}" }} -->\n```http\nGET /{name}\n```\n\n'
        f'<!-- {{ "blockType": "response", "@odata.type": "x.{name}", "truncated": true }} -->\n'
        f'```http\nHTTP/1.1 200 OK\nContent-Type: application/json\n\n{{ "size": {size} }}\n```\n'
    )


@pytest.fixture
def docs(tmp_path, monkeypatch) -> Path:
    """Pages that rest on each other, and a cache of their own."""
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setattr(checking, "WORTH_KEEPING", 0)
    there = tmp_path / "docs"
    there.mkdir()
    (there / "index.md").write_text("# Index\n")
    for number in range(PAGES):
        base = f"item{number - 1}" if number % 3 == 2 else ""
        (there / f"item{number}.md").write_text(resource(f"item{number}", "Int32", base=base))
        (there / f"item{number}-get.md").write_text(get(f"item{number}", "1"))
    return there


def check(docs: Path, *, cached: bool = True) -> dict[str, list[str]]:
    found = pipeline.check_each([docs], Config(), cached=cached)
    return {page: [f"{one.code}:{one.line} {one.documented}" for one in said.findings] for page, said in found.items()}


@pytest.fixture
def reads(monkeypatch) -> list[str]:
    """The pages that are read, in order."""
    seen: list[str] = []
    real = docset.Reader.read_with_source

    def read(reader, named):
        seen.append(named[0])
        return real(reader, named)

    monkeypatch.setattr(docset.Reader, "read_with_source", read)
    return seen


def test_what_has_not_changed_is_not_read_again(docs, reads):
    first = check(docs)
    assert len(reads) == 2 * PAGES + 1
    reads.clear()
    assert check(docs) == first
    assert reads == []


def test_a_page_that_others_do_not_rest_on_is_read_alone(docs, reads):
    check(docs)
    reads.clear()
    (docs / "item4-get.md").write_text(get("item4", '"many"'))
    assert check(docs)["item4-get.md"] == ["DA405:15 item4.md:7"]
    assert set(reads) == {"item4-get.md"}


def test_a_type_that_changes_is_held_against_the_examples_of_other_pages(docs, reads):
    check(docs)
    reads.clear()
    (docs / "item4.md").write_text(resource("item4", "String"))
    found = check(docs)
    assert found["item4-get.md"] == ["DA405:15 item4.md:7"]
    assert {"item4.md", "item4-get.md"} <= set(reads)
    assert "item7-get.md" not in reads


def test_a_line_that_moves_is_cited_where_it_is_now(docs):
    (docs / "item4-get.md").write_text(get("item4", '"many"'))
    check(docs)
    (docs / "item4.md").write_text("\n\n" + resource("item4", "Int32"))
    assert check(docs)["item4-get.md"] == ["DA405:15 item4.md:9"]


def test_a_base_type_that_changes_concerns_what_derives_from_it(docs):
    (docs / "item4.md").write_text(resource("item4", "Int32", more="|colour|String|Its colour.|\n"))
    (docs / "item5-get.md").write_text(get("item5", '1, "colour": 2'))
    assert check(docs)["item5-get.md"] == ["DA405:15 item4.md:8"]
    (docs / "item4.md").write_text(resource("item4", "Int32", more="|colour|Int32|Its colour.|\n"))
    assert check(docs)["item5-get.md"] == []


def test_a_name_that_is_taken_elsewhere_concerns_its_pages_alone(docs, reads):
    check(docs)
    reads.clear()
    twice = get("item4", "1").replace("get_item4", "get_item7")
    (docs / "item4-get.md").write_text(twice)
    assert check(docs)["item7-get.md"] == ["DA403:5 item4-get.md:5"]
    assert set(reads) == {"item4-get.md", "item7-get.md"}
    (docs / "item4-get.md").write_text("\n" + twice)
    assert check(docs)["item7-get.md"] == ["DA403:5 item4-get.md:6"]
    (docs / "other").mkdir()
    (docs / "item4-get.md").rename(docs / "other" / "item4-get.md")
    assert check(docs)["item7-get.md"] == []


def test_a_file_that_links_lead_to_is_looked_for_again(docs):
    assert check(docs)["item3-get.md"] == []
    (docs / "index.md").rename(docs / "start.md")
    assert check(docs)["item3-get.md"] == ["DA102:3 None"]
    (docs / "start.md").rename(docs / "index.md")
    assert check(docs)["item3-get.md"] == []


def test_a_page_of_the_name_that_a_link_misses_is_looked_for_again(docs):
    (docs / "sub").mkdir()
    (docs / "sub" / "other.md").write_text("# Other\n")
    (docs / "index.md").write_text("# Index\n\n[here](moved.md)\n")

    def hints() -> list[str]:
        found = pipeline.check_each([docs], Config(), cached=True)
        return [one.hint for one in found["index.md"].findings]

    assert hints() == ["correct the path, or remove it"]
    (docs / "sub" / "moved.md").write_text("# Moved\n")
    assert hints() == ["did you mean 'sub/moved.md'?"]
    (docs / "sub" / "moved.md").unlink()
    assert hints() == ["correct the path, or remove it"]


def test_a_heading_that_links_name_is_looked_for_again(docs, reads):
    (docs / "item3-get.md").write_text(get("item3", "1", link="item4.md#properties"))
    assert check(docs)["item3-get.md"] == []
    reads.clear()
    (docs / "item4.md").write_text(resource("item4", "Int32").replace("## Properties", "## Members"))
    assert check(docs)["item3-get.md"] == ["DA107:3 None"]
    assert "item5-get.md" not in reads
    (docs / "item4.md").write_text(resource("item4", "Int32"))
    assert check(docs)["item3-get.md"] == []


def test_what_is_remembered_never_makes_a_difference(docs):
    chance = random.Random(7)
    for _ in range(60):
        for _ in range(chance.choice((1, 1, 1, 3))):
            number = chance.randrange(PAGES)
            page, other = docs / f"item{number}.md", docs / f"item{number}-get.md"
            match chance.randrange(8):
                case 0:
                    page.write_text(resource(f"item{number}", chance.choice(("Int32", "String", "item2", "Boolean"))))
                case 1:
                    page.write_text("\n" * chance.randrange(4) + resource(f"item{number}", "Int32"))
                case 2:
                    page.write_text(resource(f"item{number}", "Int32", base=f"item{chance.randrange(PAGES)}"))
                case 3:
                    page.unlink(missing_ok=True)
                case 4:
                    page.write_text(resource(f"item{chance.randrange(PAGES)}", "Double", more="|more|String|More.|\n"))
                case 5:
                    text = get(f"item{number}", chance.choice(("1", '"x"', "null", "{}", '1, "odd": 2')))
                    other.write_text(text.replace("get_item", chance.choice(("get_item", "get_item1"))))
                case 6:
                    other.write_text(
                        get(
                            f"item{number}",
                            "1",
                            link=f"item{chance.randrange(PAGES)}.md#{chance.choice(('properties', 'item3'))}",
                        )
                    )
                case 7:
                    other.write_bytes(bytes([0xFF, 0xFE]) + get(f"item{number}", "1").encode("utf-16-le"))
        assert pipeline.check_each([docs], Config(), cached=True) == pipeline.check_each([docs], Config())


def test_the_settings_that_matter_have_a_memory_of_their_own(docs):
    (docs / "item4-get.md").write_text("# A\n\n```http\nGET /a\n```\n\n```http\nHTTP/1.1 204 No content yet\n```\n")
    plain = pipeline.check_each([docs], Config(), cached=True)["item4-get.md"]
    inferred = pipeline.check_each([docs], Config(infer=True), cached=True)["item4-get.md"]
    assert [one.code for one in plain.findings] == ["DA208", "DA208"]
    assert [one.code for one in inferred.findings] == ["DA310"]


# --- the file ----------------------------------------------------------------------------------------------------


def files(docs: Path) -> list[Path]:
    return sorted((docs.parent / "cache").iterdir())


def damaged(data: bytes) -> list[bytes]:
    middle = len(data) // 2
    return [
        b"",
        data[:10],
        data[:-1],
        data + b"\0",
        data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
        b"docassay cache 0" + data[16:],
        b"\x93" * 100_000,
        os.urandom(1000),
    ]


def test_a_damaged_file_is_passed_over_and_replaced(docs, reads):
    (docs / "item4-get.md").write_text(get("item4", '"many"'))
    said = check(docs)
    (file,) = files(docs)
    whole = file.read_bytes()
    for data in damaged(whole):
        file.write_bytes(data)
        reads.clear()
        assert check(docs) == said
        assert len(reads) == 2 * PAGES + 1
        assert file.read_bytes() == whole


def test_a_file_of_another_shape_is_passed_over(docs):
    said = check(docs)
    (file,) = files(docs)
    for value in ({}, [], [{"item4.md": 1}, {}], [1, 2, 3], "words"):
        cache.save(file.name, value)
        assert check(docs) == said


def test_other_code_does_not_read_the_file(docs, monkeypatch):
    check(docs)
    monkeypatch.setattr(cache, "__version__", "0.0.0")
    check(docs)
    assert len(files(docs)) == 2


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="a folder that cannot be written needs a plain user")
def test_a_folder_that_cannot_be_written_does_no_harm(docs):
    (docs.parent / "cache").mkdir(mode=0o500)
    assert check(docs) == check(docs, cached=False)


def test_a_file_in_place_of_the_folder_does_no_harm(docs):
    (docs.parent / "cache").write_text("")
    assert check(docs) == check(docs, cached=False)


def test_what_nobody_has_used_for_long_is_removed(docs):
    check(docs)
    (file,) = files(docs)
    old, crashed, other = (file.with_name(name) for name in ("old.cache", "crashed.cache.new", "notes.txt"))
    for one in (old, crashed, other):
        one.write_text("")
        os.utime(one, (0, time.time() - cache.KEPT - 60))
    (docs / "item1.md").write_text("# Other\n")
    check(docs)
    assert files(docs) == sorted([file, other])


def test_few_pages_are_not_remembered(docs, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setenv(cache.VARIABLE, str(docs.parent / "cache"))
    check(docs)
    assert not (docs.parent / "cache").exists()


# --- in processes of their own -----------------------------------------------------------------------------------


def run(docs: Path, *options: str, code: str = "import docassay.cli; docassay.cli.main()") -> subprocess.Popen[str]:
    program = f"from docassay import checking; checking.WORTH_KEEPING = 0\n{code}"
    return subprocess.Popen(
        [sys.executable, "-c", program, "check", str(docs), "--format", "json", *options],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=docs.parent, start_new_session=True,
    )  # fmt: skip


def test_concurrent_runs_share_the_cache(docs):
    said = {run.communicate() for run in [run(docs) for _ in range(4)]}
    assert len(said) == 1
    assert len(files(docs)) == 1
    assert {run(docs).communicate()} == said


def test_no_cache_leaves_nothing(docs):
    run(docs, "--no-cache").communicate()
    assert not (docs.parent / "cache").exists()


def test_a_crash_while_the_file_is_written_leaves_the_old_one(docs):
    before = run(docs).communicate()
    (file,) = files(docs)
    whole = file.read_bytes()
    (docs / "item1.md").write_text("# Other\n")
    dying = (
        f"import os, docassay.cli\nos.replace = lambda *_: os.kill(os.getpid(), {int(signal.SIGKILL)})\n"
        "docassay.cli.main()"
    )
    crashed = run(docs, code=dying)
    crashed.communicate()
    assert crashed.returncode == -signal.SIGKILL
    assert file.read_bytes() == whole
    (docs / "item1.md").write_text(resource("item1", "Int32"))
    assert run(docs).communicate() == before


def test_nothing_that_reads_pages_is_imported_where_nothing_has_changed(docs):
    check(docs)
    program = (
        "import sys\nfrom docassay import checking, cli\nchecking.WORTH_KEEPING = 0\n"
        "heavy = {'markdown_it', 'jsonschema', 'requests', 'yaml'}\n"
        "cli._leave = lambda code: print(sorted(heavy & set(sys.modules)))\n"
        "sys.argv = ['docassay', 'check', sys.argv[1]]\ncli.main()"
    )
    done = subprocess.run([sys.executable, "-c", program, str(docs)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_number_of_processes_makes_no_difference(docs):
    for number in range(300):
        shutil.copy(docs / "item4-get.md", docs / f"more{number}.md")
    said = {run(docs, "--no-cache", "--jobs", jobs).communicate() for jobs in ("1", "2", "5")}
    assert len(said) == 1


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_an_interruption_ends_cleanly(docs):
    for number in range(500):
        shutil.copy(docs / "item4-get.md", docs / f"more{number}.md")
    slow = (
        "import time\nfrom docassay import cli, docset\nread = docset.Reader.read_with_source\n"
        "docset.Reader.read_with_source = lambda *given: (time.sleep(0.05), read(*given))[1]\ncli.main()"
    )
    running = run(docs, code=slow)
    time.sleep(1)
    os.killpg(running.pid, signal.SIGINT)
    out, err = running.communicate(timeout=20)
    assert (running.returncode, out, err.strip()) == (130, "", "docassay: interrupted")


@pytest.mark.skipif(os.name == "nt", reason="terminals of POSIX")
@pytest.mark.parametrize(("pause", "shown"), [(0.02, True), (0, False)])
def test_progress_shows_on_a_terminal_when_it_takes_more_than_a_second(docs, pause, shown):
    import pty

    slow = (
        "import time\nfrom docassay import cli, docset\nread = docset.Reader.read_with_source\n"
        f"docset.Reader.read_with_source = lambda *given: (time.sleep({pause}), read(*given))[1]\ncli.main()"
    )
    ours, theirs = pty.openpty()
    program = f"from docassay import checking; checking.WORTH_KEEPING = 0\n{slow}"
    running = subprocess.Popen(
        [sys.executable, "-c", program, "check", str(docs), "--jobs", "1"], stdout=subprocess.PIPE, stderr=theirs
    )
    os.close(theirs)
    out, _ = running.communicate()
    try:
        seen = os.read(ours, 100_000).decode()
    except OSError:  # nothing was written
        seen = ""
    os.close(ours)
    assert ("check  [" in seen) == shown
    assert ("100%" in seen) == shown
    assert b"check  [" not in out
