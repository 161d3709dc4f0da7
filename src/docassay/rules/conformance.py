"""Family 5, an exchange: what the target answered, against what the page promises.

Where one thing is wrong, one rule speaks: another status makes the body another one, so the others keep silent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from .. import messages, schema, verdict
from ..findings import Finding, Level, Rule, rule
from ..model import Block, Case, Exchange, NoAnswer, Place, Response, Value
from ..schema import Schemas
from ..verdict import Violation
from ..wording import shorten

VOLATILE = {
    "age", "alt-svc", "cache-control", "client-request-id", "connection", "content-encoding", "content-length",
    "content-type", "date", "expires", "keep-alive", "odata-version", "pragma", "request-id", "server", "set-cookie",
    "strict-transport-security", "transfer-encoding", "vary", "via", "x-content-type-options", "x-powered-by",
}  # fmt: skip
"""Fields of a documented response that belong to the day of its recording, or have a rule of their own."""


class Answer(Value, frozen=True):
    """An exchange beside the documented response that it is compared with."""

    case: Case
    block: Block
    documented: Response
    exchange: Exchange
    statuses: tuple[int, ...]
    """Every documented status of the request, in the order of the page."""
    value: Any = None
    """The body as JSON."""
    not_json: str = ""
    """Why the body is no JSON."""
    violations: tuple[Violation, ...] = ()
    places: Mapping[str, Place] = MappingProxyType({})
    """The line of each member of the documented body, by JSON Pointer."""

    @property
    def same_status(self) -> bool:
        """Whether the documented response that was chosen has the observed status."""
        return self.documented.status == self.exchange.status

    def header(self, name: str) -> str:
        """The value of an observed header field, or nothing."""
        return next((value for field, value in self.exchange.headers if field.lower() == name.lower()), "")


def compare(schemas: Schemas, case: Case, exchange: Exchange) -> Answer:
    """The exchange beside the documented response that it fits best."""
    blocks = [(block, block.content) for block in case.example.responses if isinstance(block.content, Response)]
    statuses = tuple(response.status for _, response in blocks if response.status)
    fitting = [pair for pair in blocks if pair[1].status == exchange.status] or blocks[:1]
    value, not_json = read_json(exchange.body) if exchange.body else (None, "")
    answers = []
    for block, response in fitting:
        violations: tuple[Violation, ...] = ()
        body = response.body
        if response.status == exchange.status and body and body.kind == "json" and exchange.body and not not_json:
            violations = tuple(verdict.check_response(schemas, block, value))
        places = verdict.places_of(schemas, block) if violations else {}
        answers.append(Answer(case, block, response, exchange, statuses, value, not_json, violations, places))
    return min(answers, key=lambda answer: (not _media_fits(answer), len(answer.violations)))


def read_json(body: bytes) -> tuple[Any, str]:
    """A body as JSON (RFC 8259: UTF-8, no NaN), and why it is none."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return None, f"byte {error.start} is not UTF-8"
    try:
        value = json.loads(text, parse_constant=_refuse)
        return (None, f"it is nested deeper than {schema.MAX_DEPTH} levels") if schema.too_deep(value) else (value, "")
    except json.JSONDecodeError as error:
        return None, f"{error.msg} (line {error.lineno}, column {error.colno})"
    except (ValueError, RecursionError) as error:
        said = "a number has too many digits" if "int_max_str_digits" in str(error) else str(error)
        return None, "it is nested too deep" if isinstance(error, RecursionError) else said


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON value")


@rule("DA501", "status", "error")
def status(self: Rule, answer: Answer) -> Iterator[Finding]:
    """The target answered with a status that the page does not document for this request.

    Correct the service, or the status line of the example. Nothing else of the response was compared, since the body
    of another status is another body.
    """
    first, observed = answer.statuses[0] if answer.statuses else None, answer.exchange.status
    if not answer.same_status:
        documented = " or ".join(dict.fromkeys(str(one) for one in answer.statuses)) or "no status"
        yield self.at(
            answer.block.path,
            answer.documented.line,
            f"the status is documented as {documented}",
            "fix the service, or the status line of the example",
            observed=_status_text(answer),
            case=answer.case.id,
            subject=f"status {observed}",
        )
    elif first is not None and first < 400 <= observed:
        yield self.at(
            answer.block.path,
            answer.documented.line,
            f"the request is documented to end with {first}, and ended with its documented error",
            "see why the request fails: data that is not there, a missing permission",
            observed=_status_text(answer),
            case=answer.case.id,
            subject=f"status {observed}",
            level="warning",
        )


@rule("DA502", "body-schema", "error")
def body_schema(self: Rule, answer: Answer) -> Iterator[Finding]:
    """A value of the body is not as documented.

    It is of another type or format, not one of the documented members, or not there though the example shows it. The
    finding cites the line that made the promise. Correct the service, or that line.
    """
    for one in answer.violations:
        if one.kind not in ("null", "null-unsaid", "undocumented", "empty"):
            name = one.pointer.rsplit("/", 1)[-1] or "the body"
            hint = f"fix the service, or what the page says of '{name}'"
            if one.kind == "required":
                hint = f"return '{name}', or remove it from the example"
            unsure = one.kind in ("enum-case", "odata-type-unknown")
            yield _violation(self, answer, one, hint, "warning" if unsure else None)


@rule("DA503", "media-type", "error")
def media_type(self: Rule, answer: Answer) -> Iterator[Finding]:
    """The media type of the body is not the documented one (RFC 9110, 8.3).

    Parameters such as `charset` count only where the page writes them.
    """
    if not answer.same_status or not answer.exchange.body or _media_fits(answer):
        return
    field = next(one for one in answer.documented.headers if one.name.lower() == "content-type")
    yield self.at(
        answer.block.path,
        field.line,
        f"the media type is documented as {field.value}",
        "fix the service, or the Content-Type of the example",
        observed=answer.header("Content-Type") or "no Content-Type",
        case=answer.case.id,
        subject="media type",
    )


@rule("DA504", "header", "error")
def header(self: Rule, answer: Answer) -> Iterator[Finding]:
    """A header field that the documented response has, and the observed one lacks.

    Only its presence counts. Fields that change with the day or the transport (Date, Server, cookies, …) are left out.
    """
    if not answer.same_status:
        return
    observed = {name.lower() for name, _ in answer.exchange.headers}
    for field in answer.documented.headers:
        if field.name.lower() not in VOLATILE and field.name.lower() not in observed:
            yield self.at(
                answer.block.path,
                field.line,
                f"the header field {field.name} is documented",
                "send it, or remove it from the example",
                observed="no such field",
                case=answer.case.id,
            )


@rule("DA505", "undocumented-property", "warning")
def undocumented_property(self: Rule, answer: Answer) -> Iterator[Finding]:
    """A property of the body that no page documents.

    Clients cannot know of it. Add it to the property table of its type; `--strict` makes this an error.
    """
    for one in answer.violations:
        if one.kind == "undocumented":
            yield _violation(self, answer, one, "add it to the property table, or do not send it")


@rule("DA506", "body", "error")
def body(self: Rule, answer: Answer) -> Iterator[Finding]:
    """The documented response has a body, and the observed one has none, or one that is no JSON.

    Nothing of it could be compared. Correct the service, or remove the body from the example.
    """
    documented = answer.documented.body
    if not answer.same_status or documented is None or documented.kind == "empty" or answer.case.method == "HEAD":
        return
    if not answer.exchange.body:
        yield self.at(
            answer.block.path,
            documented.line,
            "the response is documented with a body",
            "send the body, or remove it from the example",
            observed="no body",
            case=answer.case.id,
        )
    elif documented.kind == "json" and answer.not_json and _media_fits(answer):
        yield self.at(
            answer.block.path,
            documented.line,
            f"the body is documented as JSON, and cannot be read as such: {answer.not_json}",
            "fix the service",
            observed=_excerpt(answer.exchange.body),
            case=answer.case.id,
            subject="not JSON",
        )


@rule("DA507", "no-answer", "error")
def no_answer(self: Rule, case: Case, answer: NoAnswer) -> Iterator[Finding]:
    """The target gave no complete HTTP response.

    It is not running, does not answer in time, or speaks something else than HTTP.
    """
    hints = {
        "unreachable": "start the target, or correct --target",
        "timeout": "see why it hangs; `timeout` in [tool.docassay] says how long to wait",
        "broken": "see that --target names an HTTP service",
    }
    if answer.kind in hints:
        yield self.at(
            case.example.request.path, _line(case), answer.text, hints[answer.kind], case=case.id, subject=answer.kind
        )


@rule("DA508", "null", "error")
def null(self: Rule, answer: Answer) -> Iterator[Finding]:
    """A property is null, and no page says that it may be.

    An error where the pages rule it out: a key, a required property, one described as not nullable, or one of which
    only the example speaks. A warning where they are silent. Say in the description that it may be null, list it in
    `nullableProperties` of the resource block, or correct the service.
    """
    for one in answer.violations:
        if one.kind in ("null", "null-unsaid"):
            level = self.level if one.kind == "null" else "warning"
            hint = "fix the service, or write in its description that it may be null"
            yield _violation(self, answer, one, hint, level)


@rule("DA509", "empty-collection", "warning")
def empty_collection(self: Rule, answer: Answer) -> Iterator[Finding]:
    """A collection came back empty where the example shows members, so that none of them could be checked.

    Give the target some data, or annotate the response with `"isEmpty": true`.
    """
    for one in answer.violations:
        if one.kind == "empty" and answer.block.annotation.data.get("isEmpty") is not True:
            yield _violation(
                self, answer, one, 'give the target some data, or annotate the response with "isEmpty": true'
            )


def _violation(self: Rule, answer: Answer, one: Violation, hint: str, level: Level | None = None) -> Finding:
    place = answer.places.get(_in_example(one, answer.places)) or Place(answer.block.path, answer.block.line)
    documented = one.place or place
    return self.at(
        answer.block.path,
        place.line,
        one.message,
        hint,
        pointer=one.pointer,
        documented=documented,
        observed=one.observed,
        case=answer.case.id,
        subject=f"{one.kind} {one.pattern} {one.message}",
        level=level or self.level,
    )


def _in_example(one: Violation, shown: Mapping[str, Place]) -> str:
    """The pointer of the example that stands for a violation's: the first member for any, the parent for a new one."""
    pointer = one.pattern.replace("*", "0")
    while pointer and pointer not in shown:
        pointer = pointer.rpartition("/")[0]
    return pointer


def _media_fits(answer: Answer) -> bool:
    documented = next((one.value for one in answer.documented.headers if one.name.lower() == "content-type"), "")
    if not documented or answer.documented.body is None or answer.documented.body.kind == "empty":
        return True
    observed = answer.header("Content-Type")
    if _media(documented)[0] != _media(observed)[0]:
        return False
    return _media(documented)[1].items() <= _media(observed)[1].items()


def _media(value: str) -> tuple[str, dict[str, str]]:
    kind, *parameters = value.split(";")
    pairs = (parameter.partition("=") for parameter in parameters if parameter.strip())
    return kind.strip().lower(), {name.strip().lower(): text.strip(' "').lower() for name, _, text in pairs}


def _status_text(answer: Answer) -> str:
    exchange = answer.exchange
    text = f"{exchange.status} {exchange.reason}".strip()
    if exchange.body and messages.is_json(_media(answer.header("Content-Type"))[0]):
        text += f", {_excerpt(exchange.body)}"
    return text


def _excerpt(body: bytes) -> str:
    text = " ".join(body[:400].decode("utf-8", "replace").split())
    text = "".join(char if char.isprintable() else "�" for char in text)
    return shorten(text, 80)


def _line(case: Case) -> int:
    content = case.example.request.content
    return content.line if content is not None else case.example.request.line


RULES = (status, body_schema, media_type, header, undocumented_property, body, no_answer, null, empty_collection)
