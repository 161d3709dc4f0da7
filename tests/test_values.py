"""docs/values.md: each row of its tables is a pair of what pages say and what a service answers, with our verdict."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from docassay import cases, contract, docset, pipeline, schema, source
from docassay.model import Exchange, Table

PAGE = Path(__file__).parent.parent / "docs" / "values.md"
MATRIX = Path(__file__).parent.parent.parent / "shared" / "oracle" / "api-doctor" / "type_matrix.txt"
TYPES = docset.read_page(source.decode(PAGE.read_bytes(), "values.md"))
EXAMPLE = """
<!-- {{ "blockType": "request", "name": "read" }} -->

```http
GET /things
```

<!-- {{ "blockType": "response", "truncated": true, "@odata.type": "{type}", "isCollection": {many} }} -->

```http
HTTP/1.1 200 OK
Content-Type: application/json

{shown}
```
"""


def rows(begin: str) -> list[tuple[str, ...]]:
    table = next(one for one in TYPES.tables if one.header[0] == begin)
    return [tuple(text(cell) for cell in row.cells) for row in table.rows]


def text(cell: str) -> str:
    return cell.removeprefix("`").removesuffix("`") if cell.startswith("`") and cell.count("`") == 2 else cell


def verdict(page: str, answer: str) -> str:
    """`passes`, `warning` or `error`: what `docassay verify` says of the answer to the one request of a page."""
    read = docset.read_page(source.decode(page.encode(), "row.md"))
    docs = docset.DocSet((read, TYPES), ())
    loaded = pipeline.Loaded(docs, schema.compile(contract.build(docs.pages)))
    (case,) = cases.plan(loaded.schemas.contract, {}, target="http://localhost")
    exchange = Exchange(200, "OK", (("Content-Type", "application/json"),), answer.encode(), 0.0)
    levels = {finding.level for finding in pipeline.judge(loaded, case, exchange).findings}
    return "error" if "error" in levels else "warning" if "warning" in levels else "passes"


def resource(shown: str, table: str = "") -> str:
    annotation = '<!-- { "blockType": "resource", "@odata.type": "contoso.row" } -->'
    example = EXAMPLE.format(type="contoso.row", many="false", shown="{}")
    return f"# row\n\n{table}\n\n{annotation}\n\n```json\n{shown}\n```\n{example}"


@pytest.mark.parametrize(("sample", "answer", "said", "doctor", "why"), rows("Representation"))
def test_by_the_representation(sample, answer, said, doctor, why):
    assert verdict(resource(f'{{ "p": {sample} }}'), f'{{"p": {answer}}}') == said
    assert why or said == doctor.split(";")[0] or doctor.startswith("passes with a message; error")


@pytest.mark.parametrize(("kind", "described", "answer", "said"), rows("Type"))
def test_by_the_property_table(kind, described, answer, said):
    table = f"## Properties\n\n|Property|Type|Description|\n|:--|:--|:--|\n|p|{kind}|{described}|"
    assert verdict(resource("{}", table), f'{{"p": {answer}}}') == said


@pytest.mark.parametrize(("kind", "shown", "answer", "said"), rows("Table"))
def test_by_both(kind, shown, answer, said):
    table = f"## Properties\n\n|Property|Type|Description|\n|:--|:--|:--|\n|p|{kind}||"
    assert verdict(resource(f'{{ "p": {shown} }}', table), f'{{"p": {answer}}}') == said


@pytest.mark.parametrize(("kind", "shown", "answer", "said"), rows("Response"))
def test_of_a_primitive(kind, shown, answer, said):
    many = kind.startswith("Collection(")
    page = "# row\n" + EXAMPLE.format(type=kind, many=json.dumps(many), shown=shown)
    assert verdict(page, answer) == said


def of_objects() -> list[tuple[str, ...]]:
    """The last table, which also begins with the type."""
    table: Table = next(one for one in TYPES.tables if "Objects" in one.section)
    return [tuple(text(cell) for cell in row.cells) for row in table.rows]


@pytest.mark.parametrize(("kind", "answer", "said", "_why"), of_objects())
def test_objects_collections_and_inheritance(kind, answer, said, _why):
    member = '{ "id": "1" }'
    many = kind.startswith("Collection(")
    name = kind.removeprefix("Collection(").removesuffix(")")
    shown = f'{{ "value": [{member}] }}' if many else member
    page = "# row\n" + EXAMPLE.format(type=name, many=json.dumps(many), shown=shown)
    assert verdict(page, answer) == said


def test_there_are_as_many_pairs_of_our_own():
    assert len(rows("Representation")) >= 93
    assert len(rows("Type")) + len(of_objects()) >= len(rows("Representation"))


@pytest.mark.skipif(not MATRIX.exists(), reason="the facts on API Doctor are not there: ../shared is absent")
def test_what_is_said_of_api_doctor_was_observed():
    observed = []
    for line in MATRIX.read_text("utf-8").splitlines():
        if line.startswith("---"):
            break
        pair, relaxed, strict = re.split(r"\s+\| relaxed=|\s+strict=", line)
        cut = next(at for at in range(40, len(pair)) if pair.startswith(" | ", at))
        sample, answer = pair[:cut].rstrip().rsplit(None, 1)[0], pair[cut + 3 :].rstrip().rsplit(None, 1)[0]
        said = {"O": "passes", "E": "error", "W": "warning", "M": "passes with a message"}
        words = [said[re.sub("^-- ", "", one)[0]] for one in (relaxed, strict)]
        both = words[0] if words[0] == words[1] else f"{words[0]}; {words[1]} if strict"
        observed.append((sample.strip(), answer.strip(), both))
    assert [(sample, answer, doctor) for sample, answer, _, doctor, _ in rows("Representation")] == observed
