"""JSON text that somebody broke -> value + repairs, each with its offset.

The reader keeps one position, one stack of open objects and arrays, and for each a state; so no input makes it recurse,
and every look ahead is bounded or paid for by the text it covers. A fault with one sensible reading is read that way
and reported as a `Repair`; where there is none, reading stops there and keeps what it has. `jsontext` asks it about
text that is no JSON.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

from .model import MAX_DEPTH, MAX_REPAIRS, Repair


def finite(literal: str) -> float:
    """The number, or the largest that a double can hold."""
    return max(-sys.float_info.max, min(float(literal), sys.float_info.max))


def to_number(literal: str) -> int | float:
    """The number that a literal stands for."""
    try:
        return int(literal)
    except ValueError:  # a fraction, or more digits than Python converts, for that takes quadratic time
        return finite(literal)


_SURROGATE = re.compile("[\ud800-\udfff]")


# --- the tokens --------------------------------------------------------------------------------------------------
# Repeats are possessive or of disjoint classes, and what only looks ahead is bounded: no pattern backtracks far.

_BLANK = r"[ \t\f\v\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff]"  # within a line
_GAP = rf"{_BLANK}{{0,99}}"
_DOUBLE, _SINGLE = '"“”„‟', "'‘’‚‛`´"
_QUOTES = _DOUBLE + _SINGLE
_QUOTED = "(?:" + "|".join(rf"[{q}][^{q}\r\n]{{0,200}}[{q}]" for q in (_DOUBLE, _SINGLE)) + ")"
_KEY = r'"[\w@.$ -]{1,99}"\s{0,9}:'
_END = rf"(?=[,;}}\]\s\u200b-\u200f\u2060-\u2064\ufeff…]|//|/\*|<!--|\Z|{_KEY})"  # where a number or a literal may end

# between tokens
_SPACE = re.compile(r"[ \t\n\r]*")
_ODD_SPACE = re.compile(r"[\s\x00-\x1f\x7f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]+")
_COMMENT = re.compile(r"//[^\r\n]*|/\*.*?(?:\*/|\Z)|<!--.*?(?:-->|\Z)|#[^\r\n]*", re.DOTALL)
_ELLIPSIS = re.compile(r"(?:\.\.+(?![/\\])|…|\.(?: \.){2,})[.…]*(?:[ \t]*[^\W\d][^,;{}\[\]\"“”\r\n]*)?")
_LEFT_OUT = re.compile(
    r"\.\.\.|…|(?:^\W*|\band |\d )more\b|\bmore\W*$|\b(?:etc|and so on|omitted|truncated|shortened|snip|remaining)\b",
    re.IGNORECASE,
)
_FREE_TEXT = re.compile(
    r"(?:[|+]\s?\"[^\"\r\n]{0,99}\"|[\w(<*|&+\-/.$@#~%!?=`])"
    r"(?:[^,;{}\[\]\"“”\r\n]|(?<=[|+]\s)\"[^\"\r\n]{0,99}\")*+"
)
_CLOSERS = re.compile(r"[\s}\]]{0,99}")
_COMMA = re.compile(r"(?:,\s{0,99})?")

# keys
_BARE_KEY = re.compile(rf"([^\s\"'“”‘’,:;{{}}\[\]=][^\"“”'’,:;={{}}\[\]\r\n]{{0,200}})([\"“”'’]?){_GAP}(?=[:=])")
_LONE_KEY = re.compile(rf"([\w@.$-]+){_BLANK}++(?=[{_QUOTES}])")
_CUT_KEY = re.compile(rf"([\w@.$#-]+)([{_QUOTES}]?){_GAP}:")
_COLON = re.compile(r":|=>?")

# values
_EXPONENT = r"(?:[eE][+-]?[0-9]++)?+"
_NUMBER = re.compile(rf"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+{_EXPONENT}{_END}")
_NUMERIC = re.compile(rf"([+-]?)(?:0[xX]([0-9a-fA-F]{{1,16}})|((?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++){_EXPONENT})){_END}")
_THOUSANDS = re.compile(rf"-?[0-9]{{1,3}}(?:,[0-9]{{3}}){{1,6}}(?={_GAP}(?:[,;}}\r\n]|\Z))")
_DECIMAL_COMMA = re.compile(rf"-?[0-9]{{1,18}},[0-9]{{1,18}}(?={_GAP}(?:[,;}}\r\n]|\Z))")
_LITERAL = re.compile(rf"-?(true|false|null|none|nil|undefined|nan|infinity){_END}", re.IGNORECASE)
_NAMED = r"[ \t]{0,9}[^\W\d](?![^{}\r\n]{0,99}\.\.)[^{}\[\]\":,;\r\n]{0,99}"
_PLACEHOLDER = re.compile(rf"<[^<>\"\r\n]{{1,200}}>|\{{\{{{_NAMED}\}}\}}|\{{{_NAMED}\}}")
_BODY_PLACEHOLDER = re.compile(
    r"\[\s{0,99}(?!(?:true|false|null|none)\s{0,9}\])[^\W\d][^{}\[\]\":,;\r\n]{0,200}\]", re.IGNORECASE
)
_WORDS = re.compile(
    r"(?:[^\s,;{}\[\]\"]+|\{[^{}\s\"]{0,99}\}|\[[^\[\]{}\s\",]{0,99}\]"
    rf"|{_BLANK}++(?!//|/\*|<!--|[#…]|\.\.)(?=[^\s,;{{}}\[\]\"]))*+"
)
_WORDS_START = re.compile(r"[\w$@#(<+\-./%*~]")
_PROSE_NEXT = re.compile(rf"{_BLANK}*+[^\W\d_]")

# strings
_FAMILY = {'"': '"', "'": "'"} | dict.fromkeys(_DOUBLE[1:], _DOUBLE) | dict.fromkeys(_SINGLE[1:], _SINGLE)
"""An opening quote -> those that may close it."""
_SEGMENT = {  # to one of them, or to the end of the line
    opener: re.compile(rf"[^{closers}\\\r\n]*+(?:\\[^\r\n]?[^{closers}\\\r\n]*+)*+")
    for opener, closers in _FAMILY.items()
}
_PLAIN = re.compile(r'"([^"\\\x00-\x1f]*)"(?=[ \t]*[,:}\]\r\n])')
_COLON_NEXT = re.compile(rf"{_BLANK}*+:")
_PLUS = re.compile(rf"\s{{0,99}}(\+)\s{{0,99}}(?=[{_QUOTES}])")
_LINE_ENDS = re.compile(rf"{_BLANK}*+(?:[\r\n]|\Z)")
_VALUE_ENDS = re.compile(rf"{_GAP}(?:[,;}}\]\r\n]|\Z)")
_KEY_AHEAD = re.compile(rf"{_QUOTED}{_GAP}:")
_MORE_MEMBERS = re.compile(rf"}}\s{{0,99}},\s{{0,99}}{_QUOTED}{_GAP}:")
_NEXT = [  # what shows that a quote closes a string in an array, in an object
    re.compile(rf"{_BLANK}*+(?:[,;}}\]\r\n…|+]|\Z|//|/\*|<!--|\.\.|{ahead})|{_BLANK}++#")
    for ahead in (rf"[{{\[]|{_QUOTED}{_GAP}[,\]]", rf"{_QUOTED}{_GAP}:")
]
_NEXT_BUT = [  # the same where a quote was opened inside of it: what follows a comma has to be JSON too
    re.compile(
        rf"{_BLANK}*+(?:[}}\]\r\n]|\Z|{ahead}|[,;]{_GAP}(?:[{_QUOTES}{{}}\[\]\r\n…\-0-9]|\.\.|//|/\*|\Z"
        rf"|(?:true|false|null)\b|[\w@.$]{{1,99}}{_BLANK}?:))"
    )
    for ahead in (rf"{_QUOTED}{_GAP}[,\]]", rf"{_QUOTED}{_GAP}:")
]
_CLOSING_LINE = re.compile(rf"[}}\]]{_GAP}(?:[,;}}\]\r\n]|\Z)")
_OPENING_LINE = re.compile(r'[{\[]\s{0,99}["}\]]')
_NEWLINE = re.compile(r"[\r\n]")
_CONTROL = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f]")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.?))", re.DOTALL)
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def _upto(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Where a pattern ends that matches anywhere, be it nothing."""
    found = pattern.match(text, at)
    return found.end() if found else at


# --- the reader --------------------------------------------------------------------------------------------------

OPEN, MORE, KEYED, VALUE, DONE, FREE = range(6)
"""After the opening bracket, a comma, a key, a colon, a value; and after text that stands for no value."""


class _Stop(Exception):
    """Carries the `Repair` that says where reading stopped."""


class _Frame:
    """An object or array that is being read; the bottom one is a list that takes the value itself."""

    __slots__ = ("closer", "comma", "implied", "key", "key_at", "prose", "state", "value")

    def __init__(self, value: Any, closer: str, implied: bool) -> None:
        self.value, self.closer, self.implied = value, closer, implied
        self.state, self.comma = OPEN, 0
        self.key: str | None = None  # None: a value that comes now has none, and is dropped
        self.key_at = 0
        self.prose = False  # free text stood here, and no value since


class Reader:
    """Reads on construction."""

    def __init__(self, text: str) -> None:
        self.text = text if text.isascii() else _SURROGATE.sub("�", text)
        self.at = self.last = 0  # where reading goes on; where the last token ended
        self.repairs: list[Repair] = []
        self.duplicates: list[Repair] = []
        self.stopped: Repair | None = None
        self.marks: dict[int, dict[Any, tuple[int, int]]] = {}  # id of a container -> key or index -> offsets
        self.closes_first = 0  # before this, strings end at their first quote: a look ahead found no better one
        self.next_quote = 0
        self.last_quotes: dict[str, int] = {}
        root: list[Any] = []
        self.marks[id(root)] = {}
        self.stack = [_Frame(root, "", implied=True)]
        try:
            self._run()
        except _Stop as stop:
            self.stopped = stop.args[0]
        self.value: Any = root[0] if root else None
        self.place: int | None = self.marks[id(root)][0][0] if root else None

    def _run(self) -> None:
        while True:
            self.last = self.at
            self.at = at = self._skip()
            frame, here = self.stack[-1], self.text[at : at + 1]
            if not here:
                return self._finish()
            if frame.state == KEYED:
                self._colon(frame, here)
            elif frame.state == VALUE:
                if here in ",;}]":
                    self._no_value(frame)
                elif here == ":":
                    self._note("wrong-colon", at, here)
                    self.at += 1
                else:
                    self._value(frame, here)
            elif not frame.closer:
                if frame.value:
                    return self._rest()
                self._value(frame, here)
            elif here in ",;":
                self._comma(frame, here)
            elif here in "}]":
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

    # between values

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
            elif here == "#" and frame.state == VALUE and text[at + 1 : at + 2].strip(" #"):
                return at  # "@odata.type": #microsoft.graph.user
            elif comment := _COMMENT.match(text, at):
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
        if here in _QUOTES or here in "{[":
            found = True
        elif frame.closer == "}":
            found = _BARE_KEY.match(text, at) is not None
        else:
            found = bool(_NUMBER.match(text, at) or _LITERAL.match(text, at) or "\n" in text[self.last : at])
        if found:
            self._note("missing-comma", self.last, self._words(at))
            frame.state = FREE
        return found

    def _free_text(self, frame: _Frame) -> None:
        words = _FREE_TEXT.match(self.text, self.at)
        if not words or frame.prose:  # twice in a row: this is prose, or code
            raise _Stop(Repair("unreadable", self.at, self._words(self.at)))
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
        if self.stack[-1].state in (KEYED, VALUE):
            if not missing:
                self._no_value(self.stack[-1])
            else:
                self._store(self.stack[-1], None, self.last)
        if not self.stack[0].value:
            raise _Stop(Repair("empty", 0))

    # objects and arrays

    def _open(self, frame: _Frame, closer: str, at: int, implied: bool = False) -> _Frame:
        if len(self.stack) > MAX_DEPTH:
            raise _Stop(Repair("too-deep", at, self._words(at)))
        child = _Frame({} if closer == "}" else [], closer, implied)
        self.marks[id(child.value)] = {}
        self._store(frame, child.value, at)
        self.stack.append(child)
        return child

    def _close(self, frame: _Frame, here: str) -> None:
        fits = frame.closer == here
        if not fits or (len(self.stack) == 2 and _MORE_MEMBERS.match(self.text, self.at)):
            open_ = "".join(frame.closer for frame in self.stack)
            outer = -1 if fits else open_.rfind(here)
            if outer >= 0 and self._fits(open_[:outer]):
                kind = "missing-bracket"  # {"a": [1}
            elif not fits and self._fits(open_[:-1]):
                kind = "mismatched-bracket"  # {"a": [1}}
            elif len(open_) == 1 or self._fits(open_):
                kind = "extra-bracket"  # {"a": 1]}
            else:
                kind = "missing-bracket" if outer >= 0 else "mismatched-bracket"
            if kind == "missing-bracket":
                while len(self.stack) - 2 > outer:
                    missing = self._pop()
                    if not missing.implied:
                        self._note(kind, self.last, missing.closer)
            else:
                self._note(kind, self.at, here)
            if kind == "extra-bracket":
                self.at += 1
                return
        self._pop()
        self.at += 1

    def _fits(self, open_: str) -> bool:
        """Whether what follows this bracket could follow while only these closing brackets are awaited."""
        end = _upto(_CLOSERS, self.text, self.at + 1)
        run = "".join(self.text[self.at + 1 : end].split())
        if not open_.endswith(run[::-1]):
            return False
        open_ = open_[: len(open_) - len(run)]
        if end == len(self.text) or not open_:
            return end == len(self.text) and not open_
        return open_[-1] == ("}" if _KEY_AHEAD.match(self.text, _upto(_COMMA, self.text, end)) else "]")

    def _pop(self) -> _Frame:
        frame = self.stack.pop()
        if frame.state == MORE:
            if self.repairs and self.repairs[-1] == Repair("semicolon", frame.comma, ";"):
                self.repairs.pop()  # one fault, not two
            self._note("trailing-comma", frame.comma, self.text[frame.comma])
        return frame

    def _pop_before(self, frame: _Frame) -> _Frame:
        """Closes a frame whose bracket is missing where its last comma stands; that is its parent's."""
        self._note("missing-bracket", frame.comma if frame.state == MORE else self.last, frame.closer)
        self.stack.pop()
        self.stack[-1].state = FREE
        return self.stack[-1]

    # members and elements

    def _store(self, frame: _Frame, value: Any, at: int) -> None:
        if frame.closer != "}":
            self.marks[id(frame.value)][len(frame.value)] = (at, at)
            frame.value.append(value)
        elif frame.key is not None:
            if frame.key in frame.value:
                if len(self.duplicates) == MAX_REPAIRS:
                    raise _Stop(Repair("too-many", frame.key_at, self._words(frame.key_at)))
                self.duplicates.append(Repair("duplicate-key", frame.key_at, frame.key))
            self.marks[id(frame.value)][frame.key] = (at, frame.key_at)
            frame.value[frame.key] = value
            frame.key = None
        frame.state, frame.prose = DONE, False

    def _no_value(self, frame: _Frame) -> None:
        self._note("missing-value", self.last, (frame.key or "")[:40])
        self._store(frame, None, self.last)

    def _key(self, frame: _Frame, here: str) -> None:
        text, at = self.text, self.at
        if here in _QUOTES:
            key, self.at = self._string(at, self._key_end)
        elif placeholder := _PLACEHOLDER.match(text, at):
            self._note("placeholder", at, self._words(at, placeholder.end()))
            self.at, key = placeholder.end(), placeholder[0]
            if not _COLON_NEXT.match(text, self.at):
                frame.state = FREE
                return
        elif here == "{" and self.stack[-2].closer == "]":  # [{"a": 1, {"b": 2}]
            self._pop_before(frame)
            return
        elif here == "{" and len(self.stack) == 2 and not frame.value:  # {{ "a": 1 }}
            self._note("extra-bracket", at)
            self.at += 1
            return
        elif here in "{[":
            self._note("missing-key", at)
            self._open(frame, "}" if here == "{" else "]", at)
            self.at += 1
            return
        elif bare := _BARE_KEY.match(text, at):
            key, self.at = bare[1].rstrip(), bare.end()
            self._note("missing-opening-quote" if bare[2] else "unquoted-key", at, self._words(at, bare.end(1)))
        elif (lone := _LONE_KEY.match(text, at)) and not _KEY_AHEAD.match(text, lone.end()):
            key, self.at = lone[1], lone.end(1)
            self._note("unquoted-key", at, self._words(at, self.at))
        else:
            return self._free_text(frame)
        frame.key, frame.key_at, frame.state = key, at, KEYED
        if text.startswith(":", self.at):  # as nearly always
            self.at, frame.state = self.at + 1, VALUE

    def _colon(self, frame: _Frame, here: str) -> None:
        if colon := _COLON.match(self.text, self.at):
            if colon[0] != ":":
                self._note("wrong-colon", self.at, colon[0])
            self.at, frame.state = colon.end(), VALUE
        elif here in ",;}]":
            self._no_value(frame)
        elif _KEY_AHEAD.match(self.text, self.at):
            self._no_value(frame)
            frame.state = FREE
        else:
            self._note("missing-colon", self.last, self._words(self.at))
            frame.state = VALUE

    def _value(self, frame: _Frame, here: str) -> None:
        text, at = self.text, self.at
        if here in _QUOTES:
            value, self.at = self._string(at, self._value_end)
            while plus := _PLUS.match(text, self.at):
                self._note("concatenation", plus.start(1))
                more, self.at = self._string(plus.end(), self._value_end)
                value += more
            if _COLON_NEXT.match(text, self.at):
                self._key_as_value(frame, value, at)
            else:
                self._store(frame, value, at)
        elif here in "{[" and not self._placeholder(frame, at):
            self._open(frame, "}" if here == "{" else "]", at)
            self.at += 1
        else:
            value, self.at = self._bare(frame, at)
            if not frame.closer and _PROSE_NEXT.match(text, self.at):  # 12 monkeys
                raise _Stop(Repair("unreadable", at, self._words(at)))
            self._store(frame, value, at)

    def _key_as_value(self, frame: _Frame, key: str, at: int) -> None:
        shared = frame.closer != "}" and any(isinstance(one, dict) and key in one for one in frame.value[-1:])
        if frame.closer == "}":  # {"a": "b": 1}
            self._no_value(frame)
        elif frame.value and not shared and self.stack[-2].closer == "}":  # {"a": [1, "b": 2}
            frame = self._pop_before(frame)
        else:  # [{"a": 1}, "a": 2}]
            self._note("missing-braces", at)
            frame = self._open(frame, "}", at, implied=True)
        frame.key, frame.key_at, frame.state = key, at, KEYED

    # values without quotes

    def _bare(self, frame: _Frame, at: int) -> tuple[Any, int]:
        """The value, and where it ends."""
        text = self.text
        if frame.closer == "}" and (comma := _THOUSANDS.match(text, at) or _DECIMAL_COMMA.match(text, at)):
            self._note("malformed-number", at, comma[0])
            point = "" if comma.re is _THOUSANDS else "."
            return to_number(comma[0].replace(",", point)), comma.end()
        if number := _NUMBER.match(text, at):
            return to_number(number[0]), number.end()
        if literal := _LITERAL.match(text, at):
            if literal[0] not in ("true", "false", "null"):
                self._note("literal", at, literal[0])
            return {"true": True, "false": False}.get(literal[1].lower()), literal.end()
        if number := _NUMERIC.match(text, at):
            self._note("malformed-number", at, self._words(at, number.end()))
            sign = number[1].replace("+", "")
            return int(sign + number[2], 16) if number[2] else to_number(sign + number[3]), number.end()
        if (end := self._closing_quote(at)) is not None:
            self._note("missing-opening-quote", at, self._words(at, end))
            return text[at:end], end + 1
        placeholder = self._placeholder(frame, at)
        if not placeholder and (not frame.closer or not _WORDS_START.match(text, at)):
            raise _Stop(Repair("unreadable", at, self._words(at)))
        end = _upto(_WORDS, text, placeholder.end() if placeholder else at)
        self._note("placeholder" if placeholder else "unquoted-string", at, self._words(at, end))
        return text[at:end], end

    def _placeholder(self, frame: _Frame, at: int) -> re.Match[str] | None:
        found = _PLACEHOLDER.match(self.text, at)
        return found or (None if frame.closer else _BODY_PLACEHOLDER.match(self.text, at))

    def _closing_quote(self, at: int) -> int | None:
        """Where a string ends whose opening quote is missing, if that is what stands here."""
        if self.next_quote < at:  # each stretch of text is searched once
            found = self.text.find('"', at)
            self.next_quote = len(self.text) if found < 0 else found
        end = self.next_quote
        if end - at > 999 or end == len(self.text) or not _VALUE_ENDS.match(self.text, end + 1):
            return None
        words = self.text[at:end]
        return None if "\n" in words or words[-1:] in " \t,:[{(" else end

    # strings

    def _string(self, start: int, extent: Callable[[int], tuple[int, int, int]]) -> tuple[str, int]:
        """The content of the string that begins at `start`, and where reading goes on."""
        if plain := _PLAIN.match(self.text, start):
            return plain[1], plain.end()
        begin, stop, end = extent(start)
        quotes = self.text[start] + self.text[stop:end]
        if quotes.strip('"'):
            self._note("smart-quotes" if quotes.strip("\"'") else "single-quotes", start, self._words(start, end))
        return self._unescaped(begin, stop), end

    def _key_end(self, start: int) -> tuple[int, int, int]:
        """Where the content of a key begins and ends, and where reading goes on."""
        text = self.text
        stop = _upto(_SEGMENT[text[start]], text, start + 1)
        closed = stop < len(text) and text[stop] not in "\r\n"
        if not (closed and _COLON_NEXT.match(text, stop + 1)) and (cut := _CUT_KEY.match(text, start + 1)):
            if not cut[2]:  # "name: "x"
                self._note("missing-closing-quote", cut.end(1), self._words(start + 1, cut.end(1)))
            return start + 1, cut.end(1), cut.end(2)
        return (start + 1, stop, stop + 1) if closed else self._unclosed(start, stop)

    def _value_end(self, start: int) -> tuple[int, int, int]:
        """The same for a value.

        A quote closes it if what follows shows that. One that does not is taken for a quote inside the string, unless
        the line ends or the next key comes before any that does; then the first of them closed it.
        """
        text, in_object = self.text, self.stack[-1].closer == "}"
        first = last = -1  # of the quotes that do not close it
        count = depth = 0  # of them, and of brackets: JSON inside the string, its quotes not escaped
        at = start + 1
        while True:
            begin, at = at, _upto(_SEGMENT[text[start]], text, at)
            depth += text.count("{", begin, at) + text.count("[", begin, at)
            depth -= text.count("}", begin, at) + text.count("]", begin, at)
            if at == len(text) or text[at] in "\r\n":
                if count and not (text[first + 1].isalnum() or text[first + 1] in _QUOTES):  # "a": "b" (text)
                    self.closes_first = at
                    return start + 1, first, first + 1
                following = _upto(_SPACE, text, at)
                if not self._goes_on(start, following, in_object, depth):
                    return self._unclosed(start, at)
                at = following
                continue
            colon = _COLON_NEXT.match(text, at + 1)
            if not count and (colon or at < self.closes_first):
                return start + 1, at, at + 1
            shows = _LINE_ENDS if count and depth > 0 else (_NEXT_BUT if count % 2 else _NEXT)[in_object]
            if not colon and shows.match(text, at + 1):
                break
            if colon and depth <= 0 and self._follows_comma(start, last):
                if count == 1:  # "a": "b, "c": 1
                    return self._unclosed(start, first)
                self.closes_first = at  # "a": "b" (text), "c": 1
                return start + 1, first, first + 1
            first, last, count, at = first if count else at, at, count + 1, at + 1
        if count == 1 and (first == at - 1 or first == start + 1):  # "a"" or ""a"
            self._note("extra-quote", first, self._words(start, at + 1))
            return (start + 1, first, at + 1) if first == at - 1 else (start + 2, at, at + 1)
        if count % 2 and not in_object and self._follows_comma(start, last):  # ["a, "b"]
            return self._unclosed(start, last)
        if count:
            self._note("unescaped-quote", first, self._words(first, at))
        return start + 1, at, at + 1

    def _follows_comma(self, start: int, at: int) -> bool:
        return self.text[max(start + 1, at - 99) : at].rstrip().endswith((",", ";"))

    def _goes_on(self, start: int, following: int, in_object: bool, depth: int) -> bool:
        """Whether a string that its line does not close goes on with the next text."""
        text, family = self.text, _FAMILY[self.text[start]]
        if family not in self.last_quotes:
            self.last_quotes[family] = max(map(text.rfind, family))
        if self.last_quotes[family] < following:
            return False
        if text[following] in "}]":
            return depth > 0 or not _CLOSING_LINE.match(text, following)
        if text[following] in family and in_object:
            return not _KEY_AHEAD.match(text, following)
        if text[following] in family:
            return _VALUE_ENDS.match(text, following + 1) is not None
        return in_object or not _OPENING_LINE.match(text, following)

    def _unclosed(self, start: int, end: int) -> tuple[int, int, int]:
        """The same for a string without closing quote: it ends at `end`, before the commas and brackets there."""
        text, stop = self.text, end
        for _ in range(9):
            stop = start + 1 + len(text[start + 1 : stop].rstrip(" \t\xa0,;"))
            tail = text[stop - 1] if stop > start + 1 else ""
            opening = {"}": "{", "]": "["}.get(tail)
            if not opening or text.count(opening, start, stop) >= text.count(tail, start, stop):
                break
            stop -= 1
        if tail and tail in _QUOTES:  # "a”, or "C:\"
            return start + 1, stop - 1, stop
        self._note("missing-closing-quote", stop, self._words(start + 1, stop))
        return start + 1, stop, stop

    def _unescaped(self, begin: int, stop: int) -> str:
        raw = self.text[begin:stop]
        if newline := _NEWLINE.search(raw):
            self._note("raw-newline", begin + newline.start(), self._words(begin, begin + newline.start()))
        if control := _CONTROL.search(raw):
            self._note("control-character", begin + control.start(), f"U+{ord(control[0]):04X}")
        if "\\" not in raw:
            return raw
        wrong: list[int] = []

        def character(escape: re.Match[str]) -> str:
            if escape[1]:
                return chr(int(escape[1], 16))
            if escape[2] in _ESCAPES:
                return _ESCAPES[escape[2]]
            wrong.append(escape.start())
            return escape[2] if escape[2] and escape[2] in _QUOTES else escape[0]

        content = _ESCAPE.sub(character, raw)
        if wrong:
            self._note("invalid-escape", begin + wrong[0], raw[wrong[0] : wrong[0] + 2].rstrip())
        if _SURROGATE.search(content):  # joins pairs
            halves, content = content, content.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
            if content.count("�") > halves.count("�"):
                self._note("lone-surrogate", begin, self._words(begin, stop))
        return content
