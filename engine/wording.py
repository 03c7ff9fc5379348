"""How findings name things: quoted, cut to a readable length, and with the nearest name as a hint.

Pure. Whatever a file holds, the words about it stay short and safe to print.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice

_LONGEST_SHOWN = 40
_CANDIDATES_COMPARED = 500


def quoted(text: str, limit: int = _LONGEST_SHOWN) -> str:
    """The text in quotes, at most `limit` characters of it, unprintable ones as escapes."""
    return repr(shortened(text, limit))


def shortened(text: str, limit: int = _LONGEST_SHOWN) -> str:
    """The text, at most `limit` characters of it."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The one of the first 500 candidates that `name` is most likely a slip of, or None.

    Candidates much longer than a name are passed over: comparing is quadratic in the length.
    """
    if len(name) > 2 * _LONGEST_SHOWN:
        return None
    short = (other for other in candidates if len(other) <= 2 * _LONGEST_SHOWN)
    matches = get_close_matches(name, islice(short, _CANDIDATES_COMPARED), n=1, cutoff=0.6)
    return matches[0] if matches else None


def did_you_mean(
    name: str, candidates: Iterable[str], *, otherwise: str | None = None
) -> str | None:
    """A hint that names the nearest candidate, or `otherwise` when none is near."""
    best = nearest(name, candidates)
    return otherwise if best is None else f"did you mean {best}?"
