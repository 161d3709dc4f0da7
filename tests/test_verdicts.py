"""Values that a service may send for documented types: no alarm on the honest ones, every wrong one found."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docassay import contract, docset, schema, source, verdict
from docassay.model import Block
from docassay.rules import conformance

PAGE = """# Items

## Properties

|Property|Type|Description|
|:---|:---|:---|
|id|String|The key.|
|name|String|The name. Not nullable.|
|note|String|A note.|
|weight|Double|Kilograms. May be null.|
|count|Int16|Pieces.|
|big|Int64|Many.|
|kind|String|Possible values are: `small`, `large`.|
|color|[color](#color)|The color.|
|made|DateTimeOffset|When it was made.|
|day|Date|The day.|
|span|Duration|How long.|
|key|Guid|Another key.|
|data|Binary|Bytes.|
|tags|String collection|Words.|
|matrix|Collection(Collection(Int32))|Rows.|
|owner|contoso.actor|Who owns it.|
|parts|Collection(contoso.part)|What it is made of.|
|extra|Json|Anything.|
|shade|[shade](other.md)|Possible values are: `dark`, `light`.|

## Relationships

|Relationship|Type|Description|
|:---|:---|:---|
|parent|contoso.item|The item above.|

<!-- { "blockType": "resource", "@odata.type": "contoso.item", "keyProperty": "id", "optionalProperties": ["note"] } -->

```json
{
  "id": "String (identifier)", "name": "String", "note": "String", "weight": 1.5, "count": 1, "big": 1,
  "kind": "String",
  "color": "String", "made": "String (timestamp)", "day": "Date", "span": "String (duration)", "key": "Guid",
  "data": "Binary", "tags": ["String"], "matrix": [[1]], "owner": { "@odata.type": "contoso.actor" },
  "parts": [{ "@odata.type": "contoso.part" }], "extra": "Json", "shade": "String"
}
```

## color values

|Member|Description|
|:---|:---|
|red|Red.|
|blue|Blue.|

<!-- { "blockType": "resource", "@odata.type": "contoso.actor" } -->

```json
{ "name": "String" }
```

<!-- { "blockType": "resource", "@odata.type": "contoso.human", "baseType": "contoso.actor" } -->

```json
{ "age": 1 }
```

<!-- { "blockType": "resource", "@odata.type": "contoso.part" } -->

```json
{ "size": 1, "inner": { "@odata.type": "contoso.part" } }
```

<!-- { "blockType": "request", "name": "get_item" } -->

```http
GET /item
```

<!-- { "blockType": "response", "truncated": true, "@odata.type": "contoso.item" } -->

```http
HTTP/1.1 200 OK
Content-Type: application/json

{
  "id": "1",
  "note": "a",
  "owner": { "name": "x" }
}
```
"""
GOOD = {"id": "9", "note": "b", "owner": {"name": "y"}}


@pytest.fixture(scope="module")
def documented() -> tuple[schema.Schemas, Block]:
    page = docset.read_page(source.decode(PAGE.encode(), "item.md"))
    schemas = schema.compile(contract.build([page]))
    (example,) = schemas.contract.examples
    return schemas, example.responses[0]


def kinds(documented, value) -> list[str]:
    return sorted(f"{one.kind} {one.pointer}" for one in verdict.check_response(*documented, value))


HONEST = [
    {},
    {"weight": 3}, {"weight": 3.5}, {"weight": None}, {"weight": "NaN"}, {"weight": 1e300},
    {"count": -32768}, {"count": 5.0}, {"big": 2**62}, {"kind": "small"},
    {"color": "red"}, {"made": "2026-01-01T00:00:00Z"},
    {"made": "2026-01-01T00:00:00.1234567+01:00"},
    {"made": "0001-01-01T00:00:00Z"}, {"day": "2024-02-29"}, {"span": "PT1H30M"}, {"span": "P3D"},
    {"span": "-P1DT0.5S"},
    {"key": "0F8FAD5B-D9CB-469F-A165-70867728950E"}, {"data": "aGk="}, {"data": ""}, {"tags": []},
    {"tags": ["a", "date"]},
    {"matrix": [[1, 2], []]}, {"matrix": []}, {"parent": None}, {"parent": {"id": "0", "parent": None}},
    {"extra": {"a": [1]}},
    {"extra": 5}, {"extra": None}, {"owner": {"name": "y", "@odata.type": "#contoso.human", "age": 4}},
    {"owner": {"name": "y", "@odata.type": "#Contoso.Human", "age": 4}},
    {"owner": {"name": "y", "@odata.type": "human"}},
    {"parts": [{"size": 1, "inner": {"size": 2, "inner": {"size": 3}}}]}, {"@odata.etag": "x", "tags@odata.count": 0},
    {"@odata.type": "#contoso.item"}, {"note": "timestamp"}, {"note": "10:00:00"}, {"name": ""},
]  # fmt: skip

WRONG = [
    ({"id": 1}, "type /id"), ({"id": None}, "null /id"), ({"name": None}, "null /name"), ({"name": {}}, "type /name"),
    ({"name": []}, "type /name"), ({"note": None}, "null-unsaid /note"), ({"weight": "3"}, "type /weight"),
    ({"weight": True}, "type /weight"), ({"count": 32768}, "range /count"), ({"count": 1.5}, "type /count"),
    ({"count": "1"}, "type /count"), ({"big": 2**63}, "range /big"), ({"kind": "huge"}, "enum /kind"),
    ({"kind": "Small"}, "enum-case /kind"), ({"kind": "small,large"}, "enum /kind"),
    ({"color": "green"}, "enum /color"),
    ({"color": 1}, "type /color"), ({"made": "yesterday"}, "format /made"),
    ({"made": "2026-02-30T00:00:00Z"}, "format /made"),
    ({"made": "2026-01-01T00:00:00"}, "format /made"), ({"day": "2023-02-29"}, "format /day"),
    ({"day": "2023-01-01T00:00:00Z"}, "format /day"), ({"span": "1h"}, "format /span"), ({"span": "P"}, "format /span"),
    ({"key": "x"}, "format /key"), ({"data": "a b"}, "format /data"), ({"tags": "a"}, "type /tags"),
    ({"tags": ["a", 1]}, "type /tags/1"), ({"tags": ["a", None]}, "type /tags/1"),
    ({"matrix": [1]}, "type /matrix/0"), ({"matrix": [["x"]]}, "type /matrix/0/0"),
    ({"owner": "me"}, "type /owner"), ({"owner": {}}, "required /owner/name"),
    ({"owner": {"name": 1}}, "type /owner/name"),
    ({"owner": {"name": "y", "age": 1}}, "undocumented /owner/age"),
    ({"owner": {"name": "y", "@odata.type": "#contoso.human", "age": "4"}}, "type /owner/age"),
    ({"owner": {"name": "y", "@odata.type": "#contoso.part"}}, "odata-type /owner/@odata.type"),
    ({"owner": {"name": "y", "@odata.type": "#contoso.robot"}}, "odata-type-unknown /owner/@odata.type"),
    ({"@odata.type": "#contoso.part"}, "odata-type /@odata.type"), ({"@odata.type": 5}, "odata-type /@odata.type"),
    ({"parts": {"size": 1}}, "type /parts"), ({"parts": [{"size": "1"}]}, "type /parts/0/size"),
    ({"parts": [{"inner": {"inner": {"size": "1"}}}]}, "type /parts/0/inner/inner/size"),
    ({"parts": [{"depth": 1}]}, "undocumented /parts/0/depth"), ({"more": 1}, "undocumented /more"),
    ({"shade": None}, "null-unsaid /shade"), ({"shade": "red"}, "enum /shade"),
    ({"shade": "Dark"}, "enum-case /shade"), ({"shade": 1}, "type /shade"),
]  # fmt: skip


@pytest.mark.parametrize("more", HONEST, ids=json.dumps)
def test_no_alarm_on_an_honest_value(documented, more):
    assert kinds(documented, GOOD | more) == []


@pytest.mark.parametrize(("more", "found"), WRONG, ids=[json.dumps(more) for more, _ in WRONG])
def test_a_wrong_value_is_found(documented, more, found):
    assert found in kinds(documented, GOOD | more)
    assert len(kinds(documented, GOOD | more)) == 1


def test_what_may_be_absent_and_what_not(documented):
    assert kinds(documented, {"id": "9", "owner": {"name": "y"}}) == []  # note is in optionalProperties
    assert kinds(documented, {"note": "b", "owner": {"name": "y"}}) == ["required /id"]
    (both,) = verdict.check_response(*documented, {})
    assert both.message == "'id', 'owner' are shown in the documented example"


def test_the_same_fault_in_many_members_is_one(documented):
    assert kinds(documented, GOOD | {"tags": [1] * 100_000}) == ["type /tags/0"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["a", "red", "small", "2026-01-01", "2026-01-01T00:00:00Z", "P1D", "#contoso.human", "human"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["id", "name", "age", "size", "inner", "owner", "parts", "matrix", "tags", "@odata.type"]),
        inner, max_size=5,
    ),
    max_leaves=12,
)  # fmt: skip


@given(json_values)
@settings(max_examples=400, deadline=None)
def test_the_quick_answer_is_that_of_jsonschema(documented, value):
    schemas, _ = documented
    for name in ("contoso.item", "contoso.human", "contoso.part", "contoso.actor+derived"):
        quick = schema.fits(schemas, {"$ref": schema.reference(name)}, value)
        errors = [one for one in schema.errors(schemas, name, value) if not _about_null(one)]
        assert quick == (not errors) or value is None


@given(json_values)
@settings(max_examples=400, deadline=None)
def test_the_faults_of_a_value_are_the_errors_of_jsonschema(documented, value):
    def shown(found):
        return sorted((list(map(str, one.absolute_path)), one.validator) for one in found if not _about_null(one))

    schemas, _ = documented
    for name in ("contoso.item", "contoso.human", "contoso.part", "contoso.actor+derived"):
        ours = schema.faults(schemas, {"$ref": schema.reference(name)}, value)
        theirs = schema.errors(schemas, name, value)
        assert shown(ours) == shown(theirs)


def _about_null(error) -> bool:
    """Whether an error is about a null that is no member of an array: those are judged apart."""
    own = error.instance is None and not (error.absolute_path and isinstance(error.absolute_path[-1], int))
    return own or any(_about_null(inner) for inner in error.context or ())


@given(json_values)
@settings(max_examples=200, deadline=None)
def test_any_answer_can_be_judged(documented, value):
    for one in verdict.check_response(*documented, value):
        assert one.pointer == "" or one.pointer.startswith("/")
        assert one.message


def test_the_bundle_is_json_schema(documented):
    import jsonschema

    jsonschema.Draft202012Validator.check_schema(schema.bundle(documented[0]))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"a":' * 100 + b"1" + b"}" * 100, "deeper than"),
        (b"[" * 100_000, "nested"),
        (b'{"a": 1' + b"0" * 5000 + b"}", "digits"),
        (b'{"a": NaN}', "NaN"),
        (b"\xff", "UTF-8"),
        (b'{"a": 1,}', "line 1"),
    ],
)
def test_what_is_no_json_says_why(body, why):
    value, not_json = conformance.read_json(body)
    assert value is None
    assert why in not_json
