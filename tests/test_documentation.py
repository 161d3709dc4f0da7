"""What the documentation says of the code is what the code says. `DOCASSAY_UPDATE=1` writes it anew."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from docassay import testing
from docassay.reports import catalogue
from docassay.rules import RULES

from .conftest import ROOT, shared

README = ROOT / "README.md"
_TABLE = re.compile(r"(?<=<!-- rules -->\n).*?(?=<!-- end of rules -->)", re.DOTALL)


def hold(file: Path, text: str) -> None:
    if os.environ.get("DOCASSAY_UPDATE"):
        file.write_text(text, "utf-8")
    assert file.read_text("utf-8") == text, f"{file.name} has drifted: run DOCASSAY_UPDATE=1 pytest {__file__}"


def test_the_page_of_the_rules():
    hold(ROOT / "docs" / "rules.md", catalogue.page())


def test_the_table_of_the_readme():
    text = README.read_text("utf-8")
    assert _TABLE.search(text)
    hold(README, _TABLE.sub(lambda _: catalogue.table(), text))


@pytest.mark.parametrize("page", [README, *sorted((ROOT / "docs").glob("*.md"))], ids=lambda page: page.name)
def test_links_of_our_own_pages_lead_somewhere(page):
    assert [finding for finding in testing.check_page(page) if finding.code == "DA102"] == []


@pytest.mark.parametrize("command", ["check", "show", "verify", "export", "rules"])
def test_the_readme_names_every_command(command):
    assert f"docassay {command}" in README.read_text("utf-8")


GUIDE = ROOT / "docs" / "from-api-doctor.md"


def test_the_guide_for_migration_names_rules_that_there_are():
    named = set(re.findall(r"DA\d{3}", GUIDE.read_text("utf-8")))
    assert len(named) > 20
    assert named - RULES.keys() == set()


def test_the_guide_for_migration_has_every_code_of_api_doctor():
    listed = (shared("reference") / "api-doctor.md").read_text("utf-8")
    table = listed.partition("\n## 5.")[2].partition("\n## 6.")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| ")][1:]
    codes = {code for row in rows for code in re.findall(r"\w+", row)}
    assert len(codes) > 90
    text = GUIDE.read_text("utf-8").partition("\n## Codes")[2]
    assert codes - set(re.findall(r"`(\w+)`", text)) == set()


def test_the_workflow_is_shown_as_it_is():
    text = (ROOT / "docs" / "continuous-integration.md").read_text("utf-8")
    assert (ROOT / "docs" / "examples" / "docassay.yml").read_text("utf-8") in text


@pytest.fixture(scope="session")
def wheel(tmp_path_factory) -> Path:
    """The package as users install it."""
    folder = tmp_path_factory.mktemp("wheel")
    run(["pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)], ROOT)
    return folder


def run(command: list[str], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command of the environment that the tests run in."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "GIT_CONFIG_GLOBAL": os.devnull, **environment}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def repository(tmp_path) -> Path:
    """A repository whose branch breaks a link and an example that were sound on `main`."""
    shutil.copytree(ROOT / "docs_source", tmp_path / "docs")

    def git(*arguments: str) -> None:
        done = run(["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *arguments], tmp_path)
        assert done.returncode == 0, done.stderr

    git("init", "--quiet", "--initial-branch=main")
    git("add", ".")
    git("commit", "--quiet", "-m", "sound")
    git("update-ref", "refs/remotes/origin/main", "main")
    git("checkout", "--quiet", "-b", "change")
    page = tmp_path / "docs" / "api" / "profilephoto-get.md"
    page.write_text(page.read_text("utf-8").replace("](../resources/", "](../nowhere/", 1), "utf-8")
    git("commit", "--quiet", "-a", "-m", "broken")
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("event", "said"), [("pull_request", "::error file=docs/api/profilephoto-get.md,"), ("push", "")]
)
def test_the_workflow_works_as_written(repository, wheel, tmp_path_factory, event, said):
    place = tmp_path_factory.mktemp("runner")
    assert run([sys.executable, "-m", "venv", str(place)], place).returncode == 0
    job = yaml.safe_load((ROOT / "docs" / "examples" / "docassay.yml").read_text("utf-8"))["jobs"]["docassay"]
    steps = [step for step in job["steps"] if "run" in step and event in step.get("if", event)]
    assert len(steps) == 2
    outcomes = []
    for step in steps:
        command = step["run"].replace("${{ github.base_ref }}", "main")
        path = f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}"
        settings = {"PATH": path, "PIP_FIND_LINKS": str(wheel), "DOCASSAY_CACHE_DIR": str(place)}
        outcomes.append(run(["bash", "-ec", command], repository, **settings))
    assert outcomes[0].returncode == 0, outcomes[0].stderr
    assert outcomes[1].returncode == 1
    assert outcomes[1].stdout.startswith(said)
    if event == "push":
        log = json.loads((repository / "docassay.sarif").read_text("utf-8"))
        places = [one["locations"][0]["physicalLocation"]["artifactLocation"] for one in log["runs"][0]["results"]]
        assert places == [{"uri": "docs/api/profilephoto-get.md"}]


@pytest.mark.slow
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="hooks come from a repository, and this is none")
def test_the_hooks_of_pre_commit_work(repository, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    source = home / "docassay"
    assert run(["git", "clone", "--quiet", str(ROOT), str(source)], home).returncode == 0
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", source)
    (repository / ".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: {source}\n  rev: HEAD\n  hooks:\n  - id: docassay-check\n    args: [docs]\n"
        f"  - id: docassay-fix\n    args: [docs]\n"
    )
    done = run(["pre-commit", "run", "--all-files"], repository, PRE_COMMIT_HOME=str(home))
    assert done.returncode == 1
    assert "docs/api/profilephoto-get.md" in done.stdout
    assert done.stdout.count("DA102") >= 2


def test_every_option_of_the_commands_is_described():
    text = (ROOT / "docs" / "commands.md").read_text("utf-8")
    for command in ("check", "show", "verify", "export", "rules"):
        help_text = subprocess.run(
            [sys.executable, "-m", "docassay", command, "--help"], capture_output=True, text=True, check=True
        ).stdout
        for option in re.findall(r"--[a-z-]+", help_text):
            assert option in text, f"docs/commands.md does not describe {command} {option}"
