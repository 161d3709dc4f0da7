"""Blocks and links with their places: in lists, in block quotes, with tabs, and where authors forget to close things.

The frequent blocks are read without markdown-it; that they are the same blocks is a property at the end.
"""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from docassay import markdown
from docassay.model import Element, Link, Source


def elements(text: str) -> list[Element]:
    return markdown.parse(Source("page.md", text, ""))[0]


def links(text: str) -> list[tuple[int, int, str]]:
    return [(one.line, one.column, one.target) for one in markdown.parse(Source("page.md", text, ""))[1]]


def only(text: str, kind: str) -> Element:
    (found,) = [one for one in elements(text) if one.kind == kind]
    return found


# --- comments ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "end_line", "column", "content"),
    [
        ("<!-- x -->", 1, 1, 5, " x "),
        ("<!--x-->\n", 1, 1, 5, "x"),
        ("words\n\n<!-- x -->\n", 3, 3, 5, " x "),
        ("words\n<!-- x -->\n", 2, 2, 5, " x "),
        ("   <!-- x -->\n", 1, 1, 8, " x "),
        ("<!-- {\n  a\n} -->\n", 1, 3, 5, " {\n  a\n} "),
        ("<!-- a\n\n\nb -->\n", 1, 4, 5, " a\n\n\nb "),
        ("<!--\nx\n-->\n", 1, 3, 5, "\nx\n"),
        ("- <!-- x -->\n", 1, 1, 7, " x "),
        ("1. one\n\n   <!-- x -->\n", 3, 3, 8, " x "),
        ("-\t<!-- x -->\n", 1, 1, 7, " x "),
        ("- one\n\n\t<!-- x -->\n", 3, 3, 6, " x "),
        ("> <!-- x -->\n", 1, 1, 7, " x "),
        (">\t<!-- x -->\n", 1, 1, 7, " x "),
        (">> <!-- x -->\n", 1, 1, 8, " x "),
        ("- > <!-- x -->\n", 1, 1, 9, " x "),
        ("> - <!-- x\n>   y -->\n", 1, 2, 9, " x\ny "),
        ("> <!-- x\n> y -->\n", 1, 2, 7, " x\ny "),
        ("<!-- `-- >` - -- > -->\n", 1, 1, 5, " `-- >` - -- > "),
        ("<!-- a <!-- b -->\n", 1, 1, 5, " a <!-- b "),
    ],
)
def test_a_comment_knows_where_it_and_its_text_begin(text, line, end_line, column, content):
    found = only(text, "comment")
    assert (found.line, found.end_line, found.column, found.text) == (line, end_line, column, content)
    assert (found.text_line, found.closed) == (line, True)


def test_each_comment_of_an_html_block_is_an_element_of_its_own():
    found = elements("  <!-- a --> <!-- b -->x<!-- c -->\n")
    assert [(one.kind, one.line, one.column, one.text) for one in found if one.kind == "comment"] == [
        ("comment", 1, 7, " a "),
        ("comment", 1, 18, " b "),
        ("comment", 1, 29, " c "),
    ]


def test_an_html_block_ends_with_the_line_that_closes_its_first_comment():
    found = elements("<!-- a --> <!-- b\nc --> tail\n")
    assert [(one.kind, one.line, one.text.strip(), one.closed) for one in found] == [
        ("comment", 1, "a", True),
        ("comment", 1, "b", False),
        ("paragraph", 2, "c --> tail", True),
    ]


def test_comments_and_other_html_of_one_block_keep_their_order_and_lines():
    found = elements("<div>\n<!-- a --> between\n<!-- b\n c --><br>\n</div>\n")
    assert [(one.kind, one.line, one.text.strip()) for one in found] == [
        ("other", 1, "<div>"),
        ("comment", 2, "a"),
        ("other", 2, "between"),
        ("comment", 3, "b\n c"),
        ("other", 4, "<br>\n</div>"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "    <!-- x -->\n",
        "\t<!-- x -->\n",
        "```\n<!-- x -->\n```\n",
        "`<!-- x -->`\n",
        "a <!-- x -->\n",
        "- a\n\n      <!-- x -->\n",
    ],
    ids=["indented", "tab", "fence", "code-span", "inline", "indented-in-list"],
)
def test_what_is_no_html_block_holds_no_comment(text):
    assert [one.kind for one in elements(text) if one.kind == "comment"] == []


def test_a_comment_that_is_never_closed_takes_the_rest_of_the_page():
    (found,) = elements("<!-- never\n\n```http\nGET /\n```\n\n# Lost\n")
    assert (found.kind, found.line, found.closed) == ("comment", 1, False)
    assert "# Lost" in found.text


def test_a_comment_that_is_never_closed_in_a_list_ends_with_the_list():
    found = elements("- <!-- never\n\n# Kept\n")
    assert [(one.kind, one.closed) for one in found] == [("comment", False), ("heading", True)]


def test_a_comment_that_is_never_closed_ends_with_the_last_line():
    assert only("<!-- never\nends\n", "comment").end_line == 2


# --- fences ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "end_line", "column", "info", "content"),
    [
        ("```http\nGET /\n```\n", 1, 3, 1, "http", "GET /\n"),
        ("``` http\nGET /\n```", 1, 3, 1, "http", "GET /\n"),
        ("~~~~ http\nGET /\n~~~\n~~~~\n", 1, 4, 1, "http", "GET /\n~~~\n"),
        ("````\n```\nx\n```\n````\n", 1, 5, 1, "", "```\nx\n```\n"),
        ("```\nx\n`````\n", 1, 3, 1, "", "x\n"),
        ("   ```\n   x\n ```\n", 1, 3, 4, "", "x\n"),
        ("   ```\nx\n  ```\n", 1, 3, 1, "", "x\n"),
        ("  ```\n    x\n  ```\n", 1, 3, 3, "", "  x\n"),
        ("words\n```\nx\n```\nwords\n", 2, 4, 1, "", "x\n"),
        ("```\n\nx\n\n```\n", 1, 5, 1, "", "\nx\n\n"),
        ("```\n```\n", 1, 2, 1, "", ""),
        ("- ```http\n  x\n  ```\n", 1, 3, 3, "http", "x\n"),
        ("1. one\n\n   ```\n   x\n     y\n   ```\n", 3, 6, 4, "", "x\n  y\n"),
        ("-\tone\n\n\t```\n\tx\n\t```\n", 3, 5, 2, "", "x\n"),
        ("> ```\n> x\n> ```\n", 1, 3, 3, "", "x\n"),
        (">```\n>x\n>```\n", 1, 3, 2, "", "x\n"),
        ("- > ```\n  > x\n  > ```\n", 1, 3, 5, "", "x\n"),
        ("```\n\tx\n```\n", 1, 3, 1, "", "\tx\n"),
        ("```a b=\"c\"\nx\n```  \n", 1, 3, 1, 'a b="c"', "x\n"),
    ],
)  # fmt: skip
def test_a_fence_knows_its_lines_its_content_and_where_that_begins(text, line, end_line, column, info, content):
    found = only(text, "fence")
    assert (found.line, found.end_line, found.column, found.info) == (line, end_line, column, info)
    assert (found.text, found.text_line, found.closed) == (content, line + 1, True)


@pytest.mark.parametrize(
    ("text", "end_line", "content"),
    [
        ("```\nx\n", 2, "x\n"),
        ("```\nx", 2, "x\n"),
        ("```", 1, ""),
        ("````\nx\n```\n", 3, "x\n```\n"),
        ("~~~\nx\n```\n", 3, "x\n```\n"),
        ("```\nx\n    ```\n", 3, "x\n    ```\n"),
        ("```\nx\n``` y\n", 3, "x\n``` y\n"),
        ("- ```\n  x\n\nafter\n", 3, "x\n\n"),
        ("> ```\n> x\nafter\n", 2, "x\n"),
    ],
)
def test_a_fence_that_is_never_closed_says_so(text, end_line, content):
    found = only(text, "fence")
    assert not found.closed
    assert (found.line, found.text) == (1, content)
    assert found.end_line <= end_line


@pytest.mark.parametrize("text", ["    ```\n    x\n    ```\n", "``x``\n", "``` a`b\nx\n", "\\```\nx\n"])
def test_what_only_looks_like_a_fence_is_none(text):
    assert [one.kind for one in elements(text) if one.kind == "fence"] == []


# --- headings, sections, tabs, containers ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "end_line", "level", "plain"),
    [
        ("# One\n", 1, 1, 1, "One"),
        ("   ###### Six ##\n", 1, 1, 6, "Six"),
        ("words\n\nTwo\nlines\n---\n", 3, 5, 2, "Two\nlines"),
        ("One\n===\n", 1, 2, 1, "One"),
        ("- # In a list\n", 1, 1, 1, "In a list"),
        ("> ## In a quote\n", 1, 1, 2, "In a quote"),
        ("# *Bold* `code` [link](x.md)\n", 1, 1, 1, "Bold code link"),
        ("a\n|\n---\n", 1, 3, 2, "a\n|"),
        ("> a\n--\n> ---\n", 1, 3, 2, "a\n--"),
        ("#\n", 1, 1, 1, ""),
        ("# user_id values\n", 1, 1, 1, "user_id values"),
        ("# `get_photo`\n", 1, 1, 1, "get_photo"),
    ],
)
def test_a_heading_has_level_lines_and_plain_text(text, line, end_line, level, plain):
    found = only(text, "heading")
    assert (found.line, found.end_line, found.level, found.text) == (line, end_line, level, plain)


@pytest.mark.parametrize("text", ["# [HTTP](#tab/http)\n", "[C#](#tab/csharp)\n===\n", "#### [a b](#tab/a/b)\n"])
def test_a_docfx_tab_heading_is_a_tab_and_opens_no_section(text):
    found = elements(f"## Request\n\n{text}\nwords\n")
    assert [one.kind for one in found] == ["heading", "tab", "paragraph"]
    assert [one.section for one in found] == ["Request", "Request", "Request"]


def test_a_heading_that_only_links_to_a_section_is_a_heading():
    assert [one.kind for one in elements("# [HTTP](#http)\n")] == ["heading"]


def test_every_element_knows_the_nearest_heading_above():
    found = elements("a\n\n# One\n\nb\n\n- c\n\n## *Two*\n\n> <!-- d -->\n")
    assert [(one.kind, one.section) for one in found] == [
        ("paragraph", ""),
        ("heading", "One"),
        ("paragraph", "One"),
        ("paragraph", "One"),
        ("heading", "Two"),
        ("comment", "Two"),
    ]


def test_containers_are_the_lines_where_open_lists_and_quotes_begin():
    text = "top\n\n- item\n\n  > quote\n\n  <!-- in the item -->\n- next\n\nafter\n"
    found = {one.text.strip(): one.container for one in elements(text)}
    assert found["top"] == found["after"] == ()
    assert found["item"] == found["in the item"] == (3, 3)
    assert found["quote"] == (3, 3, 5)
    assert found["next"] == (3, 8)


@pytest.mark.parametrize(
    "word", ["NOTE", "tip", "IMPORTANT", "CAUTION", "WARNING", "INCLUDE [x](y.md)", 'div class="x"']
)
def test_a_paragraph_that_opens_with_an_alert_says_so(word):
    assert only(f"> [!{word}]\n> words\n", "paragraph").info == "alert"


@pytest.mark.parametrize("text", ["> words\n", "[!NOTICE] words\n", "words [!NOTE]\n", "[NOTE]\n"])
def test_other_paragraphs_are_no_alerts(text):
    assert only(text, "paragraph").info == ""


# --- tables ------------------------------------------------------------------------------------------------------

HEAD = "| a | b |\n|---|---|\n"


def rows(text: str) -> list[tuple[int, list[str]]]:
    table = only(text, "table").table
    assert table is not None
    return [(row.line, list(row.cells)) for row in table.rows]


@pytest.mark.parametrize(
    ("body", "cells"),
    [
        ("| c | d |\n", ["c", "d"]),
        ("c | d\n", ["c", "d"]),
        ("|c|d|  \n", ["c", "d"]),
        ("   | c | d |\n", ["c", "d"]),
        ("|\tc\t|\td |\n", ["c", "d"]),
        ("| c |\n", ["c", ""]),
        ("c\n", ["c", ""]),
        ("| c | d | e |\n", ["c", "d"]),
        ("|  | d |\n", ["", "d"]),
        ("|\n", ["", ""]),
        ("| c \\| x | d |\n", ["c | x", "d"]),
        ("| `c \\| x` | d \\||\n", ["`c | x`", "d |"]),
        ("| `c | x` | d |\n", ["`c", "x`"]),
        ("| **c** | [d](e.md) |\n", ["**c**", "[d](e.md)"]),
    ],
)
def test_a_row_has_as_many_cells_as_the_header(body, cells):
    assert rows(HEAD + body) == [(3, cells)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("words\n" + HEAD + "| c | d |\n| e | f |\n", [(4, ["c", "d"]), (5, ["e", "f"])]),
        ("- | a | b |\n  |---|---|\n  | c | d |\n", [(3, ["c", "d"])]),
        ("> | a | b |\n> |---|---|\n> | c | d |\n", [(3, ["c", "d"])]),
        ("a | b\n:-:|--:\nc | d\n", [(3, ["c", "d"])]),
        (HEAD + "| c | d |\n\n| e | f |\n", [(3, ["c", "d"])]),
        (HEAD + "| c | d |\n- item\n", [(3, ["c", "d"])]),
        (HEAD + "| c | d |\n# Heading\n", [(3, ["c", "d"])]),
        (HEAD + "| c | d |\n<!-- x -->\n", [(3, ["c", "d"])]),
        (HEAD + "| c | d |\n```\nx\n```\n", [(3, ["c", "d"])]),
        (HEAD + "| c | d |\n***\n", [(3, ["c", "d"])]),
        (HEAD, []),
        (HEAD + "| c | d |\n---\n", [(3, ["c", "d"])]),
        (HEAD + "| c | d |\n===\n", [(3, ["c", "d"])]),
        (HEAD + "| c | d |\n2. two\n", [(3, ["c", "d"])]),
    ],
)
def test_a_table_has_rows_until_another_block_begins(text, expected):
    assert rows(text) == expected


def test_nothing_behind_an_indented_row_is_lost():
    found = elements(HEAD + "| c | d |\n    | e | f |\nwords\n")
    assert found[0].kind == "table"
    assert "words" in "".join(one.text for one in found[1:])


def test_a_table_knows_its_lines_its_section_its_header_and_what_leads_to_it():
    found = only(
        "## Properties\n\nWhat `it` **has**:\n\n| *a* | [b](x.md) |\n|:-:|--:|\n| 1 | 2 |\n| 3 | 4 |\n\nafter\n",
        "table",
    )
    assert (found.line, found.end_line) == (5, 8)
    table = found.table
    assert table is not None
    assert (table.header, table.section, table.lead) == (("a", "b"), "Properties", "What it has:")
    assert [row.line for row in table.rows] == [7, 8]


@pytest.mark.parametrize(
    ("between", "lead"),
    [
        ("", ""),
        ("words\n\n", "words"),
        ("words\n", "words"),
        ("words\n\nmore words\n\n", "more words"),
        ("words\n\n## Heading\n\n", ""),
        ("words\n\n```\nx\n```\n\n", ""),
        (f"words\n\n{HEAD}\n\n", ""),
        ("words\n\n<!-- x -->\n\n## A\n\nb\n\n---\n\n", ""),
    ],
)
def test_only_the_paragraph_right_above_leads_to_a_table(between, lead):
    last = [one.table for one in elements(f"{between}{HEAD}") if one.table][-1]
    assert last is not None
    assert last.lead == lead


def test_header_cells_keep_the_underscores_of_names():
    table = only("| a_b | c |\n|---|---|\n", "table").table
    assert table is not None
    assert table.header == ("a_b", "c")


@pytest.mark.parametrize(
    "text",
    [
        "| a | b |\n|---|\n| c | d |\n",
        "| a |\n|---|---|\n",
        "| a | b |\n| c | d |\n",
        "    | a |\n    |---|\n",
        "```\n| a |\n|---|\n```\n",
    ],
    ids=["short-delimiter", "long-delimiter", "no-delimiter", "indented", "fence"],
)
def test_what_is_no_table_is_none(text):
    assert [one.kind for one in elements(text) if one.kind == "table"] == []


# --- links -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a](b.md)", [(1, 1, "b.md")]),
        ("words [a](b.md), [a](b.md)", [(1, 7, "b.md"), (1, 18, "b.md")]),
        ("[a](b.md 'c') [d](e.md \"f\") [g](h.md (i))", [(1, 1, "b.md"), (1, 15, "e.md"), (1, 29, "h.md")]),
        ("[a]( b.md )", [(1, 1, "b.md")]),
        ("[a](<b c.md>) [d](<e.md> 'f')", [(1, 1, "b c.md"), (1, 15, "e.md")]),
        ("[a](b(c).md)", [(1, 1, "b(c).md")]),
        ("[a]()", [(1, 1, "")]),
        ("[a [b] c](d.md)", [(1, 1, "d.md")]),
        ("[a \\] b](c.md)", [(1, 1, "c.md")]),
        ("[`a`](b.md)", [(1, 1, "b.md")]),
        ("![a](b.png)", [(1, 1, "b.png")]),
        ("[![a](b.png)](c.md)", [(1, 1, "c.md"), (1, 1, "b.png")]),
        ("[](b.md)", [(1, 1, "b.md")]),
        ("# A [b](c.md)\n", [(1, 5, "c.md")]),
        ("words\nand [a](b.md)\n", [(2, 5, "b.md")]),
        ("[a\nb](c.md)\n", [(1, 1, "c.md")]),
        ("words [a](\nb.md)\n\n[c](d.md)", [(1, 7, "b.md"), (4, 1, "d.md")]),
        ("[a](b.md\n'c')", [(1, 1, "b.md")]),
        ("- one\n  [a](b.md)\n", [(2, 3, "b.md")]),
        ("> one\n> [a](b.md)\n", [(2, 3, "b.md")]),
        ("-\tone\n\n\t[a](b.md)\n", [(3, 2, "b.md")]),
        (HEAD + "| [c](d.md) | [c](d.md) |\n", [(3, 3, "d.md"), (3, 15, "d.md")]),
        ("[a]: b.md\n", [(1, 1, "b.md")]),
        ("[a]: b.md 'c'\n[d]:\n  <e.md>\n", [(1, 1, "b.md"), (2, 1, "e.md")]),
        ("words [a]\n\n> [a]: b.md\n", [(3, 3, "b.md")]),
        ("- [a]: b.md\n", [(1, 3, "b.md")]),
        ("[a](#b) [c](https://x.example/y?z#w)", [(1, 1, "#b"), (1, 9, "https://x.example/y?z#w")]),
        ("[a](b(c(d)).md)", [(1, 1, "b(c(d)).md")]),
        (HEAD + "| c\\|x | [c\\|y](d.md) |\n", [(3, 10, "d.md")]),
        ("[a]: <b c.md>\n", [(1, 1, "b c.md")]),
    ],
)  # fmt: skip
def test_links_are_found_where_they_begin(text, expected):
    assert links(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "`[a](b.md)`",
        "``[a](b.md) ` [c](d.md)``",
        "```\n[a](b.md)\n```\n",
        "    [a](b.md)\n",
        "<!-- [a](b.md) -->",
        "[a] (b.md)",
        "[a](b c.md)",
        "[a](b.md",
        "[a]",
        "[a][b]",
        "[a](b.md 'c)",
        "[a](<b\nc.md>)",
        "\\[a](b.md)",
    ],
)
def test_what_is_no_link_is_none(text):
    assert links(text) == []


def test_code_spans_end_with_as_many_backticks_as_they_begin_with():
    assert links("`` ` [a](b.md) `` [c](d.md) ` [e](f.md)") == [(1, 19, "d.md"), (1, 31, "f.md")]
    assert links("\\`[a](b.md)\\` `[c](d.md)`") == [(1, 3, "b.md")]
    assert links("`[a](b.md)") == [(1, 2, "b.md")]


def test_the_text_of_a_link_is_its_markdown():
    _, found, *_ = markdown.parse(Source("page.md", "[a [b]\n*c*](d.md)", ""))
    assert found == [Link(1, 1, "d.md", "a [b]\n*c*")]


# --- hostile text ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "[" * 20_000 + "](x)",
        "[[a]" * 5_000 + "](x)",
        "[" + "[a]" * 5_000 + "(x)",
        "[a](" + "(" * 20_000,
        "".join("`" * (number % 200) + " " for number in range(1_000)) + "](x)",
        "<!-- " * 5_000,
        "<!-- x --> " * 5_000,
        "- " * 500 + "a",
        ">" * 2_000 + "a",
        "# " + "*a" * 10_000,
        "[a](" + " " * 10_000 + "x",
    ],
    ids=lambda text: text[:9].strip(),
)
def test_hostile_text_takes_no_long_time(text):
    start = time.perf_counter()
    markdown.parse(Source("page.md", text, ""))
    assert time.perf_counter() - start < 0.6


# --- against markdown-it -----------------------------------------------------------------------------------------

REFERENCE = MarkdownIt("commonmark").enable("table")
COMMENT = re.compile(r"<!--(.*?)(?:-->|\Z)", re.DOTALL)
LINES = [
    "", "", "", "text", "text  ", "# H", "## *H* ##", "#", "#x", "# #", "#######", "Response", "   three", "    four",
    "```", "```http", "``` ", "````", "~~~", "~~~ ~", "``` a`b", "``", "---", "===", "-", "--", "=", "***", "___",
    "- - -", "- item", "* ", "+ plus", "1. one", "2. two", "10) ten", "  - nested", "     deep", "> quote", ">", ">\tq",
    "-\ttab", "\ttab", "  # H", "  ```", "  <!-- c -->", "<!-- c -->", "<!-- open", "-->", "x -->", "<!-->", "<!---->",
    "<div>", "</div>", "<br>", "<a b>", "<?php", "<![CDATA[", "<!X", "<script>", "</script>", "<pre>", "[r]: x.md",
    "[r]:", "'title'", "\\", "&nbsp;", "\u2028", "\x0c", "\xa0", " ", "# [a](#tab/b)", "[a](b.md)", "`code`",
]  # fmt: skip
PREFIXES = ["", "", "", "> ", "- ", "  ", "   ", "    ", "1. ", ">"]
ROWS = ["| a | b |", "|---|---|", "|:-:|", "| c | d | e |", "a | b", "-|-", "| `x\\|y` |", "|c|", "| x | y |  "]
AROUND = ["", "", "text", "# H", "```", "- item", "> quote", "<!-- c -->", "***", "1. one", "[a](b.md)"]


def as_markdown_it(text: str) -> list[tuple[Any, ...]]:
    tokens: list[Any] = []
    REFERENCE.block.parse(text, REFERENCE, {}, tokens)
    found: list[tuple[Any, ...]] = []
    table: list[list[Any]] | None = None
    for index, token in enumerate(tokens):
        content = tokens[index + 1].content if index + 1 < len(tokens) else ""
        first, last = (token.map[0] + 1, token.map[1]) if token.map else (0, 0)
        if token.type == "table_open":
            table = []
            found.append(("table", first, table))
        elif token.type == "table_close":
            table = None
        elif token.type == "tr_open" and table is not None:
            table.append([first])
        elif token.type in ("th_open", "td_open") and table is not None:
            table[-1].append(markdown.plain(content) if token.type == "th_open" else content)
        elif table is not None:
            continue
        elif token.type == "paragraph_open":
            # A line of blanks that only Unicode knows is no part of its content.
            lost = last - first - content.count("\n")
            opening, lines = content.split("\n")[0], text.split("\n")
            first = next((at for at in range(first, first + lost + 1) if opening in lines[at - 1]), first)
            found.append(("paragraph", first, last, content))
        elif token.type == "heading_open":
            tab = content.startswith("[a](#tab/")
            found.append(("tab", first, last, content) if tab else ("heading", first, last, markdown.plain(content)))
        elif token.type == "fence":
            found.append(("fence", first, last, token.content, token.info.strip()))
        elif token.type == "html_block":
            found += [
                ("comment", first + token.content.count("\n", 0, match.start()), match[1].rstrip("\n"))
                for match in COMMENT.finditer(token.content)
            ]
    return found


def as_docassay(text: str) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    for one in elements(text):
        if one.kind in ("paragraph", "heading", "tab"):
            found.append((one.kind, one.line, one.end_line, one.text))
        elif one.kind == "fence":
            found.append((one.kind, one.line, one.end_line, one.text, one.info))
        elif one.kind == "comment" and not one.text.startswith((">", "->")):
            found.append((one.kind, one.line, one.text.rstrip("\n")))
        elif one.table:
            rows = [[row.line, *row.cells] for row in one.table.rows]
            found.append((one.kind, one.line, [[one.line, *one.table.header], *rows]))
    return found


def without_empty_comments(found: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """`<!-->` is a comment to CommonMark and the beginning of one to a search for both marks."""
    return [one for one in found if one[0] != "comment" or not one[2].startswith((">", "->"))]


@settings(max_examples=600, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(PREFIXES), st.sampled_from(LINES)), max_size=12),
    st.sampled_from(["\n", "\n\n"]),
)
def test_the_blocks_are_those_of_markdown_it(lines, end):
    text = "\n".join(prefix + line for prefix, line in lines) + end
    assert as_docassay(text) == without_empty_comments(as_markdown_it(text))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(AROUND), max_size=3),
    st.lists(st.sampled_from(ROWS), max_size=5),
    st.lists(st.sampled_from(AROUND), max_size=3),
    st.sampled_from(["", "> ", "- ", "  "]),
)
def test_the_tables_are_those_of_markdown_it(before, rows, after, prefix):
    lines = [*before, "", *(["| a | b |", "|:--|---|", *rows])]
    lines = [prefix + line if prefix != "- " or not index else "  " + line for index, line in enumerate(lines)]
    text = "\n".join([*lines, "", *after, ""])
    assert as_docassay(text) == without_empty_comments(as_markdown_it(text))
