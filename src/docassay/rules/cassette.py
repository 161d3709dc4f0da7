"""Family 7, cassettes: whether the recordings still belong to the pages."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Finding, Rule, rule
from ..model import Case, NoAnswer, Request


@rule("DA701", "no-cassette", "error")
def no_cassette(self: Rule, case: Case, answer: NoAnswer) -> Iterator[Finding]:
    """A case without a recording that fits it, in a run that has no target.

    Record it: `docassay verify DOCS --target URL --record once`. Where the page has changed since the recording was
    made, `--record all` makes it anew.
    """
    if answer.kind == "no-cassette":
        content = case.example.request.content
        line = content.line if isinstance(content, Request) else case.example.request.line
        mode = "once" if answer.text.startswith("there is no") else "all"
        yield self.at(
            case.example.request.path,
            line,
            answer.text,
            f"record it with --target URL --record {mode}, or verify a running service with --target URL",
            case=case.id,
            subject="no cassette",
        )


RULES = (no_cassette,)
