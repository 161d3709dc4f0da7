"""What is an annotation, which fence it speaks of, and what its keys say."""

from __future__ import annotations

import json
import time

import pytest

from docassay import annotate, docset, jsontext, markdown
from docassay.model import Annotation, Block, Fence, Source

FENCE = "```http\nGET /photos\n```\n"
REQUEST = '<!-- {"blockType": "request"} -->\n'
RESPONSE = '<!-- {"blockType": "response"} -->\n'


def blocks(text: str) -> tuple[Block, ...]:
    return docset.read_page(Source("page.md", text, "")).blocks


def note(**keys: object) -> Annotation:
    text = json.dumps(keys)
    return Annotation(1, 1, text, 1, 1, jsontext.read(text))


def made(**keys: object) -> Block:
    return annotate.block("page.md", note(**keys), Fence(2, 4, "http", "GET /photos\n"))


# --- what is an annotation ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("comment", "status", "block_type"),
    [
        ('<!-- { "blockType": "request" } -->', "strict", "request"),
        ('<!--{"blockType":"request"}-->', "strict", "request"),
        ('<!--\n{\n\n  "blockType": "resource",\n\n  "optionalProperties": [\n\n  ]\n}\n-->', "strict", "resource"),
        ('<!-- { "blockType": "request", } -->', "repaired", "request"),
        ("<!-- { blockType: 'request' } -->", "repaired", "request"),
        ('<!-- { "blockType": "request" -->', "repaired", "request"),
        ('<!-- "blockType": "request" -->', "repaired", "request"),
        ('<!-- { "blockType": "request", "truncated": True } -->', "repaired", "request"),
        ('<!-- { "blockType": "REQUEST" } -->', "strict", "request"),
        ('<!-- { "blockType": " samples " } -->', "strict", "samples"),
        ('<!-- { "blockType": "requst" } -->', "strict", "requst"),
        ('<!-- { "blockType": 7 } -->', "strict", ""),
        ('<!-- { "blockType": "ignored", "type": "#page.annotation" } -->', "strict", "ignored"),
        ('<!-- { "blockType": null } -->', "strict", ""),
        ('<!-- [{ "blockType": "request" }] -->', "failed", ""),
    ],
)
def test_a_comment_that_holds_an_object_is_an_annotation(comment, status, block_type):
    (block,) = blocks(f"{comment}\n{FENCE}")
    assert (block.annotation.status, block.block_type) == (status, block_type)


@pytest.mark.parametrize(
    ("keys", "info", "text", "block_type"),
    [
        ({"name": "x"}, "http", "GET /photos", "request"),
        ({"name": "x"}, "http", "HTTP/1.1 200 OK", "response"),
        ({"scopes": "x"}, "http", "GET /photos\n\nGET /photos/1", "samples"),
        ({"@odata.type": "x.photo"}, "json", "{}", "resource"),
        ({"name": "x"}, "json", "{}", ""),
        ({"name": "x"}, "http", "words", ""),
        ({"name": "x"}, "csharp", "GET /photos", ""),
        ({"blockType": "requst"}, "http", "GET /photos", "requst"),
    ],
)
def test_an_annotation_without_a_block_type_is_known_by_its_fence(keys, info, text, block_type):
    (block,) = blocks(f"<!-- {json.dumps(keys)} -->\n```{info}\n{text}\n```\n")
    assert block.block_type == block_type


def test_indented_code_may_stand_for_a_fence():
    (block,) = blocks("words\n\n" + REQUEST + "\n    GET /photos\n    Accept: x\n\nwords\n")
    assert block.fence is not None
    assert (block.fence.line, block.fence.end_line, block.fence.text) == (5, 6, "GET /photos\nAccept: x\n")
    assert (block.content.method, block.content.line, block.content.column) == ("GET", 5, 9)


@pytest.mark.parametrize(
    ("text", "column"), [("\n\tGET /photos\n", 2), ("- words\n\n  " + REQUEST + "\n      GET /photos\n", 7)]
)
def test_indented_code_knows_its_column(text, column):
    (block,) = blocks(text if text.startswith("- ") else REQUEST + text)
    assert block.fence is not None
    assert block.fence.column == column


def test_an_annotation_in_a_fence_that_was_never_closed_is_told_of():
    text = f"{REQUEST}```http\nGET /photos\n\n{RESPONSE}```http\nHTTP/1.1 200 OK\n```\n"
    page = docset.read_page(Source("page.md", text, ""))
    assert [(one.kind, one.line, one.text) for one in page.malformed] == [("annotation-in-fence", 5, "2")]


@pytest.mark.parametrize(
    "comment",
    [
        "<!-- { see the other page } -->",
        "<!-- {TBD: write this down} -->",
        "<!-- plain words -->",
        "<!-- docassay: ignore DA402 reason -->",
        '<!-- ["blockType"] -->',
        "<!-- [ a list in brackets ] -->",
        '<!-- the "blockType" is left out here -->',
        '<!-- {"type": "#page.annotation", "description": "x"} -->',
        '<!-- {\n  "type": "#page.annotation",\n  "tocPath": "",\n} -->',
        '<!--\n!-- {"blockType": "ignored"} --\n```http\nGET /\n```\n-->',
        '<!-- uuid: 8fcb5dbc-d5aa-4681-8e31-b001d5168d79\n2015-10-25 14:57:30 UTC -->',
        '    <!-- {"blockType": "request"} -->',
        '`<!-- {"blockType": "request"} -->`',
        'Words before <!-- {"blockType": "request"} -->',
    ],
)  # fmt: skip
def test_other_comments_and_other_places_hold_no_annotation(comment):
    assert blocks(f"{comment}\n\n{FENCE}") == ()


def test_an_annotation_in_a_paragraph_is_told_of():
    page = docset.read_page(Source("page.md", 'one\ntwo <!-- {"blockType": "request"} -->\n', ""))
    assert [(one.kind, one.line) for one in page.malformed] == [("annotation-in-text", 2)]


def test_an_annotation_that_is_never_closed_is_told_of_where_it_begins():
    (block,) = blocks(f'# A\n\n<!-- {{"blockType": "request"}}\n\n{FENCE}')
    assert [(one.kind, one.line) for one in block.malformed] == [("comment-never-ends", 3)]
    assert block.fence is None


def test_a_comment_that_never_ends_is_told_of_in_the_column_where_it_begins():
    (block,) = blocks('<!-- {"blockType": "request"}\n')
    assert block.malformed[0].column == 1


def test_a_fence_that_is_never_closed_is_told_of_with_its_block():
    (block,) = blocks(f"{REQUEST}```http\nGET /photos\n\n# Lost\n")
    assert [(one.kind, one.line, one.end_line) for one in block.malformed] == [("fence-never-ends", 2, 5)]


# --- which fence -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gap", "fence_line"),
    [
        ("", 2),
        ("\n", 3),
        ("\n\n\n\n", 6),
        ("# [HTTP](#tab/http)\n", 3),
        ("\n# [HTTP](#tab/http)\n\n", 5),
        ("<!-- a note -->\n", 3),
        ("<!-- a note\n\nof three lines -->\n\n", 6),
        ("> [!NOTE]\n> Beware.\n\n", 5),
        ("[!INCLUDE [sample](../x.md)]\n\n", 4),
        ("<!-- { for people } -->\n", 3),
        ('<!-- {"type": "#page.annotation"} -->\n', 3),
    ],
)
@pytest.mark.parametrize("annotation", [REQUEST, RESPONSE], ids=["request", "response"])
def test_what_renders_as_nothing_may_stand_between(annotation, gap, fence_line):
    (block,) = blocks(annotation + gap + FENCE)
    assert block.fence is not None
    assert (block.fence.line, block.between) == (fence_line, "")


@pytest.mark.parametrize(
    ("gap", "request_line", "between"),
    [
        ("Words.\n\n", 4, "paragraph"),
        ("Words\nof two lines.\n", 4, "paragraph"),
        ("#### Request\n\n", 4, "heading"),
        ("Request\n---\n", 4, "heading"),
        ("Words.\n\nMore words.\n\n", None, "paragraph"),
        ("## Request\n\nWords.\n\n", None, "heading"),
        ("---\n", None, "other"),
        ("| a |\n|---|\n| b |\n\n", None, "table"),
        ("<div></div>\n\n", None, "other"),
        ("- item\n\n", None, "paragraph"),
        ("> quote\n\n", None, "paragraph"),
    ],
)
def test_only_a_request_is_looked_for_behind_one_paragraph_or_heading(gap, request_line, between):
    (request,) = blocks(REQUEST + gap + FENCE)
    assert (request.fence.line if request.fence else None, request.between) == (request_line, between)
    (response,) = blocks(RESPONSE + gap + FENCE)
    assert (response.fence, response.between) == (None, between)


@pytest.mark.parametrize(
    ("text", "fence_lines"),
    [
        ("- words\n\n  " + REQUEST + "\n  ```http\n  GET /\n  ```\n", [5]),
        ("> " + REQUEST + "> ```http\n> GET /\n> ```\n", [2]),
        (REQUEST + "\n- ```http\n  GET /\n  ```\n", [None]),
        ("- " + REQUEST + "\n```http\nGET /\n```\n", [None]),
        ("- " + REQUEST + "- ```http\n  GET /\n  ```\n", [None]),
        ("> " + REQUEST + "\n```http\nGET /\n```\n", [None]),
        ("> " + REQUEST + "\n> ```http\n> GET /\n> ```\n", [None]),
        (REQUEST, [None]),
        (REQUEST + "words\n", [None]),
    ],
    ids=["list", "quote", "into-a-list", "out-of-a-list", "next-item", "out-of-a-quote", "next-quote", "end", "text"],
)
def test_annotation_and_fence_stand_in_the_same_list_item_or_quote(text, fence_lines):
    assert [block.fence and block.fence.line for block in blocks(text)] == fence_lines


@pytest.mark.parametrize("first", [REQUEST, RESPONSE])
@pytest.mark.parametrize("gap", ["", "\n", "<!-- a note -->\n"])
def test_of_two_annotations_over_one_fence_the_nearer_one_has_it(first, gap):
    further, nearer = blocks(first + gap + RESPONSE + FENCE)
    assert (further.fence, further.between) == (None, "comment")
    assert nearer.fence is not None


def test_two_annotations_on_one_line_are_two():
    further, nearer = blocks(REQUEST.rstrip() + RESPONSE + FENCE)
    assert (further.line, further.block_type, further.fence) == (1, "request", None)
    assert (nearer.line, nearer.block_type) == (1, "response")
    assert nearer.fence is not None


def test_one_annotation_takes_one_fence():
    (block,) = blocks(REQUEST + FENCE + "\n" + FENCE)
    assert block.fence is not None
    assert block.fence.line == 2


def test_attach_says_what_it_was_given():
    elements, *_ = markdown.parse(Source("page.md", REQUEST + "Words.\n\n" + FENCE, ""))
    found, between = annotate.attach(elements, 0)
    assert found is elements[2]
    assert between == "paragraph"
    assert annotate.attach(elements, 2) == (None, "")


def test_a_block_knows_its_section_where_tab_headings_are_none():
    (block,) = blocks("## HTTP *request*\n\n# [HTTP](#tab/http)\n" + REQUEST + FENCE)
    assert block.section == "HTTP request"


# --- what the keys say -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("get_photo", ("get_photo",)),
        (["a", "b"], ("a", "b")),
        (["a", 7, None, "b"], ("a", "b")),
        ([], ()),
        ("", ()),
        (None, ()),
        (7, ()),
        ({"a": "b"}, ()),
        ("../../x", ("../../x",)),
        (["a", ""], ("a",)),
    ],
)
def test_a_name_may_be_a_list(name, names):
    assert made(blockType="response", name=name).names == names


def test_a_block_without_a_name_has_none():
    assert made(blockType="response").names == ()


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"@odata.type": "microsoft.graph.photo"}, ("microsoft.graph.photo", False)),
        ({"@odata.type": "#microsoft.graph.photo"}, ("microsoft.graph.photo", False)),
        ({"@odata.type": " photo "}, ("photo", False)),
        ({"@odata.type": "Collection(microsoft.graph.photo)"}, ("microsoft.graph.photo", True)),
        ({"@odata.type": "collection( photo )"}, ("photo", True)),
        ({"@odata.type": "Collection(#photo)"}, ("photo", True)),
        ({"@odata.type": "photo", "isCollection": True}, ("photo", True)),
        ({"@odata.type": "photo", "isCollection": "true"}, ("photo", True)),
        ({"@odata.type": "photo", "isCollection": " True "}, ("photo", True)),
        ({"@odata.type": "photo", "isCollection": "false"}, ("photo", False)),
        ({"@odata.type": "photo", "isCollection": False}, ("photo", False)),
        ({"@odata.type": "photo", "isCollection": 1}, ("photo", False)),
        ({"@odata.type": "Collection(photo)", "isCollection": False}, ("photo", True)),
        ({"@type": "x.new", "@odata.type": "x.old"}, ("x.new", False)),
        ({"@type": "", "@odata.type": "x.old"}, ("x.old", False)),
        ({"@type": "Collection(x.new)", "@odata.type": "x.old"}, ("x.new", True)),
        ({"@odata.type": None}, ("", False)),
        ({"@odata.type": ["x"]}, ("", False)),
        ({}, ("", False)),
        ({"@odata.type": "#Collection(photo)"}, ("photo", True)),
    ],
)
def test_the_type_is_told_without_its_marks(keys, expected):
    block = made(blockType="response", **keys)
    assert (block.odata_type, block.is_collection) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        ("true", True),
        ("TRUE ", True),
        (False, False),
        ("false", False),
        ("yes", False),
        (1, False),
        (None, False),
    ],
)
def test_a_boolean_may_be_a_string(value, expected):
    assert annotate.is_true(value) is expected


def test_a_hostile_type_takes_no_long_time():
    start = time.perf_counter()
    annotate.odata_type({"@odata.type": "collection(" + " " * 16_000 + "x"})
    assert time.perf_counter() - start < 0.3


def test_an_annotation_that_cannot_be_read_says_nothing():
    (block,) = blocks(f"<!-- {{blockType <<< }} -->\n{FENCE}")
    assert block.annotation.data == {}
    assert (block.annotation.status, block.block_type, block.names, block.odata_type) == ("failed", "", (), "")


# --- where the keys stand ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ('<!-- {"blockType": "request", "name": "x"} -->\n', {"blockType": (1, 7), "name": (1, 31)}),
        ('<!-- {\n  "blockType": "request",\n  "name": "x"\n} -->\n', {"blockType": (2, 3), "name": (3, 3)}),
        ('# A\n\n   <!-- { "blockType": "request" } -->\n', {"blockType": (3, 11)}),
        ('- <!-- {"blockType": "request"} -->\n', {"blockType": (1, 9)}),
        ("<!-- {'blockType': 'request', name: 'x',} -->\n", {"blockType": (1, 7), "name": (1, 31)}),
        ('<!-- {"name": "x", "blockType": "request", "name": "y"} -->\n', {"name": (1, 44)}),
        ('<!-- {"blockType": "request", "a/b~c": 1} -->\n', {"a/b~c": (1, 31)}),
        ('<!--\n\n{"blockType": "request"}\n-->\n', {"blockType": (3, 2), "absent": (1, 1)}),
        ('- <!-- {\n    "blockType": "request",\n    "name": "x"} -->\n', {"blockType": (2, 5), "name": (3, 5)}),
        ('> <!-- {\n>  "blockType": "request"} -->\n', {"blockType": (2, 4)}),
    ],
)
def test_a_key_is_found_where_it_stands_in_the_page(text, places):
    (block,) = blocks(text)
    assert {key: annotate.key_position(block.annotation, key) for key in places} == places


def test_an_offset_into_the_text_of_an_annotation_is_a_place_in_the_page():
    (block,) = blocks('words\n<!-- {"blockType":\n"request"} -->\n')
    text = block.annotation.text
    assert annotate.position(block.annotation, text.index('"blockType"')) == (2, 7)
    assert annotate.position(block.annotation, text.index('"request"')) == (3, 1)
    assert annotate.position(block.annotation, len(text)) == (3, 12)


@pytest.mark.parametrize(
    "text", ["<!-- a note", "words\n\n<!-- a note\n\n~~~\nGET /\n~~~\n", "<!--\n{", "- <!-- a\n  b"]
)
def test_a_comment_that_never_ends_is_reported_whatever_it_holds(text):
    page = docset.read_page(Source("page.md", text, ""))
    said = [*page.malformed, *(one for block in page.blocks for one in block.malformed)]
    assert [one.kind for one in said] == ["comment-never-ends"]
