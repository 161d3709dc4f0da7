"""What holds for every page, whatever is on it.

Hypothesis makes the pages: raw bytes, and lists of fragments. A fragment is made from one number, since drawing every
part of it would take ten times as long as checking the page; lists still shrink to the fragments that matter.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import example as example_of
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from docassay import checking, contract, inventory, parallel, pipeline, schema, verdict
from docassay.config import Config
from docassay.findings import Finding
from docassay.links import Links
from docassay.model import Response, Source
from docassay.pipeline import Loaded
from docassay.schema import Schemas

from .grammar import an_object, fragment

few = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
many = settings(few, max_examples=250)

fragments = st.lists(st.integers(0, 2**32 - 1).map(fragment), max_size=10)
pages = st.builds(
    lambda start, gap, parts: start + gap.join(parts),
    st.sampled_from(["", "---\ntitle: x\n---\n", "---\na: b: c\n---\n"]),
    st.sampled_from(["\n", "\n\n", "\r\n\r\n"]),
    fragments,
)

# --- how they are checked ----------------------------------------------------------------------------------------


def load(pages: Mapping[str, str | bytes]) -> Loaded:
    """The pages as a folder on the disk."""
    with tempfile.TemporaryDirectory() as folder:
        write(folder, pages)
        return pipeline.load([Path(folder)], Config())


def write(folder: str, pages: Mapping[str, str | bytes]) -> None:
    for name, content in pages.items():
        data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
        Path(folder, name).write_bytes(data)


def check(pages: Mapping[str, str | bytes]) -> tuple[Finding, ...]:
    with tempfile.TemporaryDirectory() as folder:
        write(folder, pages)
        return pipeline.check([Path(folder)], Config()).findings


def judged(loaded: Loaded) -> tuple[Finding, ...]:
    """What is found in pages of which the text is not known, in the order in which they are given."""
    links = Links(loaded.docs.roots, {page.path: page.anchors for page in loaded.docs.pages})
    read = (
        (page, contract.promises_of(page), checking.Said(), Source(path=page.path, text="", digest=""))
        for page in loaded.docs.pages
    )
    return pipeline.report_of([checking.judge(loaded.schemas, links, one) for one in read], Config()).findings


def lines_of(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


# --- any text ----------------------------------------------------------------------------------------------------


@few
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-16")))
@example_of(b"\xef\xbb\xbf---\n---\n<!-- {")
@example_of(b'---\r\ntitle: x\r\n---\r\n<!-- {"blockType": "request"} -->\r\n```http\r\nGET /')
def test_any_bytes_can_be_checked(data):
    loaded = load({"page.md": data})
    assert len(loaded.docs.pages) == 1
    assert all(finding.line >= 1 for finding in check({"page.md": data}))


@many
@given(pages)
def test_any_page_can_be_checked_planned_and_shown(text):
    loaded = load({"page.md": text})
    check({"page.md": text})
    assert len(pipeline.plan(loaded, pipeline.Options())) == len(loaded.schemas.contract.examples)
    assert json.loads(inventory.render(loaded, "json"))["tally"] == inventory.tally(loaded)
    assert inventory.render(loaded, "text").endswith("\n")


@pytest.mark.parametrize("kind", ["[]", "{}", "[7]"])
def test_a_type_that_is_no_string_does_not_end_the_check(kind):
    page = f'# A\n\n```http\nHTTP/1.1 200 OK\n\n{{"@odata.type": {kind}}}\n```\n'
    assert [one.line for one in check({"page.md": page})] == [3]


def test_a_number_of_any_length_is_read_by_all_processes_in_silence(tmp_path):
    block = '<!-- {"blockType": "resource", "@odata.type": "x.photo"} -->\n```json\n{"id": %s}\n```\n'
    for number in range(2 * parallel.WORTH_IT):
        (tmp_path / f"{number}.md").write_text(block % ("9" * 30 if number < 4 else number))
    program = (
        "import sys; from pathlib import Path; from docassay import docset\n"
        "alone, together = (docset.load([Path(sys.argv[1])], jobs).pages for jobs in (1, 2))\n"
        "sys.exit(alone != together)\n"
    )
    run = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")


def test_a_fence_that_begins_a_list_item_is_mended_within_it(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("- ```http\n  GET /photos\n  ```\n")
    pipeline.mend([page], pipeline.check([page], Config()))
    mended = pipeline.load([page], Config())
    assert [one.code for one in pipeline.check([page], Config()).findings if one.code in ("DA205", "DA208")] == []
    assert inventory.tally(mended)["ignored"] == 1


@many
@given(pages)
def test_every_finding_lies_inside_of_its_page(text):
    lines = lines_of(text)
    for finding in check({"page.md": text}):
        assert 1 <= finding.line <= len(lines), finding
        assert not finding.end_line or finding.line <= finding.end_line <= len(lines), finding
        assert finding.documented is None or 1 <= finding.documented.line <= len(lines), finding
        if "\ud800" not in text:  # such a page is read as Windows-1252, where columns are bytes
            assert 1 <= finding.column <= len(lines[finding.line - 1]) + 1, finding


# --- nothing is lost ---------------------------------------------------------------------------------------------


@many
@given(pages)
def test_every_annotated_block_is_in_one_row_of_the_tally(text):
    loaded = load({"page.md": text})
    tally = inventory.tally(loaded)
    blocks = [block for page in loaded.docs.pages for block in page.blocks]
    assert tally["blocks"] == len(blocks)
    assert tally["blocks"] == sum(count for row, count in tally.items() if row != "blocks")


@many
@given(pages)
def test_every_block_that_is_of_no_use_is_in_a_finding(text):
    """A block that is neither an example nor a type nor set aside is told of, at one of its lines."""
    loaded = load({"page.md": text})
    codes = ("DA202", "DA204", "DA205", "DA207", "DA305", "DA401")
    found = check({"page.md": text})
    told = [one.line for one in found if one.code in codes or (one.code == "DA203" and one.level == "error")]
    lost = 0
    cut = min((one.line for one in found if one.code == "DA207"), default=sys.maxsize)  # what follows is lost in it
    for block in loaded.docs.pages[0].blocks:
        last = block.fence.end_line if block.fence else block.annotation.end_line
        lost += not any(block.line <= line <= last for line in told) and last < cut
    tally = inventory.tally(loaded)
    assert lost <= tally["blocks"] - tally["reported"]


KNOWN = {
    '<!-- {"blockType": "request", "name": "a"} -->\n```http\nGET /a\n```': "requests",
    '<!-- {\n\n"blockType": "request"} -->\n\n\n~~~\nPOST /b\n~~~': "requests",
    '<!-- {"blockType": "response", "name": "nobody"} -->\n```http\nHTTP/1.1 200 OK\n```': "reported",
    '<!-- {"blockType": "resource", "@odata.type": "x.T"} -->\n```json\n{"a": 1}\n```': "resources",
    '<!-- {"blockType": "example"} -->\n```json\n{"a": 1,}\n```': "examples",
    '<!-- {"blockType": "ignored"} -->\n```http\nwords\n```': "ignored",
    '<!-- {"blockType": "ignored"} -->\n\nwords': "ignored",
    '- <!-- {"blockType": "samples"} -->\n  ```\n  words\n  ```': "ignored",
    '<!-- {"blockType": "nothing"} -->\n```http\nGET /a\n```': "reported",
    '<!-- {"blockType": "request"} -->\n\n- item': "reported",
    "<!-- {blockType <<< }} -->\n\nwords": "reported",
    "<!-- a note -->\n\nwords": "",
    "```http\nHTTP/1.1 200 OK\n```": "",
}


@few
@given(st.lists(st.sampled_from(sorted(KNOWN)), max_size=8), st.sampled_from(["\n\n", "\r\n\r\n"]))
def test_the_tally_counts_what_is_on_the_page(parts, gap):
    tally = inventory.tally(load({"page.md": gap.join(parts)}))
    rows = [KNOWN[part] for part in parts if KNOWN[part]]
    expected = {row: rows.count(row) for row in ("requests", "resources", "examples", "ignored", "reported")}
    assert {row: tally[row] for row in expected} == expected
    assert tally["blocks"] == len(rows)


# --- what makes no difference ------------------------------------------------------------------------------------


@few
@given(st.dictionaries(st.sampled_from(["a.md", "b.md", "c.markdown"]), pages, min_size=2), st.randoms())
def test_the_order_of_the_pages_makes_no_difference(several, random):
    loaded = load(several)
    shuffled = list(loaded.docs.pages)
    random.shuffle(shuffled)
    docs = msgspec.structs.replace(loaded.docs, pages=tuple(shuffled))
    other = Loaded(docs, schema.compile(contract.build(shuffled)))
    assert judged(other) == judged(loaded)
    assert dict(other.schemas.contract.types) == dict(loaded.schemas.contract.types)
    assert other.schemas.contract.pages == loaded.schemas.contract.pages
    assert inventory.tally(other) == inventory.tally(loaded)


@many
@given(fragments, st.integers(1, 12))
def test_findings_are_known_again_when_their_lines_move(parts, blank):
    text = "\n\n".join(parts)
    if text.startswith("---"):  # with blank lines before it, this is no front matter any more
        text = "words\n\n" + text
    before, after = (check({"page.md": "\n" * count + text}) for count in (0, blank))
    assert [(one.fingerprint, one.line + blank) for one in before] == [(one.fingerprint, one.line) for one in after]


# --- examples and their schemas ----------------------------------------------------------------------------------


NAMED_OTHERWISE = (
    '<!-- {"blockType": "resource", "@odata.type": "x.photo"} -->\n```json\n{"id": "String"}\n```\n'
    '<!-- {"blockType": "response"} -->\n```http\nHTTP/1.1 200 OK\n\n{"@odata.type": "#photo"}\n```\n'
)


@many
@given(pages)
@example_of(NAMED_OTHERWISE)
def test_an_example_is_as_documented_by_itself(text):
    """Whatever tables, representations and annotations say: a service that answers as the example does is right."""
    loaded = load({"page.md": text})
    for block in loaded.docs.pages[0].blocks:
        body = block.content.body if isinstance(block.content, Response) else None
        if body and body.json and body.json.stopped is None:
            found = verdict.check_response(loaded.schemas, block, body.json.value)
            assert {one.kind for one in found} <= {"empty"}


@many
@given(st.integers(0, 2**32 - 1))
def test_an_example_without_a_type_is_the_schema_of_itself(seed):
    chance = Random(seed)
    value = [an_object(chance)] if chance.random() < 0.3 else an_object(chance)
    body = f"HTTP/1.1 200 OK\nContent-Type: application/json\n\n{json.dumps(value, indent=2)}"
    loaded = load({"page.md": f'<!-- {{"blockType": "response"}} -->\n```http\n{body}\n```\n'})
    (block,) = loaded.docs.pages[0].blocks
    assert verdict.check_response(loaded.schemas, block, value) == []
    wrong: Any = {} if isinstance(value, list) else []
    assert verdict.check_response(loaded.schemas, block, wrong) != []


TYPE_CELLS = ("String", "Boolean", "Byte", "Int32", "Int64", "Double", "number", "DateTimeOffset", "Date", "TimeOfDay",
              "Duration", "Guid", "Binary", "Url", "Stream", "x.size", "x.photo", "x.base", "String collection",
              "x.photo collection", "x.size collection", "Collection(Collection(Int32))", "elsewhere", "")  # fmt: skip
ENUM = ("Possible values are: `a`, `b`.", "Nullable.", "")
VALUES = (True, 0, -1, 255, 256, 2**31, 2**63, 1.0, 0.5, "", "a", "b", "c", "INF", "nan", "1", "é", " a", "a\n",
          "2021-02-28", "2021-02-30", "2021-02-28T10:00:00Z", "2021-02-28T25:00:00Z", "12:00", "12:00:60", "P1DT2H",
          "P", "PT", "AAE=", "A?", "https://x.example/a b", "12345678-1234-1234-1234-123456789abc")  # fmt: skip


def a_typed_value(chance: Random, depth: int = 3) -> Any:
    """A value without a null, of the documented properties."""
    kind = chance.random() if depth else 1.0
    if kind < 0.2:
        return [a_typed_value(chance, depth - 1) for _ in range(chance.randrange(3))]
    if kind < 0.4:
        return {name: a_typed_value(chance, depth - 1) for name in "pqrs" if chance.random() < 0.5}
    return chance.choice(VALUES)


@many
@given(st.lists(st.sampled_from(TYPE_CELLS), min_size=4, max_size=4), st.integers(0, 2**32 - 1))
def test_a_body_is_right_if_and_only_if_jsonschema_says_so(cells, seed):
    chance = Random(seed)
    rows = [f"|{name}|{cell}|{chance.choice(ENUM)}|" for name, cell in zip("pqrs", cells, strict=True)]
    samples = {name: chance.choice(("String", 1, True, "Int32", [], {}, "x.photo", ["String"])) for name in "pq"}
    text = "\n".join(
        [
            "|Property|Type|Description|\n|---|---|---|",
            *rows,
            "\n### size values\n\n|Member|\n|---|\n|a|\n|b|\n",
            '<!-- {"blockType": "resource", "@odata.type": "x.photo", "baseType": "x.base"} -->',
            f"```json\n{json.dumps(samples)}\n```\n",
        ]
    )
    base = '<!-- {"blockType": "resource", "@odata.type": "x.base"} -->\n```json\n{"s": "Int32"}\n```\n'
    schemas = load({"photo.md": text, "base.md": base}).schemas
    value = {name: a_typed_value(chance) for name in "pqrs" if chance.random() < 0.8}
    found = verdict.check_request(schemas, schemas.contract.types["x.photo"], {}, value)
    assert [one.kind for one in found if one.kind != "undocumented"] == [] if valid(schemas, value) else found != []


def valid(schemas: Schemas, value: Any) -> bool:
    checker = FormatChecker(formats=())
    for name, check in schema.FORMATS.items():
        checker.checks(name)(lambda text, check=check: not isinstance(text, str) or bool(check(text)))
    bundle = Resource.from_contents(schema.bundle(schemas), DRAFT202012)
    registry = Registry().with_resource(schema.CONTRACT_ID, bundle)
    reference = {"$ref": f"{schema.CONTRACT_ID}#/$defs/x.photo"}

    def pattern(validator: Any, wanted: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
        # To ECMA-262, which JSON Schema names, `$` is the end; to Python, the place before a last line end too.
        if isinstance(instance, str) and not re.fullmatch(wanted.removesuffix("$"), instance):
            yield ValidationError(f"{instance!r} does not match {wanted!r}")

    checks = extend(Draft202012Validator, {"pattern": pattern})
    return checks(reference, registry=registry, format_checker=checker).is_valid(value)
