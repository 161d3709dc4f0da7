"""The report as one JSON object. Its names are a contract that other tools read: see `docs/reports.md`."""

from __future__ import annotations

import json
from typing import Any

from .. import __version__
from ..findings import Finding, Report, Verdict
from .context import Context


def render(report: Report, context: Context) -> str:
    """One object, indented."""
    return json.dumps(as_object(report), indent=2, ensure_ascii=False) + "\n"


def as_object(report: Report) -> dict[str, Any]:
    """The object, as design fixes it."""
    return {
        "version": 1,
        "tool": f"docassay {__version__}",
        "summary": {
            "pages": report.pages,
            "blocks": report.blocks,
            "examples": report.examples,
            "cases": len(report.verdicts),
            "passed": report.outcomes("passed"),
            "failed": report.outcomes("failed"),
            "blocked": report.outcomes("blocked"),
            "errors": report.count("error"),
            "warnings": report.count("warning"),
            "notes": report.count("note"),
        },
        "findings": [_finding(one) for one in report.findings],
        "cases": [_case(one) for one in report.verdicts],
    }


def _finding(one: Finding) -> dict[str, Any]:
    return {
        "code": one.code,
        "slug": one.slug,
        "level": one.level,
        "path": one.path,
        "line": one.line,
        "column": one.column,
        "end_line": one.end_line or one.line,
        "message": one.message,
        "pointer": one.pointer,
        "documented": str(one.documented) if one.documented else "",
        "observed": one.observed,
        "hint": one.hint,
        "case": one.case,
        "fingerprint": one.fingerprint,
        "fixable": one.fixable,
    }


def _case(one: Verdict) -> dict[str, Any]:
    request = one.case.example.request
    return {
        "id": one.case.id,
        "path": request.path,
        "line": request.content.line if request.content else request.line,
        "outcome": one.outcome,
        "reason": one.reason,
        "method": one.case.method,
        "url": one.case.target,
        "status": one.exchange.status if one.exchange else None,
        "elapsed": one.exchange.elapsed if one.exchange else None,
    }
