"""Every rule, by family. A rule is one function in its family's file; add it to the tuple there."""

from __future__ import annotations

from ..findings import Rule
from . import annotation, cassette, conformance, contract, message, page

FAMILIES: tuple[tuple[str, tuple[Rule, ...]], ...] = (
    ("page", page.RULES),
    ("annotation", annotation.RULES),
    ("message", message.RULES),
    ("contract", contract.RULES),
    ("conformance", conformance.RULES),
    ("cassette", cassette.RULES),
)

RULES: dict[str, Rule] = {rule.code: rule for _, rules in FAMILIES for rule in rules}

__all__ = ["FAMILIES", "RULES"]
