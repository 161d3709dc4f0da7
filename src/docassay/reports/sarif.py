"""The report as SARIF 2.1.0 (OASIS), which code scanning services and editors read.

Columns count Unicode code points, as `columnKind` says.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from .. import __version__
from ..findings import Finding, Report, Rule
from ..rules import RULES
from .context import Context

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render(report: Report, context: Context) -> str:
    """One log with one run."""
    codes = sorted({one.code for one in report.findings})
    run = {
        "tool": {
            "driver": {
                "name": "docassay",
                "version": __version__,
                "rules": [_rule(RULES[code]) for code in codes],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": not report.interrupted, "exitCode": report.exit_code}],
        "results": [_result(one, codes.index(one.code), context) for one in report.findings],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": "".join(part.capitalize() for part in rule.slug.split("-")),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.text or rule.summary},
        "help": {"text": rule.text or rule.summary, "markdown": f"**{rule.summary}**\n\n{rule.text}"},
        "defaultConfiguration": {"level": rule.level},
        "properties": {"tags": ["documentation"]},
    }


def _result(one: Finding, index: int, context: Context) -> dict[str, Any]:
    told = [one.message[:1].upper() + one.message[1:] + "."]
    if one.observed:
        told.append(f"Observed: {one.observed}.")
    if one.hint:
        told.append(f"Hint: {one.hint}" + "." * (not one.hint.endswith("?")))
    region: dict[str, Any] = {"startLine": one.line, "startColumn": one.column}
    if one.end_line > one.line:
        region["endLine"] = one.end_line
    elif one.end_column:
        region["endColumn"] = one.end_column
    result: dict[str, Any] = {
        "ruleId": one.code,
        "ruleIndex": index,
        "level": one.level,
        "message": {"text": " ".join(told)},
        "locations": [{"physicalLocation": {"artifactLocation": _file(one.path, context), "region": region}}],
        "partialFingerprints": {"docassay/v1": one.fingerprint},
    }
    if one.documented:
        place = {"artifactLocation": _file(one.documented.path, context), "region": {"startLine": one.documented.line}}
        result["relatedLocations"] = [{"id": 1, "physicalLocation": place, "message": {"text": "documented here"}}]
    if one.fixes:
        result["fixes"] = [_fix(one, context)]
    properties = {"pointer": one.pointer, "case": one.case}
    if any(properties.values()):
        result["properties"] = {name: value for name, value in properties.items() if value}
    return result


def _fix(one: Finding, context: Context) -> dict[str, Any]:
    replacements = []
    for fix in one.fixes:
        if fix.old == "\n":
            region = {"startLine": fix.line, "startColumn": 1, "endLine": fix.line + 1, "endColumn": 1}
        else:
            region = {"startLine": fix.line, "startColumn": fix.column, "endColumn": fix.column + len(fix.old)}
        replacement: dict[str, Any] = {"deletedRegion": region}
        if fix.new:
            replacement["insertedContent"] = {"text": fix.new}
        replacements.append(replacement)
    change = {"artifactLocation": _file(one.path, context), "replacements": replacements}
    return {"description": {"text": one.hint or "mend it"}, "artifactChanges": [change]}


def _file(path: str, context: Context) -> dict[str, str]:
    return {"uri": quote((context.prefix + path).removeprefix("./"), safe="/:@!$&'()*+,;=~-._")}
