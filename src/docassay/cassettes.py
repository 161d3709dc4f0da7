"""Recordings: neutral of the endpoint, without credentials. The only module that knows vcr.

A cassette holds requests to `http://endpoint/<documented target>`, so that what was recorded from one endpoint is
good for any other, and no host name of a company gets into the repository.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Literal

from .model import Case, NoAnswer

ENDPOINT = "http://endpoint"
"""What every cassette calls the target. No host has this name, so a request that slips through reaches nobody."""

Record = Literal["none", "once", "new", "all"]
_MODES = {"none": "none", "once": "once", "new": "new_episodes", "all": "all"}
_REDACTED = "REDACTED"
_SECRET_FIELDS = {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key", "apikey",
                  "x-auth-token", "x-access-token", "x-csrf-token", "x-amz-security-token", "ocp-apim-subscription-key",
                  "authentication-info", "proxy-authenticate"}  # fmt: skip
_SECRET_KEYS = re.compile(
    r"(\"(?:access_?token|refresh_?token|id_?token|client_?secret|password|api_?key|secret_?text)\"\s*:\s*)\"(?:[^\"\\]|\\.)*\"",
    re.IGNORECASE,
)
_KEPT_FIELDS = {"accept", "content-type", "prefer", "consistencylevel", "if-match", "if-none-match"}
_TRANSPORT_FIELDS = {"date", "server", "connection", "keep-alive", "transfer-encoding", "content-encoding"}


def file_of(folder: Path, case: Case) -> Path:
    """The cassette of a case: `<folder>/<page>/<example>.yaml`."""
    return folder / f"{case.id}.yaml"


def settings(target: str, secrets: Sequence[str] = ()) -> dict[str, Any]:
    """The configuration of vcrpy, and of pytest-recording's `vcr_config`, that makes cassettes of our kind.

    `secrets`: the values of the header fields that the user gave; they and what they hold are kept out.
    """
    hidden = _hidden(secrets)
    return {
        "before_record_request": _neutral_request(target.rstrip("/"), hidden),
        "before_record_response": _neutral_response(target.rstrip("/"), hidden),
        "match_on": ["method", "uri", "body"],
        "decode_compressed_response": True,
    }


class Unreadable(Exception):
    """A cassette that is no YAML, or not one of vcrpy's; the text says what is wrong with it."""


@contextmanager
def recorded(folder: Path, case: Case, record: Record, target: str, secrets: Sequence[str] = ()) -> Iterator[None]:
    """While this lasts, requests are answered from the case's cassette, or recorded in it.

    Raises Unreadable.
    """
    import vcr

    options = {**settings(target, secrets), "record_mode": _MODES[record]}
    with ExitStack() as stack:
        try:
            stack.enter_context(vcr.VCR().use_cassette(str(file_of(folder, case)), **options))
        except Exception as error:  # vcrpy takes the file apart without looking: anything may be raised
            raise Unreadable((str(error) or type(error).__name__).splitlines()[0]) from error
        yield


def missing(folder: Path, case: Case) -> NoAnswer | None:
    """What is said when there is no recording for a case that has no target either."""
    file = file_of(folder, case)
    if file.is_file():
        return None
    return NoAnswer("no-cassette", f"there is no recording {file.as_posix()}")


def explain(error: Exception, folder: Path, case: Case) -> NoAnswer | None:
    """What an error says of the case's cassette, or None if it is about something else."""
    import vcr.errors

    name = file_of(folder, case).as_posix()
    if isinstance(error, Unreadable):
        return NoAnswer("no-cassette", f"the recording {name} cannot be read: {error}")
    if isinstance(error, vcr.errors.CannotOverwriteExistingCassetteException):
        return NoAnswer("no-cassette", f"the recording {name} holds another request: the page has changed since")
    return None


# --- neutral -----------------------------------------------------------------------------------------------------


def _hidden(secrets: Sequence[str]) -> tuple[str, ...]:
    """The secret texts themselves, and what stands behind a scheme such as `Bearer`; the longest first."""
    parts = {part for secret in secrets for part in (secret, secret.partition(" ")[2]) if len(part) >= 6}
    return tuple(sorted(parts, key=len, reverse=True))


def _neutral_request(target: str, hidden: tuple[str, ...]) -> Callable[[Any], Any]:
    def neutral(request: Any) -> Any:  # called more than once for a request: has to be idempotent
        if target and request.uri.startswith(target):
            request.uri = ENDPOINT + request.uri.removeprefix(target)
        request.uri = _redact(request.uri, hidden)
        for name in list(request.headers):
            if name.lower() not in _KEPT_FIELDS or any(one in str(request.headers[name]) for one in hidden):
                del request.headers[name]
        return request

    return neutral


def _neutral_response(target: str, hidden: tuple[str, ...]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def neutral(response: dict[str, Any]) -> dict[str, Any]:
        fields: Mapping[str, Any] = response.get("headers", {})
        kept: dict[str, Any] = {}
        for name, value in fields.items():
            if name.lower() in _TRANSPORT_FIELDS:
                continue
            values = value if isinstance(value, list) else [value]
            secret = name.lower() in _SECRET_FIELDS
            kept[name] = [_REDACTED if secret else _neutral_text(str(one), target, hidden) for one in values]
        body = response.get("body", {}).get("string", b"")
        text = _decoded(body)
        if text is not None:
            clean = _SECRET_KEYS.sub(rf'\1"{_REDACTED}"', _neutral_text(text, target, hidden))
            encoded = clean.encode("utf-8")
            if clean != text:
                response["body"] = {"string": encoded if isinstance(body, bytes) else clean}
                kept = {
                    name: ([str(len(encoded))] if name.lower() == "content-length" else value)
                    for name, value in kept.items()
                }
        response["headers"] = kept
        return response

    return neutral


def _decoded(body: bytes | str) -> str | None:
    if isinstance(body, str):
        return body
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _neutral_text(text: str, target: str, hidden: tuple[str, ...]) -> str:
    if target:
        text = text.replace(target, ENDPOINT)
        origin = "/".join(target.split("/", 3)[:3])
        text = text.replace(origin, ENDPOINT)
    return _redact(text, hidden)


def _redact(text: str, hidden: tuple[str, ...]) -> str:
    for one in hidden:
        text = text.replace(one, _REDACTED).replace(json.dumps(one)[1:-1], _REDACTED)
    return text
