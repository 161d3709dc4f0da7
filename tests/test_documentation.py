"""What the documentation says of the code is what the code says. `DOCASSAY_UPDATE=1` writes it anew."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from docassay import testing
from docassay.reports import catalogue

from .conftest import ROOT

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


def test_every_option_of_the_commands_is_described():
    text = (ROOT / "docs" / "commands.md").read_text("utf-8")
    for command in ("check", "show", "verify", "export", "rules"):
        help_text = subprocess.run(
            [sys.executable, "-m", "docassay", command, "--help"], capture_output=True, text=True, check=True
        ).stdout
        for option in re.findall(r"--[a-z-]+", help_text):
            assert option in text, f"docs/commands.md does not describe {command} {option}"
