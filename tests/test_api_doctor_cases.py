"""`docs/api-doctor-cases.md`, row by row: what API Doctor was seen to do in 125 small cases, and what docassay does.

The columns `API Doctor` and `docassay` of that page are computed here, from the recorded outcome and from a run; case
and verdict are written by hand. `DOCASSAY_UPDATE=1` writes the computed columns anew.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from docassay import messages, pipeline
from docassay.config import Config
from docassay.findings import Finding
from docassay.model import Body, Case, Request, Response
from docassay.replay import Client

from .conftest import ROOT, Server, answering, shared

DOC = ROOT / "docs" / "api-doctor-cases.md"
ROW = re.compile(r"^\| (?P<case>(?P<id>(?:http|multipart|page) \d+): .*?) \| (?P<theirs>.*?) \| (?P<ours>.*?) \| "
                 r"(?P<verdict>.*?) \|$", re.MULTILINE)  # fmt: skip

LATER = {"DA402", "DA404"}
"""API Doctor says the same (UnpairedRequest, ResourceTypeNotFound), but in a phase that was not recorded."""


@dataclass(frozen=True)
class Outcome:
    """What a tool makes of a case: as shown in the table, and in a form that can be compared."""

    shown: str
    facts: object
    """None: the whole is refused."""
    reports: int
    """How many faults are reported; of an HTTP text and a multipart body: whether any is."""


# --- HTTP texts --------------------------------------------------------------------------------------------------


@cache
def http_cases() -> dict[str, tuple[str, str, str]]:
    """Number -> REQ or RES, the text, what API Doctor read."""
    lines = (shared("oracle") / "api-doctor" / "http_parser.txt").read_bytes().decode("utf-8").split("\n")
    found = {}
    for line, outcome in pairwise(lines):
        if line.startswith(("REQ ", "RES ")):
            text = line[4:].replace("\\r", "\r").replace("\\n", "\n")
            found[f"http {len(found) + 1}"] = (line[:3], text, outcome.strip(" "))
    return found


def http_theirs(outcome: str) -> Outcome:
    if outcome.startswith("THROWS"):
        return Outcome("refused", None, reports=1)
    read = re.fullmatch(r"(?:method=\[(.*?)\] url=\[(.*?)\] )?ver=\[.*?\] (?:code=(\d+) msg=\[(.*?)\] )?"
                        r"hdr=(.*?) body=\[(.*)\]", outcome)  # fmt: skip
    assert read, outcome
    start = [read[1] or read[3], (read[2] if read[1] else read[4]).strip()]
    fields = re.findall(r"([^\s=]+)=\[(.*?)\](?:; |$)", read[5])
    body = "" if read[6] == "<null>" else read[6].replace("\\r", "\r").replace("\\n", "\n")
    return Outcome(shown(start, fields, body), facts(start, fields, body), reports=0)


def http_ours(kind: str, text: str) -> Outcome:
    message = messages.parse_request(text) if kind == "REQ" else messages.parse_response(text)
    noted = ", ".join(one.kind for one in message.malformed)
    codes = ", ".join(sorted({one.code for one in check(page_of(kind, text))[1] if one.code.startswith("DA3")}))
    said = f"{noted} ({codes or 'no finding'})" if noted else codes
    start = [message.method, message.target] if isinstance(message, Request) else [message.status, message.reason]
    if not start[0]:
        return Outcome(said, None, reports=int(bool(codes)))
    fields = [(one.name, one.value) for one in message.headers]
    body = message.body.text if message.body else ""
    return Outcome(
        "; ".join(filter(None, (shown(start, fields, body), said))), facts(start, fields, body), int(bool(codes))
    )


def shown(start: list, fields: list[tuple[str, str]], body: str) -> str:
    parts = [" ".join(str(one) for one in start if one != ""), *(f"{name}: {value}".strip() for name, value in fields)]
    return ", ".join(code(one) for one in parts) + (f", body {code(' '.join(body.split()))}" if body.strip() else "")


def facts(start: list, fields: list[tuple[str, str]], body: str) -> object:
    """Fields of one name are one list (RFC 9110, 5.3); line ends and blank lines around a body carry nothing."""
    joined: dict[str, list[str]] = {}
    for name, value in fields:
        joined.setdefault(name.lower(), []).append(value)
    return [str(one) for one in start], {name: ",".join(values) for name, values in joined.items()}, bare(body)


def bare(text: str) -> str:
    return text.replace("\r\n", "\n").strip("\n")


def page_of(kind: str, text: str) -> str:
    request, response = (text, "HTTP/1.1 204 No Content") if kind == "REQ" else ("GET /x", text)
    return (
        f'# T\n\n<!-- {{"blockType": "request", "name": "a"}} -->\n```http\n{request}\n```\n\n'
        f'<!-- {{"blockType": "response"}} -->\n```http\n{response}\n```\n'
    )


# --- multipart ---------------------------------------------------------------------------------------------------

HEAD = "POST /x\nContent-Type: multipart/related; boundary=A\n\n"
FIRST = '--A\nContent-ID: <metadata>\nContent-Type: application/json\n\n{\n "name": "a"\n}\n'
SECOND = "--A\nContent-ID: <content>\nContent-Type: text/plain\n\nhello\n"
MULTIPART = {
    "multipart 1": (HEAD, f"{FIRST}\n{SECOND}\n--A--"),
    "multipart 2": (HEAD, f"{FIRST}\n{SECOND}\n--A--"),
    "multipart 3": (HEAD, f"{FIRST}{SECOND}--A--"),
    "multipart 4": (HEAD.replace("; boundary=A", ""), f"{FIRST}\n{SECOND}\n--A--"),
    "multipart 5": (HEAD, f"a preamble\n{FIRST}\n{SECOND}\n--A--"),
}
"""The recording holds the outcomes alone; these are texts of the kinds that it names."""


@cache
def multipart_cases() -> dict[str, str]:
    lines = (shared("oracle") / "api-doctor" / "http_parser.txt").read_text("utf-8").split("\n")
    found = [line for line in lines if line.startswith(("PART", "multipart"))]
    return {f"multipart {number}": line for number, line in enumerate(found, start=1)}


def multipart_theirs(outcome: str) -> Outcome:
    read = re.fullmatch(r"PART.*? id=(\S+)(?: ct=(\S+))? body=\[(.*)\]", outcome)
    if not read:
        return Outcome("crash", None, reports=1)
    body = read[3].replace("\\n", "\n")
    return Outcome(f"part {code(read[1])}, body {code(' '.join(body.split()))}", ("part", read[1], body), reports=0)


def multipart_ours(name: str) -> Outcome:
    head, text = MULTIPART[name]
    request = messages.parse_request(head + text)
    assert request.body
    assert (request.body.kind, request.body.text) == ("other", text)
    assert (request.method, request.target, request.malformed) == ("POST", "/x", ())
    assert len(request.body.parts) == 2
    part = request.body.parts[int(name == "multipart 2")]
    identity, body = part.headers[0].value, part.body.text
    codes = sorted({one.code for one in check(page_of("REQ", head + text))[1] if one.code.startswith("DA3")})
    shown = ", ".join((f"part {code(identity)}", f"body {code(' '.join(body.split()))}", *codes))
    return Outcome(shown, ("part", identity, body), reports=int(bool(codes)))


# --- pages -------------------------------------------------------------------------------------------------------


@cache
def page_cases() -> dict[str, dict]:
    cases = json.loads((shared("oracle") / "api-doctor" / "markdown_cases.json").read_text("utf-8"))
    return {f"page {number}": case for number, case in enumerate(cases, start=1)}


def page_theirs(result: list[str]) -> Outcome:
    said: list[str] = []
    examples: list[object] = []
    types: list[object] = []
    codes: list[str] = []
    for line in result:
        kind, _, rest = line.partition(" ")
        if kind == "REQ":
            read = re.fullmatch(r"id=(.*?) req=\[(.*?)\] resp=\[(.*?)\] respType=(\S*) coll=(\w+) scen=(\d+) "
                                r"bodyParams=(\S*) params=(\S*)", rest)  # fmt: skip
            assert read, rest
            status = re.match(r"\S+ (\d+)", read[3])
            answers = [(int(status[1]), read[4].strip("-"), read[5] == "True")] if status else []
            name = "" if read[1].startswith("/") else read[1]
            examples.append((name, read[2].split("\\n")[0].strip(), answers, names(read[7]), int(read[6])))
        elif kind == "RES":
            read = re.fullmatch(r"name=(\S*) base=(\S*) params=(\S*)", rest)
            assert read, rest
            types.append((read[1], read[2], names(read[3])))
        elif kind in ("E", "W", "EXC"):
            codes.append("crash" if kind == "EXC" else rest.split(":")[0])
        elif kind == "PAGE":
            said.append("page annotation")
        elif kind == "ERRCODES":
            said.append("a table of errors")
    return Outcome(story(examples, types, [*said, *codes]), (examples, types), reports=len(codes))


def page_ours(markdown: str) -> Outcome:
    loaded, found = check(markdown)
    contract = loaded.schemas.contract
    examples = []
    for one in contract.examples:
        request = one.request.content
        assert isinstance(request, Request)
        answers = [
            (block.content.status, block.odata_type, block.is_collection)
            for block in one.responses
            if isinstance(block.content, Response)
        ]
        line = f"{request.method} {request.target}".strip()
        body = sorted({*one.body_properties, *members(request.body)})
        examples.append((one.name, line, answers, body, int(one.scenario is not None)))
    types = [(one.name, one.base, sorted(one.properties)) for one in contract.types.values()]
    codes = [one.code for one in found]
    reports = sum(one not in LATER for one in codes)
    return Outcome(story(examples, types, codes), (examples, types), reports)


def names(written: str) -> list[str]:
    return sorted(one.split(":")[0] for one in written.split(",") if one)


def members(body: Body | None) -> list[str]:
    json = body.document.json if body else None
    return list(json.value) if json and isinstance(json.value, dict) else []


def story(examples: list, types: list, said: list[str]) -> str:
    parts = []
    for name, line, answers, body, scenarios in examples:
        then = ", ".join(
            str(status) + (f" of {'many ' if many else ''}{kind}" if kind else "") for status, kind, many in answers
        )
        parts.append(
            f"{name or 'unnamed'}: {code(line)}"
            + (f" with {', '.join(body)}" if body else "")
            + f" → {then or 'none'}"
            + (f", {scenarios} scenario" if scenarios else "")
        )
    for name, base, properties in types:
        parts.append(f"type {name}" + (f" from {base}" if base else "") + f" ({', '.join(properties)})")
    counts = {one: said.count(one) for one in said}
    parts.extend(one + (f" ×{count}" if count > 1 else "") for one, count in counts.items())
    return "; ".join(parts) or "nothing"


def check(markdown: str) -> tuple[pipeline.Loaded, list[Finding]]:
    """A page that is all there is, read and checked. The bytes matter: line ends are part of some cases."""
    with TemporaryDirectory() as folder:
        page = Path(folder, "a.md")
        page.write_bytes(markdown.encode())
        return pipeline.load([page], Config()), list(pipeline.check([page], Config()).findings)


# --- the table ---------------------------------------------------------------------------------------------------


def code(text: str) -> str:
    """A code span; a text that holds a backtick gets two of them."""
    mark = "``" if "`" in text else "`"
    return f"{mark}{text}{mark}".replace("|", "\\|")


def rows() -> dict[str, re.Match[str]]:
    return {row["id"]: row for row in ROW.finditer(DOC.read_text("utf-8"))}


def outcomes(name: str) -> tuple[Outcome, Outcome]:
    """What API Doctor makes of a case, and what docassay does."""
    if name.startswith("http"):
        kind, text, outcome = http_cases()[name]
        return http_theirs(outcome), http_ours(kind, text)
    if name.startswith("multipart"):
        return multipart_theirs(multipart_cases()[name]), multipart_ours(name)
    case = page_cases()[name]
    return page_theirs(case["result"]), page_ours(case["markdown"])


def test_every_case_has_one_row():
    found = [row["id"] for row in ROW.finditer(DOC.read_text("utf-8"))]
    assert found == [*http_cases(), *multipart_cases(), *page_cases()]
    assert len(re.findall(r"^\| (?:http|multipart|page) \d", DOC.read_text("utf-8"), re.MULTILINE)) == len(found)


@pytest.mark.parametrize("name", rows())
def test_a_row_says_what_happens(name):
    theirs, ours = outcomes(name)
    row = rows()[name]
    line = f"| {row['case']} | {theirs.shown} | {ours.shown} | {row['verdict']} |"
    if os.environ.get("DOCASSAY_UPDATE"):
        DOC.write_text(DOC.read_text("utf-8").replace(row.group(), line), "utf-8")
    assert rows()[name].group() == line


@pytest.mark.parametrize("name", rows())
def test_a_verdict_is_true(name):
    theirs, ours = outcomes(name)
    verdict = rows()[name]["verdict"]
    agree = (theirs.facts, theirs.reports) == (ours.facts, ours.reports)
    assert verdict == "same" if agree else re.fullmatch(r"better, because \S.*", verdict)


def test_fields_of_one_name_are_all_sent(serve):
    seen: list[list[str]] = []

    def answer(handler):
        seen.append([part.strip() for value in handler.headers.get_all("A") for part in value.split(",")])
        answering(204)(handler)

    server: Server = serve(answer)
    loaded, _ = check(page_of("REQ", "POST /x\nA: 1\nA: 2\n"))
    (case,) = pipeline.plan(loaded, pipeline.Options())
    assert isinstance(case, Case)
    with Client(server.url, {}) as client:
        client.send(client.prepare(case))
    assert seen == [["1", "2"]]
