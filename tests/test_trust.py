"""Pages and services are untrusted: where requests go, what is sent along, what is written down."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from docassay import cases, pipeline
from docassay.config import Config

from .conftest import answering

JSON = "application/json"
SECRET = "s3cr3t-token-value"


def page(tmp_path: Path, *requests: str, response: str = "HTTP/1.1 200 OK") -> Path:
    text = "# Page\n\n"
    for number, request in enumerate(requests):
        text += f'<!-- {{ "blockType": "request", "name": "r{number}" }} -->\n\n```http\n{request}\n```\n\n'
        text += f'<!-- {{ "blockType": "response" }} -->\n\n```http\n{response}\n```\n\n'
    file = tmp_path / "page.md"
    file.write_text(text, "utf-8")
    return file


def run(docs: Path, target: str, **more):
    options = pipeline.Options(target=target, timeout=2.0, **more)
    loaded = pipeline.load([docs], Config())
    return pipeline.verify(loaded, pipeline.plan(loaded, options), options)


def test_a_page_that_names_another_host_is_blocked_not_followed(tmp_path, serve):
    service, elsewhere = serve(answering(200)), serve(answering(200))
    docs = page(tmp_path, "GET /a", "GET /b", f"GET {elsewhere.url}/steal", "GET //127.0.0.1/steal")
    report = run(docs, service.url)
    assert [verdict.outcome for verdict in report.verdicts] == ["passed", "passed", "blocked", "blocked"]
    assert elsewhere.seen == []
    assert "not the documented service" in report.verdicts[2].reason


@pytest.mark.parametrize(
    "uri",
    [
        "@evil.example/x",
        ":9@evil.example/x",
        "\\\\evil.example\\x",
        ".evil.example/x",
        "/../../x",
        "/%2e%2e/x",
        "//evil.example/x",
    ],
)
def test_no_uri_changes_the_origin(tmp_path, serve, uri):
    service = serve(answering(200))
    report = run(page(tmp_path, f"GET {uri}"), service.url + "/v1.0")
    (verdict,) = report.verdicts
    assert len(service.seen) == (0 if verdict.outcome == "blocked" else 1)
    for _, path, headers, _ in service.seen:
        assert path.startswith("/")
        assert headers["Host"] == service.url.removeprefix("http://")


def test_a_redirect_is_an_answer_and_credentials_stay(tmp_path, serve):
    elsewhere = serve(answering(200))
    service = serve(answering(302, Location=elsewhere.url + "/steal"))
    docs = page(tmp_path, "GET /a", response="HTTP/1.1 302 Found\nLocation: https://x")
    report = run(docs, service.url, headers={"Authorization": f"Bearer {SECRET}"})
    assert report.verdicts[0].outcome == "passed"
    assert elsewhere.seen == []


def test_what_a_page_says_of_credentials_is_never_sent(tmp_path, serve):
    service = serve(answering(200))
    run(
        page(tmp_path, "GET /a\nAuthorization: Bearer of-the-page\nCookie: a=b\nHost: evil.example\nPrefer: x"),
        service.url,
    )
    ((_, _, headers, _),) = service.seen
    assert {"Authorization", "Cookie"}.isdisjoint(headers)
    assert headers["Host"] == service.url.removeprefix("http://")
    assert headers["Prefer"] == "x"


def test_netrc_and_proxies_of_the_environment_play_no_part_on_loopback(tmp_path, serve, monkeypatch):
    service = serve(answering(200))
    (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login me password {SECRET}\n", "utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    report = run(page(tmp_path, "GET /a"), service.url)
    assert report.verdicts[0].outcome == "passed"
    assert "Authorization" not in service.seen[0][2]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "MERGE"])
def test_nothing_is_written_to_another_machine_unasked(tmp_path, method):
    loaded = pipeline.load([page(tmp_path, f"{method} /a", "GET /a", "HEAD /a", "OPTIONS /a")], Config())
    planned = pipeline.plan(loaded, pipeline.Options(target="https://photos.contoso.com"))
    assert [bool(case.blocked) for case in planned] == [True, False, False, False]
    assert "--allow-writes" in planned[0].hint
    allowed = pipeline.plan(loaded, pipeline.Options(target="https://photos.contoso.com", allow_writes=True))
    assert not any(case.blocked for case in allowed)


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:80", True),
        ("http://127.9.9.9", True),
        ("http://localhost/x", True),
        ("http://[::1]:8", True),
        ("http://LOCALHOST.", True),
        ("http://127.0.0.1.evil.example", False),
        ("http://localhost.evil.example", False),
        ("http://10.0.0.1", False),
        ("http://0x7f.1", False),
        ("https://contoso.com", False),
        ("http://[::2]", False),
    ],
)
def test_what_is_this_machine(url, loopback):
    assert cases.is_loopback(url) is loopback


def test_a_name_cannot_put_a_recording_outside_of_its_folder(tmp_path, serve):
    docs = tmp_path / "docs"
    docs.mkdir()
    text = page(tmp_path, "GET /a").read_text("utf-8").replace('"r0"', '"../../../evil"')
    (docs / "page.md").write_text(text, "utf-8")
    run(docs, serve(answering(200)).url, record="once", cassettes=str(tmp_path / "rec"))
    assert [file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*.yaml")] == ["rec/page/evil.yaml"]


def test_a_recording_is_neutral_and_holds_no_credential(tmp_path, serve):
    secret_answer = {"token": SECRET, "access_token": "abc", "self": "", "n": 1}

    def answer(handler):
        secret_answer["self"] = service.url + "/v1.0/a"
        answering(
            200, json.dumps(secret_answer), Content_Type=JSON, Set_Cookie="session=1", Location=service.url + "/v1.0/a"
        )(handler)

    service = serve(answer)
    docs = page(tmp_path, "GET /a?x=1", response=f"HTTP/1.1 200 OK\nContent-Type: {JSON}\n\n" + '{"n": 1}')
    headers = {"Authorization": f"Bearer {SECRET}", "X-Api-Key": "another-secret"}
    recorded = run(docs, service.url + "/v1.0", headers=headers, record="once", cassettes=str(tmp_path / "rec"))
    assert recorded.verdicts[0].outcome == "passed"
    text = (tmp_path / "rec" / "page" / "r0.yaml").read_text("utf-8")
    for hidden in (SECRET, "another-secret", "session=1", "abc", service.url, "127.0.0.1"):
        assert hidden not in text
    (interaction,) = yaml.safe_load(text)["interactions"]
    assert interaction["request"]["uri"] == "http://endpoint/a?x=1"
    assert json.loads(interaction["response"]["body"]["string"])["self"] == "http://endpoint/a"
    replayed = run(docs, "", cassettes=str(tmp_path / "rec"))
    assert replayed.verdicts[0].outcome == "passed"
    assert len(service.seen) == 1
    elsewhere = run(docs, serve(answering(200, "{}")).url + "/other/prefix", cassettes=str(tmp_path / "rec"))
    assert elsewhere.verdicts[0].outcome == "failed"  # live: the recording is not used when there is a target


def test_record_modes(tmp_path, serve):
    service = serve(answering(200, "1", Content_Type="text/plain"))
    docs = page(tmp_path, "GET /a", response="HTTP/1.1 200 OK\nContent-Type: text/plain\n\n1")
    folder = str(tmp_path / "rec")
    for mode, calls in (("once", 1), ("once", 1), ("new", 1), ("all", 2)):
        run(docs, service.url, record=mode, cassettes=folder)
        assert len(service.seen) == calls, mode
    changed = page(tmp_path, "GET /b", response="HTTP/1.1 200 OK\nContent-Type: text/plain\n\n1")
    (finding,) = run(changed, "", cassettes=folder).findings
    assert finding.code == "DA701"
    assert "has changed" in finding.message
    (tmp_path / "rec" / "page" / "r0.yaml").write_text("{ this is: [no cassette", "utf-8")
    (finding,) = run(changed, "", cassettes=folder).findings
    assert "cannot be read" in finding.message
