"""Document -> JSON or YAML text. The only export that knows yaml."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Literal

_LINE_ENDS = re.compile("[\x85\u2028\u2029]")


def render(document: dict[str, Any], form: Literal["json", "yaml"]) -> str:
    """The document as text, in the order that it has."""
    try:
        text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
        text.encode()
    except ValueError:  # an example holds what neither form can
        document = _writable(document)
        text = json.dumps(document, indent=2, ensure_ascii=False)
    return _yaml(document) if form == "yaml" else text + "\n"


def _writable(value: Any) -> Any:
    """The value, with half characters replaced and numbers that are none as words."""
    if isinstance(value, str):
        return re.sub(r"[\ud800-\udfff]", "\ufffd", value)
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "INF" if value > 0 else "-INF"
    if isinstance(value, dict):
        return {_writable(key): _writable(one) for key, one in value.items()}
    return [_writable(one) for one in value] if isinstance(value, list) else value


def _yaml(document: dict[str, Any]) -> str:
    import yaml

    base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

    class Dumper(base):  # type: ignore[misc]
        """PyYAML's, for readers of YAML 1.2 too, and without names for a value that stands in two places."""

        def ignore_aliases(self, data: object) -> bool:
            """Always."""
            return True

    def text(dumper: Any, value: str) -> Any:
        # Characters that end a line in YAML 1.1 and not in 1.2 are written as escapes.
        style = '"' if _LINE_ENDS.search(value) else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    # Numbers in YAML 1.2 and not in 1.1: a text that looks like one needs quotes.
    for number in (r"[-+]?(?:\.\d+|\d+(?:\.\d*)?)[eE][-+]?\d+", r"0o[0-7]+", r"[-+]?\d+"):
        Dumper.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(f"^(?:{number})$"), list("-+.0123456789"))
    return str(yaml.dump(document, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=100))
