"""Type cells and sample values -> TypeExpression -> schema fragment: the grammar in which pages write types.

Primitives are those of OData (CSDL 4.01, section 3.3) under the names that pages use for them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from .model import TypeExpression

_INT = {"type": "integer"}
_NUMBER = {"type": "number"}
_SPECIAL = {"enum": ["INF", "-INF", "NaN"]}  # OData JSON 4.01, 7.1: numbers that JSON cannot write

PRIMITIVES: dict[str, dict[str, Any]] = {
    "Edm.String": {"type": "string"},
    "Edm.Boolean": {"type": "boolean"},
    "Edm.Byte": {**_INT, "minimum": 0, "maximum": 255},
    "Edm.SByte": {**_INT, "minimum": -128, "maximum": 127},
    "Edm.Int16": {**_INT, "minimum": -(2**15), "maximum": 2**15 - 1},
    "Edm.Int32": {**_INT, "minimum": -(2**31), "maximum": 2**31 - 1},
    "Edm.Int64": {**_INT, "minimum": -(2**63), "maximum": 2**63 - 1},
    "Edm.Single": {"anyOf": [_NUMBER, _SPECIAL]},
    "Edm.Double": {"anyOf": [_NUMBER, _SPECIAL]},
    "Edm.Decimal": {"anyOf": [_NUMBER, _SPECIAL]},
    "Edm.DateTimeOffset": {"type": "string", "format": "date-time"},
    "Edm.Date": {"type": "string", "format": "date"},
    "Edm.TimeOfDay": {"type": "string", "format": "time-of-day"},
    "Edm.Duration": {"type": "string", "format": "duration"},
    "Edm.Guid": {"type": "string", "format": "uuid"},
    "Edm.Binary": {"type": "string", "format": "byte"},
    "Edm.Stream": {},
    "Edm.Untyped": {},
    "object": {"type": "object"},
    "uri": {"type": "string", "format": "uri-reference"},
    "number": {"anyOf": [_NUMBER, _SPECIAL]},
}
"""Schema fragment of each primitive. `number` is one of which a page says no more; `uri` and `object` are no types of
OData."""
INTEGERS = ("Edm.Byte", "Edm.SByte", "Edm.Int16", "Edm.Int32", "Edm.Int64")

_WORDS = {
    "Edm.String": "string str text etag range json-string identifier",
    "Edm.Boolean": "boolean bool true false yes/no",
    "Edm.Byte": "byte",
    "Edm.SByte": "sbyte",
    "Edm.Int16": "int16 short",
    "Edm.Int32": "int32",
    "Edm.Int64": "int64 long uint32 uint64 uint16 unsignedint unsignedinteger",
    "Edm.Single": "single float",
    "Edm.Double": "double",
    "Edm.Decimal": "decimal",
    "Edm.DateTimeOffset": "datetimeoffset datetime timestamp date-time dateandtime",
    "Edm.Date": "date",
    "Edm.TimeOfDay": "timeofday time",
    "Edm.Duration": "duration",
    "Edm.Guid": "guid uuid",
    "Edm.Binary": "binary base64 base64url bytes base64encodedstring base64-encodedstring",
    "Edm.Stream": "stream",
    "Edm.Untyped": "json jsonobject untypedjsonobject any untyped array complex null undefined",
    "object": "object dictionary map hashtable",
    "uri": "url uri",
    "number": "number integer int numeric unixtimestamp",
}
_BY_WORD = {word: name for name, words in _WORDS.items() for word in words.split()}
_BY_WORD["integer"] = _BY_WORD["int"] = "Edm.Int64"

_LINK = re.compile(r"\[([^\[\]]*)\](?:\([^()]*\)|\[[^\[\]]*\])?")
_COLLECTION_OF = re.compile(r"\s*(?:Edm\.)?(?:collection|array|list)\s*\(\s*(.*?)\s*\)\s*", re.IGNORECASE)
_COLLECTION_PREFIX = re.compile(r"\s*(?:an?\s+)?(?:collection|array|list)\s+of\s+(.+?)\s*", re.IGNORECASE)
_GENERIC = re.compile(r"\s*(?:collection|array|list|set)\s*<\s*([^<>]+?)\s*>\s*", re.IGNORECASE)
_MAP = re.compile(r"\s*(?:map|dictionary)\s+(?:of|from)\b.*|\s*(?:map|dictionary)\s*<.*>\s*", re.IGNORECASE)
_OR_NULL = re.compile(
    r"\s*(?:\bor|\||/)\s*`?null`?\s*$|(?<=\w)\?\s*$|(?<=[\w)\]])\s*(?:,\s*nullable|\(nullable\))\s*$", re.IGNORECASE
)
_ASIDE = r"(?:optional|required|nullable|not nullable|read[- ]?only|inherited|deprecated)"
_BESIDE = re.compile(
    rf"\s*(?:<br\s*/?>.*|;.*|[:,]\s*{_ASIDE}\b.*|\({_ASIDE}\)\s*)$",
    re.IGNORECASE,
)
"""What a cell says beside the type."""
_COLLECTION_SUFFIX = re.compile(r"\s*(.+?)\s*(?:(?:\(|\s)\s*(?:collection|array|list)\s*\)?|\[\])\s*", re.IGNORECASE)
_ENUM_WORD = re.compile(r"\s*\(?\b(?:enum|enumeration|flags)\b\)?.*", re.IGNORECASE)
_BEFORE = re.compile(
    r"\(?(?:optional|required|nullable|enum|enumeration|relative|one|an?|the|single)\b\)?:?\s+(?=\S)", re.IGNORECASE
)
_AFTER = re.compile(
    r"(?<=\S)\s+(?:objects?|resources?|entity|entities|complex types?|types?|instances?)$", re.IGNORECASE
)
_QUALIFIED = re.compile(r"#?[A-Za-z_][\w]*(?:\.[A-Za-z_]\w*)*")
_NOTE = re.compile(r" ?\((?P<note>[^()]*)\)$")
_MEMBERS = re.compile(r"[\w.+-]+(?:\s*\|\s*[\w.+-]+)+")
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?")
_NOTES = {
    "timestamp": "Edm.DateTimeOffset", "datetime": "Edm.DateTimeOffset", "iso 8601": "Edm.DateTimeOffset",
    "duration": "Edm.Duration", "iso 8601 duration": "Edm.Duration", "time of day": "Edm.TimeOfDay",
    "date": "Edm.Date", "binary": "Edm.Binary", "base64": "Edm.Binary", "url": "uri", "uri": "uri", "guid": "Edm.Guid",
    "uuid": "Edm.Guid", "date-time": "Edm.DateTimeOffset", "byte": "Edm.Binary",
}  # fmt: skip
_SIZES = {"int32": "Edm.Int32", "int64": "Edm.Int64", "float": "Edm.Single", "double": "Edm.Double",
          "decimal": "Edm.Decimal"}  # fmt: skip


@lru_cache(4096)
def from_cell(cell: str) -> TypeExpression:
    """What the type cell of a property table says; an expression without name where it says nothing certain."""
    text = " ".join(cell.replace("\\", "").split())
    if len(text) > MAX_CELL:
        return TypeExpression()
    if is_enum(text):
        return TypeExpression("Edm.String")
    layers = 0
    while text.endswith("[]") and not text.endswith("][]") and layers < 3:  # "[photo][]" is a link
        text, layers = text[:-2].rstrip(), layers + 1
    text = html.unescape(text).replace("\xa0", " ") if "&" in text else text
    text = re.sub(r"[*`'\"]", "", _LINK.sub(r"\1", text)).strip().rstrip(".;").lstrip("#")
    text = _OR_NULL.sub("", _BESIDE.sub("", text))
    if _MAP.fullmatch(text):
        return TypeExpression("object", layers > 0, max(layers - 1, 0))
    text = _BEFORE.sub("", text.partition(". ")[0], count=1) if _BEFORE.match(text) else text.partition(". ")[0]
    for _ in range(3):
        if match := _COLLECTION_OF.fullmatch(text) or _COLLECTION_PREFIX.fullmatch(text) or _GENERIC.fullmatch(text):
            layers, text = layers + 1, match[1]
    while match := _COLLECTION_SUFFIX.fullmatch(text):  # a word that was typed twice is no array of arrays
        layers, text = max(layers, 1), match[1].removesuffix("(").strip()
    if text.lower() in ("collection", "array"):
        return TypeExpression("", collection=True)
    collection, nested = layers > 0, max(layers - 1, 0)
    note = _NOTE.search(text)
    text = _ENUM_WORD.sub("", re.split(r",|\s-\s", _NOTE.sub("", text))[0]).strip()
    name = _primitive(text) or (_primitive(text[:-1]) if collection and text[-1:] == "s" else "")
    if not name and (bare := _AFTER.sub("", text)) != text:
        name = _primitive(bare)
        text = bare
    if name:
        return TypeExpression(_noted(name, note["note"]) if note else name, collection, nested)
    return TypeExpression(text.lstrip("#") if _QUALIFIED.fullmatch(text) else "", collection, nested)


def _noted(name: str, note: str) -> str:
    """The primitive that a name and a note in brackets behind it mean: a text of a form, a number of a size."""
    word = note.strip().lower()
    sized = _SIZES.get(word) if name in ("number", *INTEGERS) else None
    return sized or (_NOTES.get(word, name) if name == "Edm.String" else name)


def allows_null(cell: str) -> bool:
    """Whether a type cell says that null may be there too."""
    return ("?" in cell or "null" in cell.lower()) and (
        _OR_NULL.search(cell.strip()) is not None or cell.strip().lower().startswith("nullable ")
    )


def is_enum(cell: str) -> bool:
    """Whether a type cell says no more than that there is an enumeration."""
    return re.fullmatch(r"\W*(?:enum|enumeration)\W*", cell, re.IGNORECASE) is not None


MAX_CELL = 300
"""Characters of a cell or sample; in a longer one nobody names a type."""


NULL = TypeExpression()
"""What a sample says that is null: nothing on the type, and that null may be there."""


def from_sample(value: Any) -> TypeExpression:
    """What a value of a JSON representation stands for: the name of a type, a note in brackets, or a sample value."""
    if isinstance(value, bool):
        return TypeExpression("Edm.Boolean", is_value=True)
    if isinstance(value, int | float):
        return TypeExpression("number", is_value=True)
    if isinstance(value, str):
        return _from_text(value)
    if isinstance(value, list):
        inner = from_sample(value[0]) if value else TypeExpression()
        if len({type(one) for one in value}) > 1:
            inner = TypeExpression()
        nested = inner.nested + inner.collection
        return TypeExpression(inner.name, True, nested, inner.enum, inner.members, inner.word, is_value=inner.is_value)
    if isinstance(value, dict):
        name = value.get("@odata.type", value.get("@type"))
        members = {key: from_sample(member) for key, member in value.items() if not key.startswith("@")}
        if isinstance(name, str) and "..." not in name:
            expression = from_cell(name)
            return TypeExpression(expression.name, expression.collection, expression.nested)
        return TypeExpression("", members=members or None)
    return NULL


def _from_text(text: str) -> TypeExpression:
    stripped = " ".join(text.split())
    if not stripped or len(stripped) > MAX_CELL:
        return TypeExpression("Edm.String")
    if _MEMBERS.fullmatch(stripped):
        members = tuple(part.strip() for part in stripped.split("|"))
        if all(_primitive(part) for part in members):
            return TypeExpression()
        return TypeExpression("Edm.String", enum=members)
    if match := _NOTE.search(stripped):
        head = _primitive(stripped[: match.start()])
        if head:
            return TypeExpression(_noted(head, match["note"]))
    if collection := _COLLECTION_OF.fullmatch(stripped):
        return TypeExpression(from_cell(collection[1]).name, True)
    if (many := _COLLECTION_SUFFIX.fullmatch(stripped)) and (name := _primitive(many[1])):
        return TypeExpression(name, True)
    if stripped[0] + stripped[-1] in ("<>", "{}"):
        name = _primitive(stripped[1:-1])
        return TypeExpression(name or "Edm.String", is_value=not name)
    if name := _primitive(stripped):
        return TypeExpression(name)
    if _DATE_TIME.fullmatch(stripped):
        return TypeExpression("Edm.DateTimeOffset", is_value=True)
    if _GUID.fullmatch(stripped):
        return TypeExpression("Edm.String", is_value=True)
    if "." in stripped and _QUALIFIED.fullmatch(stripped) and stripped.count(".") >= 2:
        return TypeExpression(stripped.lstrip("#"))
    if re.fullmatch(r"-?\d+(?:\.\d+)?", stripped):
        return TypeExpression()  # authors quote numbers, and strings may be digits
    word = stripped if re.fullmatch(r"[A-Za-z_]\w*", stripped) else ""
    return TypeExpression("Edm.String", word=word, is_value=True)


def _primitive(text: str) -> str:
    word = text.strip().lower().removeprefix("edm.")
    return _BY_WORD.get(word) or _BY_WORD.get(word.replace(" ", ""), "")


def fragment(expression: TypeExpression, refer: dict[str, str]) -> dict[str, Any]:
    """The JSON Schema of an expression. `refer` gives the `$ref` of each type name, in lower case; others allow all."""
    if expression.members is not None:
        inner: dict[str, Any] = {
            "type": "object",
            "properties": {name: fragment(member, refer) for name, member in expression.members.items()},
        }
    elif expression.name in PRIMITIVES:
        inner = dict(PRIMITIVES[expression.name])
        if expression.enum and expression.name in INTEGERS:
            inner["enum"] = [int(member) for member in expression.enum]
        elif expression.enum:
            inner |= several_of(expression.enum) if expression.several else {"enum": list(expression.enum)}
    else:
        target = _known(expression.name, refer)
        if target:
            inner = {"$ref": target}
        elif expression.enum:
            listed = several_of(expression.enum) if expression.several else {"enum": list(expression.enum)}
            inner = {"type": "string", **listed}
        else:
            inner = {}
    for _ in range(expression.nested + expression.collection):
        inner = {"type": "array", "items": inner}
    return inner


MEMBERS = "x-docassay-members"
"""The members of an enumeration, beside the pattern that also allows several of them."""


def several_of(members: Sequence[str]) -> dict[str, Any]:
    """Keywords for one member of an enumeration, or several, separated by commas (OData JSON 4.01, 7.1)."""
    choice = "|".join(re.escape(member) for member in members)
    return {"pattern": f"^(?:{choice})(?:, ?(?:{choice}))*$", MEMBERS: list(members)}


def _known(name: str, names: Mapping[str, str]) -> str | None:
    """What stands for a type, with or without its namespace."""
    key = name.lower()
    return names.get(key) or names.get(key.rpartition(".")[2]) if name else None


def json_types(expression: TypeExpression, kinds: Mapping[str, str]) -> frozenset[str]:
    """The JSON types that an expression allows; all where it says nothing certain.

    `kinds` gives `object` or `string` (an enumeration) for each known type name, in lower case.
    """
    if expression.collection:
        return frozenset({"array"})
    if expression.members is not None:
        return frozenset({"object"})
    if expression.word and expression.word.lower() in kinds:
        return frozenset({"string", kinds[expression.word.lower()]})
    if expression.name in PRIMITIVES:
        kind = PRIMITIVES[expression.name].get("type", "number" if "anyOf" in PRIMITIVES[expression.name] else "")
        return frozenset({kind, "integer"} if kind == "number" else {kind}) if kind else ANY
    named = _known(expression.name, kinds) or ("string" if expression.enum else "")
    return frozenset({named}) if named else ANY


def formats_differ(one: TypeExpression, other: TypeExpression) -> bool:
    """Whether two expressions name two formats of texts, such as a date and a duration."""
    named = one.name != other.name and {one.name, other.name} <= _FORMATS and one.collection == other.collection
    return named and not (one.is_value or other.is_value)


def narrower(
    table: TypeExpression, sample: TypeExpression, by_table: frozenset[str], names: Mapping[str, str]
) -> TypeExpression:
    """What a property is by both of two statements that do not contradict each other; `by_table`: its JSON types.
    `names`: those of the types that are defined.

    The table is the stronger one, unless it says nothing, or the sample says the same and more: which members a string
    has, or of which format it is. Where a table says that anything may stand there, a sample is only one of these
    things, but the name of a type is more.
    """
    says_type = bool(sample.name) and sample.name not in PRIMITIVES
    unknown = bool(table.name) and table.name not in PRIMITIVES and not _known(table.name, names)
    if unknown and sample.members and table.collection == sample.collection:
        return sample
    if by_table == ANY:
        return sample if not table.name or says_type else table
    if table.collection and (table.nested != sample.nested or not (table.name or table.members)):
        return sample if not (table.name or table.members) and not sample.is_value else table
    if table.name == "object" and sample.members:
        return sample
    if table.name == "Edm.String" and not table.enum:
        if sample.enum:
            return msgspec.structs.replace(table, enum=sample.enum)
        return sample if sample.name in _REFINED and not sample.is_value else table
    if table.name == "number" and sample.name in INTEGERS and not sample.is_value:
        return sample
    return table


_REFINED = ("Edm.DateTimeOffset", "Edm.Date", "Edm.TimeOfDay", "Edm.Duration", "Edm.Guid", "Edm.Binary", "uri")
"""Texts of a certain form."""
_FORMATS = {*_REFINED} - {"Edm.Binary", "uri"}
ANY = frozenset({"string", "number", "integer", "boolean", "object", "array", "null"})
