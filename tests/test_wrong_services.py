"""A generated page, faults and all, against a service that answers it honestly and in many wrong ways.

Every wrong way has to be found, by the right rule; the honest ways must raise no alarm.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from docassay import pipeline
from docassay.config import Config

from .conftest import answering, shared

STUB = Path(__file__).parent / "pages" / "stub"
NAME = "create_thumbnail_from_"
TYPE = "#Contoso.Media.Svc.thumbnail"
JSON = "application/json"


def verify(target: str, docs: Path = STUB, name: str = NAME, **more) -> pipeline.Report:
    bindings = {f"{name}.url": "/me/thumbnails"}
    options = pipeline.Options(target=target, bindings=bindings, timeout=more.pop("timeout", 2.0), **more)
    loaded = pipeline.load([docs], Config())
    return pipeline.verify(loaded, pipeline.plan(loaded, options), options)


def body(**more) -> str:
    return json.dumps({"@odata.type": TYPE, "id": "7"} | more)


HONEST = {
    "as documented": answering(201, body(), Content_Type=JSON),
    "with a charset": answering(201, body(), Content_Type="application/json; charset=utf-8"),
    "in other letter case": answering(201, body(), Content_Type="Application/JSON;odata.metadata=minimal"),
    "with control information": answering(
        201, body(**{"@odata.context": "x", "@odata.etag": "y", "id@odata.type": "#Guid"}), Content_Type=JSON
    ),
    "without control information": answering(201, json.dumps({"id": "7"}), Content_Type=JSON),
    "with an empty id": answering(201, body(id=""), Content_Type=JSON),
    "with more header fields": answering(
        201, body(), Content_Type=JSON, Location="/me/thumbnails/7", ETag='"1"', X_Any="1"
    ),
    "type without the number sign": answering(201, body(**{"@odata.type": TYPE[1:]}), Content_Type=JSON),
    "with a byte order mark": answering(201, b"\xef\xbb\xbf" + body().encode(), Content_Type=JSON),
}

WRONG = {
    "200": (answering(200, body(), Content_Type=JSON), "DA501"),
    "202 without body": (answering(202), "DA501"),
    "204": (answering(204), "DA501"),
    "302": (answering(302, Location="/elsewhere"), "DA501"),
    "400 with an error": (answering(400, '{"error":{"code":"x"}}', Content_Type=JSON), "DA501"),
    "500 in HTML": (answering(500, "<html>", Content_Type="text/html"), "DA501"),
    "text/html": (answering(201, body(), Content_Type="text/html"), "DA503"),
    "problem+json": (answering(201, body(), Content_Type="application/problem+json"), "DA503"),
    "no Content-Type": (answering(201, body()), "DA503"),
    "no body": (answering(201, b"", Content_Type=JSON), "DA506"),
    "HTML called JSON": (answering(201, "<html></html>", Content_Type=JSON), "DA506"),
    "cut JSON": (answering(201, body()[:-3], Content_Type=JSON), "DA506"),
    "a trailing comma": (answering(201, '{"id": "7",}', Content_Type=JSON), "DA506"),
    "NaN": (answering(201, '{"id": NaN}', Content_Type=JSON), "DA506"),
    "bytes that are no UTF-8": (answering(201, b'{"id": "\xff"}', Content_Type=JSON), "DA506"),
    "two values": (answering(201, body() + body(), Content_Type=JSON), "DA506"),
    "no id": (answering(201, json.dumps({"@odata.type": TYPE}), Content_Type=JSON), "DA502"),
    "an empty object": (answering(201, "{}", Content_Type=JSON), "DA502"),
    "ID for id": (answering(201, json.dumps({"ID": "7"}), Content_Type=JSON), "DA502"),
    "a number for id": (answering(201, body(id=7), Content_Type=JSON), "DA502"),
    "a boolean for id": (answering(201, body(id=True), Content_Type=JSON), "DA502"),
    "an object for id": (answering(201, body(id={}), Content_Type=JSON), "DA502"),
    "an array for id": (answering(201, body(id=[]), Content_Type=JSON), "DA502"),
    "null for id": (answering(201, body(id=None), Content_Type=JSON), "DA508"),
    "another type": (answering(201, body(**{"@odata.type": "#Contoso.Media.Svc.video"}), Content_Type=JSON), "DA502"),
    "null for the type": (answering(201, body(**{"@odata.type": None}), Content_Type=JSON), "DA502"),
    "a number for the type": (answering(201, body(**{"@odata.type": 1}), Content_Type=JSON), "DA502"),
    "an array of it": (answering(201, f"[{body()}]", Content_Type=JSON), "DA502"),
    "it in value": (answering(201, json.dumps({"value": [{"id": "7"}]}), Content_Type=JSON), "DA502"),
    "a string": (answering(201, '"7"', Content_Type=JSON), "DA502"),
    "null": (answering(201, "null", Content_Type=JSON), "DA508"),
    "a body shorter than it says": (answering(201, body(), Content_Type=JSON, Content_Length="999"), "DA507"),
    "gzip that is none": (answering(201, body(), Content_Type=JSON, Content_Encoding="gzip"), "DA507"),
}


@pytest.mark.parametrize("answer", HONEST.values(), ids=HONEST.keys())
def test_no_alarm_on_an_honest_service(serve, answer):
    report = verify(serve(answer).url)
    assert [verdict.outcome for verdict in report.verdicts] == ["passed"]
    assert not [finding for finding in report.findings if finding.level == "error"]


@pytest.mark.parametrize(("answer", "code"), WRONG.values(), ids=WRONG.keys())
def test_every_wrong_way_is_found(serve, answer, code):
    report = verify(serve(answer).url, timeout=1.0)
    assert [verdict.outcome for verdict in report.verdicts] == ["failed"]
    assert {finding.code for finding in report.findings if finding.level == "error"} == {code}
    assert report.exit_code == 1


def test_the_finding_cites_page_and_observation(serve):
    (finding,) = verify(serve(answering(201, body(id=240), Content_Type=JSON)).url).findings
    assert finding.pointer == "/id"
    assert finding.observed == "240"
    assert finding.message == "'id' is documented as a string"
    page = (STUB / "create-thumbnail.md").read_text("utf-8").split("\n")
    assert '"id"' in page[finding.line - 1]
    assert finding.documented is not None
    assert finding.case == f"create-thumbnail/{NAME}"


def test_what_is_sent_is_what_the_page_shows(serve):
    server = serve(answering(201, body(), Content_Type=JSON))
    verify(server.url + "/v1.0/", headers={"Authorization": "Bearer secret"})
    ((method, path, headers, sent),) = server.seen
    assert (method, path) == ("POST", "/v1.0/me/thumbnails")
    assert headers["Content-Type"] == JSON
    assert headers["Authorization"] == "Bearer secret"
    assert headers["Content-Length"] == str(len(sent))
    assert json.loads(sent) == {"@odata.type": TYPE}


def garbage(handler) -> None:
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    handler.close_connection = True


def silence(handler) -> None:
    time.sleep(1.5)
    handler.close_connection = True


def trickle(handler) -> None:
    handler.send_response(201)
    handler.send_header("Content-Type", JSON)
    handler.end_headers()
    for _ in range(40):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.1)


def hang_up(handler) -> None:
    handler.connection.close()
    handler.close_connection = True


@pytest.mark.parametrize("answer", [garbage, silence, trickle, hang_up])
def test_a_target_that_speaks_no_http_is_one_clear_sentence(serve, answer):
    started = time.monotonic()
    report = verify(serve(answer).url, timeout=0.4)
    (finding,) = report.findings
    assert finding.code == "DA507"
    assert "Traceback" not in finding.message
    assert "object at 0x" not in finding.message
    assert time.monotonic() - started < 10


def test_an_unreachable_target_is_said_once(capsys):
    report = verify("http://127.0.0.1:9")
    (finding,) = report.findings
    assert finding.code == "DA507"
    assert "refused" in finding.message
    assert report.exit_code == 1


def test_the_original_stub(serve):
    seeds = shared("seeds")
    kind = "#Microsoft.Teams.GraphSvc.profilePhoto"
    honest = json.dumps({"@odata.type": kind, "id": "6945eb5a"})
    name = "create_profilephoto_from_"
    report = verify(serve(answering(201, honest, Content_Type=JSON)).url, seeds, name)
    assert [verdict.outcome for verdict in report.verdicts] == ["passed"]
    assert report.findings == ()
    for answer, code in WRONG.values():
        report = verify(serve(answer).url, seeds, name, timeout=1.0)
        assert report.exit_code == 1
        if code == "DA501":
            assert {finding.code for finding in report.findings} == {"DA501"}
