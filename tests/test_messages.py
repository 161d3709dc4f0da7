"""HTTP messages as pages write them: what is read, and which breach of the syntax is told of at which line."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docassay import messages
from docassay.model import Body, Field, Request, Response

LINE, COLUMN = 10, 3
"""Where the texts of this file begin in their page."""


def request(text: str) -> Request:
    return messages.parse_request(text, LINE, COLUMN)


def response(text: str) -> Response:
    return messages.parse_response(text, LINE, COLUMN)


def faults(message: Request | Response) -> list[tuple[str, int]]:
    return [(one.kind, one.line) for one in message.malformed]


def fields(message: Request | Response) -> list[tuple[str, str, int]]:
    return [(one.name, one.value, one.line) for one in message.headers]


def body(message: Request | Response) -> tuple[str, int]:
    return (message.body.kind, message.body.line) if message.body else ("", 0)


# --- request lines -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "method", "target"),
    [
        ("GET /photos", "GET", "/photos"),
        ("GET /photos \n", "GET", "/photos"),
        ("POST  /photos", "POST", "/photos"),
        ("PATCH\t/photos", "PATCH", "/photos"),
        ("DELETE /photos/{id | name}/$ref", "DELETE", "/photos/{id | name}/$ref"),
        ("GET https://api.example/v1.0/photos", "GET", "https://api.example/v1.0/photos"),
        ("GET /photos?$filter=size eq 'big' and id gt 3", "GET", "/photos?$filter=size eq 'big' and id gt 3"),
        ("GET /photos HTTP/1.1", "GET", "/photos"),
        ("GET /photos?$top=1 http/2", "GET", "/photos?$top=1"),
        ("GET /photos HTTP", "GET", "/photos"),
        ("GET HTTP/1.1 /photos", "GET", "/photos"),
        ("GET photos/1", "GET", "photos/1"),
        ("GET photos", "GET", "photos"),
        ("OPTIONS *", "OPTIONS", "*"),
        ("PUT /photos:/a b.png:/content", "PUT", "/photos:/a b.png:/content"),
        ("GET /photos\n  /1/owner", "GET", "/photos/1/owner"),
        ("GET /photos\n    ?$top=1\n    &$skip=2", "GET", "/photos?$top=1&$skip=2"),
        ("GET /photos\n?$top=1\n&$skip=2 HTTP/1.1", "GET", "/photos?$top=1&$skip=2"),
        ("MERGE /photos(1)", "MERGE", "/photos(1)"),
        ("GET /photos?$search=HTTP/1.1 guide", "GET", "/photos?$search=HTTP/1.1 guide"),
    ],
)
def test_a_request_line_is_method_and_target(text, method, target):
    found = request(text)
    assert (found.method, found.target) == (method, target)
    assert faults(found) == []
    assert found.line == LINE
    assert body(found)[0] == "empty"


@pytest.mark.parametrize(
    ("text", "method", "target", "line", "column", "malformed"),
    [
        ("\n\nGET /photos", "GET", "/photos", 12, 7, []),
        ("  GET /photos", "GET", "/photos", 10, 9, []),
        ("get /photos", "GET", "/photos", 10, 7, [("lower-case-method", 10)]),
        ("\nPatch /photos", "PATCH", "/photos", 11, 9, [("lower-case-method", 11)]),
        ("FETCH /photos", "FETCH", "/photos", 10, 9, [("unknown-method", 10)]),
        ("https://api.example/photos", "", "https://api.example/photos", 10, 3, [("no-method", 10)]),
        ("\n  /photos/1", "", "/photos/1", 11, 5, [("no-method", 11)]),
        ("GET\nhttps://api.example/photos", "GET", "https://api.example/photos", 10, 3, [("method-alone", 10)]),
        ("GET\n/photos\nAccept: x", "GET", "/photos", 10, 3, [("method-alone", 10)]),
        (
            "POST ** Collection URI for A.b.photo not found",
            *("POST", "** Collection URI for A.b.photo not found", 10, 8, [("unresolved-uri", 10)]),
        ),
        (
            "POST https://api.example/beta** Entity URI for A.b not found HTTP/1.1",
            *("POST", "https://api.example/beta** Entity URI for A.b not found", 10, 8, [("unresolved-uri", 10)]),
        ),
        ("get ** Entity URI for A.b not found", "GET", "** Entity URI for A.b not found", 10, 7,
         [("lower-case-method", 10), ("unresolved-uri", 10)]),
    ],
)  # fmt: skip
def test_a_broken_request_line_is_read_as_it_was_meant(text, method, target, line, column, malformed):
    found = request(text)
    assert (found.method, found.target, found.line, found.column) == (method, target, line, column)
    assert faults(found) == malformed


def test_what_a_generator_left_is_quoted_without_its_marks():
    (fault,) = request("POST /beta** Collection URI for A.b.photo not found").malformed
    assert (fault.text, fault.column) == ("Collection URI for A.b.photo not found", 8)


def test_a_method_alone_is_told_of_in_its_column():
    (fault,) = request("GET\n/photos").malformed
    assert (fault.column, fault.text) == (COLUMN, "GET")


@pytest.mark.parametrize(
    ("text", "kind", "line", "holds"),
    [
        ("HTTP/1.1 200 OK", "response-in-request", 10, "other"),
        ('\nHTTP/1.1 200 OK\n\n{"a": 1}', "response-in-request", 11, "other"),
        ('{"a": 1}', "no-request-line", 10, "json"),
        ("words", "no-request-line", 10, "other"),
        ("GET", "no-request-line", 10, "other"),
        ("GET:/photos", "no-request-line", 10, "other"),
        ("`GET /photos`", "no-request-line", 10, "other"),
        ("Accept: x\n", "no-request-line", 10, "other"),
    ],
)
def test_what_is_no_request_is_kept_as_a_body(text, kind, line, holds):
    found = request(text)
    assert (found.method, found.target) == ("", "")
    assert faults(found) == [(kind, line)]
    assert body(found) == (holds, line)


@pytest.mark.parametrize("text", ["", "\n", "  \n\t\n"])
def test_an_empty_fence_is_an_empty_message(text):
    assert faults(request(text)) == faults(response(text)) == [("empty-message", LINE)]
    assert request(text).body is None
    assert response(text).status is None


# --- fields and bodies -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rest", "headers", "holds", "malformed"),
    [
        ("Accept: x", [("Accept", "x", 11)], ("empty", 12), []),
        ("Accept:x\nPrefer : y", [("Accept", "x", 11), ("Prefer", "y", 12)], ("empty", 13), []),
        ("Accept:", [("Accept", "", 11)], ("empty", 12), []),
        ("Accept: a: b;c=d ", [("Accept", "a: b;c=d", 11)], ("empty", 12), []),
        ("Accept: a,\n  b\n\tc", [("Accept", "a, b c", 11)], ("empty", 14), []),
        ("X: 1\nX: 2", [("X", "1", 11), ("X", "2", 12)], ("empty", 13), []),
        ('Accept: x\n\n{"a": 1}', [("Accept", "x", 11)], ("json", 13), []),
        ('Accept: x\n\n\n\n{"a": 1}', [("Accept", "x", 11)], ("json", 15), []),
        ('\n{"a": 1}', [], ("json", 12), []),
        ('{"a": 1}', [], ("json", 11), [("no-blank-line-before-body", 11)]),
        ('X: 1\n  [1]', [("X", "1", 11)], ("json", 12), [("no-blank-line-before-body", 12)]),
        ("X: 1\n<a>1</a>", [("X", "1", 11)], ("other", 12), [("no-blank-line-before-body", 12)]),
        ("\nAccept: x", [("Accept", "x", 12)], ("empty", 13), [("header-after-blank-line", 12)]),
        ("\n\nContent-type: application/json\n\n{}", [("Content-type", "application/json", 13)], ("json", 15),
         [("header-after-blank-line", 13)]),
        ("\nContent-Type: application/json\n{}", [("Content-Type", "application/json", 12)], ("json", 13),
         [("header-after-blank-line", 12), ("no-blank-line-before-body", 13)]),
        ("\nContent-Type: text/plain\nwords", [], ("other", 12), []),
        ("\nFrom: a@b\nSubject: c\n\nwords", [], ("other", 12), []),
        ("\nBEGIN:VCARD\nFN:a", [], ("other", 12), []),
        ("\nBEGIN:VCALENDAR\nVERSION:2.0\n\n{", [], ("other", 12), []),
        ("no header\nAccept: x", [("Accept", "x", 12)], ("empty", 13), [("not-a-header", 11)]),
        ("Content Type: x", [], ("empty", 12), [("not-a-header", 11)]),
        ("Accept x", [], ("empty", 12), [("not-a-header", 11)]),
        ("Accept: x\nGET /two\nAccept: y", [("Accept", "x", 11)], ("other", 12), [("several-requests", 12)]),
        ("...", [], ("empty", 12), [("not-a-header", 11)]),
        ("  Accept: x\n\n{}", [("Accept", "x", 11)], ("json", 13), []),
        ("  Accept: x\n  Prefer: y", [("Accept", "x", 11), ("Prefer", "y", 12)], ("empty", 13), []),
        ("Accept: x\n\nContent-Type: application/json\n\n{}",
         [("Accept", "x", 11), ("Content-Type", "application/json", 13)], ("json", 15),
         [("header-after-blank-line", 13)]),
    ],
)  # fmt: skip
def test_fields_and_body_are_told_apart(rest, headers, holds, malformed):
    for message in (request("POST /photos\n" + rest), response("HTTP/1.1 200 OK\n" + rest)):
        assert fields(message) == headers
        assert body(message) == holds
        assert faults(message) == malformed


def test_a_second_request_behind_a_blank_line_is_told_of():
    assert ("several-requests", 12) in faults(request("GET /photos\n\nGET /photos/1"))


def test_an_indented_message_is_read_by_its_own_margin():
    found = request('  POST /photos\n  Accept: x\n    y\n  Prefer: z\n\n  {\n    "a": 1\n  }\n')
    assert fields(found) == [("Accept", "x y", 11), ("Prefer", "z", 13)]
    assert found.body == Body('  {\n    "a": 1\n  }', 15, COLUMN, "json", found.body.json)
    assert found.body.json.value == {"a": 1}
    assert faults(found) == []


@pytest.mark.parametrize(
    ("text", "media", "kind"),
    [
        ('{"a": 1}', "", "json"),
        ("[]", "", "json"),
        ('{"a": 1,}', "", "json"),
        ('{"a": ', "", "json"),
        ("{\n...\n}", "", "json"),
        ('{"a": 1}', "application/json; odata.metadata=minimal", "json"),
        ('{"a": 1}', "APPLICATION/JSON", "json"),
        ('{"a": 1}', "application/problem+json", "json"),
        ('{"a": 1}', "text/plain", "json"),
        ('{"a": 1,}', "text/plain", "other"),
        ("{the content}", "", "placeholder"),
        ("{ content of the file }", "image/png", "placeholder"),
        ("[the file]", "", "placeholder"),
        ("(the file)", "", "placeholder"),
        ("<binary content>", "application/octet-stream", "placeholder"),
        ("...", "", "placeholder"),
        ("…", "application/json", "placeholder"),
        ("<?xml version='1.0'?>\n<a/>", "", "other"),
        ("<a>\n<b/></a>", "", "other"),
        ("--batch\nContent-Type: x\n", "multipart/mixed", "other"),
        ("words of a file", "application/json", "other"),
        ("7", "application/json", "json"),
        ("", "application/json", "empty"),
        ("\n \n", "", "empty"),
    ],
)
def test_a_body_is_what_it_looks_like(text, media, kind):
    headers = (Field("Content-type", media, 1),) if media else ()
    found = messages.make_body(text, 5, 2, headers)
    assert (found.kind, found.line, found.column) == (kind, 5, 2)
    assert (found.json is not None) == (kind == "json")


@pytest.mark.parametrize(
    ("fields", "media"),
    [
        ([("content-TYPE", " Application/JSON ;charset=utf-8")], "application/json"),
        ([("Accept", "text/plain"), ("Content-Type", "text/html"), ("Content-Type", "a/b")], "text/html"),
        ([("Accept", "text/plain")], ""),
        ([], ""),
    ],
)
def test_the_media_type_is_that_of_the_first_content_type(fields, media):
    assert messages.media_type([Field(name, value, 1) for name, value in fields]) == media


# --- status lines ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "status", "reason"),
    [
        ("HTTP/1.1 200 OK", 200, "OK"),
        ("HTTP/1.1 204 No Content \n", 204, "No Content"),
        ("HTTP/1.1 204 NO CONTENT", 204, "NO CONTENT"),
        ("HTTP/1.1 202 Accpted", 202, "Accpted"),
        ("HTTP/1.1 201 OK", 201, "OK"),
        ("HTTP/1.1 207 Multi-Status", 207, "Multi-Status"),
        ("HTTP/1.1 204", 204, ""),
        ("HTTP/2 200", 200, ""),
        ("HTTP/1.0  404  Not Found", 404, "Not Found"),
        ("HTTP 201 Created", 201, "Created"),
        ("HTTP 1.1 200 Ok", 200, "Ok"),
        ("HTTP1.1 200 OK", 200, "OK"),
        ("http/1.1 302 Found", 302, "Found"),
        ("HTTP/1.1 501 Not Implemented", 501, "Not Implemented"),
    ],
)
def test_a_status_line_is_status_and_reason(text, status, reason):
    found = response(text)
    assert (found.status, found.reason, found.line) == (status, reason, LINE)
    assert faults(found) == ([] if text.startswith(("HTTP/1.", "HTTP/2")) else [("protocol", LINE)])
    assert body(found)[0] == "empty"


@pytest.mark.parametrize(
    ("text", "malformed", "headers", "holds"),
    [
        ('{"a": 1}', [("no-status-line", 10)], [], ("json", 10)),
        ("\n[]", [("no-status-line", 11)], [], ("json", 11)),
        ("Content-type: a/json\n\n{}", [("no-status-line", 10)], [("Content-type", "a/json", 10)], ("json", 12)),
        ("Accept: x\n\n{}", [("no-status-line", 10)], [("Accept", "x", 10)], ("json", 12)),
        ("words", [("no-status-line", 10)], [], ("other", 10)),
        ("200 OK", [("no-status-line", 10)], [], ("other", 10)),
        ("HTTP/1.1 OK", [("no-status-line", 10)], [], ("other", 10)),
        ("HTTP/1.1 <HTTP status code>", [("no-status-line", 10)], [], ("other", 10)),
        ("HTTP/1.1 2000 OK", [("no-status-line", 10)], [], ("other", 10)),
        ("HTTP/1.1 20 OK", [("no-status-line", 10)], [], ("other", 10)),
        ("GET /photos\nAccept: x\n\n{}", [("request-in-response", 10)], [("Accept", "x", 11)], ("json", 13)),
        ("\nPOST https://api.example/photos", [("request-in-response", 11)], [], ("empty", 12)),
    ],
)  # fmt: skip
def test_a_response_without_a_status_line_keeps_what_it_has(text, malformed, headers, holds):
    found = response(text)
    assert (found.status, found.reason) == (None, "")
    assert faults(found) == malformed
    assert fields(found) == headers
    assert body(found) == holds


def test_a_status_line_may_stand_behind_blank_lines_and_blanks():
    found = response("\n\n  HTTP/1.1 200 OK\n  Content-Type: text/plain\n\n  words")
    assert (found.status, found.line) == (200, 12)
    assert fields(found) == [("Content-Type", "text/plain", 13)]
    assert faults(found) == []


def test_a_body_is_never_touched():
    text = "HTTP/1.1 200 OK\n\n  a\n\n\tb: c  \n  d"
    assert response(text).body == Body("  a\n\n\tb: c  \n  d", 12, COLUMN, "other")


# --- fences that list requests, and fences without annotation ----------------------------------------------------


def test_every_request_line_of_a_listing_is_an_operation():
    text = "GET /photos\n\nPOST /photos\nContent-Type: x\n  DELETE /photos/{id}\nget /me HTTP/1.1\nGETTING /x\n"
    found = messages.request_lines(text, LINE, COLUMN)
    assert [(one.method, one.target, one.line) for one in found] == [
        ("GET", "/photos", 10),
        ("POST", "/photos", 12),
        ("DELETE", "/photos/{id}", 14),
        ("GET", "/me", 15),
    ]


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("GET /photos", "request"),
        ("\n\n  POST https://api.example/photos", "request"),
        ("PATCH {url}", "request"),
        ("GET me/photos", "request"),
        ("GET ** Collection URI for A not found", "request"),
        ("HTTP/1.1 200 OK", "response"),
        ("\nHTTP 201 Created", "response"),
        ("Get the photo", ""),
        ("GET the photo", ""),
        ("Put /photos into the album", ""),
        ("HTTP is a protocol", ""),
        ('{"GET": "/photos"}', ""),
        ("words\nGET /photos", ""),
        ("", ""),
    ],
)
def test_a_fence_is_known_by_its_first_line(text, holds):
    assert messages.looks_like(text) == holds


# --- properties --------------------------------------------------------------------------------------------------

tokens = st.text("abcdefgXYZ-_0123456789", min_size=1, max_size=12).filter(lambda text: text[0].isalpha())
field_values = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20)
headers = st.lists(st.tuples(tokens, field_values), max_size=4)
targets = st.builds(
    lambda start, rest: start + rest,
    st.sampled_from(["/", "https://api.example/", "/v1.0/"]),
    st.text("abc/{}()'$?=&:.~é-", max_size=20).map(lambda text: text.replace("**", "")),
)
json_values = st.dictionaries(
    st.text(max_size=5),
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
        max_leaves=5,
    ),
    max_size=3,
)


def render(first: str, headers: list[tuple[str, str]], value: object, indent: int | None) -> str:
    """A message as RFC 9112 writes it, with JSON as its content."""
    lines = [first, *(f"{name}: {text}" for name, text in headers)]
    if value is not None:
        lines += ["", json.dumps(value, indent=indent)]
    return "\n".join(lines) + "\n"


@settings(deadline=None)
@given(st.sampled_from(messages.METHODS), targets, headers, st.none() | json_values, st.sampled_from([None, 2]))
def test_a_rendered_request_is_read_as_what_it_was(method, target, headers, value, indent):
    found = request(render(f"{method} {target}", headers, value, indent))
    assert (found.method, found.target) == (method, target)
    assert [(one.name, one.value) for one in found.headers] == headers
    assert (found.body.json.value if found.body.json else None) == value
    assert found.malformed == ()


@settings(deadline=None)
@given(
    st.integers(100, 999),
    st.text("abcXYZ- ", max_size=12),
    headers,
    st.none() | json_values,
    st.sampled_from([None, 2]),
)
def test_a_rendered_response_is_read_as_what_it_was(status, reason, headers, value, indent):
    found = response(render(f"HTTP/1.1 {status} {reason}", headers, value, indent))
    assert (found.status, found.reason) == (status, reason.strip())
    assert [(one.name, one.value) for one in found.headers] == headers
    assert (found.body.json.value if found.body.json else None) == value
    assert found.malformed == ()


@settings(deadline=None)
@given(st.text(st.sampled_from('GETPOST /\n:{}[]<>HTP1.20 \t"a-*?&=,\u2028\xa0'), max_size=60))
def test_any_text_is_a_message_whose_lines_lie_inside_of_it(text):
    last = LINE + text.count("\n")
    for message in (request(text), response(text)):
        assert LINE <= message.line <= last
        assert all(LINE <= one.line <= last for one in (*message.malformed, *message.headers))
        if message.body and message.body.kind != "empty":
            assert LINE <= message.body.line <= last
            assert message.body.text.strip() in text


@pytest.mark.parametrize(
    "text",
    [
        "GET /a\n" + "  /b\n" * 20_000,
        "GET /a\n" + "a: b\n" * 20_000,
        "GET /a\nX: y\n" + "  b\n" * 5_000,
        "GET /a" + "** a " * 20_000,
        "GET /a" + " HTTP/1.1" * 5_000 + "x",
        "{" + " " * 20_000 + "!",
        "<" + "a" * 50_000,
        "GET /a" + " " * 16_000 + "x",
        "HTTP" + " " * 16_000 + "x",
    ],
    ids=lambda text: text[:12],
)
def test_hostile_text_takes_no_long_time(text):
    start = time.perf_counter()
    request(text)
    response(text)
    assert time.perf_counter() - start < 0.5
