"""Recordings: neutral of the endpoint, without credentials. The only module that knows vcr.

A cassette holds requests to `http://endpoint/<documented target>`, so that what was recorded from one endpoint is
good for any other, and no host name of a company gets into the repository. Its format is that of vcrpy, so that
pytest-recording plays and records the same files.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

from .model import Case, Exchange, NoAnswer, Sent

ENDPOINT = "http://endpoint"
"""What every cassette calls the target. No host has this name, so a request that slips through reaches nobody."""

Record = Literal["none", "once", "new", "all"]
MATCH_ON = ("method", "uri", "body")
MAX_NAME = 120
"""Characters of a file name; most file systems allow 255 bytes."""

_REDACTED = "REDACTED"
_SECRET_FIELDS = {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key", "apikey",
                  "x-auth-token", "x-access-token", "x-csrf-token", "x-amz-security-token", "ocp-apim-subscription-key",
                  "authentication-info", "proxy-authenticate"}  # fmt: skip
_SECRET_KEYS = re.compile(
    r"(\"(?:access_?token|refresh_?token|id_?token|client_?secret|password|api_?key|secret_?text)\"\s*:\s*)"
    r"\"(?:[^\"\\]|\\.)*\"",
    re.IGNORECASE,
)
_KEPT_FIELDS = {"accept", "content-type", "prefer", "consistencylevel", "if-match", "if-none-match"}
_TRANSPORT_FIELDS = {"date", "server", "connection", "keep-alive", "transfer-encoding", "content-encoding"}


def file_of(folder: Path, case: Case) -> Path:
    """The cassette of a case: `<folder>/<page>/<example>.yaml`, inside of the folder whatever the page is called."""
    parts = [part for part in case.id.split("/") if part.strip(".")]
    return folder.joinpath(*map(_short, parts[:-1]), f"{_short(parts[-1])}.yaml")


def _short(part: str) -> str:
    if len(part.encode("utf-8", "replace")) <= MAX_NAME:
        return part
    digest = hashlib.sha256(part.encode("utf-8", "replace")).hexdigest()[:12]
    return f"{part[: MAX_NAME // 4]}-{digest}"


def name_of(case: Case) -> str:
    """The same, relative to the folder, as pytest-recording wants it."""
    return file_of(Path(), case).as_posix()


def settings(target: str, secrets: Sequence[str] = ()) -> dict[str, Any]:
    """The configuration of vcrpy that makes cassettes of our kind, for those who record with it.

    `secrets`: the values of the header fields that the user gave; they and what they hold are kept out.
    """
    clean = Redaction(secrets, target)
    return {
        "before_record_request": _neutral_request(clean),
        "before_record_response": _neutral_response(clean),
        "match_on": list(MATCH_ON),
        "decode_compressed_response": True,
    }


def play(folder: Path, case: Case, sent: Sent) -> Exchange | NoAnswer:
    """What a recording holds for a request."""
    file = file_of(folder, case)
    if not file.is_file():
        return _unfit(file)
    request = _neutral_request(Redaction((), ""))(_request(sent))
    try:
        cassette = _load(file)
        if not cassette.can_play_response_for(request):
            return _unfit(file)
        return _exchange(cassette.play_response(request))
    except Exception as error:  # vcrpy takes a file apart without looking: anything may be raised
        said = (str(error) or type(error).__name__).splitlines()[0]
        return NoAnswer("no-cassette", f"the recording {file.as_posix()} cannot be read: {said}")


def recorded(folder: Path, case: Case, sent: Sent, record: Record) -> Exchange | NoAnswer | None:
    """What the recording holds where it makes it needless to ask the target; None if the target has to be asked."""
    if record not in ("once", "new") or not file_of(folder, case).is_file():
        return None
    found = play(folder, case, sent)
    return found if record == "once" or isinstance(found, Exchange) else None


def save(folder: Path, case: Case, sent: Sent, exchange: Exchange, record: Record, clean: Redaction) -> None:
    """Record an exchange. The file is replaced in one step.

    Raises OSError.
    """
    from vcr.serialize import serialize
    from vcr.serializers import yamlserializer

    file = file_of(folder, case)
    requests, responses = [_neutral_request(clean)(_request(sent))], [_neutral_response(clean)(_response(exchange))]
    if record == "new" and file.is_file():
        older = _load(file)
        requests, responses = [*older.requests, *requests], [*older.responses, *responses]
    text = serialize({"requests": requests, "responses": responses}, yamlserializer)
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".recording-")
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as there:
        there.write(text)
    os.chmod(name, 0o644)
    os.replace(name, file)


def explain(error: Exception, folder: Path, case: Case) -> NoAnswer | None:
    """What an error of vcrpy says, where it is not we who play the recording; None if it is about something else."""
    import vcr.errors

    if isinstance(error, vcr.errors.CannotOverwriteExistingCassetteException):
        return _unfit(file_of(folder, case))
    return None


def _unfit(file: Path) -> NoAnswer:
    """Why a recording has no answer: it is not there, or it is of another request."""
    if not file.is_file():
        return NoAnswer("no-cassette", f"there is no recording {file.as_posix()}")
    return NoAnswer("no-cassette", f"the recording {file.as_posix()} holds another request: the page has changed since")


def _load(file: Path) -> Any:
    from vcr.cassette import Cassette
    from vcr.matchers import body, method, uri

    return Cassette.load(path=str(file), match_on=(method, uri, body))


def _request(sent: Sent) -> Any:
    from vcr.request import Request

    return Request(sent.method, sent.url, sent.body, dict(sent.headers))


def _response(exchange: Exchange) -> dict[str, Any]:
    headers: dict[str, list[str]] = {}
    for name, value in exchange.headers:
        headers.setdefault(name, []).append(value)
    return {
        "status": {"code": exchange.status, "message": exchange.reason},
        "headers": headers,
        "body": {"string": exchange.body},
    }


def _exchange(response: dict[str, Any]) -> Exchange:
    fields = response.get("headers") or {}
    headers = [
        (str(name), str(one))
        for name, value in fields.items()
        for one in (value if isinstance(value, list) else [value])
    ]
    body = response["body"]["string"]
    return Exchange(
        status=int(response["status"]["code"]),
        reason=str(response["status"].get("message") or ""),
        headers=tuple(headers),
        body=body.encode("utf-8") if isinstance(body, str) else bytes(body),
        elapsed=0.0,
    )


# --- neutral -----------------------------------------------------------------------------------------------------


class Redaction:
    """Takes credentials, and the address of the target, out of texts."""

    def __init__(self, secrets: Iterable[str], target: str = "") -> None:
        parts = {part for secret in secrets for part in (secret, secret.partition(" ")[2]) if len(part) >= 4}
        parts |= {base64.b64encode(part.encode("utf-8", "replace")).decode().rstrip("=") for part in parts}
        ordered = sorted(parts, key=len, reverse=True)
        self._secrets = re.compile("|".join("".join(map(_any_spelling, part)) for part in ordered) or r"(?!)")
        self.target = target.rstrip("/")
        self._origin = "/".join(self.target.split("/", 3)[:3])

    def hides(self, text: str) -> bool:
        """Whether there is a credential in the text."""
        return self._secrets.search(text) is not None

    def secrets(self, text: str) -> str:
        """The text without credentials."""
        return self._secrets.sub(_REDACTED, text)

    def all(self, text: str) -> str:
        """The text without credentials, tokens in JSON, and the address of the target."""
        if self.target:
            text = text.replace(self.target, ENDPOINT).replace(self._origin, ENDPOINT)
        return _SECRET_KEYS.sub(rf'\1"{_REDACTED}"', self.secrets(text))


def _any_spelling(char: str) -> str:
    """A character as it is, percent-encoded once or more often, or escaped in JSON."""
    encoded = "".join(f"%(?:25)*(?i:{byte:02x})" for byte in char.encode("utf-8", "replace"))
    return rf"(?:{re.escape(char)}|{encoded}|\\u(?i:{ord(char) & 0xFFFF:04x})|\\{re.escape(char)})"


def _neutral_request(clean: Redaction) -> Callable[[Any], Any]:
    def neutral(request: Any) -> Any:  # called more than once for a request: has to be idempotent
        if clean.target and request.uri.startswith(clean.target):
            request.uri = ENDPOINT + request.uri.removeprefix(clean.target)
        request.uri = clean.secrets(request.uri)
        for name in list(request.headers):
            if name.lower() not in _KEPT_FIELDS or clean.hides(str(request.headers[name])):
                del request.headers[name]
        if (text := _decoded(request.body)) is not None and (cleaned := clean.all(text)) != text:
            request.body = cleaned.encode("utf-8")
        return request

    return neutral


def _neutral_response(clean: Redaction) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def neutral(response: dict[str, Any]) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        for name, value in (response.get("headers") or {}).items():
            if name.lower() in _TRANSPORT_FIELDS or clean.hides(name):
                continue
            values = value if isinstance(value, list) else [value]
            secret = name.lower() in _SECRET_FIELDS
            kept[name] = [_REDACTED if secret else clean.all(str(one)) for one in values]
        body = (response.get("body") or {}).get("string", b"")
        text = _decoded(body)
        if text is not None and (cleaned := clean.all(text)) != text:
            response["body"] = {"string": cleaned.encode("utf-8") if isinstance(body, bytes) else cleaned}
        length = len(response["body"]["string"]) if response.get("body") else 0
        response["headers"] = {
            name: [str(length)] if name.lower() == "content-length" else value for name, value in kept.items()
        }
        status = response.get("status") or {}
        response["status"] = {**status, "message": clean.secrets(str(status.get("message") or ""))}
        return response

    return neutral


def _decoded(body: object) -> str | None:
    if isinstance(body, str):
        return body
    try:
        return body.decode("utf-8") if isinstance(body, bytes | bytearray) else None
    except UnicodeDecodeError:
        return None
