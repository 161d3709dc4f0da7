"""Loaded -> a document that other tools read. One file per format, one function each: `document(loaded)`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from ..pipeline import Loaded
from . import form, jsonschema, openapi


class Export(msgspec.Struct, frozen=True):
    """A format of exports."""

    document: Callable[[Loaded], dict[str, Any]]
    form: Literal["json", "yaml"]
    """How it is written where no file name says otherwise."""


EXPORTS = {
    "jsonschema": Export(jsonschema.document, "json"),
    "openapi": Export(openapi.document, "yaml"),
}

_SUFFIXES: dict[str, Literal["json", "yaml"]] = {".json": "json", ".yaml": "yaml", ".yml": "yaml"}


def text(export: Export, loaded: Loaded, suffix: str = "") -> str:
    """The document as text; `suffix`: that of the file that gets it."""
    return form.render(export.document(loaded), _SUFFIXES.get(suffix.lower(), export.form))
