"""JSON text, strict and broken: what is read from it, and what is said about it."""

from __future__ import annotations

import json
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from docassay import tolerant
from docassay.jsontext import KINDS, line_column, locate, locations, read, unescape
from docassay.model import MAX_DEPTH, MAX_SIZE, Json, Repair

STRICT = [
    "null",
    "true",
    "-0",
    "-12.5e+3",
    '""',
    "[]",
    " \t\r\n{ } ",
    '{"": [1, "a", null, {"b": [[]]}]}',
    r'"\u00e9 \"\\\/\b\f\n\r\t"',
    '"“smart” ‘quotes’, \u00a0 and \u200b inside"',
    '{"a": "// no comment", "b": "/* nor this */", "c": "...", "d": "a: {b}, [c]", "e": "#"}',
    '{"pattern": "{", "other": "]"}',
    '{"urn:a:b": "x, \\"y\\": z"}',
]

# text -> value, repairs as "kind@offset"
BROKEN = {
    "commas": [
        ('{"a": 1,}', {"a": 1}, "trailing-comma@7"),
        ("[1, 2,\n]", [1, 2], "trailing-comma@5"),
        ("[1,, 2]", [1, 2], "extra-comma@3"),
        ('{, "a": 1}', {"a": 1}, "extra-comma@1"),
        ('{"a": 1\n"b": 2}', {"a": 1, "b": 2}, "missing-comma@7"),
        ('{"a": "x" "b": "y"}', {"a": "x", "b": "y"}, "missing-comma@9"),
        ('["a" "b"]', ["a", "b"], "missing-comma@4"),
        ('[{"a": 1}\n {"b": 2}]', [{"a": 1}, {"b": 2}], "missing-comma@9"),
        ("[1 2]", [1, 2], "missing-comma@2"),
        ('{"a": 1; "b": 2}', {"a": 1, "b": 2}, "semicolon@7"),
        ('{"a": 1;}', {"a": 1}, "trailing-comma@7"),
    ],
    "colons": [
        ('{"a" 1}', {"a": 1}, "missing-colon@4"),
        ('{"a" "b"}', {"a": "b"}, "missing-colon@4"),
        ('{"a" = 1}', {"a": 1}, "wrong-colon@5"),
        ('{"a" => 1}', {"a": 1}, "wrong-colon@5"),
        ('{"a":: 1}', {"a": 1}, "wrong-colon@5"),
    ],
    "comments": [
        ('{"a": 1, // one\n"b": 2}', {"a": 1, "b": 2}, "comment@9"),
        ('/* head */ {"a": /* one */ 1}', {"a": 1}, "comment@0 comment@17"),
        ('{"a": 1} # done', {"a": 1}, "comment@9"),
        ('{"a": 1} <!-- done -->', {"a": 1}, "comment@9"),
        ('{"a": // next\n {"b": 1}}', {"a": {"b": 1}}, "comment@6"),
        ('{"a": #type.name, "b": 1}', {"a": "#type.name", "b": 1}, "unquoted-string@6"),
    ],
    "ellipses": [
        ("[1, ...]", [1], "ellipsis@4"),
        ("[...]", [], "ellipsis@1"),
        ('{"a": 1, …\n"b": 2}', {"a": 1, "b": 2}, "ellipsis@9"),
        ('{"a": 1, /* more members */ }', {"a": 1}, "ellipsis@9"),
        ('[{"a": 1}...]', [{"a": 1}], "ellipsis@9"),
        ('{"a": 1, ... and so on }', {"a": 1}, "ellipsis@9"),
        ('{"a": 1,\n remainder omitted...\n}', {"a": 1}, "ellipsis@10"),
        ('{"a": ...}', {"a": None}, "ellipsis@6"),
        ('{"a": {...}, "b": [ ... ]}', {"a": {}, "b": []}, "ellipsis@7 ellipsis@20"),
    ],
    "quotes": [
        ("{'a': 'it's'}", {"a": "it's"}, "single-quotes@1 single-quotes@6 unescaped-quote@9"),
        ("['it\\'s']", ["it's"], "single-quotes@1 invalid-escape@4"),
        ("{“a”: ‘b’}", {"a": "b"}, "smart-quotes@1 smart-quotes@6"),
        ('{"a”: 1}', {"a": 1}, "smart-quotes@1"),
        ('{"a": "b”,\n"c": 1}', {"a": "b", "c": 1}, "smart-quotes@6"),
        ('{"a": "x,\n"b": 1}', {"a": "x", "b": 1}, "missing-closing-quote@8"),
        ('{"a": "x, "b": 1}', {"a": "x", "b": 1}, "missing-closing-quote@8"),
        ('["x, "y"]', ["x", "y"], "missing-closing-quote@3"),
        ('{"a": "x}', {"a": "x"}, "missing-closing-quote@8"),
        ('{"a": "/{id},\n"b": 1}', {"a": "/{id}", "b": 1}, "missing-closing-quote@12"),
        ('{"a: "x"}', {"a": "x"}, "missing-closing-quote@3"),
        ('{a": "x"}', {"a": "x"}, "missing-opening-quote@1"),
        ('{"a": x y", "b": 1}', {"a": "x y", "b": 1}, "missing-opening-quote@6"),
        ('{"a": Hello, world",\n"b": 1}', {"a": "Hello, world", "b": 1}, "missing-opening-quote@6"),
        ('{"a": ""x", "b": 1}', {"a": "x", "b": 1}, "extra-quote@7"),
        ('{"a": "x"", "b": 1}', {"a": "x", "b": 1}, "extra-quote@8"),
        ('{"a": "say "hi" there"}', {"a": 'say "hi" there'}, "unescaped-quote@11"),
        ('["He said "hi", and left", 1]', ['He said "hi", and left', 1], "unescaped-quote@10"),
        ('{"a": "{"b": "c", "d": 1}", "e": 2}', {"a": '{"b": "c", "d": 1}', "e": 2}, "unescaped-quote@8"),
    ],
    "words": [
        ("{a: 1, $b-c: 2, d e: 3}", {"a": 1, "$b-c": 2, "d e": 3}, "unquoted-key@1 unquoted-key@7 unquoted-key@16"),
        ('{a "x"}', {"a": "x"}, "unquoted-key@1 missing-colon@2"),
        ('{1: "a"}', {"1": "a"}, "unquoted-key@1"),
        ('{"a": String (identifier), "b": 1}', {"a": "String (identifier)", "b": 1}, "unquoted-string@6"),
        ('{"a": 2018-04-01T12:39:16Z}', {"a": "2018-04-01T12:39:16Z"}, "unquoted-string@6"),
        ('{"a": https://a.example/{id}?b=1}', {"a": "https://a.example/{id}?b=1"}, "unquoted-string@6"),
        ('{"a": True, "b": NULL}', {"a": True, "b": None}, "literal@6 literal@17"),
        ("[None, undefined, NaN, -Infinity]", [None] * 4, "literal@1 literal@7 literal@18 literal@23"),
        (
            '{"a": <string>, "b": {id}, "c": {{x}}}',
            {"a": "<string>", "b": "{id}", "c": "{{x}}"},
            "placeholder@6 placeholder@21 placeholder@32",
        ),
        ("{Bytes of the file}", "{Bytes of the file}", "placeholder@0"),
        ("[Zip file]", "[Zip file]", "placeholder@0"),
        ('{"a": [content]}', {"a": ["content"]}, "unquoted-string@7"),
        ('{"a": 1, <other members>}', {"a": 1}, "placeholder@9"),
        ('{"a": "x" (optional), "b": 1 or 2}', {"a": "x", "b": 1}, "free-text@10 free-text@29"),
        ('{"a": true | false, "b": "x" | "y"}', {"a": True, "b": "x"}, "free-text@11 free-text@29"),
    ],
    "numbers": [
        (
            "[01, -01, 1., .5, +1]",
            [1, -1, 1.0, 0.5, 1],
            " ".join(f"malformed-number@{at}" for at in (1, 5, 10, 14, 18)),
        ),
        ("[0x1F, 1.e2]", [31, 100.0], "malformed-number@1 malformed-number@7"),
        ('{"a": 1,5, "b": 1,000}', {"a": 1.5, "b": 1000}, "malformed-number@6 malformed-number@16"),
        ("[1,5]", [1, 5], ""),
    ],
    "strings": [
        ('{"a": "x\n   y"}', {"a": "x\n   y"}, "raw-newline@8"),
        ('["Warning: x\n", "b"]', ["Warning: x\n", "b"], "raw-newline@12"),
        ('{"a": "x\ty"}', {"a": "x\ty"}, "control-character@8"),
        (r'{"a": "\d+ \u12 \q"}', {"a": r"\d+ \u12 \q"}, "invalid-escape@7"),
        ('{"a": "C:\\",\n"b": 1}', {"a": "C:\\", "b": 1}, "invalid-escape@9"),
        (r'["\ud83d\ude00"]', ["😀"], ""),
        (r'["a\ud83d"]', ["a\ufffd"], "lone-surrogate@2"),
    ],
    "what stands too close, or apart": [
        ('{"a":1"b":2}', {"a": 1, "b": 2}, "missing-comma@6"),
        ('{"a":true"b":null"c":1}', {"a": True, "b": None, "c": 1}, "missing-comma@9 missing-comma@17"),
        ('{"a":{id}}', {"a": "{id}"}, "placeholder@5"),
        ('{"a":{"b":{user-id}}}', {"a": {"b": "{user-id}"}}, "placeholder@10"),
        ('{"a": "b" + "c", "d": 1}', {"a": "bc", "d": 1}, "concatenation@10"),
        ('["a" +\n  "b" + "c"]', ["abc"], "concatenation@5 concatenation@13"),
        ('{{ "a": 1, "b": [2] }}', {"a": 1, "b": [2]}, "extra-bracket@1 extra-bracket@21"),
    ],
    "whitespace": [
        ('{"a":\u00a0 1,\n\u200b"b": 2}', {"a": 1, "b": 2}, "non-json-whitespace@5 non-json-whitespace@10"),
        ('\ufeff{"a": 1}', {"a": 1}, "non-json-whitespace@0"),
    ],
    "members": [
        ('{"a"}', {"a": None}, "missing-value@4"),
        ('{"a":}', {"a": None}, "missing-value@5"),
        ('{"a": , "b": 1}', {"a": None, "b": 1}, "missing-value@5"),
        ('{"a":\n"b": 1}', {"a": None, "b": 1}, "missing-value@5"),
        ('{"a": 1, {"b": 2}}', {"a": 1}, "missing-key@9"),
        ('"a": 1,\n"b": {"c": 2}', {"a": 1, "b": {"c": 2}}, "missing-braces@0"),
        ('[{"a": 1}, "a": 2}]', [{"a": 1}, {"a": 2}], "missing-braces@11"),
        ('["a": 1, "b": 2]', [{"a": 1, "b": 2}], "missing-braces@1"),
    ],
    "brackets": [
        ('{"a": [1, 2', {"a": [1, 2]}, "truncated@11"),
        ('{"a": 1, "b":', {"a": 1, "b": None}, "truncated@13"),
        ('{"a": "x', {"a": "x"}, "missing-closing-quote@8 truncated@8"),
        ('{"a": [1, 2}', {"a": [1, 2]}, "missing-bracket@11"),
        ('{"a": [1, 2, "b": 3}', {"a": [1, 2], "b": 3}, "missing-bracket@11"),
        ('[{"a": 1, {"a": 2}]', [{"a": 1}, {"a": 2}], "missing-bracket@8"),
        ('{"a": [1}}', {"a": [1]}, "mismatched-bracket@8"),
        ('{"a": [1}, "b": 2}', {"a": [1], "b": 2}, "mismatched-bracket@8"),
        ('{"a": 1]', {"a": 1}, "mismatched-bracket@7"),
        ('{"a": 1]}', {"a": 1}, "extra-bracket@7"),
        ('{"a": {"b": 1}}, "c": 2}', {"a": {"b": 1}, "c": 2}, "extra-bracket@14"),
        ('{"a": 1}}', {"a": 1}, "extra-bracket@8"),
        ('{"a": 1} {"b": 2}', {"a": 1}, "text-after-value@9"),
        ('{"a": 1},', {"a": 1}, "text-after-value@8"),
        ('{"a": 1}\n\n--batch\n', {"a": 1}, "text-after-value@10"),
    ],
}

# text -> what was read before the stop, its kind and offset
STOPPED = [
    ("", None, "empty@0"),
    (" \n\t", None, "empty@0"),
    ("// nothing", None, "empty@0"),
    ("TODO", None, "unreadable@0"),
    ("12 monkeys", None, "unreadable@0"),
    ("HTTP/1.1 200 OK\n\n{}", None, "unreadable@0"),
    ('{"a": 1, : 2}', {"a": 1}, "unreadable@9"),
    ('{"a": [1, ) 2]}', {"a": [1]}, "unreadable@10"),
    ("{ return x; call y(z); }", {}, "unreadable@12"),
    ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), None, f"too-deep@{MAX_DEPTH}"),
    (" " * (MAX_SIZE + 1), None, f"too-large@{MAX_SIZE}"),
]


def short(repairs: tuple[Repair, ...]) -> str:
    return " ".join(f"{one.kind}@{one.offset}" for one in repairs)


@pytest.mark.parametrize("text", STRICT)
def test_json_is_read_as_it_stands(text):
    assert read(text) == Json(json.loads(text))
    assert read(text).strict


@pytest.mark.parametrize(
    ("text", "value", "repairs"),
    [case for cases in BROKEN.values() for case in cases],
    ids=lambda case: repr(case)[:60],
)
def test_a_fault_is_repaired_and_reported(text, value, repairs):
    found = read(text)
    assert found.value == value
    assert short(found.repairs) == repairs
    assert found.stopped is None
    assert found.strict == (not repairs)


@pytest.mark.parametrize(("text", "value", "stop"), STOPPED, ids=lambda case: repr(case)[:40])
def test_reading_stops_where_nothing_makes_sense(text, value, stop):
    found = read(text)
    assert short((found.stopped,)) == stop
    assert not found.strict
    if not stop.startswith("too-deep"):
        assert found.value == value


def test_every_kind_has_advice_and_a_test():
    shown = [repairs for cases in BROKEN.values() for *_, repairs in cases] + [stop for *_, stop in STOPPED]
    tested = {word.partition("@")[0] for words in shown for word in words.split()}
    assert tested | {"duplicate-key", "too-many"} == set(KINDS)
    assert all(advice and advice[0].islower() and advice[-1] != "." for advice in KINDS.values())


def test_repairs_quote_the_author_shortly():
    texts = {one.kind: one.text for one in read('{a: "b" /* note */, "c": ' + "x" * 99 + "}").repairs}
    assert texts == {"unquoted-key": "a", "comment": "/* note */", "unquoted-string": "x" * 40 + "…"}


@pytest.mark.parametrize("text", ['{"a": 1, "b": 2, "a": 3}', '{"a": 1, "b": 2, "a": 3,}', "{a: 1, b: 2, 'a': 3}"])
def test_a_key_twice(text):
    found = read(text)
    assert found.value == {"a": 3, "b": 2}
    assert found.duplicates == (Repair("duplicate-key", text.rindex("a") - 1, "a"),)
    assert read('{"a": 1, "a": 2}').strict


def test_numbers_are_finite():
    assert read("[1e999, -1e999]").value == [sys.float_info.max, -sys.float_info.max]
    found = read("9" * 10_000)
    assert found == Json(sys.float_info.max)


def test_surrogates_never_reach_a_value():
    assert read('{"\ud800": "\udfff"}').value == {"\ufffd": "\ufffd"}
    json.dumps(read(r'{"\ud800": ["\udfff x"]}').value, ensure_ascii=False).encode()


# --- limits ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", ["[", '{"a":', "[{a:", '["a":', "{[", "'a':["])
def test_depth_is_bounded(unit):
    found = read(unit * 20_000)
    assert found.stopped.kind == "too-deep"
    depth, value = 0, found.value
    while isinstance(value, dict | list) and value:
        depth, value = depth + 1, next(iter(value.values())) if isinstance(value, dict) else value[-1]
    assert depth <= MAX_DEPTH
    locations(unit * 20_000)


def test_depth_counts_only_brackets_that_are_open():
    assert read("[" * MAX_DEPTH + "]" * MAX_DEPTH).strict
    assert read("[" + "[]," * MAX_DEPTH + "[]]").strict
    assert read(json.dumps("[" * 2 * MAX_DEPTH)).strict


def test_faults_are_bounded(monkeypatch):
    monkeypatch.setattr(tolerant, "MAX_REPAIRS", 10)
    found = read("[" + "a," * 20)
    assert (len(found.repairs), found.stopped.kind, found.stopped.offset) == (10, "too-many", 21)
    assert read("{" + '"a":1,' * 20).stopped.kind == "too-many"


def test_size_is_bounded():
    assert locate(" " * MAX_SIZE + "[]", "") is None
    assert locations(" " * MAX_SIZE + "[]") == {}


class Counted(str):
    """Text that counts the characters that are cut out of it."""

    cut = 0

    def __getitem__(self, index):
        found = super().__getitem__(index)
        Counted.cut += len(found)
        return found


UNITS = ['"a" (b ', '"', "'", '"a: ', '"\n', "\na", "a ", "a{", "/*", "<a", '{"b', '"a" ', "a:", '"a":', ' | "b"']


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("start", ["[", "{", '["', '{"a": "'])
def test_work_grows_with_the_text(start, unit):
    def work(times):
        Counted.cut = 0
        read(Counted(start + unit * times))
        return Counted.cut

    assert work(4_000) < 3 * work(2_000) + 10_000


# --- places ------------------------------------------------------------------------------------------------------

PAGE = """{
  "a": [10, {"b/c": "x"}],
  unquoted: 'y',
  "~": { "": 1, },
}"""


def test_locations_of_values_and_keys():
    found = {pointer: (PAGE[value], PAGE[key]) for pointer, (value, key) in locations(PAGE).items()}
    assert found == {
        "": ("{", "{"),
        "/a": ("[", '"'),
        "/a/0": ("1", "1"),
        "/a/1": ("{", "{"),
        "/a/1/b~1c": ('"', '"'),
        "/unquoted": ("'", "u"),
        "/~0": ("{", '"'),
        "/~0/": ("1", '"'),
    }
    assert all(locate(PAGE, pointer) == value for pointer, (value, _) in locations(PAGE).items())


@pytest.mark.parametrize("pointer", ["a", "/b", "/a/2", "/a/-", "/a/01", "/a/0/0", "/a/1/b/c", "/~2", "/a/99999999999"])
def test_a_pointer_to_nothing(pointer):
    assert locate(PAGE, pointer) is None


def test_a_repeated_key_has_the_place_of_its_last_value():
    text = '{"a": {"x": 1}, "a": [2]}'
    assert locations(text) == {"": (0, 0), "/a": (21, 16), "/a/0": (22, 22)}


def test_nothing_has_no_place():
    assert locations("") == {}
    assert locate("TODO", "") is None


def test_line_and_column():
    text = "ab\n\ncd"
    assert [line_column(text, offset) for offset in (0, 2, 3, 4, 6)] == [(0, 1), (0, 3), (1, 1), (2, 1), (2, 3)]


# --- properties --------------------------------------------------------------------------------------------------

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
pieces = (
    st.sampled_from("{}[],:;'“”‘`\\/#.…<>|=-+() \n\t\u00a0\ufeff\x00\ud800")
    | st.sampled_from(
        ['"', '" ', '"a"', '"b": ', "word", "a: ", "1", "-1.5e3", "0x", "01", "1,5", "true", "None", "<x>", "{y}"]
    )
    | st.sampled_from(["...", "//", "/*", "*/", "<!--", "\\u12", "\\ud83d", '\\"', "\\n"])
)
texts = st.text() | st.lists(pieces, max_size=40).map("".join)


def finite(literal):
    return max(-sys.float_info.max, min(float(literal), sys.float_info.max))


def walk(value, pointer):
    for token in pointer.split("/")[1:]:
        key = unescape(token)
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value


@given(texts)
@example('{"a": "b" "')
def test_any_text_is_read(text):
    found = read(text)
    offsets = [one.offset for one in (*found.repairs, *found.duplicates, *([found.stopped] if found.stopped else []))]
    assert all(0 <= offset <= len(text) for offset in offsets)
    assert [one.offset for one in found.repairs] == sorted(one.offset for one in found.repairs)
    assert {one.kind for one in (*found.repairs, *found.duplicates)} <= set(KINDS)
    json.dumps(found.value, ensure_ascii=False, allow_nan=False).encode()
    try:
        strict = json.loads(text, parse_constant=lambda _: 1 / 0, parse_float=finite)
    except (ValueError, ZeroDivisionError):
        assert not found.strict
    else:
        if "\ud800" not in text and "\\ud83d" not in text:
            assert found.strict
            assert found.value == strict


@given(texts)
def test_any_text_has_places(text):
    value = read(text).value
    for pointer, (place, key) in locations(text).items():
        assert 0 <= key <= place <= len(text)
        assert locate(text, pointer) == place
        walk(value, pointer)


@given(values, st.sampled_from([None, 0, 2]), st.booleans())
def test_any_value_comes_back(value, indent, ascii_only):
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert read(text) == Json(value)
    for pointer, (place, _) in locations(text).items():
        assert json.JSONDecoder().raw_decode(text, place)[0] == walk(value, pointer)


@given(values.filter(lambda value: isinstance(value, dict | list) and value), st.sampled_from([None, 2]))
def test_a_trailing_comma_changes_nothing(value, indent):
    text = json.dumps(value, indent=indent)
    found = read(text[:-1].rstrip() + "," + text[-1])
    assert found.value == value
    assert [one.kind for one in found.repairs] == ["trailing-comma"]


@given(values.filter(lambda value: isinstance(value, dict | list)), st.text(st.characters(codec="ascii"), max_size=9))
def test_what_follows_a_value_changes_nothing(value, rest):
    assert read(json.dumps(value) + "\n" + rest).value == value


@given(values)
def test_spaces_of_word_processors_change_nothing(value):
    found = read("\u00a0" + json.dumps(value))
    assert found == Json(value, (Repair("non-json-whitespace", 0, "U+00A0"),))
