"""The report as workflow commands of GitHub Actions, which shows each beside the line of the pull request.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions: a command is one line; `%`, carriage
return and line feed are escaped, in properties also `:` and `,`. Of each level, a step shows the first ten: errors come
first.
"""

from __future__ import annotations

from ..findings import LEVELS, Finding, Report
from .context import Context

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def render(report: Report, context: Context) -> str:
    """A line for each finding, by level, and one that sums it up."""
    ordered = sorted(report.findings, key=lambda one: LEVELS.index(one.level))
    counts = ", ".join(f"{report.count(level)} {level}s" for level in LEVELS if report.count(level))
    lines = [
        *(_command(one, context) for one in ordered),
        f"docassay {report.command}: {counts or 'nothing to report'}",
    ]
    return "\n".join(lines) + "\n"


def _command(one: Finding, context: Context) -> str:
    properties = {
        "file": context.prefix + one.path,
        "line": one.line,
        "endLine": one.end_line or one.line,
        "col": one.column,
        "title": f"{one.code} {one.slug}",
    }
    if one.end_line and one.end_line != one.line:
        del properties["col"]  # columns belong to annotations of one line
    told = [one.message, one.hint and f"hint: {one.hint}"]
    if one.observed:
        told.insert(1, f"observed: {one.observed}")
    if one.documented:
        told.insert(1, f"documented: {context.prefix}{one.documented}")
    shown = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{_COMMANDS[one.level]} {shown}::{_data(chr(10).join(part for part in told if part))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
