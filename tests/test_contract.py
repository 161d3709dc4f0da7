"""Pages as a contract: which response belongs to which request, and what the pages say of each type."""

from __future__ import annotations

import json

import pytest

from docassay import cases, contract, docset, pipeline, schema, verdict
from docassay.config import Config
from docassay.model import Block, Contract, Property, Source, TypeExpression


def build(text: str = "", roots: tuple[str, ...] = (), **pages: str) -> Contract:
    """The contract of one page, or of several by name."""
    named = {"page.md": text} if text else {f"{name}.md": content for name, content in pages.items()}
    return contract.build([docset.read_page(Source(name, content, "")) for name, content in named.items()], roots)


def note(block_type: str, **keys: object) -> str:
    return f"<!-- {json.dumps({'blockType': block_type} | keys)} -->\n"


def request(name: object = None, line: str = "GET /photos", **keys: object) -> str:
    return note("request", **({} if name is None else {"name": name}), **keys) + f"```http\n{line}\n```\n\n"


def response(name: object = None, status: int = 200, body: str = "", **keys: object) -> str:
    named = {} if name is None else {"name": name}
    return note("response", **named, **keys) + f"```http\nHTTP/1.1 {status} X\n{body}\n```\n\n"


def ignored(*lines: str) -> str:
    return note("ignored") + "```http\n" + "\n".join(lines) + "\n```\n\n"


def resource(name: str, body: object, **keys: object) -> str:
    return note("resource", **{"@odata.type": name}, **keys) + f"```json\n{json.dumps(body)}\n```\n\n"


def table(header: str, *rows: str) -> str:
    rule = "|".join(["---"] * (header.count("|") + 1))
    return "\n".join(f"| {row} |" for row in (header, rule, *rows)) + "\n\n"


def pairs(found: Contract) -> dict[str, list[int | None]]:
    return {one.id: [block.content.status for block in one.responses] for one in found.examples}


def blocks(found: Contract, fate: str) -> list[Block]:
    """The blocks of all pages that fared so: `unpaired`, `silent` or `samples`."""
    return [block for page in found.pages for block in getattr(page, fate)]


def statuses(blocks) -> list[int | None]:
    return [block.content.status for block in blocks]


# --- pairing -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "paired", "unpaired", "silent"),
    [
        (request("a") + response(), {"page/a": [200]}, [], []),
        (request("a"), {"page/a": []}, [], []),
        (request("a") + response() + request("b") + response(status=201), {"page/a": [200], "page/b": [201]}, [], []),
        (request("a") + response() + response(status=404), {"page/a": [200, 404]}, [], []),
        (request("a") + request("b") + response("a"), {"page/a": [200], "page/b": []}, [], []),
        (request("a") + request("b") + response(), {"page/a": [], "page/b": [200]}, [], []),
        (request("a") + request("b") + response(["a", "b"]), {"page/a": [200], "page/b": [200]}, [], []),
        (request(["a", "b"]) + request("c") + response("b"), {"page/a": [200], "page/c": []}, [], []),
        (request("a") + response(["a", "a"]), {"page/a": [200]}, [], []),
        (request(["a", "b"]) + response(["a", "b"]), {"page/a": [200]}, [], []),
        (response("a") + request("a"), {"page/a": [200]}, [], []),
        (request("a") + response() + request("a") + response("a", 201), {"page/a": [200], "page/a-2": [201]}, [], []),
        (response() + request("a"), {"page/a": []}, [200], []),
        (request("a") + response("b"), {"page/a": []}, [200], []),
        (request("a") + response("A"), {"page/a": []}, [200], []),
        (request("a") + response(["b", "c"]), {"page/a": []}, [200], []),
        (response(), {}, [200], []),
        (ignored("GET /a") + response(), {}, [], [200]),
        (request("a") + ignored("GET /b") + response(), {"page/a": []}, [], [200]),
        (request("a") + ignored("GET /b") + response("a"), {"page/a": [200]}, [], []),
        (request("a") + response() + ignored("GET /b") + response(status=201), {"page/a": [200]}, [], [201]),
        (request("a") + "```http\nGET /b\n```\n\n" + response(), {"page/a": []}, [], [200]),
        ("```http\nGET /b\n```\n\n" + request("a") + response(), {"page/a": [200]}, [], []),
        (request("a") + note("example") + "```http\nGET /b\n```\n\n" + response(), {"page/a": []}, [], [200]),
        (request("a") + ignored("GET /b", "GET /c") + response(), {"page/a": [200]}, [], []),
        (request("a") + ignored("words") + response(), {"page/a": [200]}, [], []),
        (request("a") + "```json\n{}\n```\n\n" + response(), {"page/a": [200]}, [], []),
        (request("a") + "## HTTP request\n\n" + ignored("GET /b") + response(), {"page/a": [200]}, [], []),
        (request("a") + "## HTTP request\n\n```http\nGET /b\n```\n\n" + response(), {"page/a": [200]}, [], []),
        (request("a") + note("response") + "\nwords\n", {"page/a": []}, [], []),
        (request("a", "HTTP/1.1 200 OK") + response(), {"page/a": [200]}, [], []),
        (request("a") + note("simulatedResponse") + "```http\nHTTP/1.1 200 OK\n```\n", {"page/a": []}, [], []),
        (request("a") + ignored("GET /users/1/photos") + response(), {"page/a": [200]}, [], []),  # a variant
        (request("a") + ignored("POST /users/1/photos") + response(), {"page/a": []}, [], [200]),
        (request("a") + "## Example 2\n\n" + ignored("GET /users/1/photos") + response(), {"page/a": []}, [], [200]),
        (request("a") + response() + ignored("GET /photos?$top=1") + response(), {"page/a": [200]}, [], [200]),
        (note("ignored", name="b") + "```http\nGET /b\n```\n\n" + response("b"), {}, [], [200]),
        (request("a") + response(["a", "b"]), {"page/a": [200]}, [], []),  # DA401 speaks of the other name
    ],
)  # fmt: skip
def test_a_response_belongs_to_the_request_that_it_names_or_that_stands_above(text, paired, unpaired, silent):
    found = build(text)
    assert pairs(found) == paired
    assert statuses(blocks(found, "unpaired")) == unpaired
    assert statuses(blocks(found, "silent")) == silent


def test_names_pair_within_a_page_only():
    found = build(a=request("x"), b=response("x"))
    assert pairs(found) == {"a/x": []}
    assert statuses(blocks(found, "unpaired")) == [200]


def test_the_order_of_the_pages_makes_no_difference():
    pages = {
        "b": resource("x.T", {"a": 1}) + request("x") + response(),
        "a": resource("x.T", {"a": 1, "b": 2}) + request("y"),
    }
    forth, back = build(**pages), build(**dict(reversed(pages.items())))
    assert forth == back
    assert [one.id for one in forth.examples] == ["a/y", "b/x"]


# --- example ids -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "ids"),
    [
        (["get_photo"], ["get_photo"]),
        (["get photo/1?x=y", "über"], ["get-photo-1-x=y", "ber"]),
        (["a", "a", "a"], ["a", "a-2", "a-3"]),
        (["a", "A"], ["a", "A-2"]),
        (["a", "a-2", "a"], ["a", "a-2", "a-3"]),
        ([None, None], ["request-1", "request-2"]),
        (["a", None, "request-2"], ["a", "request-2", "request-2-2"]),
        (["", "é", "-", "."], ["request-1", "request-2", "request-3", "request-4"]),
        (["../../x", "..", "/etc/passwd", "a/../../b"], ["x", "request-2", "etc-passwd", "a-..-..-b"]),
        (["C:\\x", "~", "$HOME", "a\nb", "a\0b"], ["C-x", "request-2", "$HOME", "a-b", "a-b-2"]),
        ([["a", "b"], ["b"]], ["a", "b"]),
        ([".hidden", "x.", "-rf"], ["hidden", "x", "rf"]),
    ],
)
def test_ids_are_unique_and_fit_for_a_file_name(names, ids):
    found = build("".join(request(name) for name in names))
    assert [one.id for one in found.examples] == [f"page/{one}" for one in ids]


def test_an_example_keeps_its_name_as_written():
    assert [one.name for one in build(request("get photo/1") + request()).examples] == ["get photo/1", ""]


def test_ids_of_pages_in_folders_begin_with_the_folders():
    pages = [docset.read_page(Source(path, request("x"), "")) for path in ("api/v1.0/get.x.md", "api/get.md")]
    assert [one.id for one in contract.build(pages).examples] == ["api/get/x", "api/v1.0/get.x/x"]


def test_two_pages_that_differ_in_their_ending_have_ids_of_their_own():
    pages = [docset.read_page(Source(path, request("x"), "")) for path in ("get.md", "get.markdown")]
    assert len({one.id for one in contract.build(pages).examples}) == 2


def test_a_long_name_fits_in_a_file_name():
    (one,) = build(request("x" * 400)).examples
    assert len(one.id.rpartition("/")[2] + ".yaml") <= 255


# --- property tables ---------------------------------------------------------------------------------------------


def described(description: str, type_cell: str = "String") -> Property:
    text = (
        "## Properties\n\n" + table("Property|Type|Description", f"a|{type_cell}|{description}") + resource("x.T", {})
    )
    return build(text).types["x.T"].properties["a"]


@pytest.mark.parametrize(
    ("description", "nullable"),
    [
        *[(text, True) for text in ("Nullable.", "Can be null.", "May be null", "It is null if the album is empty.")],
        *[(text, True) for text in ("Returns null for guests.", "A number or null.", "`true` or `null`")],
        *[(text, True) for text in ("Null until it is known.", "If null, all are meant.", "A null value means none.")],
        *[(text, True) for text in ("If this is non-null, there is one.", "When not `null`, it has ended.")],
        *[(text, False) for text in ("Not nullable.", "It can't be null.", "Cannot be null.", "Must not be null.")],
        *[(text, None) for text in ("", "The name.", "A nullary operation.", "The null device.", "Nulls come first.")],
        ("Must never be null.", False),
        ("Will never be null.", False),
        ("Can’t be null.", False),
        ("Non-nullable.", False),
        ("Non nullable.", False),
    ],
)  # fmt: skip
def test_phrases_that_speak_of_null(description, nullable):
    assert described(description).nullable is nullable


@pytest.mark.parametrize(
    ("description", "deprecated"),
    [
        ("Deprecated. Use b.", True), ("(Deprecated) The name.", True), ("The name. DEPRECATED.", True),
        ("**Deprecated:** use b.", True), ("This property is deprecated.", True),
        ("Whether the name is from a deprecated list.", False), ("", False),
    ],
)  # fmt: skip
def test_phrases_that_speak_of_deprecation(description, deprecated):
    assert described(description).deprecated is deprecated


@pytest.mark.parametrize(
    ("description", "required", "optional", "read_only"),
    [
        ("Required.", True, False, False),
        ("Required. The name.", True, False, False),
        ("**Required.** The name.", True, False, False),
        ("**Required**. The name.", True, False, False),
        ("The name. Required.", True, False, False),
        ("Required if the album is shared.", False, True, False),
        ("Required when shared.", False, True, False),
        ("Required for guests.", False, True, False),
        ("Required only for guests.", False, True, False),
        ("Required by law.", False, False, False),
        ("Required on create.", False, True, False),
        ("Required unless kind is set.", False, True, False),
        ("Required, if it is shared.", False, True, False),
        ("Required (if it is shared).", False, True, False),
        ("Required - when shared.", False, True, False),
        ("Required to publish.", False, False, False),
        ("This property is required.", True, False, False),
        ("(Required) The name.", True, False, False),
        ("The name. It is required.", True, False, False),
        ("The required name.", False, False, False),
        ("This is required", False, False, False),
        ("Optional.", False, True, False),
        ("Not required.", False, True, False),
        ("The name, optional in an album.", False, True, False),
        ("Read-only.", False, False, True),
        ("Read only", False, False, True),
        ("ReadOnly", False, False, True),
        ("Required. Read-only.", False, False, True),
        ("", False, False, False),
    ],
)
def test_phrases_that_speak_of_duty(description, required, optional, read_only):
    found = described(description)
    assert (found.required, found.optional, found.read_only) == (required, optional, read_only)


@pytest.mark.parametrize(
    ("description", "members"),
    [
        ("Possible values are: `a`, `b`, `c`.", ("a", "b", "c")),
        ("The possible values are: `a`, and `b`. Default is `z`.", ("a", "b")),
        ("Possible values: `a` or `b`", ("a", "b")),
        ("Allowed values: `a-b`, `c d`, `a-b`.", ("a-b", "c d")),
        ("Supported values are `a`, `b`.", ("a", "b")),
        ("Possible values include `a`, `b`.", ()),
        ("Possible values are `a`, `b`, etc.", ()),
        ("Possible values are, for example, `a`, `b`.", ()),
        ("Possible values such as `a`, `b`.", ()),
        ("Possible values are: `a`.", ()),
        ("Possible values are: a, b.", ()),
        ("Possible values are: `<a>`, `b`.", ()),
        ("One of `a`, `b`.", ("a", "b")),
        ("Can be `a` or `b`.", ("a", "b")),
        ("The value is one of the following: `a`, `b`.", ("a", "b")),
        ("Can be `a` or what `b` says.", ()),
        ("Cannot be one of `a`, `b`.", ()),
        ("Must not be one of the following values: `a`, `b`.", ()),
        ("Possible values are *a*, *b*.", ("a", "b")),
        ('Possible values are: "a", "b".', ("a", "b")),
        ("Possible values are: `a` (default, i.e. none), `b`.", ("a", "b")),
        ("Possible values are: `a`, `b`, Supports `$filter` (`eq`).", ("a", "b")),
        ("Possible values are: `a`, `b`, …", ()),
        ("Possible values are: `a`, `b`, ...", ()),
        ("Possible values are `a`, `b`, or a custom value.", ()),
        ("Possible values are `a`, `custom`.", ("a", "custom")),
        ("Possible values are 'a', 'b' and 'c'.", ("a", "b", "c")),
        ("Possible values are `a`, `b`, or a GUID.", ()),
        ("Possible values are `a`, `b`, or the name of a group.", ()),
        ("Possible values are empty string, `a`, `b`.", ()),
        ("Possible values are `a`, `b`. The list is not exhaustive.", ()),
        ("Possible values are `a`, `b`. Other values are possible.", ()),
        ("Possible values are `a`, `b`. More values may be added.", ()),
        ("Some possible values are `a`, `b`.", ()),
        ("Possible values are codes like `en`, `de`.", ()),
        ("For possible values, see `foo` and `bar`.", ()),
        ("Allowed values range from `a` to `f`.", ()),
        ("If x, possible values are `a`, `b`. If y, possible values are `c`, `d`.", ("a", "b", "c", "d")),
        ("Possible values are `a`, `b`. Starting in v2, also `c`.", ("a", "b", "c")),
        ("Possible values are: `a`, `b`. Use the `Prefer: include-unknown-enum-members` request header to get the "
         "following value in this evolvable enum: `c`.", ("a", "b", "c")),
        ("Possible values are: `a`, `b`, `c.d`, `e`.", ("a", "b", "c.d", "e")),
        ("Possible values are: `1.0`, `2.0`.", ("1.0", "2.0")),
    ],
)  # fmt: skip
def test_possible_values_are_the_members_of_a_string(description, members):
    assert described(description).table == TypeExpression("Edm.String", enum=members)


def test_possible_values_of_what_is_no_string_are_left_to_its_type():
    assert described("Possible values are: `a`, `b`.", "Int32").table == TypeExpression("Edm.Int32")
    assert described("Possible values are: `1`, `2`.", "Int32").table == TypeExpression("Edm.Int32", enum=("1", "2"))
    of_many = described("Possible values are: `a`, `b`.", "String collection").table
    assert of_many == TypeExpression("Edm.String", collection=True, enum=("a", "b"))


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("size", "size"),
        ("**size**", "size"),
        ("`size`", "size"),
        ("[size](size.md)", "size"),
        ("[size][]", "size"),
        ("photo\\_size", "photo_size"),
        ("photo_size", "photo_size"),
        ("@odata.type", "@odata.type"),
        ("a/b", "a/b"),
        ("size (key)", "size"),
        ("size<sup>1</sup>", "size"),
        ("size<br>", "size"),
        ("~~size~~", "size"),
        ("__size__", "size"),
        ("size:", "size"),
        ("&#115;ize", "size"),
    ],
)
def test_a_name_cell_names_a_property(cell, name):
    text = "## Properties\n\n" + table("Property|Type|Description", f"{cell}|String|x") + resource("x.T", {})
    assert list(build(text).types["x.T"].properties) == [name]


def test_a_long_table_belongs_to_the_resource_whose_few_shown_members_it_has():
    rows = [f"p{number}|String|x" for number in range(20)]
    text = "## Properties\n\n" + table("Property|Type|Description", *rows) + resource("x.T", {"p1": "String", "p7": 1})
    text += resource("x.U", {"a": "String"}) + "## V members\n\n" + table("Property|Type|Description", "b|Int32|x")
    types = build(text + resource("x.V", {"c": "String"})).types
    assert {name: len(one.properties) for name, one in types.items()} == {"x.T": 20, "x.U": 1, "x.V": 2}


@pytest.mark.parametrize("header", ["Type|Property|Description", "Type|Name|Description"])
def test_the_type_may_stand_first(header):
    text = "## Properties\n\n" + table(header, "Int32|size|x") + resource("x.T", {})
    assert build(text).types["x.T"].properties["size"].table == TypeExpression("Edm.Int32")


@pytest.mark.parametrize("header", ["Field|Type", "Key|Data type", "Property|Value type", "Name|Type (format)"])
def test_headers_under_other_names(header):
    text = "## Properties\n\n" + table(header, "size|Int32") + resource("x.T", {})
    assert build(text).types["x.T"].properties["size"].table == TypeExpression("Edm.Int32")


@pytest.mark.parametrize("row", ["", "|String|", "two words|String|x", "|"])
def test_a_row_without_a_name_is_no_property(row):
    text = "## Properties\n\n" + table("Property|Type|Description", row) + resource("x.T", {})
    assert build(text).types["x.T"].properties == {}


@pytest.mark.parametrize(
    ("heading", "header", "is_one"),
    [
        ("Properties", "Property|Type|Description", True),
        ("Properties", "Property name|Type", True),
        ("Anything", "Property|Description", True),
        ("Relationships", "Relationship|Type|Description", True),
        ("Properties", "Name|Type|Description", True),
        ("Relationships", "Name|Type", True),
        ("Properties", "Attribute|Type", True),
        ("Anything", "Name|Type|Description", False),
        ("Request body", "Property|Type|Description", False),
        ("Request headers", "Name|Type", False),
        ("Function parameters", "Property|Type", False),
        ("Properties", "Property", False),
    ],
)
def test_which_tables_speak_of_a_type(heading, header, is_one):
    row = "|".join(["a", "b", "c"][: header.count("|") + 1])
    text = f"## {heading}\n\n" + table(header, row) + resource("x.T", {})
    assert list(build(text).types["x.T"].properties) == (["a"] if is_one else [])


def test_table_and_representation_speak_of_a_property_with_their_lines():
    text = "## Properties\n\n" + table("Property|Type|Description", "a|Int32|x", "b|String|y")
    text += (
        note("resource", **{"@odata.type": "x.T"})
        + '```json\n{\n  "@odata.type": "#x.T",\n  "a": 1,\n  "c": true\n}\n```\n'
    )
    found = build(text).types["x.T"]
    assert (found.place.path, found.place.line) == ("page.md", 8)
    lines = {
        one.name: (one.table_place and one.table_place.line, one.sample_place and one.sample_place.line)
        for one in found.properties.values()
    }
    assert lines == {"a": (5, 12), "b": (6, None), "c": (None, 13)}
    assert found.properties["a"].sample == TypeExpression("number", is_value=True)
    assert found.properties["a"].place.line == 5
    assert found.properties["c"].place.line == 13


def test_relationships_are_told_from_properties():
    text = "## Properties\n\n" + table("Property|Type", "a|String")
    text += "## Relationships\n\n" + table("Relationship|Type|Description", "b|[x](x.md) collection|Nullable.")
    found = build(text + resource("x.T", {})).types["x.T"].properties
    assert {name: one.relationship for name, one in found.items()} == {"a": False, "b": True}
    assert found["b"].table == TypeExpression("x", collection=True)


def test_of_two_rows_for_one_property_the_one_with_a_type_counts_and_both_say_of_null():
    rows = table("Property|Type|Description", "a|see below|Nullable.", "a|Int32|x", "a|String|Optional.")
    found = build("## Properties\n\n" + rows + resource("x.T", {})).types["x.T"].properties["a"]
    assert (found.table, found.nullable, found.optional) == (TypeExpression("Edm.Int32"), True, True)
    assert [place.line for place in found.places] == [6, 5, 7]


def test_the_annotation_says_what_is_optional_and_nullable():
    keys = {"optionalProperties": ["a", "absent", 7], "nullableProperties": ["b"], "keyProperty": "a"}
    keys |= {"openType": True, "abstract": "true"}
    text = "## Properties\n\n" + table("Property|Type", "a|String", "b|String") + resource("x.T", {}, **keys)
    found = build(text).types["x.T"]
    assert {name: (one.optional, one.nullable) for name, one in found.properties.items()} == {
        "a": (True, False),
        "b": (False, True),
    }
    assert (found.key, found.is_open, found.abstract) == ("a", True, True)


@pytest.mark.parametrize("cell", ["Yes", "y", "true", "Required"])
def test_a_column_may_say_what_is_required(cell):
    text = "## Properties\n\n" + table("Property|Type|Required?", f"a|String|{cell}", "b|String|No", "c|String|")
    found = build(text + resource("x.T", {})).types["x.T"].properties
    assert {name: (one.required, one.optional) for name, one in found.items()} == {
        "a": (True, False),
        "b": (False, True),
        "c": (False, False),
    }


# --- request bodies ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lead", "required"),
    [
        ("The following table shows the properties that are required when you create a photo.", True),
        ("Required properties:", True),
        ("The following properties of a photo are required.", True),
        ("The following table shows the properties.", False),
        ("", False),
    ],
)
def test_the_lead_of_a_table_says_whether_all_of_it_is_required(lead, required):
    text = f"## Request body\n\n{lead}\n\n" + table("Property|Type|Description", "a|String|x", "b|String|Optional.")
    (found,) = build(text + request("x", "POST /photos\n\n{}")).examples
    assert {name: one.required for name, one in found.body_properties.items()} == {"a": required, "b": False}


def test_of_alternative_tables_only_what_all_of_them_ask_for_is_required():
    lead = "The following table shows the properties that are required when you create a photo with {} permission."
    tables = [
        lead.format(kind) + "\n\n" + table("Property|Type|Description", *(f"{name}|String|x" for name in names))
        for kind, names in (("delegated", "ab"), ("application", "bc"))
    ]
    (found,) = build("## Request body\n\n" + "\n".join(tables) + request("x", "POST /photos\n\n{}")).examples
    assert {name: one.required for name, one in found.body_properties.items()} == {"a": False, "b": True, "c": False}


def test_the_lead_of_one_table_says_nothing_of_the_next():
    first, second = (table("Property|Type|Description", f"{name}|String|x") for name in "ab")
    text = f"## Request body\n\nThe following properties are required.\n\n{first}<!-- x -->\n\n{second}"
    (found,) = build(text + request("x", "POST /photos\n\n{}")).examples
    assert {name: one.required for name, one in found.body_properties.items()} == {"a": True, "b": False}


# --- types -------------------------------------------------------------------------------------------------------


def test_two_resources_on_one_page_each_have_the_tables_that_fit():
    text = "## First\n\n" + table("Property|Type", "a|String", "b|Int32") + resource("x.A", {"a": "String", "b": 1})
    text += "## Second\n\n" + table("Property|Type", "c|String", "d|Int32") + resource("x.B", {"c": "String", "d": 1})
    text += "## Third\n\n" + table("Property|Type", "e|String", "f|String")
    found = build(text).types
    tables = {name: [one.name for one in kind.properties.values() if one.table] for name, kind in found.items()}
    assert tables == {"x.A": ["a", "b"], "x.B": ["c", "d"]}


def test_of_several_definitions_the_one_with_most_properties_counts_and_the_others_add_to_it():
    found = build(a=resource("x.T", {"a": 1, "b": 2}), b=resource("x.T", {"a": ""}), c=resource("x.T", {"c": 1}))
    assert found.types["x.T"].place.path == "a.md"
    assert {name: one.place.path for name, one in found.types["x.T"].properties.items()} == {
        "a": "a.md", "b": "a.md", "c": "c.md",
    }  # fmt: skip
    assert found.types["x.T"].properties["a"].sample.name == "number"
    assert [str(place) for place in found.types["x.T"].properties["a"].places] == ["a.md:3", "b.md:3"]
    assert [one.place.path for one in contract.definitions(found, found.types["x.T"])] == ["b.md", "c.md", "a.md"]


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("x.photo", "x.photo"),
        ("#x.photo", "x.photo"),
        ("X.PHOTO", "x.photo"),
        ("photo", "x.photo"),
        ("elsewhere.photo", "x.photo"),
        ("y.size", "y.size"),
        ("size", "x.size"),
        ("nothing", None),
        ("", None),
    ],
)
def test_a_type_is_found_by_each_way_to_write_its_name(name, full):
    types = "".join(resource(one, {"a": 1}) for one in ("y.size", "x.size", "x.photo", "x.third"))
    resolved = contract.resolve(build(types), name)
    assert (resolved.name if resolved else None) == full


@pytest.mark.parametrize(
    ("text", "base"),
    [
        (resource("x.T", {}, baseType="x.base"), "x.base"),
        (resource("x.T", {}, baseType=" #x.base "), "x.base"),
        (resource("x.T", {}, baseType=None), ""),
        (resource("x.T", {}, baseType=7), ""),
        ("Inherits from [base](base.md).\n\n" + resource("x.T", {}), "base"),
        ("Inherits from the [base][] type.\n\n" + resource("x.T", {}), "base"),
        ("It inherits from **x.base**.\n\n" + resource("x.T", {}), "x.base"),
        ("Derived from `x.base`.\n\n" + resource("x.T", {}), "x.base"),
        ("Inherits from [**base**](base.md).\n\n" + resource("x.T", {}), "base"),
        ("Inherits from [base](base.md).\n\n" + resource("x.T", {}, baseType="x.other"), "x.other"),
        ("Inherits from base.\n\n" + resource("x.T", {}), ""),
        ("It is inherited by [derived](derived.md).\n\n" + resource("x.T", {}), ""),
        ("Inherits from [base](base.md).\n\n" + resource("x.T", {}) + resource("x.U", {}), ""),
        ("It derives from [base](base.md).\n\n" + resource("x.T", {}), "base"),
        ("It inherits\nfrom [base](base.md).\n\n" + resource("x.T", {}), "base"),
    ],
)
def test_the_base_type_is_told_by_the_annotation_or_by_prose(text, base):
    assert build(text).types["x.T"].base == base


def lineage(found: Contract, name: str) -> list[str]:
    return [one.name for one in contract.lineage(found, found.types[name])]


def test_a_lineage_goes_to_the_last_known_base():
    found = build(
        a=resource("x.A", {}, baseType="b"),
        b=resource("x.B", {}, baseType="#X.c"),
        c=resource("x.C", {}, baseType="elsewhere"),
    )
    assert lineage(found, "x.A") == ["x.A", "x.B", "x.C"]
    assert lineage(found, "x.C") == ["x.C"]


CIRCLE = resource("x.A", {"a": "String"}, baseType="x.B") + resource("x.B", {"b": "String"}, baseType="x.A")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (resource("x.A", {}, baseType="x.A"), ["x.A"]),
        (CIRCLE, ["x.A", "x.B"]),
        (resource("x.A", {"z": 1}, baseType="x.B") + CIRCLE.replace("x.A", "x.C"), ["x.A", "x.B", "x.C"]),
    ],
    ids=["itself", "two", "tail"],
)
def test_a_circle_of_base_types_ends_where_it_closes(text, expected):
    assert lineage(build(text), "x.A") == expected


def check_with(types: str, name: str, value: object) -> list[str]:
    """What is wrong with an example of a type, by kind."""
    body = "Content-Type: application/json\n\n" + json.dumps(value)
    schemas = schema.compile(build(types + request("x") + response(body=body, **{"@odata.type": name})))
    (example,) = schemas.contract.examples
    return [one.kind for one in verdict.check_example(schemas, example.responses[0])]


def test_a_value_of_a_type_in_a_circle_can_be_checked():
    assert check_with(CIRCLE, "x.A", {"a": "x", "b": "y"}) == []
    assert check_with(CIRCLE, "x.A", {"a": 7, "b": "y"}) == ["type"]


def chain(count: int, last: str) -> str:
    """Types that derive from each other, each from the next one."""
    bases = [f"x.T{number + 1}" for number in range(count - 1)] + [last]
    return "".join(
        resource(f"x.T{number}", {f"p{number}": "String"}, baseType=base) for number, base in enumerate(bases)
    )


@pytest.mark.parametrize(
    ("count", "last"),
    [
        (30, "x.T0"),
        (30, "x.elsewhere"),
        (40, "x.T0"),
        (600, "x.elsewhere"),
    ],
)
def test_a_value_of_a_type_with_very_many_bases_can_be_checked(count, last):
    assert check_with(chain(count, last), "x.T0", {"p0": "x", "p1": "y"}) == []
    assert check_with(chain(count, last), "x.T0", {"p0": 7}) == ["type"]


@pytest.mark.parametrize(
    "name",
    [
        *("x.T", "T", "x T", "é", "x#T", "x?T", "x~T", "x+derived", "$ref", "[x]", "x/T", "x~1T", "x%20T", "x\nT"),
    ],
)
def test_a_type_may_have_any_name(name):
    assert check_with(resource(name, {"a": "String"}), name, {"a": "x"}) == []
    assert check_with(resource(name, {"a": "String"}), name, {"a": 7}) == ["type"]


@pytest.mark.parametrize("depth", [1, 50, 250])
def test_a_deep_value_of_a_recursive_type_can_be_checked(depth):
    value: object = {"child": 7}
    for _ in range(depth - 1):
        value = {"child": value}
    found = check_with(resource("x.T", {"child": {"@odata.type": "x.T"}}), "x.T", value)
    assert found == (["type"] if depth <= schema.MAX_DEPTH else [])


def test_an_odata_type_that_is_no_string_does_not_end_the_check():
    body = 'Content-Type: application/json\n\n{"value": [{"@odata.type": ["x"]}]}'
    schemas = schema.compile(build(request("x") + response(body=body)))
    (example,) = schemas.contract.examples
    assert verdict.check_response(schemas, example.responses[0], {"value": [{"@odata.type": ["x"]}]}) == []


# --- enumerations ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "enums"),
    [
        ("### color values\n\n" + table("Member|Description", "red|x", "**blue**|y"), {"color": ("red", "blue")}),
        ("### color enumeration\n\n" + table("Value|Description", "red|x"), {"color": ("red",)}),
        ("# color enum\n\n## Members\n\n" + table("Member|Description", "red|x"), {"color": ("red",)}),
        ("# color enum type\n\n" + table("Members|Description", "`red`|x", "|y"), {"color": ("red",)}),
        ("### Possible values\n\n" + table("Value|Description", "red|x"), {}),
        ("## Members\n\n" + table("Member|Description", "red|x"), {}),
        ("### color values\n\n" + table("Name|Description", "red|x"), {}),
        ("### color values\n\n" + table("Member|Description"), {}),
        ("### photo_color values\n\n" + table("Member|Description", "red|x"), {"photo_color": ("red",)}),
    ],
)  # fmt: skip
def test_a_table_of_members_is_an_enumeration(text, enums):
    assert {name: one.members for name, one in build(text).types.items() if one.is_enum} == enums


# --- operations and service roots --------------------------------------------------------------------------------


def test_the_http_request_section_lists_operations():
    text = (
        "# Get\n\n## HTTP request\n\n"
        + ignored("GET /photos/{id}", "GET /me/photos HTTP/1.1")
        + "```http\nPATCH /x\n```\n\n"
    )
    text += request("a", "DELETE /y") + "## Example\n\n" + ignored("GET /z") + request("b")
    found = build(text).operations
    assert [(one.method, one.template, one.place.line) for one in found] == [
        ("GET", "/photos/{id}", 7),
        ("GET", "/me/photos", 8),
        ("DELETE", "/y", 17),
        ("PATCH", "/x", 12),
    ]


@pytest.mark.parametrize(
    ("heading", "count"),
    [
        *[(heading, 1) for heading in ("HTTP request", "HTTP Request", "HTTP request (to upload a file)", "Syntax")],
        *[(heading, 0) for heading in ("Request", "Example HTTP response", "Syntax of names")],
        ("HTTP requests", 1),
    ],
)
def test_sections_that_list_operations(heading, count):
    assert len(build(f"## {heading}\n\n" + ignored("GET /a")).operations) == count


@pytest.mark.parametrize(
    ("lines", "roots"),
    [
        ([], ()),
        (["GET /a"], ()),
        (["GET https://api.example/a"], ("https://api.example",)),
        (["GET https://api.example/v1.0/a"], ("https://api.example/v1.0", "https://api.example")),
        (
            ["GET https://api.example/v1.0/a", "GET https://API.example/beta/a", "GET HTTPS://api.example/v1.0/b"],
            ("https://api.example/beta", "https://api.example/v1.0", "https://api.example"),
        ),
        (["GET https://a.example/x", "GET https://b.example/x", "GET https://a.example/y"], ("https://a.example",)),
        (["GET https://a.example/x", "GET https://b.example/v2/x"], ("https://b.example/v2", "https://b.example")),
        (["GET https://a.example/x", "GET /x"], ("https://a.example",)),
        (["GET https://a.example/x", "GET /x", "GET /y"], ()),
        (["GET https://{host}/x", "GET https://*.example/x", "GET https:///x", "GET https://[::1/x"], ()),
        (["GET http://localhost:8080/v1/x"], ("http://localhost:8080/v1", "http://localhost:8080")),
        (["GET https://api.example/v1.0** Entity URI for A.b not found"], ("https://api.example",)),
    ],
)
def test_the_service_is_where_most_requests_go(lines, roots):
    assert build("# A\n\n" + "".join(request(line=line) for line in lines)).roots == roots


def test_service_roots_that_are_given_are_taken():
    found = build(request(line="GET https://a.example/x"), ("https://b.example/v1.0/",))
    assert found.roots == ("https://b.example/v1.0",)


def test_the_scenario_below_a_request_gives_values_to_its_parameters():
    given = [
        {"name": "off", "enabled": False, "request-parameters": {"id": "1"}},
        {
            "name": "on",
            "enabled": True,
            "request-parameters": {"{id}": "a b", "size": 3, "!url": "/other", "!body": "@secret", "X-Y:": "z"},
        },
    ]
    params = f'<!-- {{ "blockType": "testParams" }} -->\n```json\n{json.dumps(given)}\n```\n'
    found = build(
        request("a", "GET /photos/{id}?s={size}") + response() + params + request("b", "GET /{id}") + response()
    )
    first, second = cases.plan(found, {})
    assert (first.target, first.blocked) == ("/photos/a%20b?s=3", "")
    assert second.blocked
    (first, _) = cases.plan(found, {"id": "9"})
    assert first.target == "/photos/9?s=3"


def test_a_letter_case_is_a_warning_and_an_undocumented_name_that_is_nearly_right_is_named(tmp_path):
    rows = table("Property|Type|Description", "color|String|Possible values are: `red`, `blue`.", "size|Int32|Pixels.")
    text = "## Properties\n\n" + rows + resource("x.T", {"color": "String", "size": 1}) + request("x")
    body = '{"color": "Red", "Size": 2}'
    (tmp_path / "page.md").write_text(text + response(body=body, **{"@odata.type": "x.T"}))
    found = {one.code: one for one in pipeline.check([tmp_path], Config()).findings}
    assert found["DA405"].level == "warning"
    assert found["DA406"].hint == "did you mean 'size'?"
