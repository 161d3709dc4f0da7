"""Every rule on its pages: one where it fires, one where it must not. A page says itself what must be found."""

from __future__ import annotations

from pathlib import Path

import pytest

from docassay import testing
from docassay.rules import RULES

PAGES = Path(__file__).parent / "pages"
CHECKED = sorted(
    path for folder in ("page", "annotation", "message", "contract", "stub") for path in (PAGES / folder).glob("*.md")
)
VERIFIED = sorted(path for folder in ("conformance", "cassette") for path in (PAGES / folder).glob("*.md"))


@pytest.mark.parametrize("page", CHECKED, ids=lambda page: f"{page.parent.name}/{page.stem}")
def test_check_finds_what_the_page_says(page):
    wanted = testing.expected(page)
    assert testing.found(testing.check_page(page), wanted) == wanted


@pytest.mark.parametrize("page", VERIFIED, ids=lambda page: f"{page.parent.name}/{page.stem}")
def test_verify_finds_what_the_page_says(page):
    wanted = testing.expected(page)
    assert testing.found(testing.verify_page(page), wanted) == wanted


@pytest.mark.parametrize("code", sorted(RULES))
def test_every_code_has_a_page_where_it_fires_and_one_where_it_must_not(code):
    named = {path.stem: path for path in (*CHECKED, *VERIFIED)}
    assert any(one.startswith(code + ":") for one in testing.expected(named[code]))
    assert not any(one.startswith(code + ":") for one in testing.expected(named[f"{code}-not"]))


def test_every_finding_says_what_to_do():
    for page in CHECKED:
        for finding in testing.check_page(page):
            assert finding.hint, finding
            assert finding.message[0].islower() or finding.message[0] in "'\"", finding.message
            assert finding.line >= 1
            assert finding.column >= 1


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_a_rule_explains_itself(rule):
    assert rule.summary.endswith(".")
    assert len(rule.text) > 40


def test_the_line_of_a_derived_type_is_cited():
    (found,) = testing.check_page(PAGES / "contract" / "DA405-derived.md")
    assert found.documented
    assert found.documented.line == 31
