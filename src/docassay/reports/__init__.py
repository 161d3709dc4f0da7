"""Report -> text. One file per format, one function each: `render(report, context)`."""

from __future__ import annotations

from collections.abc import Callable

from ..findings import Report
from . import json, text
from .context import Context

FORMATS: dict[str, Callable[[Report, Context], str]] = {
    "text": text.render,
    "json": json.render,
}

__all__ = ["FORMATS", "Context"]
