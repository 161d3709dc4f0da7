"""Document -> JSON or YAML text. The only export that knows yaml."""

from __future__ import annotations

import json
from typing import Any, Literal


def render(document: dict[str, Any], form: Literal["json", "yaml"]) -> str:
    """The document as text, in the order that it has."""
    if form == "json":
        return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    import yaml

    dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

    class Plain(dumper):  # type: ignore[misc]
        """Writes a value that stands in two places twice: names for it would be noise."""

        def ignore_aliases(self, data: object) -> bool:
            """Always."""
            return True

    return str(yaml.dump(document, Dumper=Plain, sort_keys=False, allow_unicode=True, width=100))
