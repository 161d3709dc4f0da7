"""Type cells and sample values as pages write them, the expressions that they are, and the schemas of these."""

from __future__ import annotations

import time

import msgspec
import pytest
from jsonschema import Draft202012Validator

from docassay import typenames
from docassay.model import TypeExpression

ANY = TypeExpression()


def rows(table: dict[object, list[object]]) -> list[object]:
    """What a table says of each thing that is written under it."""
    return [pytest.param(written, meant, id=f"{written}") for meant, several in table.items() for written in several]


# --- type cells --------------------------------------------------------------------------------------------------

CELLS = {
    "Edm.String": [
        *("String", "string", "`string`", "'String'", "**String**", "Edm.String", "`Edm.String`", "text", "String."),
        *("string, maximum size 20", "String, encoded JSON", "String (enum)"),
    ],
    "Edm.Boolean": ["Boolean", "boolean", "bool", "Bool", "'Boolean'", "Edm.Boolean", "Yes/No"],
    "Edm.Byte": ["Byte"],
    "Edm.SByte": ["SByte"],
    "Edm.Int16": ["Int16", "short"],
    "Edm.Int32": ["Int32", "int32", "Edm.Int32", "[Int32](int32.md)"],
    "Edm.Int64": ["Int64", "Integer", "integer", "int", "long"],
    "Edm.Single": ["Single", "float"],
    "Edm.Double": ["Double", "double"],
    "Edm.Decimal": ["decimal"],
    "number": ["number", "Numeric"],
    "Edm.DateTimeOffset": [
        *("DateTimeOffset", "dateTimeOffset", "DateTimeOffSet", "'Edm.dateTimeOffset'", "DateTime", "datetime"),
        *("edm.DateTime", "Timestamp", "Date-Time", "DateTimeOffset."),
    ],
    "Edm.Date": ["Date", "date", "(Optional) Date", "nullable Date", "Date?", "Date. When it was taken."],
    "Edm.TimeOfDay": ["TimeOfDay", "Edm.TimeOfDay", "Time of day"],
    "Edm.Duration": ["Duration", "duration"],
    "Edm.Guid": ["Guid", "GUID", "guid", "Edm.Guid", "uuid"],
    "Edm.Binary": ["Binary", "Edm.Binary", "Base64"],
    "Edm.Stream": ["Stream", "stream", "Edm.Stream"],
    "Edm.Untyped": ["Json", "any"],
    "object": ["Object", "object", "map of string", "Dictionary<string, string>"],
    "uri": ["Url", "URL", "uri", "Relative URL"],
    "photo": [
        *(
            "photo",
            "[photo](../resources/photo.md)",
            "[photo](#photo)",
            "[photo][]",
            "[photo][x]",
            "[photo]",
            "**photo**",
        ),
        *("`photo`", "[photo](photo.md) enum", "[photo](photo.md#photo-values) enumeration"),
        *("[photo][] resource", "Enum: [photo](photo.md)", "[photo](photo.md) object"),
    ],
    "photo_size": ["photo_size", "[photo_size](x.md)"],
    "x.photo": ["x.photo", "#x.photo", "[x.photo](x.md)"],
    "": [
        *("", "-", "[a](a.md) or [b](b.md)", "flags"),
        "Moment when the photo was taken. DateTimeOffset",
    ],
}


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        *rows(CELLS),
        ("string (readonly)", "Edm.String"),
        ("String(identifier)", "Edm.String"),
        ("Int32 (read-only)", "Edm.Int32"),
        ("string (url)", "uri"),
        ("String - optional", "Edm.String"),
        ("String<br/>Read-only", "Edm.String"),
        ("String; read-only", "Edm.String"),
        ("String: read-only", "Edm.String"),
        ("String, nullable", "Edm.String"),
        ("String (nullable)", "Edm.String"),
        ("Duration (ISO 8601)", "Edm.Duration"),
        ("TimeOfDay (ISO 8601)", "Edm.TimeOfDay"),
        ("Int64 (timestamp)", "Edm.Int64"),
        ("Int32 (duration)", "Edm.Int32"),
        ("string (ISO 8601)", "Edm.DateTimeOffset"),
        ("JSON object", "Edm.Untyped"),
    ],
)
def test_a_type_cell_names_a_type(cell, name):
    assert typenames.from_cell(cell) == TypeExpression(name)


COLLECTIONS = {
    "Edm.String": [
        *("String collection", "String Collection", "string collection", "Collection(String)", "collection(string)"),
        *("`collection(string)`", "Collection(Edm.String)", "Edm.String collection", "String array", "List of String"),
        *("Array of string", "a collection of string", "String collection (optional)", "Collection(String), nullable"),
        *("Array&lt;String&gt;", "string&nbsp;collection", "Edm.Collection(Edm.String)"),
    ],
    "Edm.Int32": ["Int32 collection"],
    "Edm.Guid": ["Guid collection"],
    "photo": [
        *("photo collection", "[photo](p.md) collection", "[photo][x] collection", "[photo] collection"),
        *("Collection([photo](p.md))", "Collection([photo][x])", "collection([photo](p.md))", "photo (collection)"),
        "Array of [photo](https://x.example)",
    ],
    "x.photo": ["Collection(x.photo)", "x.photo collection", "Collection(#x.photo)"],
    "": ["Collection", "array", "** Unknown Type 'a.b' ** collection"],
}


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        *rows(COLLECTIONS),
        ("string[]", "Edm.String"),
        ("[photo](p.md)[]", "photo"),
        ("#Collection(x.photo)", "x.photo"),
        ("photo collection collection", "photo"),
    ],
)
def test_a_type_cell_may_name_a_collection(cell, name):
    assert typenames.from_cell(cell) == TypeExpression(name, collection=True)


def test_a_collection_of_collections_is_an_array_of_arrays():
    expected = TypeExpression("Edm.String", collection=True, nested=1)
    assert typenames.from_cell("Collection(Collection(String))") == expected
    assert typenames.from_sample([["String"]]) == expected
    schema = {"type": "array", "items": {"type": "array", "items": {"type": "string"}}}
    assert typenames.fragment(expected, {}) == schema
    assert typenames.json_types(expected, {}) == {"array"}


@pytest.mark.parametrize("sample", ["String collection", "string[]", "Collection(String)", "Edm.String collection"])
def test_a_sample_may_name_a_collection(sample):
    assert typenames.from_sample(sample) == TypeExpression("Edm.String", collection=True)


# --- sample values -----------------------------------------------------------------------------------------------

SAMPLES = {
    "Edm.String": [
        *("String", "string", "String (identifier)", "string (etag)", "string (hex)", "string optional", "Edm.String"),
        *("", "some longer text", "<url of the list>", "2014-01-01", "1.0.0", "a@b.c"),
        "f1b7c9c2-7a23-4d0e-8f4e-0b8e6f1a2b3c",
    ],
    "Edm.DateTimeOffset": [
        *("String (timestamp)", "string (timestamp)", "datetime", "DateTimeOffset", "dateTimeOffset", "timestamp"),
        *("String (ISO 8601)", "2014-01-01T00:00:00Z", "2014-01-01T00:00:00.12+02:00", "2014-01-01T00:00"),
    ],
    "Edm.Duration": ["String (ISO 8601 duration)", "String (duration)", "Duration"],
    "Edm.TimeOfDay": ["String (time of day)", "TimeOfDay"],
    "Edm.Date": ["Date"],
    "Edm.Boolean": [True, False, "Boolean", "boolean", "true"],
    "number": [0, 1024, -1, 0.5, "<number>"],
    "Edm.Int64": ["Integer", "Int64"],
    "Edm.Int32": ["Int32", "Int32 (read only)"],
    "Edm.Double": ["Double"],
    "Edm.Guid": ["Guid", "guid"],
    "Edm.Binary": ["binary", "Binary", "String (binary)", "string (base64)"],
    "Edm.Stream": ["Stream"],
    "Edm.Untyped": ["Json", "json"],
    "uri": ["url", "String (URL)"],
    "a.b.photo": ["a.b.photo", "#a.b.photo", {"@odata.type": "a.b.photo"}],
    "x.photo": [{"@odata.type": "#x.photo", "id": "String"}, {"@type": "x.photo"}, {"@type": "[x.photo](y)"}],
    "": ["12", "-1.5", None, {}, "String | null", "true | false", {"@odata.type": "..."}, {"@odata.type": 7}],
}


def said_by(value: object) -> TypeExpression:
    return msgspec.structs.replace(typenames.from_sample(value), is_value=False)


@pytest.mark.parametrize(("value", "name"), rows(SAMPLES))
def test_a_sample_value_names_a_type(value, name):
    assert said_by(value) == TypeExpression(name)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (["String"], "Edm.String"),
        (["Guid"], "Edm.Guid"),
        (["a.b.photo"], "a.b.photo"),
        ([1], "number"),
        ([None], ""),
        ([], ""),
        ("Collection(String)", "Edm.String"),
        ("Collection(a.b.photo)", "a.b.photo"),
        ([{"@odata.type": "x.photo"}, {"@odata.type": "x.other"}], "x.photo"),
        ({"@odata.type": "Collection(x.photo)"}, "x.photo"),
        ([1, "String"], ""),
    ],
)
def test_a_sample_value_may_be_a_collection(value, name):
    assert said_by(value) == TypeExpression(name, collection=True)


@pytest.mark.parametrize(
    ("value", "members"),
    [("a | b | c", ("a", "b", "c")), ("a|b", ("a", "b")), ("x-y|1.0", ("x-y", "1.0")), (" a | b ", ("a", "b"))],
)
def test_words_between_bars_are_the_members_of_an_enumeration(value, members):
    assert typenames.from_sample(value) == TypeExpression("Edm.String", enum=members)


@pytest.mark.parametrize("value", ["photo", "PT1H", "a_b"])
def test_a_single_word_may_be_the_name_of_a_type(value):
    assert typenames.from_sample(value) == TypeExpression("Edm.String", word=value, is_value=True)


def test_an_object_without_a_type_has_members():
    inner = {"id": TypeExpression("Edm.String"), "x@odata.bind": TypeExpression("number", is_value=True)}
    value = {"id": "String", "x@odata.bind": 1, "@odata.id": "y"}
    assert typenames.from_sample(value) == TypeExpression(members=inner)
    assert typenames.from_sample([value]) == TypeExpression(collection=True, members=inner)


# --- schemas -----------------------------------------------------------------------------------------------------

REFER = {"x.photo": "#/$defs/x.photo"}


@pytest.mark.parametrize(
    ("expression", "schema"),
    [
        (ANY, {}),
        (TypeExpression("Edm.Boolean"), {"type": "boolean"}),
        (TypeExpression("Edm.String", enum=("a", "b")), {"type": "string", "enum": ["a", "b"]}),
        (TypeExpression("Edm.String", collection=True), {"type": "array", "items": {"type": "string"}}),
        (TypeExpression("Edm.Stream"), {}),
        (TypeExpression("X.Photo"), {"$ref": "#/$defs/x.photo"}),
        (TypeExpression("x.photo", collection=True), {"type": "array", "items": {"$ref": "#/$defs/x.photo"}}),
        (TypeExpression("x.elsewhere"), {}),
        (TypeExpression("x.elsewhere", collection=True), {"type": "array", "items": {}}),
        (TypeExpression(collection=True), {"type": "array", "items": {}}),
        (
            TypeExpression(members={"a": TypeExpression("Edm.Boolean")}),
            {"type": "object", "properties": {"a": {"type": "boolean"}}},
        ),
        (
            TypeExpression(collection=True, members={"a": TypeExpression("x.photo")}),
            {"type": "array", "items": {"type": "object", "properties": {"a": {"$ref": "#/$defs/x.photo"}}}},
        ),
    ],
)
def test_an_expression_is_a_schema(expression, schema):
    assert typenames.fragment(expression, REFER) == schema


def test_a_schema_is_a_copy_that_may_be_changed():
    first = typenames.fragment(TypeExpression("Edm.String"), {})
    first["enum"] = ["a"]
    assert typenames.fragment(TypeExpression("Edm.String"), {}) == {"type": "string"}


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("Edm.Byte", [0, 255], [-1, 256, 0.5, "1", True]),
        ("Edm.SByte", [-128, 127], [-129, 128]),
        ("Edm.Int16", [-32768, 32767], [-32769, 32768]),
        ("Edm.Int32", [-(2**31), 2**31 - 1], [-(2**31) - 1, 2**31, "0"]),
        ("Edm.Int64", [-(2**63), 2**63 - 1], [2**63, 1.5]),
        ("Edm.Double", [0, -1.5, "INF", "-INF", "NaN"], ["1.5", "nan", None, True]),
        ("Edm.Decimal", [1.25], ["1.25"]),
        ("number", [1, 1.5, "NaN"], ["1"]),
        ("Edm.Boolean", [True, False], ["true", 0, None]),
        ("Edm.String", ["", "a"], [None, 1]),
        ("Edm.Stream", [None, 1, "a", {}], []),
        ("Edm.Untyped", [None, 1, "a", []], []),
    ],
)
def test_primitives_have_their_ranges(name, good, bad):
    validator = Draft202012Validator(typenames.PRIMITIVES[name])
    assert [value for value in good if not validator.is_valid(value)] == []
    assert [value for value in bad if validator.is_valid(value)] == []


KINDS = {"x.photo": "object", "photo": "object", "x.size": "string"}


@pytest.mark.parametrize(
    ("expression", "kinds"),
    [
        (ANY, typenames.ANY),
        (TypeExpression(collection=True), {"array"}),
        (TypeExpression("Edm.String"), {"string"}),
        (TypeExpression("Edm.Int32"), {"integer"}),
        (TypeExpression("number"), {"number", "integer"}),
        (TypeExpression("Edm.Double"), {"number", "integer"}),
        (TypeExpression("Edm.Untyped"), typenames.ANY),
        (TypeExpression("X.Photo"), {"object"}),
        (TypeExpression("x.size"), {"string"}),
        (TypeExpression("x.elsewhere"), typenames.ANY),
        (TypeExpression(members={}), {"object"}),
        (TypeExpression("Edm.String", word="photo"), {"string", "object"}),
        (TypeExpression("Edm.String", word="words"), {"string"}),
    ],
)
def test_the_json_types_that_an_expression_allows(expression, kinds):
    assert typenames.json_types(expression, KINDS) == frozenset(kinds)


@pytest.mark.parametrize(
    "cell",
    [
        "collection(" * 5_000,
        "a (" * 5_000,
        "[a](" * 5_000,
        "String collection" * 2_000,
        "a" + " " * 400 + "b",
    ],
    ids=lambda cell: cell[:12],
)
def test_a_hostile_cell_takes_no_long_time(cell):
    start = time.perf_counter()
    typenames.from_cell(cell)
    assert time.perf_counter() - start < 0.3


@pytest.mark.parametrize(
    "text",
    [
        "a." * 20_000,
        "a|" * 20_000,
        "a (" * 5_000,
        "a" + " " * 20_000 + "b",
    ],
    ids=lambda text: text[:4],
)
def test_a_hostile_sample_takes_no_long_time(text):
    start = time.perf_counter()
    typenames.from_sample(text)
    assert time.perf_counter() - start < 0.3
