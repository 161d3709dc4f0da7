"""The report as JUnit XML, the form that CI systems read test results in.

For `check`, a test case is a page: it fails with its errors, and its other findings stand in its output. For `verify`,
it is a documented example; a blocked one is skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree

from ..findings import Finding, Report, Verdict
from . import text
from .context import Context

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML document may hold (XML 1.0, 2.2)."""


def render(report: Report, context: Context) -> str:
    """One `testsuites` element with one suite."""
    suite = ElementTree.Element("testsuite", name=f"docassay {report.command}")
    plain = Context(prefix=context.prefix)
    if report.command == "verify":
        by_case: dict[str, list[Finding]] = {}
        for one in report.findings:
            by_case.setdefault(one.case, []).append(one)
        for verdict in report.verdicts:
            _verdict(suite, verdict, by_case.pop(verdict.case.id, []), plain)
        left = [one for rest in by_case.values() for one in rest]
    else:
        left = list(report.findings)
    by_page: dict[str, list[Finding]] = {}
    for one in left:
        by_page.setdefault(one.path, []).append(one)
    for path, found in by_page.items():
        _findings(_case(suite, path, "docassay"), found, plain)
    if report.command == "check" and report.pages > len(by_page):
        _case(suite, f"{report.pages - len(by_page)} pages without findings", "docassay")
    cases = list(suite)
    suite.set("tests", str(len(cases)))
    suite.set("failures", str(sum(case.find("failure") is not None for case in cases)))
    suite.set("skipped", str(sum(case.find("skipped") is not None for case in cases)))
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, "unicode") + "\n"


def _verdict(suite: ElementTree.Element, verdict: Verdict, found: list[Finding], context: Context) -> None:
    page, _, name = verdict.case.id.rpartition("/")
    case = _case(suite, name, page.replace("/", "."))
    case.set("file", _clean(verdict.case.example.request.path))
    case.set("line", str(verdict.case.example.request.line))
    case.set("time", f"{verdict.exchange.elapsed:.3f}" if verdict.exchange else "0")
    if verdict.outcome == "blocked":
        ElementTree.SubElement(case, "skipped", message=_clean(verdict.reason))
    _findings(case, found, context)
    if verdict.outcome == "failed" and case.find("failure") is None:
        ElementTree.SubElement(case, "failure", message=_clean(verdict.reason))


def _case(suite: ElementTree.Element, name: str, group: str) -> ElementTree.Element:
    return ElementTree.SubElement(suite, "testcase", name=_clean(name), classname=_clean(group))


def _findings(case: ElementTree.Element, found: list[Finding], context: Context) -> None:
    errors = [one for one in found if one.level == "error"]
    others = [one for one in found if one.level != "error"]
    if errors:
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        message = f"{errors[0].code} {errors[0].slug}: {errors[0].message}{more}"
        failure = ElementTree.SubElement(case, "failure", message=_clean(message), type=errors[0].code)
        failure.text = _told(errors, context)
    if others:
        ElementTree.SubElement(case, "system-out").text = _told(others, context)


def _told(found: Iterable[Finding], context: Context) -> str:
    return _clean("\n".join(line for one in found for line in text.finding(one, context)))


def _clean(content: str) -> str:
    return _NOT_XML.sub("\ufffd", content)
