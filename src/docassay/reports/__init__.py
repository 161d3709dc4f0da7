"""Report -> text. One file per format, one function each: `render(report, context)`."""

from __future__ import annotations

from collections.abc import Callable

from ..findings import Report
from . import github, json, junit, sarif, text
from .context import Context

FORMATS: dict[str, Callable[[Report, Context], str]] = {
    "text": text.render,
    "json": json.render,
    "sarif": sarif.render,
    "github": github.render,
    "junit": junit.render,
}

__all__ = ["FORMATS", "Context"]
