"""The description of a table row -> what it says: the values that may be there, null, required, read-only.

Total, and quick to say that a text says nothing: most hold none of the words.
"""

from __future__ import annotations

import re

_IF = "if|when|for|only|on|at|during|unless|except|once|with|without|before|after|until|while"
_UNDER = rf"(?:{_IF}|by|in|to|as)"
"""What begins a condition, or says where it is that something is required."""
_REQUIRED = re.compile(
    rf"^\s*\*{{0,2}}(?:\(|(?:This property |It )?is )?Required\b(?!\W{{0,3}}\b{_UNDER}\b)|(?<=\. )Required\*{{0,2}}\."
    r"|(?<=\. )(?:It|This property|This) is required\.",
    re.IGNORECASE,
)
_OPTIONAL = re.compile(
    r"\boptional\b|\bonly (?:needs?|required|if|when)\b|"
    rf"\brequired\W{{1,3}}(?:{_IF})\b|\bnot required\b",
    re.IGNORECASE,
)
_DEPRECATED = re.compile(r"(?:^|\. |\(|<br/?>|\bis\s|\bbeen\s)\W*deprecated\b", re.IGNORECASE)
_READ_ONLY = re.compile(r"\bread[- ]?only\b", re.IGNORECASE)
_GENERATED = re.compile(r"\b(?:server|service|system)[- ]generated\b|\b(?:generated|assigned) by the (?:ser|sys)", re.I)


def is_required(text: str, lower: str) -> bool:
    """`lower`: the same text in small letters, here and below."""
    return "required" in lower and _REQUIRED.search(text) is not None


def is_optional(text: str, lower: str) -> bool:
    """Whether it may be left out, or is required under a condition alone."""
    return ("optional" in lower or "only" in lower or "require" in lower) and _OPTIONAL.search(text) is not None


def is_read_only(text: str, lower: str) -> bool:
    """Whether the service alone sets it."""
    return "read" in lower and _READ_ONLY.search(text) is not None


def is_generated(text: str, lower: str) -> bool:
    """Whether the service sets it."""
    return ("generated" in lower or "assigned" in lower) and _GENERATED.search(text) is not None


def is_deprecated(text: str, lower: str) -> bool:
    """Whether it is on its way out."""
    return "deprecat" in lower and _DEPRECATED.search(text) is not None


# --- null --------------------------------------------------------------------------------------------------------

_NULL = re.compile(
    r"\b(?:non)?null(?:able|s(?= (?:are )?not\b))?\b(?<!\bthe null)"
    r"(?![- ](?:terminat|bytes?\b|char|pointer|island|reference|separat|safe\b))",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"(?<=[.;!?])\s+|<br */?>|[,;]?\s+\b(?:but|otherwise|while|whereas)\b|,(?=\s+null\b)", re.IGNORECASE
)
_NO = r"(?:not|never|no|non|neither|without|cannot|(?:ca|wo|is|must|may|should|does|do|are)n['’]t)"
_RULED_OUT = re.compile(
    rf"\bnonnull(?:able)?\b|\bnulls (?:are )?not\b|\b{_NO}[- ]+(?:\w+[- ]+){{0,4}}?null(?:able)?\b"
    r"|\bnull(?: values?)? (?:(?:is|are)n['’]t"
    r"|(?:is|are) (?:not\b|never\b|invalid|rejected|forbidden|disallowed|prohibited|unsupported))"
    r"|\bnullable\W{1,4}(?:no|false)\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(r"\b(?:if|when|where|unless|whether|until|only)\b", re.IGNORECASE)
_MARKS = re.compile(r"[*`\"_]")
_FILTERS = re.compile(r"\([^()]*\beq\b[^()]*\)")
"""On which values a query can ask for."""


def may_be_null(text: str, lower: str) -> bool | None:
    """Whether the property may be null; None if the text does not say. What one clause allows, another does not undo:
    a null that is ruled out under a condition is one that may be there else."""
    if "null" not in lower:
        return None
    text = _MARKS.sub("", text)
    alone = _FILTERS.sub("", text)
    said: bool | None = None
    for clause in _CLAUSE.split(alone if "null" in alone.lower() else text):
        if not _NULL.search(clause):
            continue
        out = _RULED_OUT.search(clause)
        if out is None or _CONDITION.search(clause):
            return True
        said = False
    return said


# --- the values that may be there --------------------------------------------------------------------------------

_LISTED = re.compile(
    r"\b(?P<words>(?:possible|allowed|supported|valid|accepted|permitted|legal) (?:values?|options?)"
    r"(?: are| is| include)?|must be (?:one of|either)(?: the following)?(?: values)?|options are|(?:values|enum)(?=:))"
    r":?\s*(?P<list>(?:`[^`]*`|[^.`])*)",
    re.IGNORECASE,
)
_NEXT = r"(?:\s*,\s*(?:or\s+|and\s+)?|\s+or\s+|\s*/\s*|\s*\|\s*)"
_CHOICE = re.compile(
    r"\b(?:(?:can|may) (?:only )?be(?: either| one of(?: the following(?: values)?)?)?"
    rf"|one of(?: the following(?: values)?)?|either):?\s*(?P<list>`[^`]+`(?:{_NEXT}`[^`]+`)+)(?=\s*(?:[.;<]|$))",
    re.IGNORECASE,
)
"""Weaker words, which count only where a list of code follows and nothing else."""
_EXCLUDED = re.compile(rf"\b{_NO}\b[^.]*\Z", re.IGNORECASE)
"""In the sentence before a choice: it lists what may not be there."""
_OPEN_LIST = re.compile(
    r"\bsuch as\b|\blike\b|\be\.g\b|\bfor example\b|\betc\b|\band (?:so on|more|others)\b|\bamong others\b|…|\.\.\."
    r"|\bor (?:an? |any )?(?:custom|other|another|string|value|user|empty)\b|\bany (?:other |string|value)"
    r"|\bor (?:an?|any|the|its|your) \w|\bempty string\b"
    r"|\bcustom\b|\bsee\b|\brange\b|`\s*(?:-|–|to|through)\s*`",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"\b(?:other|more|additional|further|new|custom) (?:values?|members?)\b.{0,40}"
    r"\b(?:possible|added|allowed|supported|appear|exist|used|returned|specified)\b"
    r"|\bnot (?:exhaustive|complete)\b|\blist (?:can|may|might|will) (?:grow|change|be extended)\b|\bnot limited to\b"
    r"|\b(?:must|should) (?:handle|expect|tolerate)\b|\bexamples? of possible\b|\bsome (?:possible|valid)\b",
    re.IGNORECASE,
)
_LATER = re.compile(
    r"\binclude-unknown-enum-members\b.*"
    r"|(?:^|[.;]\s+)(?:starting|beginning|since|as of|also)\b[^.`]*(?:`[^`]*`[^.`]*)*",
    re.IGNORECASE | re.DOTALL,
)
"""Members that a later version adds, or that come back to those who ask for them."""
_HEADER = re.compile(r"`[^`]*(?:prefer:|include-unknown)[^`]*`", re.IGNORECASE)
_CODE = re.compile(r"`([^`]+)`")
_BOLD = re.compile(r"\*\*([\w-]+)\*\*")
_OTHER_MARKS = re.compile(r"(?<![*\w])\*([\w-]+)\*(?![*\w])|[\"“]([\w-]+)[\"”]|(?<!\w)'([\w-]+)'(?!\w)")
_ASIDE = re.compile(r"(?<=[`*])\s*\([^()]*\)")
"""Behind a member."""
_AFTER = re.compile(
    r"[,;]?\s+(?:supports?|the default|default is|read-only|note|required|nullable)\b.*", re.I | re.DOTALL
)
_MEMBER = re.compile(r"[\w.+/ -]+")


def possible_values(text: str) -> tuple[str, ...]:
    """The members that a description lists, as code or in other marks; none if it says that there may be others."""
    found: list[str] = []
    text = _ASIDE.sub("", text) if "(" in text else text
    for match in _LISTED.finditer(text):
        if _EXCLUDED.search(text[: match.start()].rpartition(". ")[2]):
            continue
        listed = _AFTER.sub("", match["list"])
        if (
            _OPEN_LIST.search(_CODE.sub("``", listed))  # a member may be called `custom`
            or text.startswith("..", match.end())
            or match["words"].lower().endswith("include")
        ):
            return ()
        marked = _CODE.findall(listed) or _BOLD.findall(listed)
        found += marked or ["".join(one) for one in _OTHER_MARKS.findall(listed)]
    if not found:
        choices = [match for match in _CHOICE.finditer(text) if not _EXCLUDED.search(text[: match.start()])]
        found = [one for match in choices for one in _CODE.findall(match["list"])]
    if not found or _OPEN.search(text):
        return ()
    if "also" in text or "-unknown-" in text or "tarting" in text or "ince" in text or "s of" in text:
        for match in _LATER.finditer(_HEADER.sub("include-unknown-enum-members", text)):
            found += _CODE.findall(match.group())
    members = tuple(dict.fromkeys(one.strip() for one in found if one.strip() != "null"))
    return members if len(members) > 1 and all(_MEMBER.fullmatch(one) for one in members) else ()


_SEVERAL = re.compile(
    r"\bcomma[- ]?(?:separated|delimited)\b|\bseparated by (?:a )?commas?\b|\bcombin(?:ed?|ation)\b|\bbitmask\b"
    r"|\bflags\b|\bflag(?:ged)? enum|\bmulti-?valued\b|\bmore than one (?:value|member|of)\b"
    r"|\b(?:several|multiple) (?:values|members)\b|\bmutually exclusive\b",
    re.IGNORECASE,
)


def lists_several(text: str) -> bool:
    """Whether a value may have several members of an enumeration, which are then separated by commas."""
    return _SEVERAL.search(text) is not None


def may_list(lower: str) -> bool:
    """Whether it is worth looking for members in a text: one that has neither the marks nor the words has none."""
    if not ("`" in lower or "*" in lower or '"' in lower or "“" in lower or "'" in lower):
        return False
    return (
        "value" in lower
        or "one of" in lower
        or " be " in lower
        or "either" in lower
        or "option" in lower
        or "enum:" in lower
    )
