"""One cause, one finding."""

from __future__ import annotations

import pytest

from docassay import pipeline
from docassay.config import Config
from docassay.findings import MANY, NAMED


@pytest.fixture
def docs(tmp_path):
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "index.md").write_text("# Index\n")
    return tmp_path


def test_a_folder_that_is_not_there_is_reported_once(docs):
    many = NAMED + 2
    for number in range(many):
        (docs / "api" / f"page{number:02}.md").write_text(
            "# A\n\n[!INCLUDE [x](../includes/java/x.md)]\n[b](../b/c.md)\n"
        )
    (include, link) = pipeline.check([docs], Config()).findings
    assert (include.code, include.path, include.line) == ("DA106", "api/page00.md", 3)
    assert include.message == f"there is no folder 'includes': {many} places on {many} pages need it"
    others = ", ".join(f"api/page{number:02}.md:3" for number in range(1, NAMED + 1))
    assert include.observed == f"also {others}, …"
    assert (link.code, link.message) == ("DA102", f"there is no folder 'b': {many} places on {many} pages need it")


def test_few_places_are_each_reported(docs):
    for number in range(MANY - 1):
        (docs / "api" / f"page{number}.md").write_text("# A\n\n[b](../b/c.md)\n")
    found = pipeline.check([docs], Config()).findings
    assert len(found) == MANY - 1
    assert {one.hint for one in found} == {"there is no folder '../b': correct the path"}


def test_files_that_are_missing_from_a_folder_are_each_reported(docs):
    for number in range(MANY):
        (docs / "api" / f"page{number}.md").write_text("# A\n\n[b](missing.md)\n")
    assert len(pipeline.check([docs], Config()).findings) == MANY


def test_a_cause_on_one_page_names_its_other_lines(docs):
    (docs / "api" / "page.md").write_text("# A\n\n" + "[b](../b/c.md)\n\n" * MANY)
    (found,) = pipeline.check([docs], Config()).findings
    assert found.message == f"there is no folder 'b': {MANY} places on 1 page need it"
    others = ", ".join(f"api/page.md:{2 * number + 3}" for number in range(1, MANY))
    assert found.observed == f"also {others}"


def test_what_is_left_out_does_not_count(docs):
    for number in range(MANY):
        (docs / "api" / f"page{number}.md").write_text("# A\n\n[b](../b/c.md)\n")
    assert pipeline.check([docs], Config(ignore=("DA102",))).findings == ()


def test_few_places_of_one_page_are_each_reported_and_can_each_be_suppressed(docs):
    page = docs / "api" / "page.md"
    ignore = "<!-- docassay: ignore DA106 made by the build -->\n"
    text = f"# A\n\n[!INCLUDE [x](../b/c.md)]\n\n{ignore}[!INCLUDE [x](../b/d.md)]\n"
    page.write_text(text.replace(ignore, ""))
    found = pipeline.check([docs], Config()).findings
    assert [(one.line, "c.md" in one.message, "d.md" in one.message) for one in found] == [
        (3, True, False),
        (5, False, True),
    ]
    assert len({one.fingerprint for one in found}) == 2
    page.write_text(text)
    assert [one.line for one in pipeline.check([docs], Config()).findings] == [3]
