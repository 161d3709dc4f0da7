"""Report -> text. One file per format, one function each: `render(report, context)`. Add the name of yours here."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from ..findings import Report
from .context import Context


def _imported(name: str) -> Callable[[Report, Context], str]:
    """The format of this name; its module is imported when it is asked for a report."""

    def render(report: Report, context: Context) -> str:
        return str(import_module(f".{name}", __name__).render(report, context))

    return render


FORMATS: dict[str, Callable[[Report, Context], str]] = {
    name: _imported(name) for name in ("text", "json", "sarif", "github", "junit")
}

__all__ = ["FORMATS", "Context"]
