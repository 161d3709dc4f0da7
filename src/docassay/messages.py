"""Fence text -> Request, Response. Sans-I/O: no socket, no file, no opinion.

Pages break the syntax of RFC 9112 in a few frequent ways. Each is read as its author meant it where there is one
sensible reading, and is returned in `malformed`; a body is never touched, even if it looks like header fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal

from . import jsontext
from .model import Body, Field, Malformed, Part, Request, Response

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "MERGE")
"""RFC 9110, 9.3; PATCH of RFC 5789; MERGE of OData 2."""

_METHOD = "|".join(METHODS)
_REQUEST_LINE = re.compile(rf"(?P<space>\s*)(?P<method>{_METHOD})(?P<gap>[ \t]+)(?P<target>\S.*)", re.IGNORECASE)
_OTHER_METHOD = re.compile(r"\s*(?!HTTP\b)(?P<method>[A-Z][A-Z-]+)[ \t]+(?P<target>\S.*)")
_METHOD_ALONE = re.compile(rf"\s*(?P<method>{_METHOD})\s*$", re.IGNORECASE)
_URI_ALONE = re.compile(r"\s*(?P<target>(?:https?://|/)\S.*)", re.IGNORECASE)
_VERSION = re.compile(r"HTTP(?:/\d(?:\.\d)?)?", re.IGNORECASE)
_STATUS_LINE = re.compile(
    r"\s*(?P<protocol>HTTP(?:\s*+/?\s*+\d(?:\.\d)?)?)\s++(?P<status>\d{3})(?!\d)[ \t]*(?P<reason>.*)", re.IGNORECASE
)
_PROTOCOL = re.compile(r"HTTP/(?:\d\.\d|[23])")
_STATUS_LIKE = re.compile(r"\s*HTTP\b", re.IGNORECASE)
_FIELD = re.compile(r"(?P<space>\s*)(?P<name>[!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:[ \t]*(?P<value>.*)")
_JSON_START = re.compile(r"\s*[{\[]\s*(?:$|[\"'{\[}\]])")
_BODY_START = re.compile(r"\s*(?:[{\[]|<[A-Za-z?!/])")
_URI_REST = re.compile(r"\s*[\w$('/&{][^\s]*(?:\s+HTTP/\S+)?\s*")
_CONTINUED = re.compile(r"\s*[?&]\S|\s+/\S")
_PLACEHOLDER = re.compile(
    r"<(?!\?|!)[^<>\n]*>|\{\s*[A-Za-z][\w .'/|-]*\}|\[\s*[A-Za-z][\w .'/,|-]*\]|\([A-Za-z][\w .'/-]*\)|\.\.\.|…"
)
_UNRESOLVED = re.compile(r"(?<!\{)\*\*\s*(?P<mark>\w+ .*)|(?P<words>\b(?:Collection|Entity) URI for \S+ not found)")

_FORM = "application/x-www-form-urlencoded"
_FORM_BODY = re.compile(r"[\w.%+~*$-]{1,200}=\S*")

# Fields that authors put after the blank line by mistake. Names that also begin lines of bodies (From, Subject,
# Date and others of a mail) are left out on purpose.
_FIELDS_AFTER_BLANK = {
    "accept", "accept-encoding", "accept-language", "authorization", "cache-control", "client-request-id",
    "consistencylevel", "content-encoding", "content-length", "content-location", "content-range", "content-type",
    "etag", "host", "if-match", "if-modified-since", "if-none-match", "location", "operation-location", "prefer",
    "preference-applied", "range", "request-id", "retry-after", "www-authenticate", "workbook-session-id",
}  # fmt: skip


@lru_cache(64)
def parse_request(text: str, line: int = 1, column: int = 1) -> Request:
    """The request in `text`, whose first line is line `line` of the page, and begins at `column`."""
    lines = text.rstrip().split("\n")
    first = _first(lines)
    if first is None:
        return Request("", "", line, malformed=(Malformed("empty-message", line),))
    malformed: list[Malformed] = []
    method, target, at, index = "", "", 0, first + 1
    if match := _REQUEST_LINE.match(lines[first]):
        method, target, at = match["method"], match["target"], match.start("target")
    elif (match := _METHOD_ALONE.match(lines[first])) and index < len(lines) and _URI_ALONE.match(lines[index]):
        method, target = match["method"], lines[index].strip()
        malformed.append(Malformed("method-alone", line + first, column, method))
        index += 1
    elif match := _OTHER_METHOD.match(lines[first]):
        method, target, at = match["method"], match["target"], match.start("target")
        malformed.append(Malformed("unknown-method", line + first, column, method))
    elif match := _URI_ALONE.match(lines[first]):
        target, at = match["target"], match.start("target")
        malformed.append(Malformed("no-method", line + first, column + at, target))
    else:
        kind = "response-in-request" if _STATUS_LIKE.match(lines[first]) else "no-request-line"
        body = make_body("\n".join(lines[first:]), line + first, column, ())
        malformed.append(Malformed(kind, line + first, column, lines[first].strip()))
        return Request("", "", line + first, body=body, malformed=tuple(malformed))
    if method != method.upper():
        malformed.append(Malformed("lower-case-method", line + first, column, method))
    while index < len(lines) and (_CONTINUED.match(lines[index]) or _goes_on(target, lines[index])):
        target = target.rstrip() + lines[index].strip()
        index += 1
    target = _without_version(target.strip())
    if found := unresolved(target):
        malformed.append(Malformed("unresolved-uri", line + first, column + at, found))
    headers, body = _fields_and_body(lines, index, line, column, malformed, _indent(lines[first]))
    return Request(method.upper(), target, line + first, headers, body, tuple(malformed), column + at)


@lru_cache(64)
def parse_response(text: str, line: int = 1, column: int = 1) -> Response:
    """The response in `text`, placed as in `parse_request`."""
    lines = text.rstrip().split("\n")
    first = _first(lines)
    if first is None:
        return Response(None, "", line, malformed=(Malformed("empty-message", line),))
    malformed: list[Malformed] = []
    if match := _STATUS_LINE.match(lines[first]):
        if not _PROTOCOL.fullmatch(match["protocol"]):
            malformed.append(Malformed("protocol", line + first, column + match.start("protocol"), match["protocol"]))
        if match["reason"] and match.start("reason") == match.end("status"):
            malformed.append(Malformed("status-glued", line + first, column + match.start("reason")))
        headers, body = _fields_and_body(lines, first + 1, line, column, malformed, _indent(lines[first]))
        if (second := _STATUS_LINE.match(body.text)) and not media_type(headers).startswith(_HOLDS_MESSAGES):
            malformed.append(Malformed("several-responses", body.line, column, second.group().strip()))
        status, reason = int(match["status"]), match["reason"].strip()
        return Response(status, reason, line + first, headers, body, tuple(malformed))
    if _REQUEST_LINE.match(lines[first]):
        request = parse_request(text, line, column)
        malformed.append(Malformed("request-in-response", line + first, column, lines[first].strip()))
        return Response(None, "", line + first, request.headers, request.body, tuple(malformed))
    malformed.append(Malformed("no-status-line", line + first, column, lines[first].strip()))
    if _FIELD.match(lines[first]) and not _BODY_START.match(lines[first]):
        headers, body = _fields_and_body(lines, first, line, column, malformed, _indent(lines[first]))
        return Response(None, "", line + first, headers, body, tuple(malformed))
    body = make_body("\n".join(lines[first:]), line + first, column, ())
    return Response(None, "", line + first, body=body, malformed=tuple(malformed))


def request_lines(text: str, line: int = 1, column: int = 1) -> tuple[Request, ...]:
    """Every request line of a fence, as a request without fields: what an `HTTP request` section lists."""
    found = []
    for number, content in enumerate(text.split("\n")):
        if _REQUEST_LINE.match(content):
            found.append(parse_request(content, line + number, column))
    return tuple(found)


def _goes_on(target: str, below: str) -> bool:
    """Whether a URI was broken behind a character that none ends with."""
    broken = target.rstrip().endswith((",", "&", "=", "/", "?")) and not _JSON_START.match(below)
    return broken and bool(_URI_REST.fullmatch(below)) and not _FIELD.match(below)


def _without_version(target: str) -> str:
    head, *tail = target.rsplit(None, 1)
    if tail and _VERSION.fullmatch(tail[0]):
        return head
    first, *rest = target.split(None, 1)  # "GET HTTP/1.1 /photos"
    return rest[0] if rest and "/" in first and _VERSION.fullmatch(first) else target


def looks_like(text: str) -> Literal["request", "response", ""]:
    """`request`, `response`, or nothing: what a fence without annotation plainly holds, by its first line."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    if _STATUS_LINE.match(first):
        return "response"
    match = _REQUEST_LINE.match(first)
    if (
        match
        and match["method"].isupper()
        and re.match(r"https?://|/|\{|\*\*|[\w$]+(?:/|\?|\()", match["target"], re.IGNORECASE)
    ):
        return "request"
    return ""


def unresolved(target: str) -> str:
    """What a generator left in place of a URI it did not know, or an empty text."""
    if "**" not in target and " URI for " not in target:
        return ""
    match = _UNRESOLVED.search(target)
    return (match["mark"] or match["words"]).strip(" *") if match else ""


_WITHIN = re.compile(r"\{[^{}]*\}|\([^()]*\)|'[^']*'|<[^<>]*>|\"[^\"]*\"|\*\*.*")
"""What a blank may stand in: placeholders, arguments, words of a generator."""


def behind_blank(target: str) -> str:
    """What stands behind a blank in the path of a URI, which has none; nothing if it has none."""
    if " " not in target:
        return ""
    parts = _WITHIN.sub("x", target.partition("?")[0]).split()
    return parts[1] if len(parts) > 1 else ""


def media_type(fields: Sequence[Field]) -> str:
    """The media type of the Content-Type field (RFC 9110, 8.3.1) in lower case, without parameters; or nothing."""
    return next(
        (field.value.split(";")[0].strip().lower() for field in fields if field.name.lower() == "content-type"), ""
    )


def is_json(media: str) -> bool:
    """Whether a media type says JSON (RFC 6839, 3.1)."""
    return media == "application/json" or media.endswith("+json")


def make_body(text: str, line: int, column: int, fields: Sequence[Field], depth: int = 0) -> Body:
    """The body that `text` is, by its own look and by the media type. `depth`: how many bodies it is a part of."""
    stripped = text.strip()
    if not stripped:
        return Body("", line, column, "empty")
    media = media_type(fields)
    json = jsontext.read(text) if stripped[0] in "{[" or _JSON_AHEAD.match(stripped) else None
    if json is None and is_json(media) and (scalar := jsontext.read(text)).strict:
        json = scalar  # RFC 8259, 2: any value is a JSON text
    if _PLACEHOLDER.fullmatch(stripped) and not (json and json.strict):
        return Body(text, line, column, "placeholder")
    if json and (json.strict or not media or is_json(media)):
        return Body(text, line, column, "json", json)
    if media.startswith("multipart/") and depth < MAX_PARTS_DEPTH:
        return Body(text, line, column, "other", parts=tuple(_parts(text, line, column, fields, depth)))
    return Body(text, line, column, "other")


_JSON_AHEAD = re.compile(
    r"(?:(?://|\#)[^\n]{0,200}\n\s{0,99}|/\*[^*]{0,500}\*/\s{0,99}|<!--[^<>]{0,500}-->\s{0,99}|(?:\.\.\.|…)\s{0,99}|\ufeff){1,9}+[{\[]"
    r"|\"[\w@.$ -]{1,99}\"\s{0,9}:"
)
"""An object or array behind what should not stand before it, or members without their braces."""
MAX_PARTS_DEPTH = 4
"""Multipart bodies in multipart bodies that are looked into."""
_BOUNDARY = re.compile(r";\s*boundary\s*=\s*(?:\"([^\"]*)\"|([^\s;]+))", re.IGNORECASE)


def _parts(text: str, line: int, column: int, fields: Sequence[Field], depth: int) -> Iterator[Part]:
    """The parts of a multipart body (RFC 2046, 5.1.1); a last one that no boundary ends is a part too."""
    said = next((field.value for field in fields if field.name.lower() == "content-type"), "")
    match = _BOUNDARY.search(said)
    lines = text.split("\n")
    first = next((one.strip() for one in lines if one.startswith("--")), "")
    mark = f"--{match[1] or match[2]}" if match else first
    start = 0  # of the part that is open: the line behind its boundary; 0: none is
    for number, content in enumerate((*lines, f"{mark}--"), start=1):
        if mark and content.rstrip() in (mark, f"{mark}--"):
            if start:
                part = lines[start : number - 1]
                headers, index = _part_fields(part, line + start)
                inside = "\n".join(part[index:]).rstrip("\n")
                yield Part(headers, make_body(inside, line + start + index, column, headers, depth + 1))
            start = number if content.rstrip() == mark else 0


def _part_fields(lines: list[str], line: int) -> tuple[tuple[Field, ...], int]:
    """The header fields of a part, and where its body begins."""
    fields: list[Field] = []
    for index, content in enumerate(lines):
        if not content.strip():
            return tuple(fields), index + 1
        match = _FIELD.match(content)
        if not match or _BODY_START.match(content):
            return tuple(fields), index
        fields.append(Field(match["name"], match["value"].strip(), line + index))
    return tuple(fields), len(lines)


def _first(lines: list[str]) -> int | None:
    return next((index for index, line in enumerate(lines) if line.strip()), None)


def _fields_and_body(
    lines: list[str], index: int, line: int, column: int, malformed: list[Malformed], margin: int
) -> tuple[tuple[Field, ...], Body]:
    """Header fields from `lines[index]` on, and the body behind the blank line, or where it begins without one.

    A line indented by more than `margin` continues the field above it.
    """
    fields: list[Field] = []
    media = ""
    while index < len(lines):
        content = lines[index]
        if not content.strip():
            start = 0 if media and not is_json(media) else _misplaced_fields(lines, index)
            if not start:
                break
            malformed.append(Malformed("header-after-blank-line", line + start, column, lines[start].strip()))
            index = start
            continue
        match = _FIELD.match(content)
        if _BODY_START.match(content) or (media == _FORM and not match and _FORM_BODY.fullmatch(content.strip())):
            malformed.append(Malformed("no-blank-line-before-body", line + index, column, content.strip()))
            break
        if fields and _indent(content) > margin:  # obs-fold, RFC 9112 5.2
            last = fields.pop()
            fields.append(Field(last.name, f"{last.value} {content.strip()}".strip(), last.line))
        elif match:
            fields.append(Field(match["name"], match["value"].strip(), line + index))
            media = media or media_type(fields[-1:])
            margin = max(margin, _indent(content))
        elif _REQUEST_LINE.match(content):
            malformed.append(Malformed("several-requests", line + index, column, content.strip()))
            break
        else:
            malformed.append(Malformed("not-a-header", line + index, column, content.strip()))
        index += 1
    blank = index
    while index < len(lines) and not lines[index].strip():
        index += 1
    second = _REQUEST_LINE.match(lines[index]) if blank < index < len(lines) and not media_type(fields) else None
    if second and second["method"].isupper() and _URI_ALONE.match(second["target"]):
        malformed.append(Malformed("several-requests", line + index, column, lines[index].strip()))
    return tuple(fields), make_body("\n".join(lines[index:]), line + index, column, fields)


_HOLDS_MESSAGES = ("message/", "application/http", "text/", "multipart/")
"""Media types of bodies that may begin with a status line of their own."""


def _indent(content: str) -> int:
    return len(content) - len(content.lstrip())


def _misplaced_fields(lines: list[str], index: int) -> int:
    """Where fields begin that stand behind the blank line at `index`, on the wrong side of it; or 0.

    Only if every line up to a body, a blank line or the end is a field that no body begins with: the bodies of mails,
    calendars and contacts look like fields too.
    """
    while index < len(lines) and not lines[index].strip():
        index += 1
    start = index
    while index < len(lines) and (match := _FIELD.match(lines[index])) and match["name"].lower() in _FIELDS_AFTER_BLANK:
        index += 1
    ended = index == len(lines) or not lines[index].strip() or _BODY_START.match(lines[index])
    return start if index > start and ended else 0
