"""Fixes: they mend what they say, change nothing else, and find nothing to do the second time."""

from __future__ import annotations

import json
from random import Random

import pytest

from docassay import checking, contract, docset, fixes, pipeline, schema, source
from docassay.config import Config
from docassay.findings import Fix
from docassay.model import Request

from . import grammar
from .test_cli import docassay


class NoLinks:
    """All links lead somewhere."""

    def __init__(self) -> None:
        self.asked: set[str] = set()
        self.asked_pages: set[str] = set()

    def missing(self, page: str, target: str) -> None:
        pass

    anchor_missing = missing

    def spelled(self, page: str, target: str) -> str:
        return ""

    def seen(self, folders: set[str]) -> tuple[()]:
        return ()


PAGE = """# Create badge

## HTTP request

```http
POST /me/badges
```

## Examples

- An item

  ```http
  POST https://api.contoso.com/me/badges
  ```

> ```http
> HTTP/1.1 201 Created
>
> { "@odata.type": "#contoso.badge", "id": "1" }
> ```

- ```http
  GET /me/badges
  ```
"""


def codes(folder):
    return [one.code for one in pipeline.check([folder], Config()).findings]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_missing_annotations_are_written_and_nothing_else_is_changed(tmp_path, end, mark):
    file = tmp_path / "badge.md"
    before = mark + PAGE.replace("\n", end).encode()
    file.write_bytes(before)
    assert codes(tmp_path).count("DA208") == 4
    done = docassay("check", tmp_path, "--fix")
    assert "mended 4 places" in done.stderr
    after = file.read_bytes()
    added = [line for line in after.split(b"\n") if b"<!--" in line]
    assert len(added) == 4
    assert all(line.endswith(b"\r") == (end == "\r\n") for line in added)
    assert added[-1].startswith(b"- <!--")  # the fence began on the line of its list item, and stands below now
    without = b"\n".join(line for line in after.split(b"\n") if b"<!--" not in line)
    assert without == before.replace(b"- ```http", b"  ```http")
    assert codes(tmp_path).count("DA208") == 0
    assert "DA205" not in codes(tmp_path)
    assert docassay("check", tmp_path, "--fix").stderr == ""
    assert file.read_bytes() == after


def test_what_is_inferred_is_what_the_fix_writes(tmp_path):
    file = tmp_path / "badge.md"
    file.write_text(PAGE.rpartition("- ```")[0], "utf-8")
    inferred = pipeline.load([tmp_path], Config(infer=True)).schemas.contract
    docassay("check", tmp_path, "--fix")
    written = pipeline.load([tmp_path], Config()).schemas.contract
    assert [one.id for one in inferred.examples] == [one.id for one in written.examples] == ["badge/badge"]
    assert len(written.examples[0].responses) == 1
    assert (
        [one.template for one in inferred.operations] == [one.template for one in written.operations] == ["/me/badges"]
    )


def test_a_finding_says_whether_it_can_be_mended(tmp_path):
    (tmp_path / "badge.md").write_text(PAGE, "utf-8")
    report = json.loads(docassay("check", tmp_path, "--format", "json").stdout)
    assert [one["fixable"] for one in report["findings"] if one["code"] == "DA208"] == [True] * 4


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_page_in_utf_16_stays_one(encoding):
    mark = "\ufeff"
    data = f"{mark}# A\r\n\r\n```http\r\n".encode(encoding)
    mended = f"{mark}# A\r\n\r\n<!-- x -->\r\n```http\r\n".encode(encoding)
    assert fixes.mend(data, [Fix(3, 1, "", "<!-- x -->\n")]) == (mended, 1)
    assert fixes.mend(data[:-1], [Fix(3, 1, "", "<!-- x -->\n")]) == (data[:-1], 0)


def test_a_file_that_cannot_be_replaced_is_left_whole(tmp_path, monkeypatch):
    file = tmp_path / "a.md"
    file.write_text("a\n", "utf-8")

    def fail(*_):
        raise OSError("no")

    monkeypatch.setattr(fixes.os, "replace", fail)
    with pytest.raises(OSError, match="no"):
        fixes.apply(file, [Fix(1, 1, "", "b\n")])
    assert file.read_text("utf-8") == "a\n"
    assert [one.name for one in tmp_path.iterdir()] == ["a.md"]


@pytest.mark.parametrize(
    ("page", "after"),
    [
        ("- ```http\n  GET /a\n  ```\n", "- {}\n  ```http\n  GET /a\n  ```\n"),
        ("> 12. ```http\n>     GET /a\n>     ```\n", "> 12. {}\n>     ```http\n>     GET /a\n>     ```\n"),
        ("\ufeff```http\nGET /a\n```\n", "\ufeff{}\n```http\nGET /a\n```\n"),
        ("  ~~~http\r\n  GET /a\r\n  ~~~\r\n", "  {}\r\n  ~~~http\r\n  GET /a\r\n  ~~~\r\n"),
    ],
)
def test_the_annotation_is_written_where_the_fence_is(tmp_path, page, after):
    file = tmp_path / "get.md"
    file.write_bytes(page.encode())
    pipeline.mend([tmp_path], pipeline.check([tmp_path], Config()))
    assert file.read_bytes().decode() == after.format('<!-- { "blockType": "ignored" } -->')
    assert codes(tmp_path) == []


BROKEN = """# Photo

See [the others](Photos.md).

<!-- { "blocktype": "resource", "@odata.type": "x.photo", "openType": "true", } -->
```json
{
  "id": "String",
  "sizes": ["Int32",],
}
```

- <!-- { "blockType": "request", "name": "create", } -->

  ```http
  POST /photos

  Content-Type: application/json
  {
    "id": "1",
  }
  ```
"""
MENDED = """# Photo

See [the others](photos.md).

<!-- { "blockType": "resource", "@odata.type": "x.photo", "openType": true } -->
```json
{
  "id": "String",
  "sizes": ["Int32"]
}
```

- <!-- { "blockType": "request", "name": "create" } -->

  ```http
  POST /photos
  Content-Type: application/json

  {
    "id": "1"
  }
  ```
"""


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_what_has_one_right_answer_is_mended(tmp_path, end):
    (tmp_path / "photos.md").write_text("# Photos\n")
    page = tmp_path / "photo.md"
    page.write_bytes(BROKEN.replace("\n", end).encode())
    pipeline.mend([tmp_path], pipeline.check([tmp_path], Config()))
    assert page.read_bytes().decode() == MENDED.replace("\n", end)
    assert codes(tmp_path) == ["DA402"]


MEANT = ("DA203", "DA208")
"""What is documented only once it is mended: by a misspelt key, by a fence without annotation."""


def facts(pages):
    """What is documented, without where."""
    found = contract.build(pages)
    examples = [(one.id, *map(message, (one.request, *one.responses))) for one in found.examples]
    types = {
        name: (one.base, one.is_open, {key: (prop.table, prop.sample) for key, prop in one.properties.items()})
        for name, one in found.types.items()
    }
    return examples, types


def message(block):
    content = block.content
    fields = [(field.name, field.value) for field in content.headers]
    json = content.body.json if content.body else None
    start = (content.method, content.target) if isinstance(content, Request) else content.status
    return (start, fields, json.value if json else None, block.names, block.odata_type, block.is_collection)


@pytest.mark.parametrize("seed", range(60))
def test_a_fix_changes_nothing_that_is_documented_and_the_second_one_nothing_at_all(seed):
    chance = Random(seed)
    links = NoLinks()
    for _ in range(20):
        data = grammar.page(chance)
        for _turn in range(4):
            text = source.decode(data, "page.md")
            page = docset.read_page(text)
            read = (page, contract.promises_of(page), checking.Said(), text)
            schemas = schema.compile(contract.build([page]))
            found = checking.judge(schemas, links, read).findings
            wanted = [fix for one in found for fix in one.fixes if one.code not in MEANT]
            mended, count = fixes.mend(data, wanted)
            again = docset.read_page(source.decode(mended, "page.md"))
            assert facts([again]) == facts([page]), data.decode("utf-8", "replace")
            if not count:
                break
            data = mended
        else:
            pytest.fail("fixes do not come to an end")
