"""Pages and services made to break a tool: each ends soon, in a verdict or a clear sentence."""

from __future__ import annotations

import base64
import gzip
import json
import os
import time

import pytest

from docassay import pipeline
from docassay.config import Config

from .conftest import answering
from .test_cli import PAGE, docassay

JSON = "application/json"
RESOURCE = '<!-- { "blockType": "resource", "@odata.type": "%s"%s } -->\n\n```json\n%s\n```\n\n'
PAIR = (
    '<!-- { "blockType": "request", "name": "get_it" } -->\n\n```http\nGET /it\n```\n\n'
    '<!-- { "blockType": "response", "@odata.type": "%s" } -->\n\n```http\nHTTP/1.1 200 OK\n'
    "Content-Type: application/json\n\n%s\n```\n"
)


def write(tmp_path, text, name="page.md"):
    folder = tmp_path / "docs"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, "utf-8")
    return folder


def check(folder):
    return pipeline.check([folder], Config())


def verify(folder, target, **more):
    options = pipeline.Options(target=target, **{"timeout": 1.0, **more})
    loaded = pipeline.load([folder], Config())
    return pipeline.verify(loaded, pipeline.plan(loaded, options), options)


# --- pages -------------------------------------------------------------------------------------------------------

PAGES = {
    "a circle of base types": RESOURCE % ("x", ', "baseType": "y"', '{"id": "String"}')
    + RESOURCE % ("y", ', "baseType": "x"', '{"id": "String"}')
    + PAIR % ("x", '{"id": 1}'),
    "a long line of base types": "".join(
        RESOURCE % (f"t{n}", f', "baseType": "t{n + 1}"', '{"id": "String"}') for n in range(400)
    )
    + PAIR % ("t0", '{"id": 1}'),
    "type names of odd characters": RESOURCE % ("a/b~c%20d#é", "", '{"id": "String"}')
    + PAIR % ("a/b~c%20d#é", '{"id": 1}'),
    "a deep example": RESOURCE % ("n", "", '{"child": {"@odata.type": "n"}}')
    + PAIR % ("n", '{"child": ' * 250 + "1" + "}" * 250),
    "a very deep example": PAIR % ("n", '{"a":' * 10_000 + "1" + "}" * 10_000),
    "many resources and tables": "".join(
        RESOURCE % (f"t{n}", "", '{"id": "String"}') + "|Property|Type|\n|:--|:--|\n|id|String|\n\n"
        for n in range(2000)
    ),
    "many unnamed pairs": (PAIR % ("x", "{}")).replace(', "name": "get_it"', "") * 4000,
    "many pairs of one name": (PAIR % ("x", "{}")).replace('"response"', '"response", "name": "get_it"') * 3000,
    "many annotations in a row": '<!-- { "blockType": "ignored" } -->\n' * 30_000,
    "one line of many links": "[a](b.md) " * 30_000,
    "blanks in a request": PAIR.replace("/it", "/" + " " * 100_000 + "x") % ("x", "{}"),
    "open brackets": "[" * 100_000 + "\n\n" + "a`" * 50_000 + "\n\n" + "[a](" * 50_000,
    "a large broken body": PAIR % ("x", '{"a": [' + '{"b": 1,},' * 30_000 + "]}"),
    "blanks in front matter": "---\na: " + "b " * 50_000 + '"\n---\n\n' + PAIR % ("x", "{}"),
}


@pytest.mark.parametrize("text", PAGES.values(), ids=PAGES.keys())
def test_a_page_made_to_break_the_reader(tmp_path, text):
    assert check(write(tmp_path, text)).pages == 1


def test_a_pipe_among_the_pages_is_not_waited_for(tmp_path):
    folder = write(tmp_path, PAGE)
    os.mkfifo(folder / "pipe.md")
    assert check(folder).pages == 1


def test_annotations_that_only_look_lost_are_reported(tmp_path):
    text = '# A\n\n<!-- [{ "blockType": "request" }] -->\n\n```http\nGET /a\n```\n\n'
    text += '<!-- { "blockType": "ignored"\n\nText\n\n'
    text += '<!-- { "blockType": "ignored" } -->\n\n```http\nGET /b\n```\n'
    found = {(one.code, one.line) for one in check(write(tmp_path, text)).findings}
    assert ("DA202", 3) in found
    assert ("DA207", 9) in found


# --- services ----------------------------------------------------------------------------------------------------


def trickle_head(handler):
    for byte in b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100:
        handler.wfile.write(bytes([byte]))
        time.sleep(0.1)


def trickle_body(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b"x")
        time.sleep(0.1)


def endless(handler):
    handler.send_response(200)
    handler.end_headers()
    handler.close_connection = True
    for _ in range(3000):  # at most 3 GB, if nobody hangs up
        handler.wfile.write(b"x" * 1_000_000)


@pytest.mark.parametrize("record", ["none", pytest.param("all", marks=pytest.mark.slow)])
@pytest.mark.parametrize("answer", [trickle_head, trickle_body, endless])
def test_a_service_that_never_ends_is_given_up(tmp_path, serve, answer, record):
    started = time.monotonic()
    folder = write(tmp_path, PAGE)
    report = verify(folder, serve(answer).url, record=record, cassettes=str(tmp_path / "rec"))
    assert [one.code for one in report.findings] == ["DA507"]
    assert time.monotonic() - started < 8
    assert not (tmp_path / "rec").exists()


def test_a_gzip_bomb_is_not_unpacked(tmp_path, serve):
    bomb = gzip.compress(b"0" * 300_000_000)
    service = serve(answering(200, bomb, Content_Type=JSON, Content_Encoding="gzip"))
    (finding,) = verify(write(tmp_path, PAGE), service.url, timeout=20.0).findings
    assert "more than 64 MiB" in finding.message


def test_a_deep_or_wide_answer_is_judged(tmp_path, serve):
    folder = write(
        tmp_path, RESOURCE % ("n", "", '{"id": "String", "child": {"@odata.type": "n"}}') + PAIR % ("n", '{"id": "1"}')
    )
    deep = '{"id": "1", "child": ' * 300 + "{}" + "}" * 300
    (finding,) = verify(folder, serve(answering(200, deep, Content_Type=JSON)).url).findings
    assert (finding.code, "deeper" in finding.message) == ("DA506", True)
    wide = json.dumps({"id": "1"} | {f"k{n}": n for n in range(20_000)})
    report = verify(folder, serve(answering(200, wide, Content_Type=JSON)).url, timeout=10.0)
    assert {one.code for one in report.findings} == {"DA505"}


SECRET = "s3cr3t+tok/en=="


def echo(handler):
    """Sends back everywhere what it was sent."""
    handler.send_response(200, f"OK {SECRET}")
    for name, value in {"X-Echo": SECRET, "X-Quoted": "s3cr3t%2Btok%2fen%3D%3D", "Content-Type": JSON}.items():
        handler.send_header(name, value)
    spellings = [SECRET.replace("/", "%252F"), SECRET.replace("t", "%74"), base64.b64encode(SECRET.encode()).decode()]
    body = json.dumps({"id": 5, SECRET: SECRET, "text": f"Bearer {SECRET}", "more": spellings}).encode()
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def test_a_service_that_echoes_credentials_gets_them_nowhere(tmp_path, serve):
    folder = write(tmp_path, PAGE.replace("GET /me/photo", 'POST /me/photo\n\n{ "password": "hunter22", "t": "1" }'))
    for form in ("text", "json"):
        done = docassay(
            "verify", folder, "--target", serve(echo).url, "--header", f"Authorization: Bearer {SECRET}",
            "--record", "all", "--cassettes", tmp_path / "rec", "--format", form,
        )  # fmt: skip
        assert done.returncode == 1
        assert "s3cr3t" not in done.stdout + done.stderr
        assert "czNjcjN0" not in done.stdout + done.stderr
    (recording,) = (tmp_path / "rec").rglob("*.yaml")
    text = recording.read_text("utf-8")
    assert "REDACTED" in text
    assert "s3cr3" not in text
    assert "czNjcjN0" not in text
    assert "hunter22" not in text


# --- surroundings ------------------------------------------------------------------------------------------------


def test_a_filter_that_ends_in_a_comma_filters_as_before(tmp_path):
    folder = write(tmp_path, PAGE + "\n[x](missing.md)\n\nTODO: more\n")
    assert docassay("check", folder, "--ignore", "DA101,").returncode == 1
    assert "DA101" not in docassay("check", folder, "--select", "DA102,").stdout
    assert "DA102" in docassay("check", folder, "--select", "broken-link").stdout


@pytest.mark.parametrize("setting", ["timeout = 0", "timeout = -1.0", "timeout = nan", "ignore = ['DA9']", "docs = 3"])
def test_a_senseless_setting_is_refused(tmp_path, setting):
    write(tmp_path, PAGE)
    (tmp_path / "pyproject.toml").write_text(f"[tool.docassay]\n{setting}\n", "utf-8")
    done = docassay("verify", "docs", "--target", "http://127.0.0.1:9", cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_no_fault_of_ours(tmp_path):
    folder = write(tmp_path, PAGE)
    done = docassay("check", folder, "-o", "/dev/full")
    assert done.returncode == 2
    assert "No space left" in done.stderr


def test_any_terminal_can_show_the_report(tmp_path):
    folder = write(tmp_path, PAGE + "\nTODO: café → 日本\n")
    done = docassay("check", folder, PYTHONIOENCODING="latin-1")
    assert done.returncode == 0
    assert "\\u2192" in done.stdout
    assert docassay("check", "--help", PYTHONIOENCODING="latin-1").returncode == 0


def test_names_cannot_steer_the_terminal(tmp_path):
    folder = write(tmp_path, PAGE.replace("get_photo", "a\\u001b[31m") + "\n[x](missing.md)\n", "a\x1b[31mred.md")
    for command in ("check", "show", "verify"):
        assert "\x1b" not in docassay(command, folder).stdout


def test_a_recording_spares_the_target_and_says_so(tmp_path, serve):
    folder, rec = write(tmp_path, PAGE), tmp_path / "rec"
    good = serve(answering(200, '{"id": "1"}', Content_Type=JSON))
    denied = serve(answering(401, "{}", Content_Type=JSON))
    options = ("--record", "once", "--cassettes", rec)
    assert docassay("verify", folder, "--target", denied.url, *options).returncode == 1
    assert not rec.exists()  # what a missing permission gave is no recording
    assert docassay("verify", folder, "--target", good.url, *options).returncode == 0
    again = docassay("verify", folder, "--target", denied.url, *options)
    assert again.returncode == 0
    assert "1 came from recordings" in again.stdout
    assert len(denied.seen) == 1
