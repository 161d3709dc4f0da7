"""Words that many messages share: a text cut to a width, and a guess at what was meant."""

from __future__ import annotations

from collections.abc import Iterable


def shorten(text: str, width: int) -> str:
    """The text, cut to `width` characters; the last of them then is an ellipsis."""
    return text if len(text) <= width else text[: width - 1] + "…"


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """The known word that looks most like this one (by the ratio of difflib); empty if none is alike."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, list(known), 1, cutoff)), "")


def guess(close: str, otherwise: str = "") -> str:
    """A hint: what may have been meant, or what else to do."""
    return f"did you mean '{close}'?" if close else otherwise


def aside(close: str) -> str:
    """The same behind a sentence; empty if there is nothing to guess."""
    return f"; {guess(close)}" if close else ""


def enumerate_words(words: Iterable[str], last: str) -> str:
    """The words as in a sentence: `a, b or c`; `last` stands before the last one."""
    *before, final = words
    return f"{', '.join(before)} {last} {final}" if before else final
