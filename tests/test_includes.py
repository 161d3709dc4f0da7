"""Files that pages include: what they add, that nothing counts twice, and that no way of including ends badly."""

from __future__ import annotations

from pathlib import Path

import pytest

from docassay import cache, checking, inventory, pipeline
from docassay.config import Config
from docassay.source import MAX_BYTES

TABLE = "|Property|Type|Description|\n|:--|:--|:--|\n|size|Int32|Required. Its size.|\n"
RESOURCE = '<!-- { "blockType": "resource", "@odata.type": "x.photo" } -->\n```json\n{ "id": "String" }\n```\n'
REQUEST = '<!-- { "blockType": "request", "name": "get" } -->\n```http\nGET /photo\n```\n'
RESPONSE = (
    '<!-- { "blockType": "response", "@odata.type": "x.photo" } -->\n```http\nHTTP/1.1 200 OK\n'
    'Content-Type: application/json\n\n{ "id": "1", "size": "large" }\n```\n'
)


@pytest.fixture
def docs(tmp_path) -> Path:
    (tmp_path / "docs" / "includes").mkdir(parents=True)
    return tmp_path / "docs"


def write(docs: Path, **pages: str) -> None:
    """Pages by name; `includes_x` is `includes/x.md`."""
    for name, text in pages.items():
        (docs / f"{name.replace('includes_', 'includes/')}.md").write_text(text)


def include(path: str) -> str:
    return f"[!INCLUDE [words]({path})]\n\n"


def found(docs: Path) -> list[str]:
    return [f"{one.code} {one.path}:{one.line}" for one in pipeline.check([docs], Config()).findings]


def test_the_table_of_an_included_file_describes_the_type_and_is_cited_there(docs):
    write(docs, photo="# photo\n\n## Properties\n\n" + include("includes/table.md") + RESOURCE, includes_table=TABLE)
    write(docs, get="# Get\n\n" + REQUEST + "\n" + RESPONSE)
    (wrong,) = pipeline.check([docs], Config()).findings
    assert (wrong.code, wrong.path, str(wrong.documented)) == ("DA405", "get.md", "includes/table.md:3")


def test_an_include_in_an_include_counts_and_so_does_one_in_text(docs):
    write(docs, photo="## Properties\n\nSee " + include("includes/outer.md") + RESOURCE)
    write(docs, includes_outer="words\n\n- " + include("./table.md"), includes_table=TABLE)
    photo = pipeline.load([docs], Config()).schemas.contract.types["x.photo"]
    assert set(photo.properties) == {"size", "id"}


def test_blocks_in_an_included_file_are_counted_once(docs):
    write(
        docs, one=include("includes/both.md"), two=include("includes/both.md"), includes_both=REQUEST + "\n" + RESPONSE
    )
    tally = inventory.tally(pipeline.load([docs], Config()))
    assert (tally["blocks"], tally["requests"], tally["responses"]) == (2, 1, 1)


def test_a_request_that_an_include_answers_and_a_response_to_an_included_request_are_no_faults(docs):
    write(docs, photo=RESOURCE + "\n## Properties\n\n|Property|Type|\n|:--|:--|\n|size|String|\n|id|String|\n")
    write(docs, one=include("includes/request.md") + RESPONSE, includes_request=REQUEST)
    assert "DA401 one.md:3" not in found(docs)
    write(docs, two=REQUEST + "\n" + include("includes/response.md"), includes_response=RESPONSE)
    assert "DA402 two.md:1" not in found(docs)


@pytest.mark.parametrize("length", [1, 2, 5])
def test_a_circle_is_reported_on_each_page_of_it_and_nowhere_else(docs, length):
    write(docs, **{f"page{number}": include(f"page{(number + 1) % length}.md") for number in range(length)})
    write(docs, outside=include("page0.md"))
    assert found(docs) == [f"DA106 page{number}.md:1" for number in range(length)]


def test_a_circle_among_files_that_are_no_pages_is_reported_where_it_is_included(docs):
    (docs.parent / "docfx.json").write_text("{}")
    (docs.parent / "a.md").write_text(include("b.md"))
    (docs.parent / "b.md").write_text(include("a.md"))
    write(docs, page="# Page\n\n" + include("../a.md"))
    (circle,) = pipeline.check([docs], Config()).findings
    assert (circle.code, circle.line) == ("DA106", 3)
    assert circle.message.endswith("page.md -> ../a.md -> ../b.md -> ../a.md")


def test_nothing_outside_of_the_repository_is_read(docs):
    (docs.parent / "secret.md").write_text(TABLE)
    (docs / "includes" / "link.md").symlink_to(docs.parent / "secret.md")
    write(docs, photo="## Properties\n\n" + include("../secret.md") + include("includes/link.md") + RESOURCE)
    assert set(pipeline.load([docs], Config()).schemas.contract.types["x.photo"].properties) == {"id"}
    assert found(docs) == ["DA106 photo.md:3"]


def test_includes_that_include_each_other_many_times_take_no_longer(docs):
    number = 40
    write(
        docs, **{f"includes_p{n}": include(f"p{n + 1}.md") * 2 for n in range(number)}, **{f"includes_p{number}": TABLE}
    )
    write(docs, photo="## Properties\n\n" + include("includes/p0.md") * 2 + RESOURCE)
    assert "size" in pipeline.load([docs], Config()).schemas.contract.types["x.photo"].properties


def test_what_cannot_be_read_adds_nothing(docs):
    (docs / "includes" / "large.md").touch()
    with (docs / "includes" / "large.md").open("r+b") as file:
        file.truncate(MAX_BYTES + 1)
    (docs / "includes" / "folder.md").mkdir()
    write(docs, page=include("includes/large.md") + include("includes/folder.md") + include("includes/%00.md"))
    assert found(docs) == ["DA103 includes/large.md:1", "DA106 page.md:5"]


def test_a_change_in_an_included_file_is_seen_by_the_next_run(docs, monkeypatch):
    monkeypatch.setenv(cache.VARIABLE, str(docs.parent / "cache"))
    monkeypatch.setattr(checking, "WORTH_KEEPING", 0)
    write(docs, photo="## Properties\n\n" + include("includes/table.md") + RESOURCE, includes_table=TABLE)
    write(docs, get="# Get\n\n" + REQUEST + "\n" + RESPONSE, **{f"page{number}": "# Page\n" for number in range(40)})

    def codes() -> list[str]:
        return [
            one.code for said in pipeline.check_each([docs], Config(), cached=True).values() for one in said.findings
        ]

    assert codes() == ["DA405"]
    write(docs, includes_table=TABLE.replace("Int32", "String"))
    assert codes() == []
    (docs / "includes" / "table.md").unlink()
    assert codes() == ["DA406", "DA106"]


@pytest.fixture
def remembered(docs, monkeypatch):
    """Whether a run that remembers says the same as one that does not; and what it says."""
    monkeypatch.setenv(cache.VARIABLE, str(docs.parent / "cache"))
    monkeypatch.setattr(checking, "WORTH_KEEPING", 0)
    for number in range(40):
        write(docs, **{f"page{number}": "# Page\n"})

    def check() -> list[str]:
        said = pipeline.check_each([docs], Config(), cached=True)
        assert said == pipeline.check_each([docs], Config())
        return [one.code for page in said.values() for one in page.findings]

    return check


PHOTO = "## Properties\n\n" + include("includes/outer.md") + RESOURCE


def test_a_nested_include_that_comes_and_goes_is_seen(docs, remembered):
    write(docs, photo=PHOTO, includes_outer=include("inner/table.md"))
    assert remembered() == ["DA106"]
    (docs / "includes" / "inner").mkdir()
    (docs / "includes" / "inner" / "table.md").write_text(TABLE.replace("size", "id"))
    assert remembered() == ["DA408"]
    (docs / "includes" / "inner" / "table.md").unlink()
    assert remembered() == ["DA106"]


def test_a_symbolic_link_that_leads_elsewhere_now_is_seen(docs, remembered):
    write(docs, photo=PHOTO, includes_one=TABLE.replace("size", "id"), includes_two=TABLE)
    (docs / "includes" / "outer.md").symlink_to("one.md")
    assert "DA408" in remembered()
    (docs / "includes" / "outer.md").unlink()
    (docs / "includes" / "outer.md").symlink_to("two.md")
    assert "DA408" not in remembered()


def test_a_folder_that_becomes_a_file_and_a_large_file_that_shrinks_are_seen(docs, remembered):
    write(docs, photo=PHOTO)
    outer = docs / "includes" / "outer.md"
    outer.mkdir()
    remembered()
    outer.rmdir()
    with outer.open("w") as file:
        file.truncate(MAX_BYTES + 1)
    assert remembered() == ["DA103"]
    outer.write_text(TABLE.replace("size", "id"))
    assert "DA408" in remembered()


@pytest.mark.parametrize(
    "target", ["includes/Table.md", "includes/table", "Includes/../includes/TABLE.MD", "~/includes/table.md"]
)
def test_an_include_is_followed_as_links_are(docs, target):
    (docs / "docfx.json").write_text("{}")
    (docs / "Includes").mkdir(exist_ok=True)
    write(docs, photo="## Properties\n\n" + include(target) + RESOURCE, includes_table=TABLE)
    assert "size" in pipeline.load([docs], Config()).schemas.contract.types["x.photo"].properties
    assert "DA106 photo.md:3" not in found(docs)


def test_a_file_that_is_no_page_and_includes_nothing_that_is_there_is_reported_where_it_is_included(docs):
    write(docs, photo="# Photo\n\n" + include("includes/part.txt"))
    (docs / "includes" / "part.txt").write_text(include("missing.txt"))
    assert found(docs) == ["DA106 photo.md:3"]
