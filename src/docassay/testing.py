"""Public helpers for tests of rules: a page says in its last line what must be found.

The last line is `<!-- expect DA301:4 DA402:9:12 -->`: every finding, by code, line, and column if that is given, and
none but these.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from . import pipeline
from .config import Config, parse
from .findings import Finding

_EXPECT = re.compile(r"<!--\s*expect\b(?P<found>[^>]*?)-->\s*\Z")


def check_page(page: Path) -> list[Finding]:
    """What `docassay check` says of a page that is all there is.

    A file beside the page with its name and the ending `.toml` holds settings, as `[tool.docassay]` does. A folder
    with its name and no ending holds further pages of the documentation, of which nothing is said.
    """
    sidecar = page.with_suffix(".toml")
    config = parse(tomllib.loads(sidecar.read_text("utf-8")), sidecar) if sidecar.exists() else Config()
    others = [folder] if (folder := page.with_suffix("")).is_dir() else []
    return [one for one in pipeline.check([page, *others], config).findings if one.path.endswith(page.name)]


def verify_page(page: Path, cassettes: Path | None = None) -> list[Finding]:
    """What `docassay verify` says of a page, from recordings; by default from the folder `cassettes` beside it.

    A file beside the page with its name and the ending `.target` holds the URL of a service to verify instead.
    """
    sidecar = page.with_suffix(".target")
    target = sidecar.read_text("utf-8").strip() if sidecar.exists() else ""
    options = pipeline.Options(target=target, cassettes=str(cassettes or page.parent / "cassettes"))
    loaded = pipeline.load([page], Config())
    return list(pipeline.verify(loaded, pipeline.plan(loaded, options), options).findings)


def expected(page: Path) -> list[str]:
    """What the last line of a page asks for, as `CODE:LINE` or `CODE:LINE:COLUMN`, sorted.

    Raises ValueError if the page does not say.
    """
    match = _EXPECT.search(page.read_bytes().decode("utf-8", "replace"))
    if match is None:
        raise ValueError(f"{page}: the last line has to be <!-- expect CODE:LINE … -->")
    return sorted(match["found"].split())


def found(findings: list[Finding], wanted: list[str]) -> list[str]:
    """Findings in the form of `expected`, with their columns where `wanted` has them so."""
    exact = [f"{one.code}:{one.line}:{one.column}" for one in findings]
    return sorted(place if place in wanted else place.rpartition(":")[0] for place in exact)
