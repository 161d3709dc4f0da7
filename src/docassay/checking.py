"""Files -> Checked: what families 1 to 4 say of each page. In parallel, and only of what the last run does not know.

A page is judged by its own content and that of the files it includes, by the types of other pages that its examples
lead to, and by the names in the folders that its links lead to. All of these are kept with what was found, so that a
change anywhere finds the pages that it concerns. Nothing that reads pages is imported before there is a page to read:
where nothing has changed, most of the time would be spent on that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from . import cache, parallel, source
from .findings import Finding, expanded, located, sort_key
from .model import Definition, Outline, Page, Place, Promises, Source, Value

if TYPE_CHECKING:
    from .docset import Reader
    from .links import Links
    from .schema import Schemas
    from .source import Files

WORTH_KEEPING = 100
"""Fewer pages than this are read as fast as what was kept of them."""
RELOADED = 0.1
"""The part of the pages that may have changed so that it is worth looking for those that stay as they were."""


class Said(Value, frozen=True):
    """What a page says to all others."""

    definitions: tuple[Definition, ...] = ()
    anchors: tuple[str, ...] = ()
    requests: dict[str, Place] = msgspec.field(default_factory=dict)
    """The first request of each name."""


class Checked(Value, frozen=True):
    """What was found in a page, and what that rests on."""

    digest: str
    included: tuple[tuple[str, str], ...]
    """The files that the page includes, and their digests."""
    blocks: int
    examples: int
    findings: tuple[Finding, ...]
    """In the order of the page."""
    said: Said
    types: tuple[str, ...]
    """The types that were looked at, by full name."""
    folders: tuple[tuple[str, str], ...]
    """The folders that links and includes lead to, with the fingerprints of what was in them."""
    pages: tuple[str, ...]
    """The pages of which links name a part; `*/name` where a hint names any page of that name."""


class Memory(Value, frozen=True):
    """What one run leaves to the next."""

    pages: dict[str, Checked]


def run(
    files: Files,
    *,
    inferring: bool = False,
    outlines: Sequence[Outline] = (),
    jobs: int = 0,
    cached: bool = True,
    step: parallel.Step = parallel.silent,
) -> dict[str, Checked]:
    """What the rules say of each page, by its name, in the order of the names.

    `outlines`: what the project asks of some pages; the last one that fits a page counts. `jobs`: the number of
    processes; 0: as many as there are cores. `cached`: use and keep what runs have found.
    """
    name = ""
    known: Mapping[str, Checked] = {}
    if cached and len(files.named) >= WORTH_KEEPING:
        roots = [text for root in files.roots for text in (root.prefix, root.limit)]
        name = cache.name_of(("check", str(inferring), repr(outlines), *files.paths, *roots))
        known = _standing(files, cache.load(name, Memory), inferring)
    stale = [named for named in files.named if named[0] not in known]
    if not stale and len(known) == len(files.named):
        return {page: known[page] for page, _ in files.named}
    from .docset import Reader

    with parallel.uncollected():
        others = {page: checked.said for page, checked in known.items()}
        made = parallel.in_two_rounds(
            partial(_read, Reader(files.roots, inferring, prose=False)),
            partial(_judging, files, others, [page for page, _ in stale], outlines),
            Said,
            Checked,
            stale,
            jobs or parallel.jobs_available(),
            step,
        )
    found = dict(known) | {page: one for (page, _), one in zip(stale, made, strict=True)}
    found = {page: found[page] for page, _ in files.named}
    if name:
        cache.save(name, Memory(found))
    return found


def _standing(files: Files, memory: Memory | None, inferring: bool) -> dict[str, Checked]:
    """The pages of which everything still holds that was found in them."""
    if memory is None:
        return {}
    from .links import fingerprint, listing

    folders = {folder for one in memory.pages.values() for folder, _ in one.folders}
    now_in = {folder: fingerprint(listing(folder)) for folder in folders}
    standing = {}
    changed = []
    digests = {name: source.digest(file) for name, file in files.named}
    for named in files.named:
        one = memory.pages.get(named[0])
        for file, _ in one.included if one else ():
            if file not in digests:
                digests[file] = source.digest(file)
        if (
            one is None
            or not one.digest
            or one.digest != digests[named[0]]
            or any(digests[file] != digest for file, digest in one.included)
        ):
            changed.append(named)
        elif all(now_in[folder] == said for folder, said in one.folders):
            standing[named[0]] = one
    gone = memory.pages.keys() - dict(files.named).keys()
    if not changed and not gone:
        return standing
    from .docset import Reader

    if len(changed) > RELOADED * len(files.named):
        return {}
    reader = Reader(files.roots, inferring, prose=False)
    past = {page: memory.pages[page].said for page in (*gone, *dict(changed)) if page in memory.pages}
    present = {named[0]: _read(reader, named)[1] for named in changed}
    before = [one for said in past.values() for one in said.definitions]
    now = [one for said in present.values() for one in said.definitions]
    counts = Counter(one.name for page in memory.pages.values() for one in page.said.definitions)
    if _outline(before, counts) != _outline(now, counts):
        return {}  # types have come or gone: any name on any page may mean something else now
    others = {(one.path, one.name, one.whole) for one in before} ^ {(one.path, one.name, one.whole) for one in now}
    types = {name for _, name, _ in others}
    both = [(page, past.get(page, Said()), present.get(page, Said())) for page in {*past, *present}]
    parts = {page for page, old, new in both if old.anchors != new.anchors}
    parts |= {f"*/{page.rpartition('/')[2].lower()}" for page in {*past} ^ {*present}}
    names = {name for _, old, new in both for name, _ in old.requests.items() ^ new.requests.items()}
    return {
        page: one
        for page, one in standing.items()
        if types.isdisjoint(one.types) and parts.isdisjoint(one.pages) and names.isdisjoint(one.said.requests)
    }


def _outline(definitions: Iterable[Definition], counts: Counter[str]) -> list[tuple[Any, ...]]:
    """What decides on the types that there are. Where several pages define one, it matters how large each is."""
    return sorted(
        (one.name, one.path, one.base, one.derived, one.is_enum, one.size if counts[one.name] > 1 else 0)
        for one in definitions
    )


Read = tuple[Page, Promises, Said, Source]
"""A page, what it promises, what it says to all others, and its text."""


def _read(reader: Reader, named: tuple[str, str]) -> tuple[Read, Said]:
    """What is kept of a page, and what is said of it."""
    from . import contract

    page, text = reader.read_with_source(named)
    promises = contract.promises_of(page)
    definitions = tuple(contract.definition(one, stored=True) for one in page.types)
    said = Said(definitions, page.anchors, contract.named(promises))
    return (page, promises, said, text), said


def _judging(
    files: Files, others: Mapping[str, Said], stale: Sequence[str], outlines: Sequence[Outline], said: Sequence[Said]
) -> Callable[[Read], Checked]:
    """What judges a page, once it is known what all pages say."""
    from . import contract, schema
    from .links import Links

    everything = {**others, **dict(zip(stale, said, strict=True))}
    definitions = (one for page in everything.values() for one in page.definitions)
    agreed = contract.agree(definitions, (page.requests for page in everything.values()))
    links = Links(files.roots, {page: one.anchors for page, one in everything.items()})
    return partial(judge, schema.compile(agreed), links, outlines=outlines)


def judge(schemas: Schemas, links: Links, read: Read, outlines: Sequence[Outline] = ()) -> Checked:
    """What all rules of families 1 to 4 say of a page."""
    from . import schema, suppressions
    from .rules import annotation, message, page
    from .rules import contract as contract_rules

    one, promises, said, text = read
    schema.asked_types(schemas)
    links.asked.clear()
    links.asked_pages.clear()
    found: list[Finding] = []
    outline = next((asked for asked in reversed(outlines) if fnmatchcase(one.path, asked.path)), None)
    for rule in page.ALONE:
        found.extend(rule.check(rule, one))
    for rule in page.ASKING if one.links or one.includes or one.malformed else ():
        found.extend(rule.check(rule, one, links))
    for rule in page.EXPECTING if outline else ():
        found.extend(rule.check(rule, one, outline))
    # What a page does not have, no rule has to look for: a third of the pages have no block, and most no type.
    if one.blocks or one.unannotated or one.malformed or one.suppressions:
        for rule in annotation.RULES:
            if rule is not annotation.suppression_unused:
                found.extend(rule.check(rule, one))
    if one.blocks:
        for rule in message.RULES:
            found.extend(rule.check(rule, one))
    if one.blocks or one.types:
        for rule in contract_rules.RULES:
            found.extend(rule.check(rule, promises, schemas))
    if any(finding.code == annotation.never_ends.code for finding in found):
        found = annotation.without_consequences(found)
    if one.suppressions:
        single = [finding for several in found for finding in expanded(several)]
        found, unused = suppressions.sifted(single, one.suppressions)
        found.extend(annotation.suppression_unused.check(annotation.suppression_unused, one, unused))
    if found:
        lines = source.lines(text)
        found = [located(finding, lines) for finding in found]
    return Checked(
        digest=one.digest,
        included=tuple((found.file, found.digest) for found in one.included),
        blocks=len(one.blocks),
        examples=len(promises.examples),
        findings=tuple(sorted(dict.fromkeys(found), key=sort_key)),
        said=said,
        types=tuple(sorted(schema.asked_types(schemas))),
        folders=links.seen(links.asked.union(one.looked_in)),
        pages=tuple(sorted(links.asked_pages)),
    )
