"""The blocks of our fast rule are those of markdown-it without it: on made-up pages and on real ones."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from docassay import markdown, source

from .conftest import shared

STOCK = MarkdownIt("commonmark")

PIECES = [
    *("#", "##", " ", "  ", "    ", "\t", "`", "```", "````", "~~~", "http", "text", "a b", "é", "\u00a0", "|"),
    *("|---|", "---", ":-:", "===", "=", "-", "- ", "* ", "+ ", "1. ", "12) ", ">", "> ", "<!--", "-->", "--"),
    *("<div>", "</div>", "[a]: b", "[a](b)", "\\", "\\|", "\n", "\n", "\n", "\n\n", "***", "_", "{", "}", "<?", "x"),
]
pages = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


def ours(text):
    text += "\n"
    env, tokens, lines = {}, [], text.split("\n")
    state = markdown._state(text, lines, env, tokens)
    markdown._tokenize(state)
    return list(markdown._elements(tokens, lines, markdown._Found([], [], []))), env


def theirs(text):
    text += "\n"
    env, tokens = {}, []
    STOCK.block.parse(text, STOCK, env, tokens)
    return list(markdown._elements(tokens, text.split("\n"), markdown._Found([], [], []))), env


@given(pages)
@settings(max_examples=1500, deadline=None)
def test_made_up_pages(text):
    assert ours(text) == theirs(text)


@pytest.mark.slow
@given(pages)
@settings(max_examples=60_000, deadline=None)
def test_many_made_up_pages(text):
    assert ours(text) == theirs(text)


@pytest.mark.parametrize("name", ["onedrive", pytest.param("graph-v1.0", marks=pytest.mark.slow)])
def test_real_pages(name):
    root, names = source.find(shared("corpora") / name)
    for page in names:
        text = source.read(root / page, page).text
        assert ours(text) == theirs(text), page
