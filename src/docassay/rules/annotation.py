"""Family 2, annotations: whether what the comments say can be read, and what they speak of."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from msgspec import structs

from .. import annotate, infer, jsontext, suppressions
from ..block_types import BLOCK_TYPES, KEYS, Key
from ..findings import Finding, Fix, Rule, rule
from ..model import Annotation, Block, Body, HttpFence, Page, Place, Request, Response, Suppression
from ..wording import enumerate_words, guess, nearest, shorten

_MEANT = {"scope": "scopes", "isAbstract": "abstract", "sampleIds": "sampleKeys", "odata.type": "@odata.type",
          "type": "blockType", "id": "name", "displayName": "name"}  # fmt: skip
"""Keys that authors write for another one that does not look alike."""

_TRUE: dict[Key, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "strings": lambda value: isinstance(value, list) and all(isinstance(one, str) for one in value),
    "string or strings": lambda value: (
        isinstance(value, str) or (isinstance(value, list) and all(isinstance(one, str) for one in value))
    ),
    "string or null": lambda value: value is None or isinstance(value, str),
    "any": lambda value: True,
}
_SAID = {"strings": "a list of strings", "string or strings": "a string or a list of strings",
         "boolean": "true or false, without quotes", "string": "a string",
         "string or null": "a string or null"}  # fmt: skip

_UNENDED = {
    "comment-never-ends": (
        "this comment is never closed: what follows is lost in it",
        "write --> where it should end",
    ),
    "fence-never-ends": (
        "this fence is never closed: what follows is read as its content",
        "add a closing fence",
    ),
    "annotation-in-fence": (
        "this annotation stands inside of the fence that begins at line {0.text}",
        "close that fence, with the same mark alone on a line before line {0.line}",
    ),
    "fence-in-fence": (
        "another fence is opened inside of the one that begins at line {0.text}",
        "close that fence, with the same mark alone on a line before line {0.line}",
    ),
    "annotation-indented": (
        "this annotation is indented by four columns or more, so it is read as code",
        "move it to where the text around it begins",
    ),
    "comment-swallows": (
        "this comment is closed only behind the next one, which is lost in it",
        "write --> where it should end",
    ),
    "annotation-behind-words": (
        "words stand before the braces, so this comment is no annotation",
        "begin the comment with the brace",
    ),
    "annotation-in-text": (
        "an annotation stands where no tool reads it",
        "write it as <!-- {{ … }} --> on a line of its own, above the fence",
    ),
}


@rule("DA201", "annotation-repaired", "warning")
def repaired(self: Rule, page: Page) -> Iterator[Finding]:
    """An annotation whose JSON is not valid, though its meaning is clear.

    docassay reads it; other tools may drop the block without a word. The finding says what was read otherwise.
    """
    for block in page.blocks:
        note = block.annotation
        if note.status != "failed":
            for kind in dict.fromkeys(one.kind for one in note.json.repairs):
                alike = [one for one in note.json.repairs if one.kind == kind]
                places = [annotate.position(note, one.offset) for one in alike]
                fixes = [
                    Fix(line, column, *mended)
                    for one, (line, column) in zip(alike, places, strict=True)
                    if (mended := jsontext.mended(one))
                ]
                times = f" ({len(alike)} times in this annotation)" if len(alike) > 1 else ""
                yield self.at(
                    page.path,
                    places[0][0],
                    f"the annotation is not valid JSON: {jsontext.describe(alike[0])}{times}",
                    jsontext.KINDS.get(kind, ""),
                    column=places[0][1],
                    fixes=tuple(fixes) if len(fixes) == len(alike) else (),
                )
            for one in note.json.duplicates:
                line, column = annotate.position(note, one.offset)
                message = f"the annotation has the key '{one.text}' twice"
                yield self.at(page.path, line, message, "remove one of them", column=column, word=f'"{one.text}"')


@rule("DA202", "annotation-unreadable", "error")
def unreadable(self: Rule, page: Page) -> Iterator[Finding]:
    """An annotation whose JSON cannot be read, so that its block is lost.

    Write one JSON object between `<!--` and `-->`, such as `{ "blockType": "ignored" }`.
    """
    for block in page.blocks:
        note = block.annotation
        if note.status == "failed":
            stopped = note.json.stopped
            line, column = annotate.position(note, stopped.offset) if stopped else (note.line, 1)
            said = jsontext.describe(stopped) if stopped else "it is no object"
            yield self.at(
                page.path,
                line,
                f"the annotation cannot be read: {said}",
                'write one JSON object, such as <!-- { "blockType": "ignored" } -->',
                column=column,
            )


@rule("DA203", "annotation-key", "warning")
def key(self: Rule, page: Page) -> Iterator[Finding]:
    """A key of an annotation that means nothing, or whose value is not of its type.

    A misspelt key is read by no tool, so the block is not what its author meant.
    """
    for block in page.blocks:
        for name, value in block.annotation.data.items():
            expected = KEYS.get(name)
            if expected is None:
                lost = not block.block_type and "blockType" not in block.annotation.data
                close = _MEANT.get(name) or nearest(name, KEYS, 0.75)
                line, column = annotate.key_position(block.annotation, name)
                sure = close.lower() == name.lower() or nearest(name, KEYS, 0.88) == close
                here = close in (BLOCK_TYPES[block.block_type].keys if block.block_type in BLOCK_TYPES else KEYS)
                hint = guess(close, "remove it, or correct its name")
                if close and not here:
                    owners = [f"'{block_type}'" for block_type, one in BLOCK_TYPES.items() if close in one.keys]
                    hint = (
                        f"'{close}' is a key of {enumerate_words(owners, 'and')} blocks: write it there, or remove it"
                    )
                yield self.at(
                    page.path,
                    line,
                    f"'{name}' is no key of an annotation",
                    hint,
                    column=column,
                    word=f'"{name}"',
                    level="error" if lost and close == "blockType" else self.level,
                    fixes=(Fix(line, column, f'"{name}"', f'"{close}"'),)
                    if close and sure and here and close not in block.annotation.data
                    else (),
                )
            elif name in ("@odata.type", "@type") and isinstance(value, str) and value.count("(") != value.count(")"):
                line, column = annotate.value_position(block.annotation, name)
                yield self.at(
                    page.path,
                    line,
                    f"'{shorten(value, 80)}' has a parenthesis that is never closed, or never opened",
                    "write Collection(name), or the name alone",
                    column=column,
                    word=json.dumps(value),
                    subject=value,
                )
            elif not _TRUE[expected](value):
                line, column = annotate.value_position(block.annotation, name)
                yield self.at(
                    page.path,
                    line,
                    f"the value of '{name}' has to be {_SAID[expected]}, not {jsontext.show(value)}",
                    _correction(name, expected, value),
                    column=column,
                    word=json.dumps(value),
                    fixes=_boolean(block.annotation, name, value) if expected == "boolean" else (),
                )


@rule("DA204", "block-type", "error")
def unknown_block_type(self: Rule, page: Page) -> Iterator[Finding]:
    """A block type that does not exist, or an annotation without one.

    Nothing is done with such a block. The types are `request`, `response`, `resource`, `example`, `ignored`, `samples`,
    `simulatedResponse`, `testParams` and `permissions`.
    """
    for block in page.blocks:
        if block.annotation.status == "failed" or annotate.block_type(block.annotation.data):
            continue
        if "blockType" in block.annotation.data:
            line, column = annotate.value_position(block.annotation, "blockType")
            written = jsontext.show(block.annotation.data["blockType"])
            close = nearest(str(block.annotation.data["blockType"]), BLOCK_TYPES)
            hint = guess(close, f"use one of {', '.join(BLOCK_TYPES)}")
            message = f"there is no block type {written}"
            yield self.at(page.path, line, message, hint, column=column, word=written)
        elif not any(_is_block_type(name) for name in block.annotation.data):  # else DA203 speaks of it
            yield self.at(
                page.path,
                block.line,
                "the annotation has no 'blockType'"
                + (f", and is read as {block.block_type}" if block.block_type else ""),
                f"add one of {', '.join(BLOCK_TYPES)}, or remove the braces if this is a plain comment",
                level="warning" if block.block_type else self.level,
            )


def _is_block_type(name: str) -> bool:
    """Whether a key is `blockType`, misspelt."""
    return (_MEANT.get(name) or nearest(name, KEYS, 0.75)) == "blockType"


@rule("DA205", "annotation-without-fence", "error")
def without_fence(self: Rule, page: Page) -> Iterator[Finding]:
    """An annotation that no fenced code block follows, so that it speaks of nothing.

    Put the comment right above the opening fence. Blank lines may stand between; text, headings and other
    annotations may not.
    """
    for block in page.blocks:
        if (
            block.fence is None
            and block.block_type
            and annotate.block_type(block.annotation.data)
            and not _silent(block)
        ):
            other = {
                "": "none follows",
                "other": "something else follows",
                "annotation": "another one stands nearer to it",
                "comment": "another one follows",
            }
            between = other.get(block.between, f"a {block.between} follows instead")
            yield self.at(
                page.path,
                block.line,
                f"no fenced block belongs to this annotation: {between}",
                "move the comment right above its fence, or remove it",
            )


@rule("DA206", "annotation-apart", "warning")
def apart(self: Rule, page: Page) -> Iterator[Finding]:
    """A request whose annotation is separated from its fence by a heading or a paragraph.

    docassay attaches it all the same, since nothing else can be meant; other tools lose it.
    """
    for block in page.blocks:
        if block.fence is not None and block.between:
            yield self.at(
                page.path,
                block.line,
                f"a {block.between} stands between the annotation and its fence at line {block.fence.line}",
                "move the comment right above the fence",
            )


@rule("DA207", "never-ends", "error")
def never_ends(self: Rule, page: Page) -> Iterator[Finding]:
    """A comment or fence that is opened and never closed, and so swallows what follows.

    Everything up to the end of the page, or to the next fence, is read as its content.
    """
    for one in (*page.malformed, *(one for block in page.blocks for one in block.malformed)):
        if one.kind in _UNENDED:
            message, hint = (text.format(one) for text in _UNENDED[one.kind])
            found = self.on(page.path, one, message, hint)
            begins = Place(page.path, int(one.text)) if one.kind.endswith("-in-fence") else None
            yield structs.replace(found, documented=begins, subject=one.kind)


def without_consequences(found: Sequence[Finding]) -> list[Finding]:
    """The findings of a page without those that follow from its comments or fences which are never closed: below them,
    nothing is read as it was meant, and the request above may have lost its response."""
    lost = [one for one in found if one.code == never_ends.code and one.subject in _SWALLOWING]
    if not lost:
        return list(found)
    begins = min(one.documented.line if one.documented else one.line for one in lost)
    above = max((one.line for one in found if one.code == "DA402" and one.line < begins), default=0)
    return [
        one
        for one in found
        if one.code not in _CONSEQUENCES or (one.line < begins and not (one.code == "DA402" and one.line == above))
    ]


_SWALLOWING = (
    "comment-never-ends", "fence-never-ends", "annotation-in-fence", "fence-in-fence", "comment-swallows"
)  # fmt: skip
_CONSEQUENCES = (
    "DA201", "DA202", "DA205", "DA206", "DA208", "DA211", "DA302", "DA303", "DA304", "DA305", "DA306", "DA307", "DA308",
    "DA309", "DA401", "DA402", "DA419", "DA420",
)  # fmt: skip


@rule("DA208", "http-without-annotation", "warning")
def http_without_annotation(self: Rule, page: Page) -> Iterator[Finding]:
    """A fence that plainly holds an HTTP request or response, and no annotation says what it is.

    It is neither checked nor replayed. `check --fix` writes the annotation that fits it, and mends the message below
    it; `infer = true` in
    [tool.docassay] reads all such fences as if they had one. For a request without response, which is no
    example, a note.
    """
    if not page.unannotated:
        return
    claimed: set[int] = set()
    lost = [one.line for one in page.malformed if one.kind.startswith("annotation-")]
    fences = [block.fence.end_line for block in page.blocks if block.fence]
    fences += [one.fence.end_line for one in page.unannotated]
    for one, note in infer.suggestions(page):
        before = max((line for line in fences if line < one.fence.line), default=0)
        if any(before < line < one.fence.line for line in lost):
            continue  # DA207 speaks of the annotation that belongs here
        above = next((block for block in reversed(page.blocks) if block.line < one.fence.line), None)
        if above is not None and above.fence is None and above.line in claimed:
            above = None  # it is that of the first fence below it
        if above is not None and above.fence is None:
            claimed.add(above.line)
            if not _silent(above):
                continue  # DA205 speaks of the annotation that belongs here
        parted = above is not None and above.fence is None and above.between == "paragraph"
        comment = infer.comment(note)
        hint = f"write {comment} above it"
        if parted and above is not None:
            hint = f"move the annotation of line {above.line} right above it"
        yield self.at(
            page.path,
            one.fence.line,
            f"this fence holds an HTTP {one.holds}, but no annotation says so",
            hint,
            subject=f"{one.holds} {comment}",
            level="note" if note.data.get("blockType") == "ignored" else self.level,
            observed=shorten(next(filter(None, map(str.strip, one.fence.text.split("\n"))), ""), 80),
            fixes=() if parted or "--" in note.text else _annotated(page, one, note),
        )


def _annotated(page: Page, one: HttpFence, note: Annotation) -> tuple[Fix, ...]:
    """What writes an annotation above a fence, and mends the message that is looked at then."""
    from . import message

    block = annotate.block(page.path, note, one.fence, "", one.section)
    then = structs.replace(page, blocks=(block,), unannotated=())
    shown = block.content
    json = shown.body.json if isinstance(shown, Request | Response) and shown.body else None
    sound = not (isinstance(shown, Request | Response) and shown.malformed) and (json is None or json.strict)
    rules = (fence_language, *((message.reason_phrase,) if sound else message.RULES))
    faults = [fault for rule in rules for fault in rule.check(rule, then)]
    first = Fix(one.fence.line, one.column, "", f"{infer.comment(note)}\n")
    return (first, *(fix for fault in faults for fix in fault.fixes))


@rule("DA209", "suppression-unclear", "warning")
def suppression_unclear(self: Rule, page: Page) -> Iterator[Finding]:
    """A suppression that is not in force, because it does not say of which rule it speaks, or why.

    Write the codes, then the reason: `<!-- docassay: ignore DA402 the service answers later -->`. It speaks of the
    block that follows: a paragraph, a table, an annotation with its fence. `ignore-page` speaks of the whole page.
    """
    if not page.suppressions:
        return
    from . import RULES

    example = "<!-- docassay: ignore DA402 the reason -->"
    for one in page.suppressions:
        wrong = hint = ""
        if not one.known:
            wrong, hint = f"there is no '{one.verb}'", guess(nearest(one.verb, suppressions.VERBS), f"write {example}")
        elif not one.codes:
            slugs = {rule.slug: rule.code for rule in RULES.values()}
            code = slugs.get(one.reason.partition(" ")[0], "")
            wrong = "it names no rule by its code"
            hint = f"write {code} first" if code else f"write the code of a rule first: {example}"
        elif unknown := [code for code in one.codes if code not in RULES]:
            wrong, hint = f"there is no rule {unknown[0]}", guess(nearest(unknown[0], RULES), "see `docassay rules`")
        elif not one.reason:
            wrong, hint = (
                "it gives no reason",
                f"add one: <!-- docassay: {one.verb} {' '.join(one.codes)} the reason -->",
            )
        if wrong:
            message = f"this suppression is not in force: {wrong}"
            yield self.at(page.path, one.line, message, hint, column=one.column)


@rule("DA210", "suppression-unused", "warning")
def suppression_unused(self: Rule, page: Page, unused: Sequence[tuple[Suppression, str]]) -> Iterator[Finding]:
    """A suppression of a rule that finds nothing there any more.

    Remove it: it would hide the next fault of that kind.
    """
    from . import RULES

    for one, code in unused:
        if code in RULES and code[2] in "1234":  # what a verification finds, a check does not know
            yield self.at(
                page.path,
                one.line,
                f"nothing is ignored here: {code} finds nothing",
                f"remove {code} from the comment, or the comment",
                column=one.column,
                subject=code,
            )


_HTTP = ("http", "https", "rest", "msgraph", "msgraph-interactive")
"""The languages under which fences show HTTP messages."""


@rule("DA211", "fence-language", "note")
def fence_language(self: Rule, page: Page) -> Iterator[Finding]:
    """A fence whose language is not that of what it holds.

    Sites color it wrongly, and other tools pass over such a block. Write `http` behind the fence that opens an HTTP
    message, `json` behind one that opens a JSON document.
    """
    for block in page.blocks:
        fence = block.fence
        if fence is None or fence.indented or block.between or block.malformed:
            continue
        if isinstance(block.content, Request | Response):
            starts = block.content.method if isinstance(block.content, Request) else block.content.status
            wanted = "http" if starts and fence.language not in _HTTP else ""
        else:
            body = block.content
            is_json = isinstance(body, Body) and body.json is not None and body.json.stopped is None
            wanted = "json" if is_json and not fence.language.startswith("json") else ""
        if wanted:
            holds = "an HTTP message" if wanted == "http" else "JSON"
            said = f"its language is '{fence.language}'" if fence.language else "it has no language"
            old, new = (fence.language, wanted) if fence.language else (fence.mark, fence.mark + wanted)
            yield self.at(
                page.path,
                fence.line,
                f"this fence holds {holds}, but {said}",
                f"write {fence.mark}{wanted}",
                column=0,
                word=old,
                fixes=(Fix(fence.line, 0, old, new),),
            )


@rule("DA212", "sample-key", "warning")
def sample_key(self: Rule, page: Page) -> Iterator[Finding]:
    """A sample key that does not occur in its request.

    `sampleKeys` tells generators which parts of the URI are values; one that is not there is passed over.
    """
    for block in page.blocks:
        keys = block.annotation.data.get("sampleKeys")
        if block.block_type != "request" or block.fence is None or not isinstance(keys, list):
            continue
        text = block.fence.text.lower()
        for index, name in enumerate(keys):
            if isinstance(name, str) and name.lower() not in text:
                line, column = annotate.value_position(block.annotation, "sampleKeys", index)
                yield self.at(
                    page.path,
                    line,
                    f"the sample key '{name}' does not occur in the request",
                    "write the value that the request has in its place, or remove it",
                    column=column,
                    word=json.dumps(name, ensure_ascii=False),
                    subject=f"{name} {' '.join(block.names)}",
                )


def _silent(block: Block) -> bool:
    """Blocks that are set aside on purpose need no fence: an `ignored` one over nothing ignores nothing."""
    return block.block_type in ("ignored", "permissions")


def _boolean(note: Annotation, name: str, value: Any) -> tuple[Fix, ...]:
    """Quotes off a boolean."""
    if not isinstance(value, str) or value not in ("true", "false"):
        return ()
    return (Fix(*annotate.value_position(note, name), f'"{value}"', value),)


def _correction(name: str, expected: str, value: Any) -> str:
    if expected == "boolean" and isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return f'write "{name}": {value.strip().lower()}'
    if expected == "strings" and isinstance(value, str):
        return f'write "{name}": ["{value}"]'
    return f"make it {_SAID[expected]}"


RULES = (
    repaired,
    unreadable,
    key,
    unknown_block_type,
    without_fence,
    apart,
    never_ends,
    http_without_annotation,
    suppression_unclear,
    suppression_unused,
    fence_language,
    sample_key,
)
