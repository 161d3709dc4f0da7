"""Bytes as pages, whose lines are those that an editor shows; and the pages that a PATH stands for."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import pytest

from docassay import docset, markdown, source
from docassay.model import Malformed

THREE_LINES = "first\nsecond\nthird\n"


@pytest.mark.parametrize(
    "data",
    [
        b"first\nsecond\nthird\n",
        b"first\r\nsecond\r\nthird\r\n",
        b"first\rsecond\rthird\r",
        b"first\r\nsecond\rthird\n",
        b"\xef\xbb\xbffirst\r\nsecond\nthird\n",
        THREE_LINES.encode("utf-16"),
        b"\xff\xfe" + THREE_LINES.encode("utf-16-le"),
        b"\xfe\xff" + THREE_LINES.replace("\n", "\r\n").encode("utf-16-be"),
    ],
    ids=["lf", "crlf", "cr", "mixed", "bom", "utf-16", "utf-16-le", "utf-16-be"],
)
def test_every_encoding_and_line_end_gives_the_same_text(data):
    page = source.decode(data, "page.md")
    assert page.text == THREE_LINES
    assert [one.kind for one in page.malformed] == (["utf-16"] if data[:1] in (b"\xff", b"\xfe") else [])


def test_the_digest_is_that_of_the_bytes_not_of_the_text():
    with_lf, with_crlf = (source.decode(data, "page.md") for data in (b"a\nb\n", b"a\r\nb\r\n"))
    assert with_lf.text == with_crlf.text
    assert with_lf.digest != with_crlf.digest
    assert with_lf.digest == hashlib.sha256(b"a\nb\n").hexdigest()


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\x0b", "\x0c", "\x1c", "\x85"])
def test_nothing_but_cr_and_lf_ends_a_line(character):
    page = source.decode(f"one{character}still one\n# Two\n".encode(), "page.md")
    assert page.text.count("\n") == 2
    elements, *_ = markdown.parse(page)
    assert [(one.kind, one.line) for one in elements] == [("paragraph", 1), ("heading", 2)]


@pytest.mark.parametrize(
    ("data", "text", "malformed"),
    [
        (b"a\nb \xe9t\xe9\n", "a\nb été\n", [Malformed("not-utf-8", 2, text="0xe9")]),
        (b"a\r\nb \x93x\x94\r\n", "a\nb “x”\n", [Malformed("not-utf-8", 2, text="0x93")]),
        (b"a\x81b", "a\ufffdb", [Malformed("not-utf-8", 1, text="0x81")]),
        (b"\xef\xbb\xbfa\n\xff\n", "a\nÿ\n", [Malformed("not-utf-8", 2, text="0xff")]),
        (b"x" * 200 + b"\na\0b\n", "x" * 200 + "\na\ufffdb\n", [Malformed("nul", 2)]),
        (b"\0\1\2\3\xff\xfe", "", [Malformed("not-text", 1)]),
        (b"few \0 words", "", [Malformed("not-text", 1)]),
        ("no mark\n".encode("utf-16-le"), "", [Malformed("not-text", 1)]),
        (b"\xff\xfea\0b", "", [Malformed("not-text", 1)]),
        (b"", "", []),
        ("é\u200b\U0001f600".encode(), "é\u200b\U0001f600", []),
        (b"a\rb \xe9\r", "a\nb é\n", [Malformed("not-utf-8", 2, text="0xe9")]),
        (b"a\r" + b"x" * 200 + b"\0", "a\n" + "x" * 200 + "\ufffd", [Malformed("nul", 2)]),
    ],
    ids=[
        *("latin-1", "cp1252", "hole", "bom-latin-1", "nul", "binary", "nuls", "utf-16-no-bom", "utf-16-odd", "empty"),
        *("utf-8", "cr-latin-1", "cr-nul"),
    ],
)
def test_bytes_that_are_no_clean_utf_8_are_read_as_well_as_can_be(data, text, malformed):
    page = source.decode(data, "page.md")
    assert page.text == text
    assert list(page.malformed) == malformed


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_conflict_markers_are_found_on_their_lines(end):
    text = end.join(["# A", "<<<<<<< HEAD", "ours", "=======", "theirs", ">>>>>>> branch", ""])
    page = source.decode(text.encode(), "page.md")
    assert [(one.kind, one.line, one.text) for one in page.malformed] == [
        ("conflict-marker", 2, "<<<<<<<"),
    ]
    assert "ours" in page.text


@pytest.mark.parametrize("text", ["<<<<<<<< HEAD\n", " <<<<<<< HEAD\n", "<<<<<<<\n", ">>>> a\n", "=======\n"])
def test_what_only_resembles_a_conflict_marker_is_text(text):
    assert source.decode(text.encode(), "page.md").malformed == ()


# --- front matter ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("lines", "yaml", "heading"),
    [
        (["---", "title: x", "author: y", "---", "# Page"], "title: x\nauthor: y\n", 5),
        (["---", "---", "# Page"], "", 3),
        (["--- ", "title: x", "---\t", "", "# Page"], "title: x\n", 5),
        (["---", "title: x", "...", "# Page"], "title: x\n", 4),
        (["---", "", "title: x", "", "---", "# Page"], "\ntitle: x\n\n", 6),
        (["---", "text: |", "  ---", "  ----", "---", "# Page"], "text: |\n  ---\n  ----\n", 6),
    ],
)
def test_front_matter_is_blanked_and_the_lines_keep_their_numbers(lines, yaml, heading, end):
    page = source.decode(end.join([*lines, ""]).encode(), "page.md")
    assert page.front_matter == yaml
    elements, *_ = markdown.parse(page)
    assert [(one.kind, one.line, one.text) for one in elements] == [("heading", heading, "Page")]
    assert page.text.count("\n") == len(lines)


def test_front_matter_may_follow_a_byte_order_mark_and_end_the_page():
    page = source.decode("\ufeff---\ntitle: x\n---".encode(), "page.md")
    assert page.front_matter == "title: x\n"
    assert page.text.strip("\n") == ""


@pytest.mark.parametrize(
    "text",
    [
        "---\ntitle: x\n\n# Never closed\n",
        "# Page\n\n---\n\ntext\n\n---\n",
        "\n---\ntitle: x\n---\n",
        " ---\ntitle: x\n---\n",
        "----\ntitle: x\n----\n",
        "---title: x\n---\n",
        "***\ntitle: x\n***\n",
    ],
    ids=["unclosed", "rules", "blank-line-first", "indented", "four-dashes", "text-on-the-line", "stars"],
)
def test_a_rule_is_no_front_matter(text):
    page = source.decode(text.encode(), "page.md")
    assert page.front_matter == ""
    assert page.text == text


def test_a_conflict_inside_of_front_matter_keeps_its_line():
    page = source.decode(b"---\ntitle: x\n<<<<<<< HEAD\n---\n", "page.md")
    assert page.malformed == (Malformed("conflict-marker", 3, text="<<<<<<<"),)


def front_matter_faults(yaml: str) -> list[tuple[int, int]]:
    page = docset.read_page(source.decode(f"---\n{yaml}\n---\n# Page\n".encode(), "page.md"))
    return [(one.line, one.column) for one in page.malformed if one.kind == "front-matter"]


@pytest.mark.parametrize(
    ("yaml", "places"),
    [
        ("title: x\nauthor: y", []),
        ('title: "x: y"', []),
        ("title: ''\n\nlist:\n- a\n- b", []),
        ("title: x: y", [(2, 9)]),
        ("title: x\n\tauthor: y", [(3, 1)]),
        ("title: 'never closed", [(2, 8)]),
        ("a: [b", [(2, 4)]),
        ("a: *b", [(2, 4)]),
        ("date: 2021-02-30 # no such day", []),
        ("list: [2021-13-01T25:00:00Z]", []),
        ("a: !!int x", []),
    ],
)
def test_front_matter_that_is_no_yaml_is_found_where_it_breaks(yaml, places):
    assert front_matter_faults(yaml) == places


def test_deeply_nested_front_matter_does_not_kill_the_process():
    program = (
        "from docassay import docset, source\n"
        "text = '---\\na: ' + '[' * 50000 + ']' * 50000 + '\\n---\\n'\n"
        "docset.read_page(source.decode(text.encode(), 'page.md'))\n"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True).returncode == 0


# --- find and read -----------------------------------------------------------------------------------------------


@pytest.fixture
def docs(tmp_path):
    for name in (
        "b.md",
        "a.MARKDOWN",
        "sub/c.md",
        ".hidden/d.md",
        "sub/.git/e.md",
        "node_modules/f.md",
        "g.txt",
        "h.mdx",
        "md",
        ".dotted.md",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("# Page\n")
    (tmp_path / "folder.md").mkdir()
    return tmp_path


def names(path) -> list[str]:
    _, found = source.find(path)
    return found


def test_a_folder_gives_its_pages_sorted_without_hidden_folders(docs):
    assert names(docs) == [".dotted.md", "a.MARKDOWN", "b.md", "sub/c.md"]


def test_a_hidden_folder_that_is_named_is_read(docs):
    assert names(docs / ".hidden") == ["d.md"]


@pytest.mark.parametrize("name", ["b.md", "g.txt", "sub/c.md"])
def test_a_file_is_a_page_of_the_folder_that_holds_it(docs, name):
    root, found = source.find(docs / name)
    assert (root, found) == ((docs / name).parent, [(docs / name).name])


def test_pages_are_left_out_by_patterns_unless_they_are_named(docs):
    whole = [name for name, _ in source.gather([docs]).named]
    some = [name for name, _ in source.gather([docs], ["sub/*", "*.MARKDOWN"]).named]
    assert some == [name for name in whole if not name.startswith("sub/") and not name.endswith(".MARKDOWN")]
    assert 0 < len(some) < len(whole)
    page = docs / whole[0]
    assert [name for name, _ in source.gather([page], ["*"]).named] == [page.name]


def test_a_missing_path_is_named_in_one_sentence(docs):
    with pytest.raises(source.NotFound, match=r"absent: there is no such file or folder$"):
        source.find(docs / "absent")


pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")


@pipes
def test_what_is_neither_file_nor_folder_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe.md")
    with pytest.raises(source.NotFound, match="neither a file nor a folder"):
        source.find(tmp_path / "pipe.md")


@pipes
def test_a_named_pipe_in_the_folder_is_no_page(docs):
    os.mkfifo(docs / "pipe.md")
    assert "pipe.md" not in names(docs)


def test_a_link_that_leads_out_of_the_root_is_left_out_and_one_within_is_read(docs):
    outside = docs.parent / "outside.md"
    outside.write_text("secret")
    beside = docs.parent / (docs.name + "-beside")
    beside.mkdir()
    (beside / "x.md").write_text("secret")
    (docs / "out.md").symlink_to(outside)
    (docs / "beside.md").symlink_to(beside / "x.md")
    (docs / "outer").symlink_to(beside)
    (docs / "within.md").symlink_to(docs / "sub" / "c.md")
    assert names(docs) == [".dotted.md", "a.MARKDOWN", "b.md", "sub/c.md", "within.md"]


def test_a_link_that_leads_nowhere_is_a_page_that_cannot_be_read(docs):
    (docs / "sub" / "loop.md").symlink_to(docs / "sub" / "loop.md")
    assert names(docs / "sub") == ["c.md", "loop.md"]
    page = source.read(docs / "sub" / "loop.md", "loop.md")
    assert [one.kind for one in page.malformed] == ["unreadable-file"]
    assert (page.text, page.digest) == ("", "")


def test_a_page_beyond_the_limit_is_not_read(tmp_path):
    page = tmp_path / "page.md"
    page.touch()
    os.truncate(page, source.MAX_BYTES + 1)
    assert [(one.kind, one.text) for one in source.read(page, "page.md").malformed] == [("too-large", "16 MiB")]
    os.truncate(page, 10)
    assert [one.kind for one in source.read(page, "page.md").malformed] == ["not-text"]


def test_a_page_that_went_away_has_no_text(tmp_path):
    page = source.read(tmp_path / "gone.md", "gone.md")
    assert page.malformed == (Malformed("unreadable-file", 1, text="No such file or directory"),)


def test_links_may_lead_through_the_repository_that_holds_the_pages(tmp_path):
    (tmp_path / "repo" / "docs" / "api").mkdir(parents=True)
    assert source.link_root(tmp_path / "repo" / "docs") == (tmp_path / "repo" / "docs").resolve()
    (tmp_path / "repo" / ".git").mkdir()
    assert source.link_root(tmp_path / "repo" / "docs" / "api") == (tmp_path / "repo").resolve()
