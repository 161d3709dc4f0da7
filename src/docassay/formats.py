"""Format -> whether a text has it. The formats that `typenames` gives to the primitives of OData."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

_DATE_TIME = re.compile(
    r"(-?\d{4,}-\d\d-\d\d)[Tt](?:[01]\d|2[0-3]):[0-5]\d(?::(?:[0-5]\d|60)(?:\.\d+)?)?"
    r"(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)
_DATE = re.compile(r"-?(\d{4,})-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?", re.ASCII)
_DURATION = re.compile(
    r"[+-]?P(?=\d|T\d)(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?",
    re.ASCII,
)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]*={0,2}")
_URI = re.compile(r"(?:[^\s<>\"{}|\\^`%]|%[0-9A-Fa-f]{2})*")


def is_date(text: str) -> bool:
    """Edm.Date: an RFC 3339 full-date that the calendar has, or one of the years before 1 or after 9999."""
    match = _DATE.fullmatch(text)
    if match is None:
        return False
    year, month, day = match.groups()
    try:
        date(int(year[-4:]) % 400 + 2000, int(month), int(day))  # the calendar repeats itself after 400 years
    except ValueError:
        return False
    return True


def is_base64(text: str) -> bool:
    """Base64 or base64url (RFC 4648, 4 and 5), with its padding or without."""
    length = len(text.rstrip("="))
    padded = length == len(text) or (length and len(text) % 4 == 0)
    return bool(padded) and length % 4 != 1 and _BASE64.fullmatch(text) is not None


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
    "byte": is_base64,
    "uri-reference": _URI.fullmatch,
}
"""Whether a text has a format, by its name."""
