"""Family 3, messages: whether a machine can read the HTTP messages and the JSON in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus

from .. import jsontext, messages
from ..contract import HTTP_SECTION
from ..findings import Finding, Fix, Rule, rule
from ..model import Body, Field, Malformed, Page, Place, Request, Response
from ..wording import guess, nearest, shorten


def _read(page: Page) -> Iterator[Request | Response]:
    """Every message of a page, request lines of listings included."""
    for block in page.blocks:
        if isinstance(block.content, Request | Response):
            yield block.content
        yield from block.requests


def _malformed(page: Page, *kinds: str) -> Iterator[Malformed]:
    for message in _read(page):
        for one in message.malformed:
            if one.kind in kinds:
                yield one


def _bodies(page: Page) -> Iterator[tuple[Body, Request | Response | None]]:
    for block in page.blocks:
        if isinstance(block.content, Body):
            yield block.content, None
        elif isinstance(block.content, Request | Response) and block.content.body:
            yield block.content.body, block.content
            yield from ((part, None) for part in _parts(block.content.body))


def _parts(body: Body) -> Iterator[Body]:
    """The bodies of the parts of a multipart body, at any depth."""
    for part in body.parts:
        yield part.body
        yield from _parts(part.body)


_BEGIN = "begin with a line such as GET /me/photo"
_NOT_A_HEADER = (
    "'{}' is neither a header field nor a body",
    "write 'Name: value', or put a blank line before the body",
)
_NO_REQUEST = {
    "no-request-line": ("'{}' is no request line", _BEGIN),
    "response-in-request": (
        "a request was announced, but this is a response: '{}'",
        'change the blockType to "response", or show the request',
    ),
    "no-method": ("the request line has no method: '{}'", "write the method before the URI, such as GET"),
    "unknown-method": ("'{}' is no method of HTTP", _BEGIN),
    "method-alone": ("the method stands alone on its line", _BEGIN),
    "several-requests": (
        "a second request begins inside of this one: '{}'",
        "give each request a fence and an annotation of its own",
    ),
    "not-a-header": _NOT_A_HEADER,
    "empty-message": ("the request block is empty", "write the request, or remove it"),
}
_NO_RESPONSE = {
    "no-status-line": ("the response does not begin with a status line: '{}'", "add one, such as HTTP/1.1 200 OK"),
    "request-in-response": (
        "a response was announced, but this is a request: '{}'",
        'change the blockType to "request", with a name and without a type, or show the response',
    ),
    "several-responses": (
        "a second response begins inside of this one: '{}'",
        "give each response a fence and an annotation of its own",
    ),
    "not-a-header": _NOT_A_HEADER,
    "empty-message": ("the response block is empty", "write the response, or remove it"),
}


def _unlike(
    self: Rule, page: Page, announced: type[Request] | type[Response], said: dict[str, tuple[str, str]]
) -> Iterator[Finding]:
    """What makes a message other than its annotation announces it."""
    for block in page.blocks:
        if not isinstance(block.content, announced):
            continue
        for one in block.content.malformed:
            if one.kind == "empty-message":
                yield self.at(page.path, block.line, *said[one.kind])
            elif one.kind in said:
                message, hint = said[one.kind]
                yield self.on(page.path, one, message.format(shorten(one.text, 60)), hint)


@rule("DA301", "unresolved-uri", "error")
def unresolved_uri(self: Rule, page: Page) -> Iterator[Finding]:
    """A generator did not know the URI and left a remark in its place.

    Nobody can send this request. Write the path, such as `POST /users/{id}/photos`.
    """
    for one in _malformed(page, "unresolved-uri"):
        yield self.on(
            page.path,
            one,
            f"the URI was never filled in: '{one.text}'",
            "write the path of the operation, such as /users/{id}/photos",
        )


@rule("DA302", "header-after-blank-line", "error")
def header_after_blank_line(self: Rule, page: Page) -> Iterator[Finding]:
    """A header field behind the blank line that ends the header section (RFC 9112, 2.1).

    A parser takes it as the first line of the body. docassay reads it as a header field.
    """
    for one in _malformed(page, "header-after-blank-line"):
        yield self.on(
            page.path,
            one,
            f"'{shorten(one.text, 60)}' stands after the blank line, so it is part of the body",
            "remove the blank line above it",
            (Fix(one.line - 1, 1, "\n", ""),),
        )


@rule("DA303", "no-blank-line-before-body", "error")
def no_blank_line_before_body(self: Rule, page: Page) -> Iterator[Finding]:
    """A body that begins right below the header fields, without the blank line between them (RFC 9112, 2.1).

    A parser takes its first line as a broken header field. docassay reads it as the body.
    """
    for one in _malformed(page, "no-blank-line-before-body"):
        yield self.on(
            page.path,
            one,
            "the body begins without a blank line after the header",
            "add a blank line above it",
            (Fix(one.line, one.column, "", "\n"),),
        )


@rule("DA304", "not-a-request", "error")
def not_a_request(self: Rule, page: Page) -> Iterator[Finding]:
    """A `request` block that does not begin with a request line: method, space, URI (RFC 9112, 3).

    Nothing can be sent. Begin the block with a line such as `GET /me/photo`. The lines below `HTTP request` count too,
    where they are nearly request lines, and a second request or a response inside of a request block.
    """
    yield from _unlike(self, page, Request, _NO_REQUEST)
    for message in _read(page):
        if isinstance(message, Request) and message.method and (fault := _uri_fault(message.target)):
            yield self.at(page.path, message.line, *fault, column=message.column, word=message.target, level="warning")
    yield from _not_listed(self, page)


def _not_listed(self: Rule, page: Page) -> Iterator[Finding]:
    """The lines below `HTTP request` that are nearly request lines."""
    for block in page.blocks:
        if block.block_type != "ignored" or block.fence is None or not HTTP_SECTION.search(block.section):
            continue
        above = ""
        for number, line in enumerate(block.fence.text.split("\n"), block.fence.text_line):
            goes_on, above = above.rstrip().endswith(("?", "&", ",", "=", "(", "/")), line
            if goes_on or (line.partition(" ")[0] in messages.METHODS and "/(" not in line):
                continue
            if not (match := _NEARLY_LISTED.fullmatch(line)):
                continue
            if instead := _IN_BRACKETS.search(match["target"]):
                said, hint = f"'({instead[1]})' is no placeholder", f"write {{{instead[1]}}}"
                yield self.at(page.path, number, said, hint, column=0, word=instead[1], level="warning")
            elif hint := _listing_fault(match):
                said = f"'{shorten(line.strip(), 60)}' is no request line"
                yield self.at(page.path, number, said, hint, column=0, word=line.strip())


_NEARLY_LISTED = re.compile(
    r"(?P<none>(?=/))?(?:\s*(?P<word>[A-Za-z]{3,9})[ \t]+|\s*(?P<glued>[A-Z]{3,7})(?=[/{]|https?:))?"
    r"(?P<target>(?:/|\{|https?://)\S.*)"
)


def _uri_fault(target: str) -> tuple[str, str] | None:
    """What is wrong with a URI, and what to do: it holds a blank, or half of a placeholder."""
    path = target.partition("?")[0]
    if path.count("{") != path.count("}"):
        return f"a placeholder of '{shorten(target, 80)}' has one brace", "write {name} with both braces"
    if behind := messages.behind_blank(target):
        return f"the URI holds a blank: '{shorten(target, 80)}'", f"write it without the blank before '{behind}'"
    return None


_IN_BRACKETS = re.compile(r"/\(([A-Za-z][\w-]*)\)(?=/|$)")


def _listing_fault(match: re.Match[str]) -> str:
    """What to do with a line that is nearly a request line; nothing if it is one, or is not meant to be."""
    if match["none"] is not None:
        return "write the method before the URI, such as GET"
    word = (match["word"] or match["glued"] or messages.METHODS[0]).upper()
    if match["glued"]:
        return f"write a blank behind {word}" if word in messages.METHODS else ""
    return "" if word in messages.METHODS else guess(nearest(word, messages.METHODS, 0.6))


@rule("DA305", "not-a-response", "error")
def not_a_response(self: Rule, page: Page) -> Iterator[Finding]:
    """A `response` block that does not begin with a status line (RFC 9112, 4).

    The status is the first promise of a response: without it there is nothing to compare.
    """
    yield from _unlike(self, page, Response, _NO_RESPONSE)


@rule("DA306", "json-repaired", "error")
def json_repaired(self: Rule, page: Page) -> Iterator[Finding]:
    """JSON that is not valid, though its meaning is clear.

    Readers copy it and get an error. docassay reads it as the finding says. One finding for each kind of fault in a
    body, at the first place.
    """
    for body, message in _bodies(page):
        if body.json is None or body.json.stopped is not None:
            continue
        seen: set[str] = set()
        for one in body.json.repairs:
            if one.kind not in seen:
                seen.add(one.kind)
                count = sum(other.kind == one.kind for other in body.json.repairs)
                line, column = place(body, one.offset)
                more = f" ({count} times in this body)" if count > 1 else ""
                yield self.at(
                    page.path,
                    line,
                    f"this is not valid JSON: {jsontext.describe(one)}{more}",
                    jsontext.KINDS.get(one.kind, ""),
                    column=column,
                    level="note" if one.kind in (_SKETCHED if message is None else _SHORTENED) else self.level,
                    fixes=_mended(body, one.kind),
                )


def _mended(body: Body, kind: str) -> tuple[Fix, ...]:
    """What mends all repairs of a kind; nothing if that is not known of each."""
    found = [one for one in body.json.repairs if one.kind == kind] if body.json else []
    changes = [(one, jsontext.mended(one)) for one in found]
    if not all(change for _, change in changes):
        return ()
    return tuple(Fix(*place(body, one.offset), *change) for one, change in changes if change)


@rule("DA307", "json-unreadable", "error")
def json_unreadable(self: Rule, page: Page) -> Iterator[Finding]:
    """JSON that cannot be read: the finding says where reading stopped.

    Nothing behind that place was checked. Correct it by hand: a JSON checker of an editor shows the same place.
    """
    for body, _ in _bodies(page):
        if body.json is not None and body.json.stopped is not None:
            line, column = place(body, body.json.stopped.offset)
            yield self.at(
                page.path,
                line,
                f"the JSON cannot be read from here on: {jsontext.describe(body.json.stopped)}",
                "correct it by hand; a JSON checker of your editor shows the same place",
                column=column,
            )


@rule("DA308", "duplicate-key", "error")
def duplicate_key(self: Rule, page: Page) -> Iterator[Finding]:
    """An object that holds a key twice (RFC 8259, 4: names should be unique).

    Parsers disagree on which of the two counts. Remove the one that is wrong.
    """
    for body, _ in _bodies(page):
        for one in body.json.duplicates if body.json else ():
            line, column = place(body, one.offset)
            yield self.at(
                page.path,
                line,
                f"the key '{one.text}' stands in this object already",
                "remove one of them",
                column=column,
            )


@rule("DA309", "media-type-against-body", "warning")
def media_type_against_body(self: Rule, page: Page) -> Iterator[Finding]:
    """A Content-Type that says other than the body is.

    Either the header field or the body is wrong.
    """
    for body, message in _bodies(page):
        if message is None:
            continue
        media = messages.media_type(message.headers)
        field = next((one for one in message.headers if one.name.lower() == "content-type"), None)
        if field is None or body.kind in ("empty", "placeholder"):
            continue
        if messages.is_json(media) and body.kind == "other":
            yield self.at(
                page.path,
                field.line,
                f"the Content-Type is {media}, but the body is no JSON",
                "correct the Content-Type or the body",
            )
        elif _is_document(body) and media and "json" not in media and media != "text/plain":
            yield self.at(
                page.path,
                field.line,
                f"the Content-Type is {media}, but the body is JSON",
                "write Content-Type: application/json, or show a body of that type",
            )


def _is_document(body: Body) -> bool:
    """Whether a body is a JSON object or array."""
    return body.kind == "json" and body.json is not None and isinstance(body.json.value, dict | list)


@rule("DA312", "no-content", "warning")
def no_content(self: Rule, page: Page) -> Iterator[Finding]:
    """A response with a body, and a status that allows none: 204, 205, 304 and the 1xx (RFC 9110, 6.4.1 and 15).

    No client gets to read it. Correct the status, or remove the body.
    """
    for block in page.blocks:
        shown = block.content
        if not isinstance(shown, Response) or shown.body is None or shown.body.kind == "empty" or not shown.status:
            continue
        if shown.status in (204, 205, 304) or shown.status < 200:
            others = (code for text in page.statements for code in re.findall(r"\b2\d\d\b", text.text))
            if str(shown.status) not in (said := set(others)) and said:
                continue  # DA413 holds the status against the text
            yield self.at(
                page.path,
                shown.body.line,
                f"a {shown.status} response has no body, but this one shows one",
                "remove the body, or correct the status",
                column=shown.body.column,
                documented=Place(block.path, shown.line),
                subject=f"body of {shown.status}",
            )


@rule("DA313", "header-field", "warning")
def header_field(self: Rule, page: Page) -> Iterator[Finding]:
    """A header field that is misspelt, is no media type, or is there twice with different values.

    Clients and services pass over what they do not know, and may reject what contradicts itself.
    """
    for block in page.blocks:
        shown = block.content
        if not isinstance(shown, Request | Response):
            continue
        first: dict[str, Field] = {}
        for field in shown.headers:
            name = field.name.lower()
            wrong = hint = ""
            word = field.name
            if name not in _FIELDS and not name.startswith("x-") and (close := nearest(name, _FIELDS, 0.85)):
                wrong, hint = f"'{field.name}' is no header field of HTTP", guess(_FIELDS[close])
            elif name == "content-type" and not _MEDIA_TYPE.match(field.value):
                wrong = f"'{shorten(field.value, 60)}' is no media type" if field.value else "the Content-Type is empty"
                hint, word = "write type and subtype, such as application/json", field.value or field.name
            elif name in first and name in _SINGLE and first[name].value != field.value:
                wrong = f"'{field.name}' is there twice, with different values"
                hint = f"keep one of them: line {first[name].line} has the other one"
            first.setdefault(name, field)
            if wrong:
                yield self.at(page.path, field.line, wrong, hint, column=0, word=word, subject=f"{name} {field.value}")


_NAMES = """
    Accept Accept-Encoding Accept-Language Accept-Ranges Allow Authorization Cache-Control Connection
    Content-Disposition Content-Encoding Content-ID Content-Language Content-Length Content-Location Content-Range
    Content-Transfer-Encoding Content-Type Cookie Date ETag Expect Expires Host If-Match If-Modified-Since If-None-Match
    If-Range If-Unmodified-Since Last-Modified Link Location OData-EntityId OData-MaxVersion OData-Version Origin Prefer
    Preference-Applied Range Referer Retry-After Server Set-Cookie Transfer-Encoding User-Agent Vary Via
    WWW-Authenticate
"""
_FIELDS = {name.lower(): name for name in _NAMES.split()}
"""Header fields of RFC 9110 and its companions, and of OData, by their names in small letters."""
_SINGLE = {"content-type", "content-length", "content-location", "etag", "host", "location", "date"}
_MEDIA_TYPE = re.compile(r"(?:[\w!#$&^.+*-]+/[\w!#$&^.+*-]+(?:\s*;.*)?|[<{].*[>}]|multipart\b.*)\s*$", re.ASCII)


@rule("DA310", "reason-phrase", "note")
def reason_phrase(self: Rule, page: Page) -> Iterator[Finding]:
    """A reason phrase that does not belong to its status code (RFC 9110, 15).

    Clients go by the code, readers by the phrase. A warning where it is the phrase of another code, 200 aside:
    then either may be wrong. Capitals make no difference, nor does a phrase that is left out. In sentences, what
    stands between backticks counts.
    """
    yield from _phrases_in_text(self, page)
    for block in page.blocks:
        response = block.content
        if not isinstance(response, Response) or response.status not in _PHRASES or not response.reason:
            continue
        right, *others = _PHRASES[response.status]
        if response.reason.lower() in (phrase.lower() for phrase in (right, *others)):
            continue
        meant = _STATUSES.get(response.reason.lower())
        if meant and _is_named(page, meant) and not _is_named(page, response.status):
            continue  # DA413 holds the code against the text, which has the phrase
        doubtful = meant is not None and response.reason.lower() != "ok"
        yield self.at(
            page.path,
            response.line,
            f"'{shorten(response.reason, 60)}' is not the phrase of {response.status}"
            + (f", but that of {meant}" if meant else ""),
            f"write {response.status} {right}" + (f", or {meant} {response.reason}" if doubtful else ""),
            column=0,
            word=response.reason,
            level="warning" if doubtful else self.level,
            fixes=() if doubtful else (Fix(response.line, 0, response.reason, right),),
        )


def _phrases_in_text(self: Rule, page: Page) -> Iterator[Finding]:
    """The same in sentences."""
    for text in page.statements:
        for match in _STATUS_IN_TEXT.finditer(text.text) if "`" in text.text else ():
            code, phrase = int(match["code"]), match["phrase"].removesuffix(" response").strip()
            right = _PHRASES.get(code, ("",))[0]
            meant = _STATUSES.get(phrase.lower())
            if phrase == right or not right or phrase.lower() in (one.lower() for one in _PHRASES[code]):
                continue
            if meant and any(isinstance(one.content, Response) and one.content.status == meant for one in page.blocks):
                continue  # DA413 holds the code against the example
            if meant or nearest(phrase.lower(), (right.lower(),), 0.75):
                doubtful = meant is not None and meant != 200
                yield self.at(
                    page.path,
                    text.line + text.text.count("\n", 0, match.start()),
                    f"'{phrase}' is not the phrase of {code}" + (f", but that of {meant}" if meant else ""),
                    f"write {code} {right}" + (f", or {meant} {phrase}" if doubtful else ""),
                    column=0,
                    word=f"{code} {phrase}",
                    level="warning" if doubtful else self.level,
                )


def _is_named(page: Page, status: int) -> bool:
    return any(re.search(rf"\b{status}\b", text.text) for text in page.statements)


@rule("DA311", "start-line", "note")
def start_line(self: Rule, page: Page) -> Iterator[Finding]:
    """A method in small letters, or a status line without `HTTP/`, its version or a blank (RFC 9112, 3 and 4).

    docassay reads it as it is meant; parsers of HTTP, and readers who copy it, may not.
    """
    for one in _malformed(page, "lower-case-method"):
        upper = one.text.upper()
        fixes = (Fix(one.line, one.column, one.text, upper),)
        yield self.on(page.path, one, f"the method is written '{one.text}'", f"write {upper}", fixes)
    for one in _malformed(page, "status-glued"):
        fixes = (Fix(one.line, one.column, "", " "),)
        yield self.on(page.path, one, "no blank stands between the status code and its phrase", "write one", fixes)
    for one in _malformed(page, "protocol"):
        version = "".join(char for char in one.text if char.isdigit() or char == ".")
        right = f"HTTP/{version if len(version) == 3 or version in ('2', '3') else '1.1'}"
        fixes = (Fix(one.line, one.column, one.text, right),)
        message = f"the status line begins with '{one.text}', which is no version of HTTP"
        yield self.on(page.path, one, message, f"write {right} {_rest(page, one)}".rstrip(), fixes)


def _rest(page: Page, fault: Malformed) -> str:
    """The status of the response whose status line has a fault."""
    found = (one.content for one in page.blocks if isinstance(one.content, Response) and fault in one.content.malformed)
    return next((f"{one.status} {one.reason}" for one in found), "")


_PHRASES: dict[int, tuple[str, ...]] = {
    **{one.value: (one.phrase,) for one in HTTPStatus},
    302: ("Found", "Moved Temporarily"),
    413: ("Content Too Large", "Payload Too Large", "Request Entity Too Large"),
    414: ("URI Too Long", "Request-URI Too Long"),
    416: ("Range Not Satisfiable", "Requested Range Not Satisfiable"),
    422: ("Unprocessable Content", "Unprocessable Entity"),
    429: ("Too Many Requests",),
}
"""The phrases of each status code (RFC 9110, 15; the registry of IANA); behind the first one, those of older RFCs."""
_STATUSES = {phrase.lower(): code for code, phrases in _PHRASES.items() for phrase in phrases}
_STATUS_IN_TEXT = re.compile(
    r"`(?!(?:200 OK|201 Created|204 No Content)`)(?:HTTP/[\d.]+ )?"
    r"(?P<code>[1-5]\d\d) (?P<phrase>[A-Za-z][A-Za-z' -]{1,40})`"
)
_SHORTENED = ("ellipsis",)
"""Kinds of repair that authors use on purpose, to shorten an example."""
_SKETCHED = ("ellipsis", "comment")
"""The same in the sketch of a type, which nobody sends."""


def place(body: Body, offset: int) -> tuple[int, int]:
    """Line and column in the page of an offset into a body."""
    line, column = jsontext.line_column(body.text, offset)
    return body.line + line, column + body.column - 1


RULES = (
    unresolved_uri,
    header_after_blank_line,
    no_blank_line_before_body,
    not_a_request,
    not_a_response,
    json_repaired,
    json_unreadable,
    duplicate_key,
    media_type_against_body,
    reason_phrase,
    start_line,
    no_content,
    header_field,
)
