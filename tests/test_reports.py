"""Reports for machines: what they hold, and that no page can break out of them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from docassay import fixes, pipeline
from docassay.config import Config
from docassay.reports import FORMATS, Context

from .conftest import answering
from .test_fixes import BROKEN

HOSTILE = "::error::x%0A\r\n]]><script>\x1b[31m\x00 & \"'<!-- --> \ud800 \ufffe 😀"


@pytest.fixture
def report(tmp_path):
    """Findings of all levels, with fixes, on pages with names and texts that are hard to write."""
    (tmp_path / "a b,c%é.md").write_text(BROKEN.replace("Photos.md", "none.md"))
    (tmp_path / "photos.md").write_text("# Photos\n\n[x](Photos.md)\n")
    hostile = HOSTILE.replace("\ud800", "").encode("utf-8")
    (tmp_path / "hostile.md").write_bytes(
        b'# A\n\n<!-- { "blockType": "' + hostile + b'" } -->\n```\nx\n```\n[y](<' + hostile + b".md>)\n"
    )
    return pipeline.check([tmp_path], Config())


def render(report, form: str, **context: object) -> str:
    return FORMATS[form](report, Context(**context))


# --- SARIF -------------------------------------------------------------------------------------------------------


def test_sarif_names_rules_places_and_fingerprints(report):
    log = json.loads(render(report, "sarif", prefix="docs/"))
    (run,) = log["runs"]
    assert (log["version"], run["columnKind"]) == ("2.1.0", "unicodeCodePoints")
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted({one.code for one in report.findings})
    assert all(rule["help"]["markdown"] and rule["shortDescription"]["text"] for rule in rules)
    for one, result in zip(report.findings, run["results"], strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == one.code
        place = result["locations"][0]["physicalLocation"]
        assert unquote(place["artifactLocation"]["uri"]) == f"docs/{one.path}"
        assert (place["region"]["startLine"], place["region"]["startColumn"]) == (one.line, one.column)
        assert result["level"] == one.level
        assert list(result["partialFingerprints"].values()) == [one.fingerprint]


def test_the_fixes_of_sarif_do_what_fix_does(report):
    log = json.loads(render(report, "sarif"))
    page = BROKEN.replace("Photos.md", "none.md")
    wanted = [fix for one in report.findings if one.path.startswith("a b") for fix in one.fixes]
    replacements = [
        replacement
        for result in log["runs"][0]["results"]
        for fix in result.get("fixes", [])
        for change in fix["artifactChanges"]
        for replacement in change["replacements"]
        if unquote(change["artifactLocation"]["uri"]).startswith("a b")
    ]
    assert len(replacements) == len(wanted) > 5
    lines = page.split("\n")
    for one in sorted(
        replacements,
        key=lambda one: (one["deletedRegion"]["startLine"], one["deletedRegion"]["startColumn"]),
        reverse=True,
    ):
        region = one["deletedRegion"]
        first, last = region["startLine"], region.get("endLine", region["startLine"])
        before, behind = lines[first - 1][: region["startColumn"] - 1], lines[last - 1][region["endColumn"] - 1 :]
        lines[first - 1 : last] = (before + one.get("insertedContent", {"text": ""})["text"] + behind).split("\n")
    theirs = re.sub(r"[ \t]+$", "", "\n".join(lines), flags=re.MULTILINE)
    ours = re.sub(r"[ \t]+$", "", fixes.mend(page.encode(), wanted)[0].decode(), flags=re.MULTILINE)
    assert theirs.replace("  {\n", "{\n") == ours.replace("  {\n", "{\n")


# --- GitHub ------------------------------------------------------------------------------------------------------


def test_github_gets_one_line_for_each_finding_errors_first(report):
    lines = render(report, "github", prefix="docs/").splitlines()
    commands = [re.fullmatch(r"::(error|warning|notice) (file=.*)::(.*)", line) for line in lines[:-1]]
    assert all(commands)
    assert len(commands) == len(report.findings)
    kinds = [command[1] for command in commands]
    assert kinds == sorted(kinds, key=["error", "warning", "notice"].index)
    assert lines[-1].startswith("docassay check: ")
    assert any("file=docs/a b%2Cc%25é.md," in line for line in lines)


def test_no_page_can_write_a_command_of_its_own(report):
    text = render(report, "github")
    assert [line for line in text.splitlines() if line.startswith("::") and "file=" not in line] == []
    assert text.count("\n") == len(report.findings) + 1


# --- JUnit -------------------------------------------------------------------------------------------------------


def test_junit_has_a_case_for_each_page(report):
    root = ElementTree.fromstring(render(report, "junit"))
    (suite,) = root
    cases = {case.get("name"): case for case in suite}
    assert set(cases) == {"a b,c%é.md", "hostile.md", "photos.md"}
    failed = {one.path for one in report.findings if one.level == "error"}
    assert {name for name, case in cases.items() if case.find("failure") is not None} == failed
    assert (suite.get("tests"), suite.get("failures")) == ("3", str(len(failed)))
    assert "DA109" in cases["photos.md"].find("system-out").text


def test_junit_of_a_verification_has_a_case_for_each_example(tmp_path, serve):
    pair = (
        '<!-- {{ "blockType": "request", "name": "{0}" }} -->\n```http\nGET /{1}\n```\n\n'
        '<!-- {{ "blockType": "response" }} -->\n```http\nHTTP/1.1 {2} X\n```\n\n'
    )
    (tmp_path / "get.md").write_text(
        pair.format("good", "a", 200) + pair.format("bad", "a", 404) + pair.format("open", "{id}", 200)
    )
    loaded = pipeline.load([tmp_path], Config())
    options = pipeline.Options(target=serve(answering(200)).url)
    root = ElementTree.fromstring(render(pipeline.verify(loaded, pipeline.plan(loaded, options), options), "junit"))
    cases = {case.get("name"): [child.tag for child in case] for case in root[0]}
    assert cases == {"good": [], "bad": ["failure"], "open": ["skipped"]}
    assert (root[0].get("tests"), root[0].get("failures"), root[0].get("skipped")) == ("3", "1", "1")
    assert root[0][1].find("failure").get("type") == "DA501"


@pytest.mark.slow
def test_the_validator_of_sarif_finds_nothing_but_that_there_is_no_site(report, tmp_path, tmp_path_factory):
    npm = shutil.which("npm")
    if npm is None or sys.platform != "linux":
        pytest.skip("needs npm, and Linux")
    folder = tmp_path_factory.mktemp("multitool")
    install = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), "@microsoft/sarif-multitool@5"]
    done = subprocess.run(install, capture_output=True, text=True, timeout=300)
    tool = next(folder.glob("node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"), None)
    if tool is None:
        pytest.skip(f"needs the SARIF Multitool, which npm did not install: {done.stderr.strip()[-200:]}")
    tool.chmod(0o755)

    def validate(log: object) -> list[str]:
        (tmp_path / "log.sarif").write_text(json.dumps(log))
        command = [tool, "validate", tmp_path / "log.sarif", "-o", tmp_path / "said.sarif", "--log", "ForceOverwrite"]
        subprocess.run([*command, "--rule-kind", "Sarif;Ghas"], check=True, capture_output=True, timeout=60)
        (run,) = json.loads((tmp_path / "said.sarif").read_text("utf-8-sig"))["runs"]
        return [one["ruleId"] for one in run["results"]]

    log = json.loads(render(report, "sarif"))
    assert validate(log) == ["SARIF2005"]  # docassay names no site: it has none
    log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    assert "JSON1008" in validate(log)


@pytest.mark.parametrize("form", FORMATS)
def test_what_stands_on_a_page_steers_nothing(report, form):
    text = render(report, form)
    assert "\x1b" not in text
    assert "\x00" not in text
    if form == "junit":
        ElementTree.fromstring(text)
    if form in ("json", "sarif"):
        json.loads(text)


def test_every_format_is_described():
    described = (Path(__file__).parent.parent / "docs" / "reports.md").read_text("utf-8")
    assert all(f"`{form}`" in described for form in FORMATS)
