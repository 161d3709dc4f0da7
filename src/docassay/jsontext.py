"""JSON text -> value + repairs, each with its offset. The only module that knows how JSON is broken in real pages.

Text that is JSON by RFC 8259 is left to the standard library. All else goes to the reader of `tolerant`, which is
imported when the first text needs it: to compile its patterns takes as long as to read dozens of pages.
"""

from __future__ import annotations

import json
import re
import sys
from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn

from .model import MAX_DEPTH, MAX_REPAIRS, MAX_SIZE, Json, Repair
from .wording import shorten

if TYPE_CHECKING:
    from .tolerant import Reader

KINDS: dict[str, str] = {
    "comment": "remove the comment: JSON has none",
    "concatenation": "write the text as one string: JSON has no +",
    "control-character": "write the character as an escape, such as \\t",
    "duplicate-key": "remove or rename one of the two members",
    "ellipsis": 'remove the ellipsis; "truncated": true in the annotation says as much',
    "extra-bracket": "remove the bracket, or add the one that should open it",
    "extra-comma": "remove the comma that no value stands before",
    "extra-quote": "remove the doubled quote",
    "free-text": "remove the text, or make it a string",
    "invalid-escape": "write a backslash as \\\\",
    "literal": "write true, false or null, in lower case",
    "lone-surrogate": "write the whole character, or both halves of its surrogate pair",
    "malformed-number": "write the number as JSON does: decimal, no leading zero or plus, digits around the point",
    "mismatched-bracket": "close { with } and [ with ]",
    "missing-braces": "put braces around the members",
    "missing-bracket": "close the inner object or array before this",
    "missing-closing-quote": "add the closing quote",
    "missing-colon": "add the colon between key and value",
    "missing-comma": "add a comma before the next value",
    "missing-key": "give the value a key, or close the object before it",
    "missing-opening-quote": "add the opening quote",
    "missing-value": "give the key a value",
    "non-json-whitespace": "replace the character by a plain space, or remove it",
    "placeholder": "put quotes around the placeholder, or show a sample value",
    "raw-newline": "join the lines of the string; where it is to hold a line break, write \\n",
    "semicolon": "write a comma instead of the semicolon",
    "single-quotes": "use double quotes",
    "smart-quotes": "use straight double quotes",
    "text-after-value": "remove the text after the value, or give it a block of its own",
    "trailing-comma": "remove the comma before the closing bracket",
    "truncated": "add the closing brackets at the end",
    "unescaped-quote": 'write a quote inside a string as \\"',
    "unquoted-key": "put quotes around the key",
    "unquoted-string": "put quotes around the string",
    "wrong-colon": "put one colon between key and value",
    # where reading stopped
    "empty": "write a JSON value",
    "too-deep": f"nest at most {MAX_DEPTH} objects and arrays",
    "too-large": f"keep the text below {MAX_SIZE} characters",
    "too-many": f"correct the text from the top: it has more than {MAX_REPAIRS} faults",
    "unreadable": "correct the text from here on: no reading of it makes sense",
}
"""Every kind of repair, duplicate or stop -> what the author of the page should do."""


def read(text: str) -> Json:
    """The value of any text, and what had to be read otherwise than it stands. Never raises; linear in `len(text)`.

    A number that no double can hold becomes the nearest that one can (RFC 8259, 6), a lone surrogate U+FFFD (8.2): so
    values are finite and can be encoded.
    """
    if len(text) > MAX_SIZE:
        return Json(None, stopped=Repair("too-large", MAX_SIZE, f"{len(text)} characters"))
    if not _nests_too_deep(text) and not _may_hold_surrogate(text):
        try:
            return Json(_STRICT.decode(text))
        except (ValueError, RecursionError):  # broken, or a repeated key, a huge int, a caller deep in its own stack
            pass
    reader = _tolerant(text)
    repairs = sorted(reader.repairs, key=lambda repair: repair.offset)
    return Json(reader.value, tuple(repairs), reader.stopped, tuple(reader.duplicates))


def _tolerant(text: str) -> Reader:
    from .tolerant import Reader

    return Reader(text)


def locate(text: str, pointer: str) -> int | None:
    """The offset of the value at a JSON Pointer (RFC 6901) in strict or broken text; None if nothing is there."""
    if len(text) > MAX_SIZE or (pointer and not pointer.startswith("/")):
        return None
    reader = _tolerant(text)
    place, value = reader.place, reader.value
    for token in pointer.split("/")[1:]:
        key: str | int = unescape(token)
        if isinstance(value, list):
            key = int(token) if _INDEX.fullmatch(token) else len(value)
        if not isinstance(value, dict | list) or key not in reader.marks[id(value)]:
            return None
        place, value = reader.marks[id(value)][key][0], value[key]  # type: ignore[index]
    return place


@lru_cache(16)
def locations(text: str) -> dict[str, tuple[int, int]]:
    """JSON Pointer -> (offset of the value, offset of its key; for elements and the root that of the value again).

    Ends early when the pointers add up to several times `MAX_SIZE`, which only hostile text makes them do.
    """
    if len(text) > MAX_SIZE:
        return {}
    reader = _tolerant(text)
    places = {} if reader.place is None else {"": (reader.place, reader.place)}
    room = 4 * MAX_SIZE
    walk = [("", reader.value)]
    for pointer, value in walk:  # grows while it is walked
        if isinstance(value, dict | list):
            for key, place in reader.marks[id(value)].items():
                child = f"{pointer}/{escape(str(key))}"
                room -= len(child)
                if room < 0:
                    return places
                places[child] = place
                walk.append((child, value[key]))
    return places


def members(text: str, strict: bool) -> dict[str, int]:
    """The members of an object -> the offsets of their keys. `strict`: whether the text is JSON as it stands."""
    if not strict:
        return {unescape(pointer[1:]): key for pointer, (_, key) in locations(text).items() if pointer.count("/") == 1}
    found: dict[str, int] = {}
    depth, step = 0, {"[": 1, "{": 1, "]": -1, "}": -1}
    for token in _NESTING.finditer(text):
        first = text[token.start()]
        if first != '"':
            depth += step[first]
        elif depth == 1 and _COLON_FOLLOWS.match(text, token.end()):
            found[json.loads(token[0])] = token.start()
    return found


def line_column(text: str, offset: int) -> tuple[int, int]:
    """How many line ends stand before an offset, and its column, from 1."""
    starts = _line_starts(text)
    line = bisect_right(starts, offset) - 1
    return line, offset - starts[line] + 1


@lru_cache(16)
def _line_starts(text: str) -> list[int]:
    """Where each line begins: many places of one text are asked for in a row."""
    return [0, *(match.end() for match in _NEWLINE_ONLY.finditer(text))]


def escape(key: str) -> str:
    """A key as a reference token of a JSON Pointer (RFC 6901, 3)."""
    return key.replace("~", "~0").replace("/", "~1")


def unescape(token: str) -> str:
    """The key that a reference token stands for."""
    return token.replace("~1", "/").replace("~0", "~")


def show(value: Any, width: int = 80) -> str:
    """A value as JSON on one line, cut to `width` characters."""
    return shorten(json.dumps(value, ensure_ascii=False, default=str), width)


def describe(repair: Repair) -> str:
    """What a repair is about, in words: its kind, and the words of the author that it concerns."""
    name = repair.kind.replace("-", " ")
    return f"{name}: {repair.text}" if repair.text.strip(" ,;") else name


_WORDS_OF_LITERALS = {"true": "true", "false": "false", "null": "null", "none": "null"}


def mended(repair: Repair) -> tuple[str, str] | None:
    """What stands at a repair, and what JSON has in its place; None where that takes somebody who knows the text."""
    if repair.kind in ("trailing-comma", "extra-comma") and repair.text in (",", ";"):
        return repair.text, ""
    if repair.kind == "literal" and repair.text.lower() in _WORDS_OF_LITERALS:
        return repair.text, _WORDS_OF_LITERALS[repair.text.lower()]
    if repair.kind == "unquoted-key" and _PLAIN_KEY.fullmatch(repair.text):
        return repair.text, f'"{repair.text}"'
    return None


_PLAIN_KEY = re.compile(r"[\w@.$-]{1,40}")


# --- strict ------------------------------------------------------------------------------------------------------


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("repeated key")  # the tolerant reader says where
    return members


def _constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN, Infinity


def _finite(literal: str) -> float:
    return max(-sys.float_info.max, min(float(literal), sys.float_info.max))


_STRICT = json.JSONDecoder(object_pairs_hook=_members, parse_constant=_constant, parse_float=_finite)
_NESTING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)
_NEWLINE_ONLY = re.compile("\n")
_COLON_FOLLOWS = re.compile(r"[ \t\n\r]*+:")
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
_SURROGATE = re.compile("[\ud800-\udfff]")


def _nests_too_deep(text: str) -> bool:
    """Exact as far as the text is strict, so that the standard library never recurses deeper."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return False
    depth, step = 0, {"[": 1, "{": 1, "]": -1, "}": -1}
    for token in _NESTING.finditer(text):
        depth += step.get(text[token.start()], 0)
        if depth > MAX_DEPTH:
            return True
    return False


def _may_hold_surrogate(text: str) -> bool:
    return "\\ud" in text or "\\uD" in text or (not text.isascii() and _SURROGATE.search(text) is not None)
