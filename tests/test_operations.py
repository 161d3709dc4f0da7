"""Operations: what pages say of each method and path, and which example belongs to which."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docassay import contract, docset, operations, templates
from docassay.model import Operation, Source, TypeExpression

from .test_contract import ignored, note, request, resource, response, table

ROOTS = ("https://api.example/v1.0", "https://api.example")


def build(text: str = "", **pages: str) -> list[Operation]:
    """The operations of one page, or of several by name."""
    named = {"page.md": text} if text else {f"{name}.md": content for name, content in pages.items()}
    read = [docset.read_page(Source(name, content, "")) for name, content in named.items()]
    return list(operations.build(read, contract.build(read, ROOTS)))


def page(*listed: str, more: str = "", title: str = "Get photo") -> str:
    return f"# {title}\n\nRead a *photo*.\n\n## HTTP request\n\n" + ignored(*listed) + more


# --- templates ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "path", "alternatives"),
    [
        ("/me/photos", "/me/photos", []),
        ("https://api.example/v1.0/me/photos/", "/me/photos", []),
        ("/users/{id | userPrincipalName}/photos", "/users/{id}/photos", [("id", "userPrincipalName")]),
        ("/users/{id|name}/photos/{id|name}", "/users/{id}/photos/{photo-id}", [("id", "name")] * 2),
        ("/a/{id}/b/{id}/b/{id}", "/a/{id}/b/{b-id}/b/{id-2}", [("id",)] * 3),
        ("/stories/{id}/categories/{id}/classes/{id}", "/stories/{id}/categories/{category-id}/classes/{classe-id}",
         [("id",)] * 3),
        ("/drive/root:/{item path}:/content", "/drive/root:/{item-path}:/content", [("item-path",)]),
        ("/range(address='<address>')/rows", "/range(address='{address}')/rows", [("address",)]),
        ("/report(period='{period_value}',top={n})", "/report(period='{period}',top={top})",
         [("period", "period_value"), ("top", "n")]),
        ("/files('{id}')/$value", "/files('{id}')/$value", [("id",)]),
        ("/recent(all=all-value)", "/recent(all={all})", [("all", "all-value")]),
        ("/list(on='me')", "/list(on='me')", []),
        ("/groups/3f0e8f1e-1c0e-4a7b-9b5d-3f1d2a6e8b90", "/groups/{id}", [("id",)]),
        ("/a/{b}?top={n}&$select=id", "/a/{b}", [("b",)]),
        ("/a/{b} (optional)", "/a/{b}", [("b",)]),
        ("/search(q='two words')", "/search(q='two words')", []),
        ("/a/{}", "/a/{value}", [("value",)]),
        ("/a/{ü}", "/a/{value}", [("value",)]),
        ("/a/{b", "/a/%7Bb", []),
    ],
)  # fmt: skip
def test_a_target_as_a_template(target, path, alternatives):
    made = templates.read(target, ROOTS)
    assert made.path == path
    assert [hole.alternatives for hole in made.holes] == alternatives


@pytest.mark.parametrize(
    "target",
    ["https://other.example/a", "/a/.../b", "/a/…", "** Collection URI for a.b not found", "/a" * 1001],
)
def test_what_is_no_template(target):
    assert templates.read(target, ROOTS) is None


def test_an_argument_that_a_table_describes_is_a_parameter():
    text = page("GET /list(on='reviewer')", more="## Function parameters\n\n" + table("Parameter|Type|Description",
                "on|String|Possible values are `reviewer`, `owner`."))  # fmt: skip
    (found,) = build(text)
    assert found.template == "/list(on='{on}')"
    (parameter,) = found.parameters
    assert (parameter.where, parameter.required, parameter.type.enum) == ("path", True, ("reviewer", "owner"))


_PARTS = st.lists(
    st.sampled_from(["/", "{", "}", "{id}", "<id>", "(", ")", "='", "'", "a", ":", "?", "&", ",", "=", " ", "ü", "\0"]),
    max_size=30,
)


@settings(max_examples=300, deadline=None)
@given(_PARTS.map("".join))
def test_every_hole_of_a_template_has_a_name_of_its_own(text):
    made = templates.read("/" + text, ROOTS)
    if made is not None:
        assert templates.shape(made.path).count("{}") == len(made.holes)
        assert len({hole.name.lower() for hole in made.holes}) == len(made.holes)
        assert templates.fits(made, templates.as_sent(made)) is not None or any(
            segment.count("{") > templates.MAX_HOLES or "(" in segment for segment in made.path.split("/")
        )


# --- examples ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("listed", "sent", "samples"),
    [
        ("/photos/{id}", "/photos/42", ["42"]),
        ("/Photos/{id}", "/photos/42", ["42"]),
        ("/photos/{id}", "/photos/{id}", [""]),
        ("/photos/{id}", "https://api.example/v1.0/photos/42?$select=id", ["42"]),
        ("/users/{id | name}/photos", "/users/me@api.example/photos", ["me@api.example"]),
        ("/drive/root:/{item-path}:/content", "/drive/root:/a/b.txt:/content", ["a/b.txt"]),
        ("/range(address='<address>')", "/range(address='A1:B2')", ["A1:B2"]),
        ("/range(top={n},skip={m})", "/range(top=1,skip=2)", ["1", "2"]),
        ("/items('{id}')", "/items('x-1')", ["x-1"]),
    ],
)
def test_an_example_belongs_to_the_template_that_it_fits(listed, sent, samples):
    (found,) = build(page(f"GET {listed}", more="## Example\n\n" + request("a", f"GET {sent}") + response("a")))
    assert [one.name for one in found.examples] == ["a"]
    assert [one.sample for one in found.parameters if one.where == "path"] == samples


def test_of_several_templates_the_most_literal_one_is_taken():
    more = "## Example\n\n" + request("a", "GET /photos/newest") + request("b", "GET /photos/1")
    found = build(page("GET /photos/{id}", "GET /photos/newest", more=more))
    assert [(one.template, [example.name for example in one.examples]) for one in found] == [
        ("/photos/{id}", ["b"]), ("/photos/newest", ["a"]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sent", "template"),
    [
        ("/me/photos", "/me/photos"),
        ("/users/AlexW/photos", "/users/{id}/photos"),
        ("/users/AlexW", "/users/{id}"),
        ("/users/delta", "/users/delta"),
        ("/groups/3f0e8f1e-1c0e-4a7b-9b5d-3f1d2a6e8b90/mail", "/groups/{id}/mail"),
        ("/groups/alex@api.example", "/groups/{id}"),
        ("/groups/all", "/groups/all"),
        ("/users/1/report(days=7)", "/users/{id}/report(days={days})"),
        ("/users/1/photos/$value", "/users/{id}/photos/$value"),
    ],
)
def test_an_example_that_no_page_lists_stands_for_a_template_too(sent, template):
    one = "# A\n\n## Example\n\n" + request("a", f"PATCH {sent}") + response("a")
    other = page("GET /users/{id}/photos", "GET /users/{id}", "GET /me/delta", "GET /report(days={n})")
    found = [one for one in build(one=one, other=other) if not one.listed]
    assert [(one.method, one.template) for one in found] == [("PATCH", template)]


def test_a_form_without_example_has_the_responses_of_its_other_forms():
    more = "## Example\n\n" + request("a", "GET /me/photos/1") + response("a", 200) + request("b", "GET /me/photos/1/x")
    more += response("b", 202)
    found = build(page("GET /me/photos/{id}", "GET /users/{id}/photos/{id}", "GET /me/photos/{id}/x", more=more))
    assert [[answer.status for answer in one.answers] for one in found] == [[200], [200], [202]]


# --- what the page says ------------------------------------------------------------------------------------------


def test_title_and_description():
    (found,) = build(page("GET /photo"))
    assert (found.title, found.description, found.place.line) == ("Get photo", "Read a photo.", 9)


def test_path_parameters_by_any_name_of_the_template():
    more = "## Path parameters\n\n" + table(
        "Parameter|Type|Description", "user id|x|no name", "photoId|Int64|Its key.", "size|String|Its size."
    )
    (found,) = build(page("GET /photos/{photo-id | size}", more=more))
    (one,) = found.parameters
    assert (one.name, one.alternatives, one.required) == ("photo-id", ("photo-id", "size"), True)
    assert one.description == "photoId: Its key. size: Its size."


def test_query_and_header_parameters():
    more = (
        "## Optional query parameters\n\nThis method supports the `$top`, `$count` and [\\$select](x.md) options. "
        "It does not support `$filter`.\n\n"
        "## Query parameters\n\n" + table("Parameter|Type|Description", "$skip|Int32|How many.", "since|Date|Required.")
        + "## Request headers\n\n" + table("Name|Description", "If-Match|The ETag. Optional.", "Prefer|x. Required.")
        + "## Example\n\n" + request("a", "GET /photos?mode=full")
    )  # fmt: skip
    (found,) = build(page("GET /photos?search={text}", more=more))
    kinds = {one.name: (one.where, one.type and one.type.name, one.required, one.sample) for one in found.parameters}
    assert kinds == {
        "$skip": ("query", "Edm.Int32", False, ""),
        "since": ("query", "Edm.Date", True, ""),
        "If-Match": ("header", None, False, ""),
        "Prefer": ("header", None, True, ""),
        "search": ("query", None, False, ""),
        "mode": ("query", None, False, "full"),
        "$top": ("query", "Edm.Int32", False, ""),
        "$count": ("query", "Edm.Boolean", False, ""),
        "$select": ("query", "Edm.String", False, ""),
    }


@pytest.mark.parametrize(
    ("header", "rows", "expected"),
    [
        ("Permission type|Permissions (from least to most privileged)",
         ["Delegated (work or school account)|A.Read, A.Read.All", "Delegated (personal account)|Not supported.",
          "Application|A.Read.All"],
         {"delegated-work": (("A.Read",), ("A.Read.All",),), "application": (("A.Read.All",),)}),
        ("Permission type|Least privileged permissions|Higher privileged permissions",
         ["Delegated (work or school account)|A.Read|A.ReadWrite, A-B.Read.All",
          "Delegated (personal Microsoft account)|A.Read|Not available."],
         {"delegated-work": (("A.Read",), ("A.ReadWrite",), ("A-B.Read.All",),), "delegated-personal": (("A.Read",),)}),
        ("Permission type|Permissions (from most to least privileged)", ["Application|A.All, A.Read"],
         {"application": (("A.Read",), ("A.All",),)}),
        ("Supported resource|Delegated (work or school account)|Application",
         ["event|A.Read|A.Write", "message|M.Read|Not supported."],
         {"delegated-work": (("A.Read",), ("M.Read",),), "application": (("A.Write",),)}),
        ("Permission type|Permissions",
         ["Application|A.Read and B.Read, C.All", "Delegated (work or school account)|A.Read, B.Read and C.All"],
         {"application": (("A.Read", "B.Read"), ("C.All",)),
          "delegated-work": (("A.Read",), ("B.Read",), ("C.All",))}),
        ("Permission type|Permissions", ["Application|A.Read and B.Read"], {"application": (("A.Read", "B.Read"),)}),
        ("Permission type|Permissions", ["Application|", " &nbsp; **Phones** | A.Read", "Delegated|None.", "x|B.Read"],
         {"application": (("A.Read",),)}),
        ("Permission|Description", ["A.Read|x"], {}),
    ],
)  # fmt: skip
def test_permission_tables(header, rows, expected):
    (found,) = build(page("GET /a", more="## Permissions\n\n" + table(header, *rows)))
    assert {one.kind: one.choices for one in found.permissions} == expected


PHOTO = "# photo\n\n" + resource("x.photo", {"id": "String"}) + resource("x.photoError", {"code": "String"})


@pytest.mark.parametrize(
    ("said", "statuses"),
    [
        ("returns a `200 OK` response code and a [photo](photo.md) object.", {200: ("x.photo", False)}),
        ("returns `200 OK` and a collection of [photo](photo.md) objects.", {200: ("x.photo", True)}),
        ("returns `200 OK` response code and [photos](../resources/photo.md) collection.", {200: ("x.photo", True)}),
        ("returns `200 OK` and a photo object in the response body.", {200: ("x.photo", False)}),
        ("returns `200 OK` and a String collection object.", {200: ("Edm.String", True)}),
        ("returns `201 Created`, **photo**.", {201: ("x.photo", False)}),
        ("returns `204 No Content` and no [photo](photo.md).", {204: None}),
        ("returns `200 OK` or `204 No Content`. If there is none, `404 Not Found` and a [photoError](photo.md).",
         {200: None, 204: None, 404: ("x.photoError", False)}),
        ("returns up to 500 items, see RFC 7231 and v2.404.", {}),
        ("returns one of these:\n\n- `200 OK` and a [photo](photo.md).\n- `202 Accepted`, if it takes 300 seconds.\n",
         {200: ("x.photo", False), 202: None}),
        ("returns what 4xx means.", {}),
    ],
)  # fmt: skip
def test_statuses_in_prose(said, statuses):
    found = build(op=page("GET /a", more=f"## Response\n\nIf successful, this {said}\n"), photo=PHOTO)
    assert {one.status: one.type and (one.type.name, one.type.collection) for one in found[0].answers} == statuses


def test_a_status_of_the_prose_and_of_an_example_is_one_answer():
    more = "## Response\n\nReturns `200 OK`.\n\n## Example\n\n" + request("a", "GET /a") + response("a", 200)
    (found,) = build(page("GET /a", more=more))
    ((answer),) = found.answers
    assert len(answer.places) == 2
    assert [identity for identity, _ in answer.blocks] == ["page/a"]


@pytest.mark.parametrize(
    ("said", "name", "properties"),
    [
        ("In the request body, supply a JSON representation of the [photo](photo.md) object.", "x.photo", []),
        ("Provide the new [photo](../resources/photo.md) object.\n\n" + table("Property|Type|Description",
         "id|String|Required."), "x.photo", ["id"]),
        ("Supply the values to update.\n\n" + table("Property|Type|Description", "id|String|x"), None, ["id"]),
    ],
)  # fmt: skip
def test_the_request_body(said, name, properties):
    found = build(op=page("POST /a", "GET /a", more=f"## Request body\n\n{said}\n"), photo=PHOTO)
    body = found[0].body
    assert (body.type and body.type.name, list(body.properties)) == (name, properties)
    assert found[1].body is None


@pytest.mark.parametrize(
    "said", ["Do not supply a request body for this method.", "Don't supply a request body.", "None."]
)
def test_no_request_body(said):
    assert build(page("POST /a", more=f"## Request body\n\n{said}\n"))[0].body is None


def test_an_http_request_section_has_parts():
    text = (
        "# A\n\n## HTTP request\n\n### One\n\n" + ignored("GET /a/{b}") + "### Example\n\n" + request("x", "GET /a/1")
    )
    assert [(one.method, one.template, one.listed) for one in build(text)] == [("GET", "/a/{b}", True)]


def test_two_pages_make_two_operations_of_one_shape():
    found = build(a=page("GET /a/{x}"), b=page("GET /A/{y}"))
    assert [templates.shape(one.template) for one in found] == ["/a/{}"] * 2


def test_the_order_of_the_pages_makes_no_difference():
    pages = [
        docset.read_page(Source(name, text, ""))
        for name, text in (("b.md", page("GET /b/{id}")), ("a.md", page("GET /a")), ("photo.md", PHOTO))
    ]
    assert operations.build(pages, contract.build(pages)) == operations.build(pages[::-1], contract.build(pages[::-1]))


def test_a_hostile_template_is_matched_in_time():
    adjacent = "/a/" + "{a}" * 40 + "b"
    spanning = "/" + "/".join(["{a-path}"] * 40) + ":x"
    (first, second) = build(page(f"GET {adjacent}", f"GET {spanning}", more="## Example\n\n" + request(
        "a", "GET /a/" + "c" * 1500) + request("b", "GET /" + "c/" * 700)))[:2]  # fmt: skip
    assert not first.examples
    assert not second.examples


def test_of_very_many_operations_on_a_page_the_first_thousand_are_known():
    listed = [f"GET /a/{{x}}/b{number}/{{path}}" for number in range(1200)]
    more = "## Example\n\n" + "".join(request(f"r{number}", f"GET /a/1/c{number}/z") for number in range(300))
    assert len(build(page(*listed, more=more))) == operations.MAX_OPERATIONS


def test_query_options_without_their_sign_and_in_lists():
    more = "## Optional query parameters\n\n- Supports the `select` and `orderBy` parameters.\n- `$top` is supported.\n"
    (found,) = build(page("GET /photos", more=more + "- There is no support for `$search`.\n"))
    assert [one.name for one in found.parameters] == ["$select", "$orderby", "$top"]


def test_a_body_is_described_by_its_own_section():
    more = "## Request body\n\nSupply a photo. <br/>It is **large**.\n\n### Limits\n\nNone is known.\n"
    (found,) = build(page("POST /photos", more=more))
    assert found.body
    assert found.body.description == "Supply a photo. It is large."


def test_keys_that_the_annotation_names_are_no_part_of_the_template():
    one = "# A\n\n## Example\n\n" + request("a", "GET /photos/front/sizes", sampleKeys=["front"]) + response("a")
    assert [one.template for one in build(one)] == ["/photos/{id}/sizes"]


def test_types_of_parameters_are_those_of_the_table():
    more = "## Path parameters\n\n" + table("Name|Value|Description", "id|string|Its key.", "n|`a` or `b`|x")
    (found,) = build(page("GET /a/{id}/{n}", more=more))
    assert [one.type for one in found.parameters] == [TypeExpression("Edm.String"), None]


def test_an_annotation_alone_makes_no_operation():
    assert build("# A\n\n" + note("resource", **{"@odata.type": "x.a"}) + "```json\n{}\n```\n") == []


# --- what one form of an operation has from another one -----------------------------------------------------------

EXAMPLE = (
    "## Example\n\n"
    + request("shown", "GET /me/drive")
    + response(None, 200, '\n{"id": "1"}', **{"@odata.type": "x.drive"})
)


@pytest.mark.parametrize(
    ("listed", "shared"),
    [
        ("/drives/{drive-id}", True),
        ("/me/{name}", True),
        ("/sites/root", False),
        ("/me/drive/items", False),
        ("/drives/{drive-id}/$value", False),
        ("/drives/{drive-id}/items/{item-id}", False),
    ],
)
def test_what_comes_back_from_another_way_to_the_same_thing(listed, shared):
    known = resource("x.drive", {"id": "String"})
    found = {one.template: one for one in build(page("GET /me/drive", f"GET {listed}", more=EXAMPLE + known))}
    assert bool(found[listed].answers) is shared


def test_a_body_whose_type_only_the_annotation_of_an_example_names():
    known = resource("x.row", {"id": "String"})
    text = "## Example\n\n" + request(
        "a", 'PATCH /me/rows/1\nContent-Type: application/json\n\n{"id": "1"}', **{"@odata.type": "x.row"}
    )
    found = build(page("PATCH /rows/{id}", "PATCH /me/rows/{id}", more=text + known))
    assert [one.body.type for one in found] == [TypeExpression("x.row")] * 2


def test_a_body_of_one_of_several_types_is_of_none():
    known = "".join(resource(f"x.{name}", {"id": "String"}) for name in ("user", "group"))
    sentence = "Supply a JSON representation of a [user](user.md), {}[group](group.md) object.\n\n"
    for between, kind in (("or ", None), ("with its [name](n.md) and ", TypeExpression("x.user"))):
        (found,) = build(page("POST /a", more="## Request body\n\n" + sentence.format(between) + known))
        assert found.body.type == kind


@pytest.mark.parametrize("heading", ["Request body", "Body", "Payload", "Body parameters", "Action parameters"])
def test_sections_that_describe_a_body(heading):
    (found,) = build(page("POST /a", more=f"## {heading}\n\n" + table("Name|Type|Description", "size|Int32|Pixels.")))
    assert list(found.body.properties) == ["size"]


def test_an_example_among_what_is_listed_is_no_path_of_its_own():
    (found,) = build(page("GET /x/{id}/y", more=request("one", "GET /x/5/y")))
    assert found.template == "/x/{id}/y"
    assert [example.name for example in found.examples] == ["one"]


def test_what_can_be_filtered_by_is_no_parameter():
    more = "## Optional query parameters\n\n" + table("Property|Operators|Example", "name|eq|name eq 'a'")
    (found,) = build(page("GET /x", more=more))
    assert not found.parameters


def test_both_statuses_of_one_paragraph_are_of_its_type():
    more = "## Response\n\nReturns an [x.row](row.md). It is `201 Created` if it is new, else `200 OK`.\n\n"
    (found,) = build(page("PUT /rows/{id}", more=more + resource("x.row", {"id": "String"})))
    assert {one.status: one.type.name for one in found.answers} == {200: "x.row", 201: "x.row"}
