"""The commands as a user meets them: exit codes, one clear sentence for bad input, JSON as other tools read it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from docassay.cache import VARIABLE

from .conftest import ROOT, answering, shared

JSON = "application/json"
PAGE = """# Photos

<!-- { "blockType": "request", "name": "get_photo" } -->

```http
GET /me/photo
```

<!-- { "blockType": "response" } -->

```http
HTTP/1.1 200 OK
Content-Type: application/json

{ "id": "1" }
```
"""


def docassay(*args: object, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("COV_", "DOCASSAY")) or name == VARIABLE
    } | environment
    command = [sys.executable, "-m", "docassay", *map(str, args)]
    return subprocess.run(
        command, cwd=cwd or ROOT, env=env, capture_output=True, text=True, errors="replace", timeout=60, check=False
    )


@pytest.fixture
def docs(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "photo.md").write_text(PAGE, "utf-8")
    return tmp_path / "docs"


def test_the_main_job_needs_no_target():
    done = docassay("verify", "docs_source")
    assert done.returncode == 0
    assert "12 passed" in done.stdout
    assert done.stderr == ""


def test_the_json_of_verify_is_the_contract(docs, serve):
    server = serve(answering(200, '{"id": 1}', Content_Type=JSON))
    done = docassay("verify", docs, "--target", server.url, "--format", "json")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert set(report) == {"version", "tool", "summary", "findings", "cases"}
    assert report["version"] == 1
    assert report["summary"] == {
        "pages": 1, "blocks": 2, "examples": 1, "cases": 1, "passed": 0, "failed": 1, "blocked": 0, "errors": 1,
        "warnings": 0, "notes": 0,
    }  # fmt: skip
    (finding,) = report["findings"]
    assert set(finding) == {
        "code", "slug", "level", "path", "line", "column", "end_line", "message", "pointer", "documented", "observed",
        "hint", "case", "fingerprint", "fixable",
    }  # fmt: skip
    assert (finding["code"], finding["path"], finding["line"], finding["pointer"]) == ("DA502", "photo.md", 15, "/id")
    (case,) = report["cases"]
    assert set(case) == {"id", "path", "line", "outcome", "reason", "method", "url", "status", "elapsed"}
    assert (case["id"], case["outcome"], case["method"], case["url"], case["status"]) == (
        "photo/get_photo", "failed", "GET", "/me/photo", 200,
    )  # fmt: skip


def test_the_json_of_show_is_the_contract(docs):
    shown = json.loads(docassay("show", docs, "--format", "json").stdout)
    assert set(shown) >= {"pages", "blocks", "examples", "types", "operations"}
    assert set(shown["blocks"][0]) == {
        "path", "line", "fence_line", "fence_end_line", "block_type", "name", "odata_type", "annotation", "method",
        "status", "sha1",
    }  # fmt: skip
    assert [block["line"] for block in shown["blocks"]] == [3, 9]
    assert shown["tally"]["blocks"] == sum(shown["tally"].values()) - shown["tally"]["blocks"] == 2


def test_o_writes_a_file(docs, tmp_path):
    done = docassay("check", docs, "--format", "json", "-o", tmp_path / "report.json")
    assert (done.returncode, done.stdout) == (0, "")
    assert json.loads((tmp_path / "report.json").read_text("utf-8"))["summary"]["pages"] == 1


def test_strict_counts_warnings_as_errors(docs, serve):
    page = docs / "photo.md"
    page.write_text(PAGE.replace('"response"', '"response", "truncated": "true"'), "utf-8")
    assert docassay("check", docs).returncode == 0
    assert docassay("check", docs, "--strict").returncode == 1


def test_select_and_ignore(docs):
    (docs / "photo.md").write_text(PAGE + "\n[x](missing.md)\n\nTODO: more\n", "utf-8")
    assert docassay("check", docs).returncode == 1
    assert docassay("check", docs, "--ignore", "DA102").returncode == 0
    assert "DA102" not in docassay("check", docs, "--select", "DA101,DA2").stdout


# Each: arguments, exit code, what the sentence has to name.
BAD = {
    "no such folder": (["check", "nowhere"], 2, "nowhere"),
    "no PATH and no configuration": (["check"], 2, "docs"),
    "an empty folder": (["check", "empty"], 2, "no Markdown page"),
    "a folder without annotations": (["check", "plain"], 2, "no block is annotated"),
    "a file that is no text": (["check", "binary.md"], 1, "not a text file"),
    "a folder that holds no case": (["verify", "plain"], 2, "no block is annotated"),
    "an unknown command": (["chek", "docs"], 2, "did you mean 'check'"),
    "an unknown option": (["check", "docs", "--formt", "json"], 2, "--format"),
    "an unknown format": (["check", "docs", "--format", "xml"], 2, "json"),
    "an unknown rule": (["rules", "DA999"], 2, "DA999"),
    "an unknown rule to select": (["check", "docs", "--select", "DB1"], 2, "DB1"),
    "a binding without value": (["verify", "docs", "--bind", "id"], 2, "NAME=VALUE"),
    "a binding for nothing": (["verify", "docs", "--bind", "get_phto.id=1"], 2, "did you mean 'get_photo.id'"),
    "a header without colon": (["verify", "docs", "--header", "Bearer x"], 2, "Name: value"),
    "a header that injects": (["verify", "docs", "--header", "A: b\r\nC: d"], 2, "Name: value"),
    "a target without scheme": (["verify", "docs", "--target", "localhost:80"], 2, "http://"),
    "a target of another scheme": (["verify", "docs", "--target", "file:///etc"], 2, "http://"),
    "a target with a bad port": (["verify", "docs", "--target", "http://h:99999"], 2, "--target"),
    "a target with a password": (["verify", "docs", "--target", "http://u:secret@h/"], 2, "--header"),
    "recording from nothing": (["verify", "docs", "--record", "once"], 2, "--target"),
    "a filter that fits nothing": (["verify", "docs", "-k", "nothing"], 2, "-k 'nothing'"),
    "a filter that cannot be read": (["verify", "docs", "-k", "a and"], 2, "-k 'a and'"),
    "no recording": (["verify", "docs"], 1, "there is no recording"),
    "an unreachable target": (["verify", "docs", "--target", "http://127.0.0.1:9"], 1, "cannot be reached"),
    "a place that cannot be written": (["check", "docs", "-o", "no/such/file"], 2, "no/such/file"),
    "a file to bind that is not there": (["verify", "docs", "--bind", "get_photo.body=@none"], 2, "none"),
}


@pytest.mark.parametrize(("args", "code", "names"), BAD.values(), ids=BAD.keys())
def test_bad_input_gets_a_clear_sentence(docs, args, code, names):
    folder = docs.parent
    (folder / "empty").mkdir()
    (folder / "plain").mkdir()
    (folder / "plain" / "page.md").write_text("# Nothing\n", "utf-8")
    (folder / "binary.md").write_bytes(b"\x89PNG\r\n\0\0\0\0\xff")
    done = docassay(*args, cwd=folder)
    said = done.stdout + done.stderr
    assert done.returncode == code, said
    assert names in said
    assert "Traceback" not in said
    assert "secret" not in said
    assert len(said.splitlines()) <= 10


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ("docz = 'docs'", "did you mean 'docs'"),
        ("timeout = 'long'", "timeout"),
        ("docs = ", "cannot be read"),
        ("bind = { id = 5 }", "bind"),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_valid(docs, settings, names):
    (docs.parent / "pyproject.toml").write_text(f"[tool.docassay]\n{settings}\n", "utf-8")
    done = docassay("check", "docs", cwd=docs.parent)
    assert done.returncode == 2
    assert names in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_settings_give_docs_and_bindings(docs, serve):
    (docs / "photo.md").write_text(PAGE.replace("/me/photo", "/users/{id}/photo"), "utf-8")
    (docs.parent / "pyproject.toml").write_text('[tool.docassay]\ndocs = "docs"\nbind = { id = "a b" }\n', "utf-8")
    server = serve(answering(200, '{"id": "1"}', Content_Type=JSON))
    done = docassay("verify", "--target", server.url, cwd=docs.parent)
    assert done.returncode == 0, done.stdout
    assert [path for _, path, _, _ in server.seen] == ["/users/a%20b/photo"]


def test_a_blocked_run_is_not_green_and_says_how_to_go_on(docs):
    (docs / "photo.md").write_text(PAGE.replace("/me/photo", "/users/{id}/photo"), "utf-8")
    done = docassay("verify", docs)
    assert done.returncode == 2
    assert "--bind 'get_photo.id=VALUE'" in done.stdout
    assert "nothing was tested" in done.stdout
    assert "nothing to report" not in done.stdout


def test_a_fault_of_ours_is_exit_code_3_without_a_traceback(docs):
    (docs.parent / "sitecustomize.py").write_text(
        "import sys\nclass Broken:\n    def find_spec(self, name, *_):\n"
        "        if name == 'docassay.contract': raise RuntimeError('boom')\nsys.meta_path.insert(0, Broken())\n",
        "utf-8",
    )
    done = docassay("check", docs, PYTHONPATH=str(docs.parent))
    assert done.returncode == 3
    assert "boom" in done.stderr
    assert "report it" in done.stderr
    assert "Traceback" not in done.stderr


def test_one_cause_is_said_once(docs, serve):
    for number in range(30):
        (docs / f"photo{number}.md").write_text(PAGE, "utf-8")
    server = serve(answering(401, '{"error":{"code":"unauthorized"}}', Content_Type=JSON))
    done = docassay("verify", docs, "--target", server.url)
    assert done.returncode == 1
    assert "31 failed" in done.stdout
    assert len(done.stdout.splitlines()) < 12
    dead = docassay("verify", docs, "--target", "http://127.0.0.1:9")
    assert "31 failed" in dead.stdout
    assert len(dead.stdout.splitlines()) < 12
    offline = docassay("verify", docs)
    assert len(offline.stdout.splitlines()) < 12


def test_several_paths_keep_their_names_apart(docs):
    other = docs.parent / "other"
    other.mkdir()
    (other / "photo.md").write_text(PAGE, "utf-8")
    shown = json.loads(docassay("show", "docs", "other", "--format", "json", cwd=docs.parent).stdout)
    assert [page["path"] for page in shown["pages"]] == ["docs/photo.md", "other/photo.md"]


def test_rules_lists_and_explains():
    listed = docassay("rules")
    assert listed.returncode == 0
    assert "DA502" in listed.stdout
    assert "body-schema" in docassay("rules", "DA502").stdout
    assert docassay("rules", "body-schema").stdout == docassay("rules", "da502").stdout


def test_what_a_page_or_service_says_cannot_steer_the_terminal(docs, serve):
    server = serve(answering(500, "\x1b[2J\x1b]0;owned\x07", Content_Type=JSON))
    done = docassay("verify", docs, "--target", server.url)
    assert "\x1b" not in done.stdout


def test_help_is_quick_to_import():
    heavy = {"requests", "jsonschema", "markdown_it", "vcr"}
    code = f"import sys, docassay.cli; sys.exit(str({heavy} & set(sys.modules)) if {heavy} & set(sys.modules) else 0)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


SEED_FINDINGS = {
    "DA301": [31, 64], "DA302": [85], "DA303": [86], "DA101": [4, 6, 20, 21, 22, 47], "DA102": [13, 41, 43, 53],
    "DA404": [79], "DA407": [68],
}  # fmt: skip


def test_the_seed_page_line_by_line():
    seeds = shared("seeds")
    report = json.loads(docassay("check", seeds, "--format", "json").stdout)
    lines: dict[str, list[int]] = {}
    for finding in report["findings"]:
        lines.setdefault(finding["code"], []).append(finding["line"])
        assert finding["hint"]
    assert lines == SEED_FINDINGS
    (required,) = [finding for finding in report["findings"] if finding["code"] == "DA407"]
    assert required["documented"] == "create-profilephoto.md:47"
    blocked = docassay("verify", seeds)
    assert blocked.returncode == 2
    assert "its URI is unresolved" in blocked.stdout
    assert "--bind 'create_profilephoto_from_.url=" in blocked.stdout


def test_a_reader_that_goes_away_is_no_fault():
    command = [
        sys.executable,
        "-c",
        "import sys\nfrom docassay import cli\nsys.argv = ['docassay', 'rules']\ncli.main()",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as running:
        assert running.stdout
        running.stdout.close()
        assert running.stderr
        assert (running.stderr.read(), running.wait()) == ("", 0)


def test_who_asks_for_a_rule_gets_it(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.docassay]\nignore = ["DA102"]\n')
    (tmp_path / "a.md").write_text("[x](none.md)\n")
    assert "DA102" not in docassay("check", "a.md", cwd=tmp_path).stdout
    assert "DA102" in docassay("check", "a.md", "--select", "DA102", cwd=tmp_path).stdout


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('levels = { DA102 = "fatal" }', "levels: 'DA102' cannot be 'fatal' (valid: error, warning, note, off)"),
        ('[[tool.docassay.paths]]\npath = "a"\nselect = []', "[[tool.docassay.paths]] has no key 'select'"),
        ("timeout = true", "in 'timeout'"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(tmp_path, settings, said):
    (tmp_path / "pyproject.toml").write_text(f"[tool.docassay]\n{settings}\n")
    (tmp_path / "a.md").write_text("# A\n")
    done = docassay("check", "a.md", cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert "$" not in done.stderr
