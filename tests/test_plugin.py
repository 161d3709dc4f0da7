"""pytest as the runner: the same cases and verdicts as the command, and a good neighbour to everybody else's tests."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from .conftest import ROOT, answering

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

<!-- { "blockType": "request", "name": "get_other" } -->

```http
GET /users/{id}/photo
```

<!-- { "blockType": "response" } -->

```http
HTTP/1.1 204 No Content
```
"""


@pytest.fixture
def project(pytester):
    (pytester.mkdir("docs") / "photo.md").write_text(PAGE, "utf-8")
    pytester.makepyprojecttoml(
        '[tool.docassay]\ndocs = "docs"\n[tool.pytest.ini_options]\naddopts = ["--block-network"]\n'
    )
    suites = pytester.mkdir("suites")
    for name in ("conftest.py", "suites/test_docs.py", "suites/test_replay.py"):
        text = (ROOT / name).read_text("utf-8").replace('pytest_plugins = ["pytester"]\n', "")
        ((suites if "/" in name else pytester.path) / name.rsplit("/", 1)[-1]).write_text(text, "utf-8")
    return pytester


def test_ids_are_those_of_the_command(project):
    collected = project.runpytest_subprocess("--collect-only", "-q", "suites").outlines
    assert "suites/test_docs.py::test_the_page_is_sound[photo.md]" in collected
    replay = "suites/test_replay.py::test_the_service_does_what_the_page_says"
    assert f"{replay}[photo/get_photo]" in collected
    assert f"{replay}[photo/get_other]" in collected


def test_offline_without_a_recording_fails_loudly(project):
    result = project.runpytest_subprocess("suites/test_replay.py", "-rs")
    result.assert_outcomes(failed=1, skipped=1)
    result.stdout.fnmatch_lines(
        ["*DA701*there is no recording*photo/get_photo.yaml*", "*blocked: {id} has no value*--bind*"]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_record_once_then_replay_offline(project, serve):
    service = serve(answering(200, '{"id": "7"}', Content_Type=JSON))
    target = (
        "--docassay-target",
        service.url,
        "--docassay-bind",
        "id=5",
        "--docassay-header",
        "Authorization: Bearer abcdef",
    )
    result = project.runpytest_subprocess("suites/test_replay.py", "--record-mode=once", *target)
    result.assert_outcomes(passed=1, failed=1)  # the other is documented as 204
    recorded = (project.path / "cassettes" / "photo" / "get_photo.yaml").read_text("utf-8")
    assert "http://endpoint/me/photo" in recorded
    assert "abcdef" not in recorded
    assert "127.0.0.1" not in recorded
    sent = len(service.seen)
    offline = project.runpytest_subprocess("suites/test_replay.py", "-k", "get_photo")
    offline.assert_outcomes(passed=1)
    assert len(service.seen) == sent
    command = subprocess.run(
        [sys.executable, "-m", "docassay", "verify", "-k", "get_photo", "--format", "json"],
        cwd=project.path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert json.loads(command.stdout)["summary"]["passed"] == 1


def test_live_needs_no_recording_and_makes_none(project, serve):
    service = serve(answering(200, '{"id": 7}', Content_Type=JSON))
    options = ("--docassay-target", service.url, "--allowed-hosts", "127.0.0.1")
    result = project.runpytest_subprocess("suites/test_replay.py", *options)
    result.assert_outcomes(failed=1, skipped=1)
    result.stdout.fnmatch_lines(
        ["*docs/photo.md:15:1: DA502 body-schema: 'id' is documented as a string", "*observed*7*"]
    )
    assert not (project.path / "cassettes").exists()


def test_a_page_with_a_fault_fails_under_its_name(project):
    (project.path / "docs" / "other.md").write_text("# Other\n\n[x](missing.md)\n", "utf-8")
    result = project.runpytest_subprocess("suites/test_docs.py")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*other.md:3:5: DA102 broken-link:*", "*3 | [[]x](missing.md)", "*|     ^^^^^^^^^^"])


def test_nothing_to_test_is_not_green(project):
    page = project.path / "docs" / "photo.md"
    page.write_text(PAGE.replace("/me/photo", "/users/{id}/photo"), "utf-8")
    project.runpytest_subprocess("suites/test_replay.py").assert_outcomes(failed=2)
    page.write_text("# Nothing\n", "utf-8")
    result = project.runpytest_subprocess("suites/test_replay.py")
    assert result.ret != 0
    (project.path / "pyproject.toml").write_text("[tool.docassay]\ndocz = 1\n", "utf-8")
    result = project.runpytest_subprocess("suites/test_replay.py")
    assert result.ret != 0
    assert any("did you mean 'docs'" in line for line in (*result.outlines, *result.errlines))


def test_other_peoples_tests_notice_nothing(pytester):
    pytester.makepyfile(
        """
        import sys, pytest

        @pytest.mark.parametrize("case", [1, 2])
        def test_own_case(case):
            assert case

        @pytest.fixture
        def page():
            return 3

        def test_own_page(page):
            assert page == 3

        def test_nothing_heavy_was_imported():
            heavy = {"requests", "jsonschema", "markdown_it", "vcr", "docassay.pipeline"} & set(sys.modules)
            assert not heavy
        """
    )
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=4)


def test_the_plugin_imports_nothing_heavy():
    code = (
        "import sys, pytest; before = set(sys.modules); import docassay.pytest_plugin; "
        "new = {name.partition('.')[0] for name in set(sys.modules) - before} - {'docassay'}; "
        "sys.exit(str(new) if new else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_recording_needs_no_conftest_to_keep_credentials_out(project, serve):
    (project.path / "conftest.py").unlink()
    (project.path / "suites" / "conftest.py").unlink(missing_ok=True)
    service = serve(answering(200, '{"id": "7"}', Content_Type=JSON))
    options = (
        "--record-mode=once",
        "--docassay-target",
        service.url,
        "--docassay-header",
        "Authorization: Bearer abcdef",
    )
    project.runpytest_subprocess("suites/test_replay.py", "-k", "get_photo", *options).assert_outcomes(passed=1)
    recorded = (project.path / "cassettes" / "photo" / "get_photo.yaml").read_text("utf-8")
    assert "abcdef" not in recorded
    assert "127.0.0.1" not in recorded
    project.runpytest_subprocess("suites/test_replay.py", "-k", "get_photo").assert_outcomes(passed=1)
    assert len(service.seen) == 1


def test_a_bad_target_is_one_sentence(project):
    result = project.runpytest_subprocess("suites/test_replay.py", "--docassay-target", "nope")
    assert result.ret != 0
    said = [*result.outlines, *result.errlines]
    assert any("write a URL with scheme and host" in line for line in said)
    assert not any("pipeline.py" in line for line in said)
