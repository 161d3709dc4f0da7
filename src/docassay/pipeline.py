"""The whole flow on one screen: load, check, plan, verify. The command line and the pytest plugin call nothing deeper.

PATH… -> Files -> Checked -> Report         check
PATH… -> DocSet -> Contract -> Schemas      load
Loaded -> Case…                             plan
Case -> Exchange -> Verdict                 verify
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from . import baseline, checking, source, wording
from .checking import Checked
from .config import Config, Strength
from .findings import Finding, Fix, Report, Rule, Verdict, gathered, sort_key
from .model import Case, Exchange, NoAnswer, Outline, Response, Sent
from .parallel import Step, silent

if TYPE_CHECKING:
    from .cassettes import Record, Redaction
    from .docset import DocSet
    from .replay import Client
    from .schema import Schemas

# What only some commands need is imported where they need it: a check that finds nothing changed reads no page.

PATIENCE = 3
"""After so many cases in a row without an answer, the target is taken to be down, and the rest is not sent."""


class UsageError(Exception):
    """Something that the user asked for cannot be done; the text is one sentence."""


class Loaded(msgspec.Struct, frozen=True):
    """The documentation, read and understood."""

    docs: DocSet
    schemas: Schemas


class Options(msgspec.Struct, frozen=True):
    """What a verification is told by its user."""

    target: str = ""
    headers: Mapping[str, str] = {}
    cassettes: str = "cassettes"
    record: Record = "none"
    bindings: Mapping[str, str] = {}
    typed: tuple[str, ...] = ()
    """The bindings that have to be used by some example."""
    select: str = ""
    allow_writes: bool = False
    strict: bool = False
    timeout: float = 10.0
    config: Config = Config()


def options(
    config: Config,
    *,
    target: str = "",
    record: Record | None = None,
    cassettes: str | None = None,
    bind: Sequence[str] = (),
    header: Sequence[str] = (),
    allow_writes: bool = False,
    select: str = "",
    strict: bool = False,
) -> Options:
    """The settings of a project with what the user typed laid over them.

    Raises UsageError.
    """
    from . import cases

    headers = {}
    for field in header:
        name, colon, value = field.partition(":")
        if not colon or not _TOKEN.fullmatch(name.strip()) or not _FIELD_VALUE.fullmatch(value):
            raise UsageError("--header: write 'Name: value', such as 'Prefer: return=minimal'")
        headers[name.strip()] = value.strip()
    try:
        typed = cases.parse_bindings(bind)
    except cases.BindError as error:
        raise UsageError(str(error)) from error
    return Options(
        target=target,
        headers=headers,
        cassettes=cassettes or Path(config.root, config.cassettes).as_posix(),
        record=record or "none",
        bindings={**config.bind, **typed},
        typed=tuple(typed),
        select=select,
        allow_writes=allow_writes,
        strict=strict,
        timeout=config.timeout,
        config=config,
    )


_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2
_FIELD_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


def load(paths: Sequence[Path], config: Config, step: Step = silent) -> Loaded:
    """Read the documentation below `paths`.

    Raises UsageError.
    """
    from . import contract, docset, schema

    try:
        docs = docset.load(paths, inferring=config.infer, exclude=config.exclude, step=step)
    except source.NotFound as error:
        raise UsageError(str(error)) from error
    return Loaded(docs, schema.compile(contract.build(docs.pages, config.service_roots)))


def check(
    paths: Sequence[Path],
    config: Config,
    *,
    strict: bool = False,
    jobs: int = 0,
    cached: bool = False,
    step: Step = silent,
) -> Report:
    """Everything that the pages alone show to be wrong: families 1 to 4.

    `jobs`: the number of processes, 0 for as many as there are cores. `cached`: remember what was found, and read only
    the pages that a change concerns.

    Raises UsageError.
    """
    return report_of(check_each(paths, config, jobs=jobs, cached=cached, step=step).values(), config, strict=strict)


def check_each(
    paths: Sequence[Path], config: Config, *, jobs: int = 0, cached: bool = False, step: Step = silent
) -> dict[str, Checked]:
    """The same for each page alone, by its name.

    Raises UsageError.
    """
    try:
        files = source.gather(paths, config.exclude)
    except source.NotFound as error:
        raise UsageError(str(error)) from error
    outlines = tuple(
        Outline(one.path, one.front_matter, one.headings) for one in config.paths if one.front_matter or one.headings
    )
    return checking.run(files, inferring=config.infer, outlines=outlines, jobs=jobs, cached=cached, step=step)


def rooted(config: Config, paths: Sequence[Path]) -> Config:
    """The settings with patterns that hold below a PATH: one that begins at the folder of pyproject.toml, or at one of
    its `docs`, holds there too."""
    if len(paths) != 1 or not (config.exclude or config.paths):
        return config
    path = (paths[0].parent if paths[0].is_file() else paths[0]).resolve()
    bases = [Path(config.root).resolve(), *(Path(config.root, one).resolve() for one in config.docs)]
    ways = [path.relative_to(base).as_posix() + "/" for base in bases if path != base and path.is_relative_to(base)]

    def below(pattern: str) -> str:
        return next((pattern.removeprefix(way) for way in ways if pattern.startswith(way)), pattern)

    return msgspec.structs.replace(
        config,
        exclude=tuple(map(below, config.exclude)),
        paths=tuple(msgspec.structs.replace(one, path=below(one.path)) for one in config.paths),
    )


def report_of(pages: Collection[Checked], config: Config, *, strict: bool = False) -> Report:
    """The report of some pages, by the settings of the user."""
    found = [finding for one in pages for finding in one.findings]
    counts = (len(pages), sum(one.blocks for one in pages), sum(one.examples for one in pages))
    return _report("check", gathered(_chosen(found, config)), (), strict, counts)


def check_since(
    paths: Sequence[Path], config: Config, revision: str, *, strict: bool = False, jobs: int = 0, cached: bool = False,
    step: Step = silent,
) -> Report:  # fmt: skip
    """The same, of the pages that have changed since a git revision, and of what these changes broke elsewhere.

    Raises UsageError.
    """
    from . import revisions

    pages = check_each(paths, config, jobs=jobs, cached=cached, step=step)
    try:
        since = revisions.Revision(paths[0], revision)
        changed = {path.resolve() for path in since.changed()}
        with since.files() as there:
            others = revisions.counterparts(paths, since.top, there)
            before = check_each(others, config, jobs=jobs) if others else {}
            names = _names_now(paths, others, {there.resolve(): since.top.resolve()})
    except revisions.RevisionError as error:
        raise UsageError(f"--changed-since {error}") from error
    whole = report_of(pages.values(), config, strict=strict)
    past = [one for page in before.values() for one in page.findings]
    past = [msgspec.structs.replace(one, path=names(one.path)) for one in past]
    known = Counter(one.fingerprint for one in gathered(_chosen(past, config)))
    roots = source.gather(paths).roots
    touched = {page for page in pages if source.file_of(roots, page).resolve() in changed}
    new, _ = baseline.unknown([one for one in whole.findings if one.path not in touched], known)
    found = [one for one in whole.findings if one.path in touched] + new
    return msgspec.structs.replace(whole, findings=tuple(sorted(found, key=sort_key)))


def _names_now(paths: Sequence[Path], others: Sequence[Path], moved: Mapping[Path, Path]) -> Callable[[str], str]:
    """How the pages below `others`, in another copy of the repository, are called below `paths`."""
    ((there, top),) = moved.items()
    now = {root.folder.resolve(): root.prefix for root in source.gather(paths).roots}
    prefixes = {
        root.prefix: now[top / root.folder.resolve().relative_to(there)]
        for root in (source.gather(others).roots if others else ())
    }

    def name(page: str) -> str:
        prefix = next(one for one in sorted(prefixes, reverse=True) if page.startswith(one))
        return prefixes[prefix] + page.removeprefix(prefix)

    return name


def with_baseline(report: Report, file: Path, paths: Sequence[Path]) -> tuple[Report, int]:
    """The report on `paths` without what a baseline knows; and how many findings of the baseline are gone from there.

    Raises UsageError.
    """
    naming = _anywhere(paths)
    try:
        known = baseline.read(file)
    except baseline.BaselineError as error:
        raise UsageError(str(error)) from error
    new, left = baseline.unknown(report.findings, {mark: one.count for mark, one in known.items()}, naming)
    looked = [naming(prefix + path.name if path.is_file() else prefix) for path, prefix in _prefixes(paths)]
    stale = sum(count for mark, count in left.items() if any(_is_below(known[mark].path, one) for one in looked))
    return msgspec.structs.replace(report, findings=tuple(new)), stale


def _is_below(page: str, way: str) -> bool:
    return way in (".", page) or page.startswith(f"{way}/")


def _prefixes(paths: Sequence[Path]) -> list[tuple[Path, str]]:
    """What the names of the pages below each PATH begin with."""
    roots = {root.folder.resolve(): root.prefix for root in source.gather(paths).roots}
    return [(path, roots[(path.parent if path.is_file() else path).resolve()]) for path in paths]


def _anywhere(paths: Sequence[Path]) -> Callable[[str], str]:
    """How each page is called in the repository that holds it, from whatever folder or PATH docassay is run."""
    roots = source.gather(paths).roots

    def name(page: str) -> str:
        root = next(one for one in reversed(roots) if page.startswith(one.prefix))
        way = os.path.relpath(root.folder.resolve() / page.removeprefix(root.prefix), root.limit)
        return Path(way).as_posix()

    return name


def write_baseline(report: Report, file: Path, paths: Sequence[Path]) -> int:
    """Keep the findings of a report on `paths` as known; how many they are.

    Raises UsageError.
    """
    try:
        return baseline.write(file, report.findings, _anywhere(paths))
    except baseline.BaselineError as error:
        raise UsageError(str(error)) from error


def mend(paths: Sequence[Path], report: Report) -> int:
    """Make every mechanical change that the findings of a report offer; how many there were.

    Raises UsageError.
    """
    from . import fixes

    changes = _fixes(paths, report)
    count = 0
    for _, file, wanted in changes:
        try:
            count += fixes.apply(file, wanted)
        except OSError as error:
            raise UsageError(f"{file.as_posix()}: cannot be written: {error.strerror or error}") from error
    return count


def difference(paths: Sequence[Path], report: Report, prefix: str = "") -> str:
    """The same changes as a unified diff that `patch -p1` and `git apply` take; nothing is written.

    `prefix`: the way from the folder where that is done to the pages.

    Raises UsageError.
    """
    from . import fixes

    try:
        return "".join(
            fixes.difference(prefix + path, file.read_bytes(), wanted) for path, file, wanted in _fixes(paths, report)
        )
    except OSError as error:
        raise UsageError(f"{error.filename}: cannot be read: {error.strerror or error}") from error


def _fixes(paths: Sequence[Path], report: Report) -> list[tuple[str, Path, list[Fix]]]:
    """Each page that can be mended: its name, its file, and how."""
    by_page: dict[str, list[Fix]] = {}
    for one in report.findings:
        if one.fixes:
            by_page.setdefault(one.path, []).extend(one.fixes)
    roots = source.gather(paths).roots
    return [(path, source.file_of(roots, path), changes) for path, changes in by_page.items()]


def plan(loaded: Loaded, options: Options) -> list[Case]:
    """Every example as a case, by the user's bindings and selection.

    Raises UsageError.
    """
    from . import cases

    try:
        found = cases.plan(
            loaded.schemas.contract,
            options.bindings,
            strict_names=options.typed,
            target=options.target,
            allow_writes=options.allow_writes,
        )
        return cases.select(found, options.select)
    except (cases.BindError, ValueError) as error:
        raise UsageError(str(error)) from error


def verify(loaded: Loaded, planned: Sequence[Case], options: Options, step: Step = silent) -> Report:
    """Send every case that can be sent, and hold the answers against the pages: families 5 and 7.

    An interruption ends it early: the report holds what was done until then, and says so.

    Raises UsageError.
    """
    verdicts: list[Verdict] = []
    silence: list[NoAnswer] = []
    interrupted = False
    with client(options) as sender:
        for case in planned:
            try:
                if len(silence) >= PATIENCE or (silence and silence[-1].kind == "unreachable"):
                    verdict = judge(loaded, case, None if case.blocked else silence[-1])
                else:
                    verdict = _verdict(loaded, case, sender, options)
            except KeyboardInterrupt:
                interrupted = True
                break
            answer = verdict.silence
            if answer is not None and answer.kind in ("unreachable", "timeout"):
                silence.append(answer)
            elif verdict.exchange is not None:
                silence.clear()
            verdicts.append(verdict)
            step(len(verdicts), len(planned))
    report = _verified(loaded, verdicts, options)
    return msgspec.structs.replace(report, interrupted=interrupted)


def verify_one(loaded: Loaded, case: Case, sender: Client, options: Options) -> Report:
    """One case, sent by a client that is open already, while somebody else plays or records the cassette."""
    from . import cassettes

    answer: Exchange | NoAnswer | None = None
    folder = Path(options.cassettes)
    if not case.blocked:
        try:
            sent = _prepared(case, sender)
            answer = sent if isinstance(sent, NoAnswer) else sender.send(sent)
        except Exception as error:
            answer = cassettes.explain(error, folder, case)
            if answer is None:
                raise
    return _verified(loaded, [judge(loaded, case, answer)], options)


def client(options: Options) -> Client:
    """What sends the cases: to the target, or nowhere when they come from recordings.

    Raises UsageError.
    """
    from . import cassettes
    from .replay import Client, TargetError

    if options.record != "none" and not options.target:
        raise UsageError("--record needs a --target to record from")
    try:
        return Client(options.target or cassettes.ENDPOINT, options.headers, options.timeout)
    except TargetError as error:
        raise UsageError(str(error)) from error


def _verdict(loaded: Loaded, case: Case, sender: Client, options: Options) -> Verdict:
    """Send a case or play its recording, and hold what comes back against the page."""
    from . import cassettes

    if case.blocked:
        return judge(loaded, case, None)
    folder = Path(options.cassettes)
    sent = _prepared(case, sender)
    if isinstance(sent, NoAnswer):
        return judge(loaded, case, sent)
    if not options.target:
        return judge(loaded, case, cassettes.play(folder, case, sent))
    clean = cassettes.Redaction(options.headers.values(), options.target)
    neutral = msgspec.structs.replace(sent, url=cassettes.ENDPOINT + sent.url.removeprefix(sender.target))
    if (known := cassettes.recorded(folder, case, neutral, options.record)) is not None:
        return msgspec.structs.replace(judge(loaded, case, known), recorded=True)
    answer = sender.send(sent)
    verdict = judge(loaded, case, answer)
    if options.record != "none" and isinstance(answer, Exchange) and _worth_recording(case, answer):
        try:
            cassettes.save(folder, case, sent, answer, options.record, clean)
        except OSError as error:
            raise UsageError(f"{cassettes.file_of(folder, case).as_posix()}: cannot be written: {error}") from error
    return verdict


def _prepared(case: Case, sender: Client) -> Sent | NoAnswer:
    """A case as it goes over the wire, or why it cannot."""
    try:
        return sender.prepare(case)
    except ValueError as error:
        return NoAnswer("broken", str(error))


def _worth_recording(case: Case, answer: Exchange) -> bool:
    """Whether the answer has a documented status. What a missing permission or a crash gave is no recording."""
    return any(
        isinstance(one.content, Response) and one.content.status == answer.status for one in case.example.responses
    )


def _verified(loaded: Loaded, verdicts: Sequence[Verdict], options: Options) -> Report:
    from . import cassettes

    found = [finding for verdict in verdicts for finding in verdict.findings]
    clean = cassettes.Redaction(options.headers.values())
    if options.headers:  # a service may send back what it was sent
        found = [_redacted(one, clean) for one in found]
        verdicts = [
            msgspec.structs.replace(
                one, reason=clean.secrets(one.reason), findings=tuple(_redacted(found, clean) for found in one.findings)
            )
            for one in verdicts
        ]
    chosen = dict.fromkeys(_chosen(found, options.config))
    blocks = sum(len(one.blocks) for one in loaded.docs.pages)
    counts = (len(loaded.docs.pages), blocks, len(loaded.schemas.contract.examples))
    return _report("verify", chosen, verdicts, options.strict, counts)


def _redacted(one: Finding, clean: Redaction) -> Finding:
    texts = {name: clean.secrets(getattr(one, name)) for name in ("message", "observed", "pointer", "hint", "subject")}
    return msgspec.structs.replace(one, **texts)


def judge(loaded: Loaded, case: Case, answer: Exchange | NoAnswer | None) -> Verdict:
    """Hold what came back against the page. Where nothing did, nothing was tested, and nothing can be suppressed."""
    from . import suppressions
    from .rules import cassette, conformance

    if answer is None:
        return Verdict(case, "blocked", "; ".join(part for part in (case.blocked, case.hint) if part))
    found: list[Finding] = []
    if isinstance(answer, NoAnswer):
        for rule in (conformance.no_answer, cassette.no_cassette):
            found.extend(rule.check(rule, case, answer))
        return Verdict(case, "failed", answer.text, None, tuple(found), silence=answer)
    compared = conformance.compare(loaded.schemas, case, answer)
    for rule in conformance.RULES:
        if rule is not conformance.no_answer:
            found.extend(rule.check(rule, compared))
    found, _ = suppressions.sifted(found, loaded.docs.suppressions.get(case.example.request.path, ()))
    failed = next((finding for finding in found if finding.level == "error"), None)
    return Verdict(case, "failed" if failed else "passed", failed.message if failed else "", answer, tuple(found))


def advice(report: Report, options: Options | None = None) -> str:
    """What the user should know or do next, where the findings do not say it: one sentence or nothing."""
    if report.interrupted:
        return ""
    if not report.pages:
        return "there is no Markdown page (*.md) there"
    if not report.blocks:
        return 'no block is annotated there: put <!-- { "blockType": "request" } --> above a fence'
    if report.command == "check":
        return "\n".join(_next_steps(report))
    if not report.examples:
        return "no request is annotated there"
    spared = sum(verdict.recorded for verdict in report.verdicts)
    if spared:
        return f"{spared} came from recordings that were there; --record all makes them anew"
    if not report.verdicts:
        return f"no case fits -k '{options.select}'" if options else ""
    if all(verdict.outcome == "blocked" for verdict in report.verdicts):
        return "every case is blocked"
    return ""


MANY_FINDINGS = 100
"""From so many findings on, the summary says how to begin with the new ones."""


def _next_steps(report: Report) -> Iterator[str]:
    if not report.findings:
        return
    counts = Counter(one.code for one in report.findings)
    code = counts.most_common(1)[0][0]
    if len(report.findings) >= MANY_FINDINGS:
        most = ", ".join(f"{code} {count}" for code, count in counts.most_common(5))
        yield f"most of them: {most}"
    if fixable := sum(one.fixable for one in report.findings):
        yield f"--fix mends {fixable} of them; --fix --diff shows how"
    if len(report.findings) >= MANY_FINDINGS:
        yield "--write-baseline FILE keeps them as known: with --baseline FILE, only what is new is reported"
    yield f"docassay rules {code} says why it matters"


def rule(code: str) -> Rule:
    """The rule of this code or slug.

    Raises UsageError.
    """
    from .rules import RULES

    by_name = {one.slug: one for one in RULES.values()} | RULES
    found = by_name.get(code.upper()) or by_name.get(code.lower())
    if found is None:
        close = wording.nearest(code.upper(), RULES, 0.8) or wording.nearest(code.lower(), by_name, 0.6)
        raise UsageError(f"there is no rule '{code}'{wording.aside(close)} (`docassay rules` lists them)")
    return found


def _chosen(found: Iterable[Finding], config: Config) -> list[Finding]:
    """The findings that the user wants, each at the level that the user gave it."""
    select, ignore = (tuple(map(_code, codes)) for codes in (config.select, config.ignore))
    chosen = [
        one for one in found if (not select or one.code.startswith(select)) and not one.code.startswith(ignore or "-")
    ]
    if not config.levels and not config.paths:
        return chosen
    strengths = [
        ("*", _strengths((), config.levels)),
        *((one.path, _strengths(one.ignore, one.levels)) for one in config.paths),
    ]
    fitting: dict[str, list[dict[str, Strength]]] = {}
    found = []
    for one in chosen:
        if one.path not in fitting:
            fitting[one.path] = [levels for path, levels in reversed(strengths) if fnmatchcase(one.path, path)]
        level = next((own for levels in fitting[one.path] if (own := _strength(levels, one.code))), one.level)
        if level != "off":
            found.append(one if level == one.level else msgspec.structs.replace(one, level=level))
    return found


def _strengths(ignore: Iterable[str], levels: Mapping[str, Strength]) -> dict[str, Strength]:
    return {_code(code): level for code, level in (*levels.items(), *((code, "off") for code in ignore))}


def _strength(levels: Mapping[str, Strength], code: str) -> Strength | None:
    """That of the longest beginning of the code."""
    return next((levels[code[:end]] for end in range(len(code), 1, -1) if code[:end] in levels), None)


def _code(text: str) -> str:
    """A code, the beginning of one, or a slug, as the code that it stands for."""
    from .rules import RULES

    if len(text) > 1 and any(known.startswith(text.upper()) for known in RULES):
        return text.upper()
    return rule(text).code


def _report(
    command: str,
    found: Iterable[Finding],
    verdicts: Sequence[Verdict],
    strict: bool,
    counts: tuple[int, int, int],
) -> Report:
    """A report; `counts`: pages, blocks, examples."""
    if strict:  # what is likely wrong counts as wrong
        found = [msgspec.structs.replace(one, level="error") if one.level == "warning" else one for one in found]
        failing = {one.case for one in found if one.level == "error"}
        verdicts = [
            msgspec.structs.replace(verdict, outcome="failed", reason=verdict.findings[0].message)
            if verdict.outcome == "passed" and verdict.case.id in failing
            else verdict
            for verdict in verdicts
        ]
    return Report(command, tuple(sorted(found, key=sort_key)), tuple(verdicts), *counts)
