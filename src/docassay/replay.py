"""Case -> Exchange or NoAnswer. With auth/, the only module that knows requests.

A request goes to the origin of the target and nowhere else: redirects are answers like others, not followed, and
nothing of the environment (netrc) adds credentials. An exchange that is not complete in time is given up.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from http.client import HTTPException
from urllib.parse import urlsplit

import requests
import urllib3

from .cases import is_loopback
from .model import Case, Exchange, NoAnswer, Sent

MAX_BODY = 64 * 1024 * 1024
"""Bytes of a response body that are read; a longer one is an endless stream for all that a documentation says."""


class TargetError(Exception):
    """A target that cannot be used; the text is one sentence for the user."""


class _TooLarge(Exception):
    pass


class Client:
    """Sends cases to one target. Keeps its connection open between them; close it when done."""

    def __init__(self, target: str, headers: Mapping[str, str], timeout: float = 10.0) -> None:
        self.target = check_target(target)
        self._headers = dict(headers)
        self._timeout = timeout
        self._session = self._open()
        self._origin = urlsplit(requests.Request("GET", self.target).prepare().url or "").netloc

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def prepare(self, case: Case) -> Sent:
        """A case that is not blocked, as it goes over the wire.

        Raises ValueError if it would leave the target, or cannot be written as HTTP.
        """
        headers: dict[str, str] = {}
        for name, value in case.headers:  # fields of one name are one list (RFC 9110, 5.3)
            known = next((one for one in headers if one.lower() == name.lower()), name)
            headers[known] = f"{headers[known]}, {value}" if known in headers else value
        for name, value in self._headers.items():  # what the user gives comes before what the page shows
            headers = {known: old for known, old in headers.items() if known.lower() != name.lower()}
            headers[name] = value
        request = requests.Request(case.method, self.target + case.target, headers=headers, data=case.body)
        prepared = self._session.prepare_request(request)
        if urlsplit(prepared.url or "").netloc != self._origin:
            raise ValueError(f"the request would have left the target: {prepared.url}")
        body = prepared.body.encode("utf-8") if isinstance(prepared.body, str) else prepared.body
        return Sent(prepared.method or "", prepared.url or "", tuple(prepared.headers.items()), body)

    def send(self, sent: Sent) -> Exchange | NoAnswer:
        """What the target answers, within the time limit for the whole of it."""
        answers: list[Exchange | NoAnswer | BaseException] = []
        session = self._session

        def ask() -> None:
            try:
                answers.append(self._ask(session, sent))
            except BaseException as error:
                answers.append(error)

        # Sockets only limit the silence between two bytes. A thread can be left behind, whatever it hangs in.
        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        asking.join(self._timeout + 0.5)
        if not answers:
            self._session = self._open()
            return NoAnswer("timeout", f"{self.target} did not complete its answer within {self._timeout:g} s")
        (answer,) = answers
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def _ask(self, session: requests.Session, sent: Sent) -> Exchange | NoAnswer:
        started = time.monotonic()
        connecting = min(self._timeout, 5.0)
        try:
            request = requests.Request(sent.method, sent.url, headers=dict(sent.headers), data=sent.body)
            prepared = session.prepare_request(request)
            options = session.merge_environment_settings(sent.url, {}, True, None, None)
            answer = session.send(prepared, timeout=(connecting, self._timeout), allow_redirects=False, **options)
            with answer:
                body = self._read(answer, started)
        except requests.exceptions.ConnectTimeout:
            return NoAnswer("unreachable", f"{self.target} did not accept a connection within {connecting:g} s")
        except (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError, TimeoutError):
            return NoAnswer("timeout", f"{self.target} did not complete its answer within {self._timeout:g} s")
        except _TooLarge:
            return NoAnswer("broken", f"{self.target} sent a body of more than {MAX_BODY // 1_048_576} MiB")
        except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError) as error:
            return NoAnswer(
                "broken", f"{self.target} sent a body that breaks off or cannot be decoded: {_cause(error)}"
            )
        except requests.exceptions.ConnectionError as error:
            return _connection(self.target, error)
        except (requests.RequestException, urllib3.exceptions.HTTPError, HTTPException, OSError, ValueError) as error:
            return NoAnswer("broken", f"{self.target} answered with something that is not HTTP: {_cause(error)}")
        return Exchange(
            status=answer.status_code,
            reason=answer.reason or "",
            headers=tuple((str(name), str(value)) for name, value in answer.headers.items()),
            body=body,
            elapsed=round(time.monotonic() - started, 4),
        )

    def _open(self) -> requests.Session:
        session = requests.Session()
        session.auth = _no_auth  # without one, requests would look into .netrc
        session.headers.clear()
        session.headers.update({"User-Agent": "docassay", "Accept": "*/*", "Accept-Encoding": "gzip, deflate"})
        session.trust_env = not is_loopback(self.target)
        return session

    def _read(self, answer: requests.Response, started: float) -> bytes:
        parts, size = [], 0
        for part in answer.iter_content(65536):
            size += len(part)
            parts.append(part)
            if size > MAX_BODY:
                raise _TooLarge
            if time.monotonic() - started > self._timeout:
                raise TimeoutError
        return b"".join(parts)


def check_target(target: str) -> str:
    """The target without a final slash.

    Raises TargetError.
    """
    try:
        parts = urlsplit(target)
        _ = parts.port
        prepared = requests.Request("GET", target).prepare() if parts.scheme in ("http", "https") else None
    except (ValueError, requests.RequestException) as error:
        raise TargetError(f"--target '{target}': {error}") from error
    if prepared is None or not parts.hostname:
        raise TargetError(f"--target '{target}': write a URL with scheme and host, such as http://127.0.0.1:8080/v1.0")
    if parts.query or parts.fragment:
        raise TargetError(f"--target '{target}': a target has no query and no fragment")
    if parts.username or parts.password:
        raise TargetError("--target: give credentials with --header, not in the URL, where they would be shown")
    return target.rstrip("/")


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _connection(target: str, error: requests.exceptions.ConnectionError) -> NoAnswer:
    text = _cause(error)
    inner = error.args[0] if error.args else None
    if isinstance(inner, urllib3.exceptions.ReadTimeoutError) or "timed out" in text:
        return NoAnswer("timeout", f"{target} stopped answering: {text}")
    if isinstance(inner, urllib3.exceptions.MaxRetryError):
        return NoAnswer("unreachable", f"{target} cannot be reached: {text}")
    return NoAnswer("broken", f"{target} broke the connection, or answered with something that is not HTTP: {text}")


def _cause(error: BaseException) -> str:
    """The innermost reason in words, without addresses of objects."""
    seen: BaseException | None = error
    last = error
    while seen is not None:
        last = seen
        args = [arg for arg in seen.args if isinstance(arg, BaseException)]
        seen = getattr(seen, "reason", None) if isinstance(getattr(seen, "reason", None), BaseException) else None
        seen = seen or (args[0] if args else None)
    text = last.strerror if isinstance(last, OSError) and last.strerror else str(last)
    text = text.split("object at 0x")[-1].split(">: ")[-1] if "object at 0x" in text else text
    return (text or type(last).__name__)[:200]
