"""Contract + bindings -> Case: each example as a request that can be sent, or the reason why it cannot be.

A page's credentials are never sent: Authorization and cookies come from the user alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote, urlsplit

import msgspec

from . import messages, templates, wording
from .model import Case, Contract, Example, Request

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
"""RFC 9110, 9.2.1. TRACE is safe too, but would send the credentials back."""

_NEVER_SENT = {"authorization", "proxy-authorization", "cookie", "host", "content-length", "connection", "keep-alive",
               "transfer-encoding", "te", "trailer", "upgrade", "expect", "accept-encoding",
               "x-http-method-override", "x-http-method", "x-method-override", "x-api-key", "api-key", "x-auth-token",
               "x-access-token", "ocp-apim-subscription-key"}  # fmt: skip
_PARAMETER = re.compile(r"\{(?P<braces>[^{}]*)\}|<(?P<angles>[^<>]*)>")
_ELLIPSIS = re.compile(r"\.\.\.|…")
_FIELD_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")


class BindError(Exception):
    """A binding that cannot be used; the text is one sentence for the user."""


def parse_bindings(pairs: Sequence[str]) -> dict[str, str]:
    """`NAME=VALUE` texts as a mapping.

    Raises BindError.
    """
    bindings = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise BindError(
                f"--bind '{pair}': write NAME=VALUE, such as 'get_photo.id=42' or 'get_photo.url=/me/photo'"
            )
        bindings[name.strip()] = value
    return bindings


def plan(
    contract: Contract, bindings: Mapping[str, str], *, strict_names: Sequence[str] = (), target: str = "",
    allow_writes: bool = False,
) -> list[Case]:  # fmt: skip
    """Every example of the contract as a case.

    `strict_names`: bindings that have to be used by some example (those that the user typed). `target`: the service
    that the cases are meant for; without one they come from recordings, which no method can harm.

    Raises BindError.
    """
    used: set[str] = set()
    values = _Bindings(bindings, used)
    found = []
    for example in contract.examples:
        case = _case(contract, example, values, target)
        if (
            not case.blocked
            and target
            and not allow_writes
            and case.method not in SAFE_METHODS
            and not is_loopback(target)
        ):
            case = _block(
                case,
                f"{case.method} may change something on {urlsplit(target).hostname}, which is not this machine",
                "add --allow-writes if that is meant",
            )
        found.append(case)
    for name in strict_names:
        if name not in used:
            raise BindError(_unused(contract, name))
    return found


def select(cases: Sequence[Case], expression: str) -> list[Case]:
    """The cases whose id fits a `-k` expression: parts of ids, `and`, `or`, `not`, brackets.

    Raises ValueError with one sentence for the user.
    """
    if not expression.strip():
        return list(cases)
    matcher = _Matcher(expression)
    return [case for case in cases if matcher.fits(case.id.lower())]


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine (RFC 1122, 3.2.1.3 g; RFC 4291, 2.5.3)."""
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    return (
        host in ("localhost", "::1")
        or host.endswith(".localhost")
        or re.fullmatch(r"127(\.\d{1,3}){3}", host) is not None
    )


# --- one example -------------------------------------------------------------------------------------------------


class _Bindings:
    """Looks up what is bound for an example, and remembers what was used."""

    def __init__(self, bindings: Mapping[str, str], used: set[str]) -> None:
        self._bindings = bindings
        self._used = used

    def get(self, example: Example, *names: str, common: bool = True) -> str | None:
        """The value of the first of `names` that is bound: for the example by id or name, then for all of them."""
        owners = [example.id, example.id.rsplit("/", 1)[-1], example.name]
        keys = [f"{owner}.{name}" for owner in owners if owner for name in names]
        for key in [*keys, *(names if common else ())]:
            if key in self._bindings:
                self._used.add(key)
                return self._bindings[key]
        given = example.scenario.parameters if example.scenario and common else {}
        return next((given[name] for name in names if name in given), None)


def _case(contract: Contract, example: Example, values: _Bindings, target: str) -> Case:
    request = example.request.content
    case = Case(example.id, example, "", "")
    if not isinstance(request, Request):
        return _block(case, f"line {example.request.line} is no request", "see `docassay check`")
    url = values.get(example, "url", common=False)
    name = example.name or example.id.rsplit("/", 1)[-1]
    case = msgspec.structs.replace(case, method=request.method or "GET", target=url or request.target)
    if not request.method and not url:
        return _block(case, f"line {request.line} is no request line", "see `docassay check`")
    if url is None and (found := messages.unresolved(request.target)):
        return _block(
            case,
            f"its URI is unresolved: line {request.line} says '{found}'",
            f"write the path there, or give it with --bind '{name}.url=/path'",
        )
    if not example.responses:
        return _block(case, "no response is documented for it", "add a response block below the request")
    path = templates.relative(case.target, contract.roots, target)
    if path is None:
        host = _host(case.target)
        return _block(
            case,
            f"it is addressed to {host}, which is not the documented service",
            f"name the service in [tool.docassay] service-roots, or give a path with --bind '{name}.url=/path'",
        )
    path, missing = _fill(path, example, values, encode=True)
    if missing:
        return _block(case, *_unbound(missing, name))
    if _ELLIPSIS.search(path):
        return _block(case, "its URI is shortened with an ellipsis", f"give the whole with --bind '{name}.url=/path'")
    case = msgspec.structs.replace(case, target=path)
    return _with_body(_with_headers(case, request, values, name), request, values, name)


def _with_headers(case: Case, request: Request, values: _Bindings, name: str) -> Case:
    headers: list[tuple[str, str]] = []
    for field in request.headers:
        if field.name.lower() in _NEVER_SENT:
            continue
        bound = values.get(case.example, field.name, common=False)
        value, missing = (bound, "") if bound is not None else _fill(field.value, case.example, values, encode=False)
        if missing:
            return _block(case, *_unbound(missing, name))
        if not _FIELD_VALUE.fullmatch(value) or not value.isascii():
            return _block(
                case, f"the value of {field.name} cannot be sent in a header field", f"bind it: '{name}.{field.name}=…'"
            )
        headers.append((field.name, value))
    return msgspec.structs.replace(case, headers=tuple(headers))


def _with_body(case: Case, request: Request, values: _Bindings, name: str) -> Case:
    if case.blocked:
        return case
    body = request.body
    bound = values.get(case.example, "body", common=False)
    if bound is not None:
        try:
            data = Path(bound[1:]).read_bytes() if bound.startswith("@") else bound.encode()
        except OSError as error:
            raise BindError(f"--bind '{name}.body={bound}': {error.strerror or error}") from error
    elif body is None or body.kind == "empty":
        return case
    elif body.kind == "placeholder":
        return _block(
            case,
            f"line {body.line} stands for a body: '{body.text.strip()}'",
            f"give one with --bind '{name}.body=@FILE'",
        )
    elif body.json is not None and body.json.stopped is not None:
        return _block(case, f"its JSON body cannot be read (line {body.line})", "see `docassay check`")
    elif body.json is not None and not body.json.strict:
        data = json.dumps(body.json.value, ensure_ascii=False).encode("utf-8", "replace")
    else:
        media = messages.media_type(request.headers)
        text = body.text.rstrip("\n")
        data = (text.replace("\n", "\r\n") + "\r\n" if media.startswith("multipart/") else text).encode(
            "utf-8", "replace"
        )
    headers = case.headers
    if not any(field.lower() == "content-type" for field, _ in headers) and (bound is not None or (body and body.json)):
        headers = (*headers, ("Content-Type", "application/json"))
    return msgspec.structs.replace(case, headers=headers, body=data)


def _host(uri: str) -> str:
    try:
        return urlsplit(uri).netloc.rpartition("@")[2] or uri
    except ValueError:
        return uri


def _fill(text: str, example: Example, values: _Bindings, *, encode: bool) -> tuple[str, str]:
    """The text with every bound parameter in place; and the first parameter that is not bound."""
    missing = ""

    def put(match: re.Match[str]) -> str:
        nonlocal missing
        inner = (match["braces"] or match["angles"] or "").strip()
        names = [inner, *(part.strip() for part in re.split(r"\||\bor\b", inner))]
        value = values.get(example, *dict.fromkeys(names))
        if value is None:
            missing = missing or match.group()
            return match.group()
        # A value may hold what its author has encoded already, but never a `/` of its own segment, `?` or `#`.
        return (
            quote(value, safe="%:@!$&'()*+,;=~/" if "path" in inner.lower() else "%:@!$&'()*+,;=~") if encode else value
        )

    return _PARAMETER.sub(put, text), missing


def _unbound(missing: str, name: str) -> tuple[str, str]:
    inner = re.split(r"\||\bor\b", missing.strip("{}<> "))[0].strip()
    return (
        f"{missing} has no value",
        f"give one with --bind '{name}.{inner}=VALUE', or '{inner}=VALUE' for all examples",
    )


def _block(case: Case, reason: str, hint: str) -> Case:
    return msgspec.structs.replace(case, blocked=reason, hint=hint)


def _unused(contract: Contract, name: str) -> str:
    names = [example.name or example.id.rsplit("/", 1)[-1] for example in contract.examples]
    owner, dot, key = name.rpartition(".")
    if dot and owner not in names and all(owner != example.id for example in contract.examples):
        close = wording.nearest(owner, names, 0.5)
        guess = wording.aside(close and f"{close}.{key}")
        return f"--bind '{name}': no example is named '{owner}'{guess}"
    return f"--bind '{name}': no example has such a parameter"


class _Matcher:
    """A `-k` expression, read by recursive descent: or, and, not, brackets, words."""

    def __init__(self, expression: str) -> None:
        self._tokens = re.findall(r"\(|\)|[^\s()]+", expression)
        self._expression = expression
        self._id = ""
        self.fits("")

    def fits(self, identity: str) -> bool:
        """Whether an id (in lower case) fits."""
        self._id, self._at = identity, 0
        result = self._either()
        if self._at < len(self._tokens):
            raise ValueError(f"-k '{self._expression}': '{self._tokens[self._at]}' is not expected there")
        return result

    def _next(self) -> str:
        return self._tokens[self._at].lower() if self._at < len(self._tokens) else ""

    def _either(self) -> bool:
        result = self._both()
        while self._next() == "or":
            self._at += 1
            result = self._both() or result
        return result

    def _both(self) -> bool:
        result = self._single()
        while self._next() == "and":
            self._at += 1
            result = self._single() and result
        return result

    def _single(self) -> bool:
        word = self._next()
        if word in ("", "and", "or", ")"):
            raise ValueError(f"-k '{self._expression}': a word is missing before '{word or 'the end'}'")
        self._at += 1
        if word == "not":
            return not self._single()
        if word == "(":
            result = self._either()
            if self._next() != ")":
                raise ValueError(f"-k '{self._expression}': a bracket is not closed")
            self._at += 1
            return result
        return word in self._id
