"""Format -> whether a text has it. The formats that `typenames` gives to the primitives of OData."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

_DATE_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](?:[01]\d|2[0-3]):[0-5]\d(?::(?:[0-5]\d|60)(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:\d\d)"
)
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?")
_DURATION = re.compile(
    r"-?P(?=\d|T\d)(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?"
)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]*={0,2}")
_URI = re.compile(r"[^\s<>\"{}|\\^`]*")


def is_date(text: str) -> bool:
    """RFC 3339 full-date that the calendar has. Year 0000 is one that services use for 'none'."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return False
    if text.startswith("0000"):
        return True
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_date_time(text: str) -> bool:
    """Edm.DateTimeOffset: RFC 3339, seconds may be left out."""
    match = _DATE_TIME.fullmatch(text)
    return match is not None and is_date(match[1])


FORMATS: dict[str, Callable[[str], object]] = {
    "date": is_date,
    "date-time": is_date_time,
    "time-of-day": _TIME.fullmatch,
    "duration": _DURATION.fullmatch,
    "uuid": _UUID.fullmatch,
    "byte": _BASE64.fullmatch,
    "uri-reference": _URI.fullmatch,
}
"""Whether a text has a format, by its name."""
