"""Fixes: they mend what they say, change nothing else, and find nothing to do the second time."""

from __future__ import annotations

import json

import pytest

from docassay import fixes, pipeline
from docassay.config import Config
from docassay.findings import Fix

from .test_cli import docassay

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
    assert "mended 4 findings" in done.stderr
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
    assert [one.id for one in inferred.examples] == [one.id for one in written.examples] == ["badge/create_badge"]
    assert len(written.examples[0].responses) == 1
    assert (
        [one.template for one in inferred.operations] == [one.template for one in written.operations] == ["/me/badges"]
    )


def test_a_finding_says_whether_it_can_be_mended(tmp_path):
    (tmp_path / "badge.md").write_text(PAGE, "utf-8")
    report = json.loads(docassay("check", tmp_path, "--format", "json").stdout)
    assert [one["fixable"] for one in report["findings"] if one["code"] == "DA208"] == [True] * 4


def test_a_page_in_utf_16_is_left_alone():
    data = "# A\n\n```http\nGET /a\n```\n".encode("utf-16")
    assert fixes.mend(data, [Fix(3, "<!-- x -->")]) == data


def test_a_file_that_cannot_be_replaced_is_left_whole(tmp_path, monkeypatch):
    file = tmp_path / "a.md"
    file.write_text("a\n", "utf-8")

    def fail(*_):
        raise OSError("no")

    monkeypatch.setattr(fixes.os, "replace", fail)
    with pytest.raises(OSError, match="no"):
        fixes.apply(file, [Fix(1, "b")])
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
    assert file.read_bytes().decode() == after.format('<!-- { "blockType": "request", "name": "get" } -->')
    assert codes(tmp_path) == ["DA402"]
