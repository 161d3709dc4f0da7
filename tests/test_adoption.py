"""What lets a team begin on a documentation with many faults: baselines, levels, suppressions, changed pages."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from docassay import pipeline
from docassay.config import Config, ConfigError, parse
from docassay.findings import MANY

from .conftest import answering
from .test_cli import docassay

BARE = "```http\nGET /photo\n```\n"
REQUEST = '<!-- { "blockType": "request", "name": "get" } -->\n' + BARE


@pytest.fixture
def docs(tmp_path) -> Path:
    """Three pages with faults: a link, a fence without annotation, a request without response."""
    there = tmp_path / "docs"
    (there / "api").mkdir(parents=True)
    (there / "api" / "a.md").write_text(f"# A\n\n[x](missing.md)\n\n{BARE}")
    (there / "api" / "b.md").write_text(f"# B\n\n{REQUEST}")
    (there / "index.md").write_text("# Index\n")
    return there


def findings(docs: Path, *options: object) -> list[str]:
    done = docassay("check", docs, "--format", "json", *options)
    assert done.returncode in (0, 1, 2), done.stderr
    return [f"{one['code']} {one['path']}:{one['line']}" for one in json.loads(done.stdout)["findings"]]


ALL = ["DA102 api/a.md:3", "DA208 api/a.md:5", "DA402 api/b.md:3"]

# --- baseline ----------------------------------------------------------------------------------------------------


def test_a_baseline_leaves_what_is_new(docs, tmp_path):
    known = tmp_path / "known.json"
    assert findings(docs) == ALL
    done = docassay("check", docs, "--write-baseline", known)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", f"{known.as_posix()}: 3 findings kept as known\n")
    assert findings(docs, "--baseline", known) == []
    page = docs / "api" / "a.md"
    page.write_text("\n\n" + page.read_text() + f"\n[y](missing-too.md)\n\n{BARE}")
    (docs / "index.md").write_text("# Index\n\n[z](nowhere.md)\n")
    assert findings(docs, "--baseline", known) == ["DA102 api/a.md:11", "DA208 api/a.md:13", "DA102 index.md:3"]


def test_a_baseline_says_when_it_is_stale(docs, tmp_path):
    known = tmp_path / "known.json"
    docassay("check", docs, "--write-baseline", known)
    (docs / "api" / "a.md").write_text("# A\n")
    done = docassay("check", docs, "--baseline", known)
    assert done.returncode == 0
    assert done.stderr == f"{known.as_posix()}: 2 findings of it gone; --write-baseline makes it anew\n"


def test_a_baseline_holds_for_a_part_of_the_repository_too(docs, tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    known = tmp_path / "known.json"
    docassay("check", docs, "--write-baseline", known)
    for paths in ([docs / "api"], [docs / "api" / "a.md"], [docs / "api", docs / "index.md"], [tmp_path]):
        done = docassay("check", *paths, "--baseline", known, "--format", "json")
        assert json.loads(done.stdout)["findings"] == []
        assert "gone" not in done.stderr
    (docs / "api" / "a.md").write_text("# A\n")
    assert "2 findings of it gone" in docassay("check", docs / "api", "--baseline", known).stderr


def test_patterns_hold_for_a_part_of_the_project_too(docs, tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text(
        '[tool.docassay]\ndocs = "docs"\nexclude = ["docs/api/a.md"]\n'
        '[[tool.docassay.paths]]\npath = "api/*"\nlevels = { DA402 = "note" }\n'
    )
    monkeypatch.chdir(tmp_path)
    for path in (docs, docs / "api"):
        done = json.loads(docassay("check", path, "--format", "json", cwd=tmp_path).stdout)
        assert [(one["code"], one["level"]) for one in done["findings"]] == [("DA402", "note")]


def test_the_patch_applies_where_docassay_is_run(docs, tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (docs / "api" / "b.md").write_text('# B\n\n<!-- { "blockType": "request", "name": "get", } -->\n' + BARE)
    patch = docassay("check", "docs", "--diff", cwd=tmp_path).stdout
    subprocess.run(["git", "apply"], input=patch, text=True, cwd=tmp_path, check=True)
    assert '"name": "get" }' in (docs / "api" / "b.md").read_text()


def test_the_file_has_a_line_for_each_finding_and_does_not_depend_on_lines(docs, tmp_path):
    known, again = tmp_path / "known.json", tmp_path / "again.json"
    docassay("check", docs, "--write-baseline", known)
    assert known.read_text().count("fingerprint") == 3
    assert len(known.read_text().splitlines()) == 8
    for page in docs.rglob("*.md"):
        page.write_text("\n\n\n" + page.read_text())
    docassay("check", docs, "--write-baseline", again)
    assert again.read_bytes() == known.read_bytes()


def test_a_cause_that_is_known_covers_its_places_when_they_become_fewer(tmp_path):
    for number in range(MANY):
        (tmp_path / f"page{number:02}.md").write_text("# A\n\n[x](gone/x.md)\n\n" + REQUEST)
    known = tmp_path / "known.json"
    docassay("check", tmp_path, "--write-baseline", known)
    for number in range(5):
        (tmp_path / f"page{number:02}.md").unlink()
    assert findings(tmp_path, "--baseline", known) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file or directory; make it with --write-baseline"),
        (b"[]", "this is no baseline: Expected `object`, got `array`; make it with --write-baseline"),
        (b"\xff", "this is no baseline"),
        (b'{"version": 2, "findings": []}', "a baseline of version 2; this docassay knows version 1"),
    ],
)
def test_a_baseline_that_cannot_be_used_is_a_usage_error(docs, tmp_path, content, said):
    known = tmp_path / "known.json"
    if content is not None:
        known.write_bytes(content)
    done = docassay("check", docs, "--baseline", known)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_baseline_can_be_a_setting(docs, tmp_path):
    docassay("check", docs, "--write-baseline", tmp_path / "known.json")
    (tmp_path / "pyproject.toml").write_text('[tool.docassay]\ndocs = "docs"\nbaseline = "known.json"\n')
    done = docassay("check", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


# --- levels ------------------------------------------------------------------------------------------------------


def levels(docs: Path, **settings: object) -> list[str]:
    config = parse(settings, docs / "pyproject.toml")
    return [f"{one.code} {one.level}" for one in pipeline.check([docs], config).findings]


def test_a_rule_has_the_level_that_the_settings_give_it(docs):
    assert levels(docs) == ["DA102 error", "DA208 note", "DA402 warning"]
    assert levels(docs, levels={"DA208": "error", "DA102": "note"}) == ["DA102 note", "DA208 error", "DA402 warning"]
    assert levels(docs, levels={"broken-link": "off", "DA4": "off"}) == ["DA208 note"]
    assert levels(docs, levels={"DA": "note", "DA208": "warning"}) == ["DA102 note", "DA208 warning", "DA402 note"]


def test_settings_of_a_path_come_before_those_of_all_and_the_last_one_counts(docs):
    api = {"path": "api/*", "ignore": ["DA208"], "levels": {"DA402": "error"}}
    assert levels(docs, paths=[api]) == ["DA102 error", "DA402 error"]
    assert levels(docs, paths=[api], levels={"DA402": "off"}) == ["DA102 error", "DA402 error"]
    assert levels(docs, paths=[api, {"path": "*/b.md", "levels": {"DA402": "note"}}]) == ["DA102 error", "DA402 note"]
    assert levels(docs, paths=[{"path": "other/*", "ignore": ["DA"]}]) == levels(docs)


def test_a_rule_that_does_not_exist_is_a_usage_error(docs):
    with pytest.raises(pipeline.UsageError, match="there is no rule 'DA499'"):
        levels(docs, levels={"DA499": "note"})
    with pytest.raises(ConfigError, match="'loud'"):
        levels(docs, levels={"DA102": "loud"})
    with pytest.raises(ConfigError, match="no key 'ignored'; did you mean 'ignore'"):
        levels(docs, paths=[{"path": "*", "ignored": []}])


# --- changed pages -----------------------------------------------------------------------------------------------

git_is_there = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


def git(folder: Path, *arguments: str) -> None:
    name = ("-c", "user.name=x", "-c", "user.email=x@example.com")
    subprocess.run(["git", "-C", folder, *name, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(docs) -> Path:
    git(docs.parent, "init", "-q")
    git(docs.parent, "add", "-A")
    git(docs.parent, "commit", "-qm", "first")
    return docs


@git_is_there
def test_pages_that_did_not_change_are_not_reported(repository):
    assert findings(repository, "--changed-since", "HEAD") == []
    (repository / "api" / "b.md").write_text(f"# B\n\nmore\n\n{REQUEST}")
    (repository / "new.md").write_text("# New\n\n[x](missing.md)\n")
    assert findings(repository, "--changed-since", "HEAD") == ["DA402 api/b.md:5", "DA102 new.md:3"]
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "second")
    assert findings(repository, "--changed-since", "HEAD~1") == ["DA402 api/b.md:5", "DA102 new.md:3"]
    assert findings(repository, "--changed-since", "HEAD") == []


@git_is_there
def test_what_a_change_breaks_elsewhere_is_reported(repository):
    (repository / "api" / "b.md").write_text("# B\n\n[index](../index.md)\n")
    git(repository, "commit", "-qam", "second")
    (repository / "index.md").rename(repository / "start.md")
    assert findings(repository, "--changed-since", "HEAD") == ["DA102 api/b.md:3"]


@git_is_there
def test_several_paths_are_compared_each_with_itself(repository):
    (repository / "api" / "b.md").unlink()
    (repository / "more").mkdir()
    (repository / "more" / "c.md").write_text("# C\n\n[x](missing.md)\n")
    done = docassay(
        "check", "docs/api", "docs/more", "--changed-since", "HEAD", "--format", "json", cwd=repository.parent
    )
    found = [f"{one['code']} {one['path']}" for one in json.loads(done.stdout)["findings"]]
    assert found == ["DA102 docs/more/c.md"]


@git_is_there
def test_the_repository_stays_as_it_was(repository):
    (repository / "index.md").write_text("# Other\n")
    before = subprocess.run(["git", "-C", repository, "status", "--porcelain"], capture_output=True, check=True).stdout
    findings(repository, "--changed-since", "HEAD")
    after = subprocess.run(["git", "-C", repository, "status", "--porcelain"], capture_output=True, check=True).stdout
    assert after == before
    assert (
        subprocess.run(["git", "-C", repository, "worktree", "list"], capture_output=True, check=True).stdout.count(
            b"\n"
        )
        == 1
    )


@git_is_there
@pytest.mark.parametrize("revision", ["nowhere", "--output=x", "HEAD:docs", ""])
def test_a_revision_that_is_none_is_a_usage_error(repository, revision):
    done = docassay("check", repository, "--changed-since", revision)
    if revision:
        assert done.returncode == 2
        assert "git knows no such commit" in done.stderr
        assert len(done.stderr.splitlines()) == 1
    else:
        assert done.returncode == 1


@git_is_there
def test_outside_of_a_repository_there_are_no_revisions(docs):
    done = docassay("check", docs, "--changed-since", "HEAD")
    assert done.returncode == 2
    assert "in no git repository" in done.stderr


# --- suppressions in verify --------------------------------------------------------------------------------------


RESPONSE = '\n{}<!-- {{ "blockType": "response" }} -->\n```http\nHTTP/1.1 200 OK\n```\n'


def test_what_a_verification_finds_can_be_suppressed(tmp_path, serve):
    page = tmp_path / "get.md"
    options = pipeline.Options(target=serve(answering(204)).url)

    def outcome(suppression: str) -> tuple[str, list[str]]:
        page.write_text("# Get\n\n" + REQUEST + RESPONSE.format(suppression))
        loaded = pipeline.load([page], Config())
        report = pipeline.verify(loaded, pipeline.plan(loaded, options), options)
        return report.verdicts[0].outcome, [one.code for one in report.findings]

    assert outcome("") == ("failed", ["DA501"])
    assert outcome("<!-- docassay: ignore DA501 deployed in June -->\n") == ("passed", [])
    assert outcome("<!-- docassay: ignore DA501 -->\n") == ("failed", ["DA501"])


def test_that_nothing_was_tested_cannot_be_suppressed(tmp_path):
    page = tmp_path / "get.md"
    page.write_text("# Get\n\n" + REQUEST + RESPONSE.format("") + "<!-- docassay: ignore-page DA507 it is down -->\n")
    loaded, options = pipeline.load([page], Config()), pipeline.Options(target="http://127.0.0.1:9")
    report = pipeline.verify(loaded, pipeline.plan(loaded, options), options)
    assert [one.code for one in report.findings] == ["DA507"]


# --- the diff ----------------------------------------------------------------------------------------------------


@git_is_there
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "\u2028more"])
def test_the_diff_makes_the_same_changes_as_the_fix(repository, end, last):
    page = repository / "api" / "a.md"
    page.write_bytes((page.read_text() + last).replace("\n", end).encode())
    git(repository, "-c", "core.autocrlf=false", "commit", "--allow-empty", "-qam", "as is")
    before = page.read_bytes()
    done = docassay("check", repository, "--fix", "--diff", "-o", repository.parent / "changes.diff")
    assert page.read_bytes() == before
    assert done.returncode == 1
    docassay("check", repository, "--fix")
    after = page.read_bytes()
    assert after != before
    page.write_bytes(before)
    git(repository, "apply", "--whitespace=nowarn", str(repository.parent / "changes.diff"))
    assert page.read_bytes() == after


# --- API Doctor's suppressions -----------------------------------------------------------------------------------

OLD_PAGE = """# photo resource

[x](missing.md)

|Property|Type|Description|
|:--|:--|:--|
|id|String|The key.|
|width|Int32|Pixels.|
|taken|String|When.|

<!-- {{ "blockType": "resource", "@odata.type": "x.photo", "keyProperty": "key" }} -->

```json
{{ "id": "String", "width": 1, "owner": "String" }}
```

<!-- {{ "blockType": "example", "@odata.type": "x.photo" }} -->

```json
{{ "id": "1", "width": "2", "height": 3 }}
```

```http
GET /photo
```

<!--
{{
  "type": "#page.annotation",
  "suppressions": [
    "{said}",
    "Warning: /api/photo.md:
      something that docassay has no rule for"
  ]
}}
-->
"""


@pytest.mark.parametrize(
    ("said", "gone"),
    [
        ("Error: /api/photo.md:\\r\\n FileNotFound: '[missing.md](x)'. Did you mean: photo.md (score: 3)", "DA102:3"),
        ("Warning: x/photo: Property 'owner' found in resource definition for 'x.photo', but not described in markdown"
         " table.", "DA411:14"),
        ("Warning: x/photo: Property 'taken' found in markdown table but not in resource definition.", "DA412:9"),
        ("Error: a/width:\\r\\n Expected type Int32 but actual was String. Property: width, actual value: '2'",
         "DA405:20"),
        ("Warning: a/b: Undocumented property 'height' [x.photo] was not expected on resource x.photo.", "DA406:20"),
        ("Error: /api/photo.md: Missing metadata for code block: codeblock - GET /photo ", "DA208:23"),
        ("Warning: x.photo: Could not find key property key on x.photo. Assuming doc bug, and ignoring.", "DA417:11"),
        ("Error: /api/photo.md: Missing metadata for code block: codeblock - GET /album ", ""),
        ("Error: a/b: Undocumented property 'depth' [x.photo] was not expected on resource x.photo.", ""),
    ],
)  # fmt: skip
def test_what_api_doctor_was_told_to_ignore_is_ignored(tmp_path, said, gone):
    page = tmp_path / "photo.md"

    def found(text: str) -> set[str]:
        page.write_text(OLD_PAGE.format(said=text))
        return {f"{one.code}:{one.line}" for one in pipeline.check([page], Config()).findings}

    whole = found("")
    assert whole >= {"DA102:3", "DA208:23", "DA405:20", "DA406:20", "DA411:14", "DA412:9", "DA417:11"}
    assert whole - found(said) == ({gone} if gone else set())


def test_a_suppression_above_a_list_speaks_of_all_of_it(tmp_path):
    text = "# A\n\n<!-- DOCASSAY: ignore DA102 they come later -->\n\n- [a](a1.md)\n- [b](b1.md)\n  - [c](c1.md)\n\n"
    (tmp_path / "a.md").write_text(text + "[d](d1.md)\n\n> <!-- docassay: ignore DA102 later -->\n>\n> - [e](e1.md)\n")
    assert [(one.code, one.line) for one in pipeline.check([tmp_path], Config()).findings] == [("DA102", 9)]
