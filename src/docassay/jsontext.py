"""JSON text -> value + repairs, each with its offset. The only module that knows how JSON is broken in real pages.

Text that is JSON by RFC 8259 is left to the standard library. Everything else goes through a reader that keeps one
position, one stack of open objects and arrays, and for each a state; so no input makes it recurse, and every look ahead
is bounded or paid for by the text it covers. A fault with one sensible reading is read that way and reported as a
`Repair`; where there is none, reading stops there and keeps what it has.
"""

from __future__ import annotations

import json
import re
import sys
from typing import Any, NoReturn

from docassay.model import Json, Repair

MAX_DEPTH = 256
"""Objects and arrays inside each other."""
MAX_SIZE = 10_000_000
"""Characters."""
MAX_REPAIRS = 100_000
"""Text with more faults than this is not JSON that somebody broke."""

KINDS: dict[str, str] = {
    "comment": "remove the comment: JSON has none",
    "control-character": "write the character as an escape, such as \\t",
    "duplicate-key": "remove or rename one of the two members",
    "ellipsis": "remove the ellipsis, and say that the example is truncated in its annotation",
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
    "raw-newline": "keep the string on one line, or write the line break as \\n",
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

    Numbers are int or finite float: what a double cannot hold becomes the nearest one that it can (RFC 8259, 6).
    Strings can always be encoded: a lone surrogate becomes U+FFFD.
    """
    if len(text) > MAX_SIZE:
        return Json(None, stopped=Repair("too-large", MAX_SIZE, f"{len(text)} characters"))
    if not _nests_deeper(text, MAX_DEPTH) and not _may_hold_surrogate(text):
        try:
            return Json(_STRICT.decode(text))
        except (ValueError, RecursionError):  # broken, or a huge int, a repeated key, a caller deep in its own stack
            pass
    reader = _Reader(text)
    repairs = sorted(reader.repairs, key=lambda repair: repair.offset)
    return Json(reader.value, tuple(repairs), reader.stopped, tuple(reader.duplicates))


def locate(text: str, pointer: str) -> int | None:
    """The offset of the value at a JSON Pointer (RFC 6901) in strict or broken text; None if nothing is there."""
    if len(text) > MAX_SIZE or (pointer and not pointer.startswith("/")):
        return None
    reader = _Reader(text)
    found, value = reader.found, reader.value
    for token in pointer.split("/")[1:]:
        key: str | int = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list):
            if not _INDEX.fullmatch(token) or len(token) > 9 or int(token) >= len(value):
                return None
            key = int(token)
        elif not isinstance(value, dict) or key not in value:
            return None
        found, value = reader.marks[id(value)][key][0], value[key]
    return found


def locations(text: str) -> dict[str, tuple[int, int]]:
    """JSON Pointer -> (offset of the value, offset of its key; for elements and the root that of the value again).

    Stops when the pointers add up to several times `MAX_SIZE`, which only hostile text makes them do.
    """
    if len(text) > MAX_SIZE:
        return {}
    reader = _Reader(text)
    if reader.found is None:
        return {}
    places = {"": (reader.found, reader.found)}
    budget = 4 * MAX_SIZE
    walk = [("", reader.value)] if isinstance(reader.value, dict | list) else []
    for pointer, container in walk:  # grows while it is walked
        for key, place in reader.marks[id(container)].items():
            child = f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"
            budget -= len(child)
            if budget < 0:
                return places
            places[child] = place
            if isinstance(container[key], dict | list):
                walk.append((child, container[key]))
    return places


def line_column(text: str, offset: int) -> tuple[int, int]:
    """How many lines stand above the offset, and its 1-based column."""
    return text.count("\n", 0, offset), offset - text.rfind("\n", 0, offset)


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


def _number(literal: str) -> int | float:
    try:
        return int(literal)
    except ValueError:  # a fraction, or more digits than Python converts, for converting them takes quadratic time
        return _finite(literal)


_STRICT = json.JSONDecoder(object_pairs_hook=_members, parse_constant=_constant, parse_float=_finite)
_NESTING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")


def _nests_deeper(text: str, limit: int) -> bool:
    if text.count("[") + text.count("{") <= limit:
        return False
    depth = 0
    for token in _NESTING.finditer(text):
        if text[token.start()] in "[{":
            depth += 1
            if depth > limit:
                return True
        elif text[token.start()] in "]}":
            depth -= 1
    return False


def _may_hold_surrogate(text: str) -> bool:
    return "\\ud" in text or "\\uD" in text or (not text.isascii() and _SURROGATE.search(text) is not None)


# --- tolerant: the tokens ----------------------------------------------------------------------------------------

_BLANK = r"[ \t\f\v\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff]"  # within a line
_END = r"(?=[,;}\]\s\u200b-\u200f\u2060-\u2064\ufeff…]|//|/\*|<!--|\Z)"  # where a number or a literal may end
_DOUBLE, _SINGLE = '"“”„‟', "'‘’‚‛`´"
_QUOTES = _DOUBLE + _SINGLE

_SPACE = re.compile(r"[ \t\n\r]*")
_ODD_SPACE = re.compile(r"[\s\x00-\x1f\x7f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]+")
_COMMENT = re.compile(r"//[^\r\n]*|/\*.*?(?:\*/|\Z)|<!--.*?(?:-->|\Z)|#[^\r\n]*", re.DOTALL)
_ELLIPSIS = re.compile(r"(?:\.\.+(?![/\\])|…|\.(?: \.){2,})[.…]*(?:[ \t]*[^\W\d][^,;{}\[\]\"“”\r\n]*)?")
_WORDS_NEXT = re.compile(rf"{_BLANK}*[^\W\d_]")
_LEFT_OUT = re.compile(
    r"\.\.\.|…|(?:^\W*|\band |\d )more\b|\bmore\W*$|\b(?:etc|and so on|omitted|truncated|shortened|snip|snipped|remaining)\b",
    re.IGNORECASE,
)
_EXPONENT = r"(?:[eE][+-]?[0-9]++)?+"
_NUMBER = re.compile(rf"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+{_EXPONENT}{_END}")
_NUMERIC = re.compile(rf"([+-]?)(?:0[xX]([0-9a-fA-F]{{1,16}})|((?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++){_EXPONENT})){_END}")
_COMMA_NUMBER = re.compile(rf"-?[0-9]{{1,18}}(?:,[0-9]{{1,18}}){{1,6}}(?={_BLANK}{{0,99}}(?:[,;}}\r\n]|\Z))")
_LITERAL = re.compile(rf"-?(true|false|null|none|nil|undefined|nan|infinity){_END}", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"<[^<>\"\r\n]{1,200}>|\{\{?[ \t]*[^\W\d](?![^{}\r\n]{0,99}\.\.)[^{}\[\]\":,;\r\n]{0,99}\}\}?"
)
_BODY_PLACEHOLDER = re.compile(
    r"\[\s{0,99}(?!(?:true|false|null|none)\s*\])[^\W\d][^{}\[\]\":,;\r\n]{0,200}\]", re.IGNORECASE
)
_RUN_STARTS = re.compile(r"[\w$@#(<+\-./%*~]")
_RUN = re.compile(
    r"(?:[^\s,;{}\[\]\"]+|\{[^{}\s\"]{0,99}\}|\[[^\[\]{}\s\",]{0,99}\]"
    rf"|{_BLANK}++(?!//|/\*|<!--|[#…]|\.\.)(?=[^\s,;{{}}\[\]\"]))*+"
)
_FREE_TEXT = re.compile(
    r"(?:[|+]\s?\"[^\"\r\n]{0,99}\"|[\w(<*|&+\-/.$@#~%!?=`])(?:[^,;{}\[\]\"“”\r\n]|(?<=[|+]\s)\"[^\"\r\n]{0,99}\")*+"
)
_BARE_KEY = re.compile(
    rf"([^\s\"'“”‘’,:;{{}}\[\]=][^\"“”'’,:;={{}}\[\]\r\n]{{0,200}})([\"“”'’]?){_BLANK}{{0,99}}(?=:|=)"
)
_LONE_KEY = re.compile(rf"([\w@.$-]+){_BLANK}+(?=[{_QUOTES}])")
_COLON = re.compile(r":|=>?")
_INDEX = re.compile(r"0|[1-9][0-9]*")

# what stands after, or before, a quote
_PLAIN = re.compile(r'"([^"\\\x00-\x1f\ud800-\udfff]*)"(?=[ \t]*[,:}\]\r\n])')
_FAMILY = {'"': '"', "'": "'"} | dict.fromkeys(_DOUBLE[1:], _DOUBLE) | dict.fromkeys(_SINGLE[1:], _SINGLE)
"""An opening quote -> those that may close it."""
_SEGMENT = {  # to one of them, or the end of the line
    quote: re.compile(rf"[^{family}\\\r\n]*+(?:\\[^\r\n]?[^{family}\\\r\n]*+)*+") for quote, family in _FAMILY.items()
}
_AFTER_QUOTE = re.compile(rf"{_BLANK}*(//|/\*|<!--|\.\.|…|[^\s]|)")
_AFTER_COMMA = re.compile(
    rf"[,;]{_BLANK}{{0,99}}(?:[{_QUOTES}{{}}\[\]\r\n…\-0-9]|\.\.|//|/\*|(?:true|false|null)\b|[\w@.$]{{1,99}}{_BLANK}?:|\Z)"
)
_COLON_NEXT = re.compile(rf"{_BLANK}{{0,99}}[:=]")
_VALUE_ENDS = re.compile(rf"{_BLANK}{{0,99}}(?:[,;}}\]\r\n]|\Z)")
_KEY_AHEAD = re.compile(rf"[{_QUOTES}][^\"“”\r\n]{{0,200}}[{_QUOTES}]{_BLANK}{{0,99}}:")
_ITEM_AHEAD = re.compile(rf"[{_QUOTES}][^\"“”\r\n]{{0,200}}[{_QUOTES}]{_BLANK}{{0,99}}[,\]]")
_CUT_KEY = re.compile(rf"([\w@.$#-]+)([{_QUOTES}]?){_BLANK}{{0,99}}:")
_NEW_LINE_VALUE = re.compile(r'[{\[]\s{0,99}["}\]]')
_CLOSING_LINE = re.compile(rf"[}}\]]{_BLANK}{{0,99}}(?:[,;}}\]\r\n]|\Z)")
_CLOSERS = re.compile(r"[\s}\]]{0,99}")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.?))", re.DOTALL)
_LINES = re.compile(r"[ \t\r\n]*")
_NEWLINE = re.compile(r"[\r\n]")
_CONTROL = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f]")
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}

# --- tolerant: the reader ----------------------------------------------------------------------------------------

OPEN, MORE, KEYED, VALUE, DONE, FREE = range(6)
"""After the opening bracket, a comma, a key, a colon, a value; and after text that stands for no value."""


class _Stop(Exception):
    pass


class _Frame:
    """An object or array that is being read; the bottom one is a list that takes the value itself."""

    __slots__ = ("closer", "comma", "implied", "key", "key_at", "prose", "state", "value")

    def __init__(self, value: Any, closer: str, implied: bool) -> None:
        self.value, self.closer, self.implied = value, closer, implied
        self.state, self.comma = OPEN, 0
        self.key: str | None = None  # None: nothing takes the value
        self.key_at = 0
        self.prose = False  # free text stood here, and no value since


class _Reader:
    """Reads on construction."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = self.last = 0  # where reading goes on; the end of the last token
        self.repairs: list[Repair] = []
        self.duplicates: list[Repair] = []
        self.stopped: Repair | None = None
        self.marks: dict[int, dict[Any, tuple[int, int]]] = {}  # id of a container -> key or index -> offsets
        self.closes_first = 0  # up to here a string ends at its first quote: a look ahead found no better one
        self.next_quote = 0
        self.last_quotes: dict[str, int] = {}
        root = _Frame([], "", implied=True)
        self.marks[id(root.value)] = {}
        self.stack = [root]
        try:
            self._run()
        except _Stop as stop:
            self.stopped = stop.args[0]
        self.value: Any = root.value[0] if root.value else None
        self.found = self.marks[id(root.value)][0][0] if root.value else None

    def _run(self) -> None:
        text = self.text
        while True:
            self.last = self.at
            self.at = at = self._skip()
            frame = self.stack[-1]
            here = text[at : at + 1]
            if not here:
                return self._finish()
            if frame.state == KEYED:
                self._colon(frame, here)
            elif not frame.closer and frame.value:
                return self._rest()
            elif frame.state == VALUE and here in ",;}]":
                self._no_value(frame)
            elif frame.state == VALUE and here == ":":
                self._note("wrong-colon", at, here)
                self.at += 1
            elif frame.state == VALUE:
                self._value(frame, here)
            elif here in ",;" and frame.closer:
                self._comma(frame, here)
            elif here in "}]" and frame.closer:
                self._close(frame, here)
            elif frame.state == DONE and not self._comma_missing(frame, here):
                self._free_text(frame)
            elif frame.closer == "}":
                self._key(frame, here)
            else:
                self._value(frame, here)

    def _note(self, kind: str, at: int, words: str | None = None) -> None:
        if len(self.repairs) == MAX_REPAIRS:
            raise _Stop(Repair("too-many", at, self._words(at)))
        self.repairs.append(Repair(kind, at, self._words(at) if words is None else words))

    def _words(self, at: int, end: int | None = None) -> str:
        """What the author wrote there, as far as a message can quote it."""
        words = self.text[at : at + 41 if end is None else min(end, at + 41)].lstrip()
        line = words.splitlines()[0].rstrip() if words else ""
        return line[:40] + "…" if len(line) > 40 else line

    def _unreadable(self, at: int) -> NoReturn:
        raise _Stop(Repair("unreadable", at, self._words(at)))

    # between tokens

    def _skip(self) -> int:
        """Over whitespace, comments and ellipses."""
        text, at, frame = self.text, self.at, self.stack[-1]
        while True:
            at = _upto(_SPACE, text, at)
            here = text[at : at + 1]
            if here in '",:{}[]' or here.isalnum():  # the end of the text too
                return at
            if odd := _ODD_SPACE.match(text, at):
                self._note("non-json-whitespace", at, f"U+{ord(here):04X}")
                at = odd.end()
            elif comment := self._comment(at):
                left_out = _LEFT_OUT.search(comment[0])
                self._note("ellipsis" if left_out else "comment", at, self._words(at, comment.end()))
                if left_out and frame.state not in (KEYED, VALUE):
                    frame.state = FREE
                at = comment.end()
            elif ellipsis := _ELLIPSIS.match(text, at):
                self._note("ellipsis", at, self._words(at, ellipsis.end()))
                if frame.state == VALUE:
                    self._store(frame, None, at)
                elif frame.state != KEYED:
                    frame.state = FREE
                at = ellipsis.end()
            else:
                return at

    def _comment(self, at: int) -> re.Match[str] | None:
        if self.text[at] == "#" and self.stack[-1].state == VALUE and self.text[at + 1 : at + 2].strip(" #"):
            return None  # "@odata.type": #microsoft.graph.user
        return _COMMENT.match(self.text, at)

    def _comma(self, frame: _Frame, here: str) -> None:
        if frame.state in (OPEN, MORE):
            self._note("extra-comma", self.at, here)
        elif here == ";":
            self._note("semicolon", self.at, here)
        if frame.state == DONE:
            frame.state, frame.comma = MORE, self.at
        self.at += 1

    def _comma_missing(self, frame: _Frame, here: str) -> bool:
        """Whether a next value stands where the comma should; otherwise it is text that belongs to no value."""
        text, at = self.text, self.at
        if here not in _QUOTES and here not in "{[":
            if frame.closer == "}":
                found = _BARE_KEY.match(text, at) is not None
            else:
                found = bool(_NUMBER.match(text, at) or _LITERAL.match(text, at) or "\n" in text[self.last : at])
            if not found:
                return False
        self._note("missing-comma", self.last, self._words(at))
        frame.state = FREE
        return True

    def _free_text(self, frame: _Frame) -> None:
        words = _FREE_TEXT.match(self.text, self.at)
        if not words or frame.prose:  # twice in a row: this is prose, or code
            self._unreadable(self.at)
        kind = "ellipsis" if _LEFT_OUT.search(words[0]) else "free-text"
        self._note(kind, self.at, self._words(self.at, words.end()))
        self.at, frame.state, frame.prose = words.end(), FREE, True

    def _rest(self) -> None:
        """What stands after the value."""
        only_closers = not self.text[self.at :].strip(" \t\r\n}]")
        self._note("extra-bracket" if only_closers else "text-after-value", self.at)

    def _finish(self) -> None:
        """The text ends here, whatever is open."""
        missing = "".join(frame.closer for frame in reversed(self.stack) if not frame.implied)
        if missing:
            self._note("truncated", self.last, missing)
        for frame in self.stack:
            if frame.state in (KEYED, VALUE):
                self._no_value(frame)
        if not self.stack[0].value:
            self.stopped = Repair("empty", 0)

    # brackets

    def _open(self, frame: _Frame, closer: str, at: int, implied: bool = False) -> _Frame:
        if len(self.stack) > MAX_DEPTH:
            raise _Stop(Repair("too-deep", at, self._words(at)))
        child = _Frame({} if closer == "}" else [], closer, implied)
        self.marks[id(child.value)] = {}
        self._store(frame, child.value, at)
        self.stack.append(child)
        return child

    def _close(self, frame: _Frame, here: str) -> None:
        if frame.closer != here:
            open_ = [frame.closer for frame in self.stack]
            match = max((i for i, closer in enumerate(open_) if closer == here), default=0)
            run = _CLOSERS.match(self.text, self.at + 1)
            following = "".join(run[0].split()) if run else ""
            if match and not (match == len(open_) - 2 and following[:1] == here != open_[match - 1]):
                while len(self.stack) - 1 > match:
                    self._end(self.stack[-1])
                    self._note("missing-bracket", self.last, self.stack.pop().closer)
            elif not match and (len(following) >= len(open_) - 1 or (len(open_) == 2 and not self._ends(self.at + 1))):
                self._note("extra-bracket", self.at, here)
                self.at += 1
                return
            else:
                self._note("mismatched-bracket", self.at, here)
        self._end(self.stack.pop())
        self.at += 1

    def _ends(self, at: int) -> bool:
        return _SPACE.fullmatch(self.text, at) is not None

    def _end(self, frame: _Frame) -> None:
        """A bracket closes this frame."""
        if frame.state == MORE:
            if self.repairs and self.repairs[-1] == Repair("semicolon", frame.comma, ";"):
                self.repairs.pop()  # one fault, not two
            self._note("trailing-comma", frame.comma, self.text[frame.comma])

    # members and elements

    def _store(self, frame: _Frame, value: Any, at: int) -> None:
        if frame.closer != "}":
            self.marks[id(frame.value)][len(frame.value)] = (at, at)
            frame.value.append(value)
        elif frame.key is not None:
            if frame.key in frame.value:
                self.duplicates.append(Repair("duplicate-key", frame.key_at, frame.key))
            self.marks[id(frame.value)][frame.key] = (at, frame.key_at)
            frame.value[frame.key] = value
            frame.key = None
        frame.state, frame.prose = DONE, False

    def _no_value(self, frame: _Frame) -> None:
        self._note("missing-value", self.last, frame.key)
        self._store(frame, None, self.last)

    def _colon(self, frame: _Frame, here: str) -> None:
        if colon := _COLON.match(self.text, self.at):
            if colon[0] != ":":
                self._note("wrong-colon", self.at, colon[0])
            self.at, frame.state = colon.end(), VALUE
        elif here in ",;}]" or _KEY_AHEAD.match(self.text, self.at):
            self._no_value(frame)
            if here not in ",;}]":
                frame.state = FREE
        else:
            self._note("missing-colon", self.last, self._words(self.at))
            frame.state = VALUE

    def _key(self, frame: _Frame, here: str) -> None:
        text, at = self.text, self.at
        if here in _QUOTES:
            key, self.at = self._string(at, frame, is_key=True)
        elif placeholder := _PLACEHOLDER.match(text, at):
            self._note("placeholder", at, self._words(at, placeholder.end()))
            self.at, key = placeholder.end(), placeholder[0]
            if not _COLON_NEXT.match(text, self.at):
                frame.state = FREE
                return
        elif here in "{[":
            if here == "{" and self.stack[-2].closer == "]":  # [{"a": 1, {"b": 2}]
                self._note("missing-bracket", frame.comma if frame.state == MORE else self.last, "}")
                self.stack.pop()
                self.stack[-1].state = FREE
            else:
                self._note("missing-key", at)
                self._open(frame, "}" if here == "{" else "]", at)
                self.at += 1
            return
        elif bare := _BARE_KEY.match(text, at):
            key, self.at = bare[1].rstrip(), bare.end()
            self._note("missing-opening-quote" if bare[2] else "unquoted-key", at, key)
        elif lone := _LONE_KEY.match(text, at):
            if _KEY_AHEAD.match(text, lone.end()):
                return self._free_text(frame)
            key, self.at = lone[1], lone.end(1)
            self._note("unquoted-key", at, key)
        else:
            return self._free_text(frame)
        frame.key, frame.key_at, frame.state = key, at, KEYED

    def _value(self, frame: _Frame, here: str) -> None:
        text, at = self.text, self.at
        if here in _QUOTES:
            value, self.at = self._string(at, frame, is_key=False)
            if _COLON_NEXT.match(text, self.at):
                self._key_as_value(frame, value, at)
            else:
                self._store(frame, value, at)
        elif here in "{[" and not self._placeholder(frame, at):
            self._open(frame, "}" if here == "{" else "]", at)
            self.at += 1
        else:
            value, self.at = self._bare(frame, at)
            if not frame.closer and _WORDS_NEXT.match(text, self.at):  # 12 monkeys
                self._unreadable(at)
            self._store(frame, value, at)

    def _key_as_value(self, frame: _Frame, key: str, at: int) -> None:
        """A key stands where a value should."""
        if frame.closer == "}":  # {"a": "b": 1}
            self._no_value(frame)
        elif frame.value and not isinstance(frame.value[-1], dict) and self.stack[-2].closer == "}":
            self._note("missing-bracket", frame.comma if frame.state == MORE else self.last, "]")  # {"a": [1, "b": 2}
            self.stack.pop()
            frame = self.stack[-1]
        else:  # [{"a": 1}, "b": 2}]
            self._note("missing-braces", at)
            frame = self._open(frame, "}", at, implied=True)
        frame.key, frame.key_at, frame.state = key, at, KEYED

    def _placeholder(self, frame: _Frame, at: int) -> re.Match[str] | None:
        found = _PLACEHOLDER.match(self.text, at)
        return found or (None if frame.closer else _BODY_PLACEHOLDER.match(self.text, at))

    def _bare(self, frame: _Frame, at: int) -> tuple[Any, int]:
        """A value without quotes, and where it ends."""
        text = self.text
        if number := _NUMBER.match(text, at):
            if frame.closer == "}" and (grouped := _COMMA_NUMBER.match(text, at)):
                groups = grouped[0].split(",")
                if all(len(group) == 3 for group in groups[1:]) or len(groups) == 2:
                    self._note("malformed-number", at, grouped[0])
                    thousands = all(len(group) == 3 for group in groups[1:])
                    return _number(grouped[0].replace(",", "" if thousands else ".")), grouped.end()
            return _number(number[0]), number.end()
        if literal := _LITERAL.match(text, at):
            if literal[0] not in ("true", "false", "null"):
                self._note("literal", at, literal[0])
            return {"true": True, "false": False}.get(literal[1].lower()), literal.end()
        if number := _NUMERIC.match(text, at):
            self._note("malformed-number", at, number[0])
            sign = number[1].replace("+", "")
            return int(sign + number[2], 16) if number[2] else _number(sign + number[3]), number.end()
        if (end := self._closing_quote(at)) is not None:
            self._note("missing-opening-quote", at, self._words(at, end))
            return text[at:end], end + 1
        placeholder = self._placeholder(frame, at)
        if not placeholder and (not _RUN_STARTS.match(text, at) or not frame.closer):
            self._unreadable(at)
        end = _upto(_RUN, text, placeholder.end() if placeholder else at)
        self._note("placeholder" if placeholder else "unquoted-string", at, self._words(at, end))
        return text[at:end], end

    # strings

    def _string(self, start: int, frame: _Frame, is_key: bool) -> tuple[str, int]:
        """The content of the string that begins here, and where reading goes on."""
        if plain := _PLAIN.match(self.text, start):
            return plain[1], plain.end()
        begin, stop, end = self._key_end(start) if is_key else self._string_end(start, frame.closer == "}")
        marks = self.text[start] + self.text[stop:end]
        if marks.strip('"'):
            self._note("smart-quotes" if marks.strip("\"'") else "single-quotes", start, self._words(start, end))
        return self._unescaped(begin, stop), end

    def _key_end(self, start: int) -> tuple[int, int, int]:
        """Where the key that begins here has its content, and where reading goes on."""
        text = self.text
        stop = _upto(_SEGMENT[text[start]], text, start + 1)
        closed = stop < len(text) and text[stop] not in "\r\n"
        if closed and _COLON_NEXT.match(text, stop + 1):
            return start + 1, stop, stop + 1
        if cut := _CUT_KEY.match(text, start + 1):  # "name: "x"
            if not cut[2]:
                self._note("missing-closing-quote", cut.end(1), cut[1])
            return start + 1, cut.end(1), cut.end(2)
        return (start + 1, stop, stop + 1) if closed else self._unclosed(start, stop)

    def _string_end(self, start: int, in_object: bool) -> tuple[int, int, int]:
        """Where the value that begins here has its content, and where reading goes on.

        A quote closes it if what follows could follow a value. One that does not is taken for a quote inside the
        string, unless the line ends, or the next key comes, before any that does.
        """
        text = self.text
        inside: list[int] = []  # quotes that do not close it; at most the first and the last
        count = depth = 0
        at = start + 1
        while True:
            begin, at = at, _upto(_SEGMENT[text[start]], text, at)
            depth += sum(text.count(c, begin, at) for c in "{[") - sum(text.count(c, begin, at) for c in "}]")
            if at == len(text) or text[at] in "\r\n":
                if inside and not (text[inside[0] + 1].isalnum() or text[inside[0] + 1] in _QUOTES):
                    self.closes_first = at
                    return start + 1, inside[0], inside[0] + 1  # "a": "b" (text)
                following = _upto(_LINES, text, at)
                if not self._goes_on(start, following, in_object, depth):
                    return self._unclosed(start, at)
                at = following
                continue
            after = _AFTER_QUOTE.match(text, at + 1)
            odd = count % 2 == 1
            if (not inside and at < self.closes_first) or after is None:
                closes = True
            elif after[1] == ":":
                closes = not inside
                if inside and depth <= 0 and text[max(start + 1, inside[-1] - 99) : inside[-1]].rstrip()[-1:] in ",;":
                    if count == 1:
                        return self._unclosed(start, inside[0])  # "a": "b, "c": 1
                    self.closes_first = at
                    return start + 1, inside[0], inside[0] + 1  # "a": "b" (text), "c": 1
            elif after[1] == "":
                closes = True
            elif after[1] in "}]":
                closes = not inside or depth <= 0
            elif after[1] in ",;":
                closes = not inside or (
                    depth <= 0 and (not odd or _AFTER_COMMA.match(text, after.start(1)) is not None)
                )
            elif after[1] in _QUOTES:
                closes = (_KEY_AHEAD if in_object else _ITEM_AHEAD).match(text, after.start(1)) is not None
            elif after[1] in "{[":
                closes = not in_object and not odd
            elif after[1] == "#":
                closes = not odd and after.start(1) > at + 1
            else:
                closes = not odd and after[1] in ("//", "/*", "<!--", "..", "…", "|", "+")
            if closes:
                break
            inside, count, at = [*inside[:1], at], count + 1, at + 1
        if count == 1 and inside[0] == start + 1 < at - 1:
            self._note("extra-quote", inside[0], self._words(start, at + 1))
            return start + 2, at, at + 1
        if count == 1 and inside[0] == at - 1:
            self._note("extra-quote", at, self._words(start, at + 1))
            return start + 1, at - 1, at + 1
        if odd and not in_object and text[max(start + 1, inside[-1] - 99) : inside[-1]].rstrip()[-1:] == ",":
            return self._unclosed(start, inside[-1])  # ["a, "b"]
        if inside:
            self._note("unescaped-quote", inside[0], self._words(inside[0], at))
        return start + 1, at, at + 1

    def _goes_on(self, start: int, following: int, in_object: bool, depth: int) -> bool:
        """Whether a string without closing quote on its line goes on where the next text stands."""
        text, family = self.text, _FAMILY[self.text[start]]
        if family not in self.last_quotes:
            self.last_quotes[family] = max(map(text.rfind, family))
        if self.last_quotes[family] < following:
            return False
        if text[following] in "}]":
            return depth > 0 or not _CLOSING_LINE.match(text, following)
        if text[following] in family:
            if in_object:
                return not _KEY_AHEAD.match(text, following)
            return _VALUE_ENDS.match(text, following + 1) is not None
        return in_object or not _NEW_LINE_VALUE.match(text, following)

    def _unclosed(self, start: int, end: int) -> tuple[int, int, int]:
        """The same for a string whose closing quote is missing before `end`: without commas and brackets at its end."""
        text, stop = self.text, end
        for _ in range(9):
            stop = start + 1 + len(text[start + 1 : stop].rstrip(" \t\xa0,;"))
            tail = text[stop - 1] if stop > start + 1 else ""
            opening = {"}": "{", "]": "["}.get(tail)
            if not opening or text.count(opening, start, stop) >= text.count(tail, start, stop):
                break
            stop -= 1
        if tail and tail in _QUOTES:  # “a", or "C:\"
            return start + 1, stop - 1, stop
        self._note("missing-closing-quote", stop, self._words(start + 1, stop))
        return start + 1, stop, stop

    def _closing_quote(self, at: int) -> int | None:
        """Where a string ends whose opening quote is missing, if that is what stands here."""
        text = self.text
        if self.next_quote < at:
            self.next_quote = text.find('"', at) if '"' in _QUOTES else 0
            self.next_quote = len(text) if self.next_quote < 0 else self.next_quote
        end = self.next_quote
        if end == len(text) or end - at > 999 or not _VALUE_ENDS.match(text, end + 1):
            return None
        words = text[at:end]
        return None if "\n" in words or words[-1:] in " \t,:[{(" else end

    def _unescaped(self, begin: int, stop: int) -> str:
        raw = self.text[begin:stop]
        if newline := _NEWLINE.search(raw):
            self._note("raw-newline", begin + newline.start(), self._words(begin, begin + newline.start()))
        if control := _CONTROL.search(raw):
            self._note("control-character", begin + control.start(), f"U+{ord(control[0]):04X}")
        wrong: list[int] = []

        def character(escape: re.Match[str]) -> str:
            if escape[1]:
                return chr(int(escape[1], 16))
            if escape[2] in _ESCAPES:
                return _ESCAPES[escape[2]]
            wrong.append(escape.start())
            return escape[2] if escape[2] and escape[2] in _QUOTES else escape[0]

        content = _ESCAPE.sub(character, raw) if "\\" in raw else raw
        if wrong:
            self._note("invalid-escape", begin + wrong[0], raw[wrong[0] : wrong[0] + 2])
        if _SURROGATE.search(content):
            joined = content.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            if joined.count("�") > content.count("�"):
                self._note("lone-surrogate", begin, ascii(content))
            return joined
        return content


def _upto(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Where a match of a pattern ends that matches anywhere, be it nothing."""
    found = pattern.match(text, at)
    return found.end() if found else at


def escape(key: str) -> str:
    """A key as a reference token of a JSON Pointer (RFC 6901, 3)."""
    return key.replace("~", "~0").replace("/", "~1")


def unescape(token: str) -> str:
    """The key that a reference token stands for."""
    return token.replace("~1", "/").replace("~0", "~")


def show(value: Any, width: int = 80) -> str:
    """A value as JSON on one line, cut to `width` characters."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= width else text[: width - 1] + "…"


def describe(repair: Repair) -> str:
    """What a repair is about, in words: its kind, and the words of the author that it concerns."""
    name = repair.kind.replace("-", " ")
    return f"{name}: {repair.text}" if repair.text else name
