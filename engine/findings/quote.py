"""How findings name things: quoted, cut to a readable length, and with the nearest name as a hint.

Pure. Whatever a file holds, the words about it stay short and safe to print.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from heapq import nsmallest

_LONGEST_SHOWN = 40
_CANDIDATES_COMPARED = 250


def quoted(text: str, limit: int = _LONGEST_SHOWN) -> str:
    """The text in quotes, at most `limit` characters of it, unprintable ones as escapes."""
    return repr(_cut(text, limit))


def shortened(text: str, limit: int = _LONGEST_SHOWN) -> str:
    """The text without quotes, at most `limit` characters of it, on one line, always encodable."""
    return _cut(text, limit).encode("utf-8", "backslashreplace").decode().replace("\n", " ")


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that `name` is most likely a slip of, or None.

    Only the 250 candidates nearest in length are compared, and none much longer than a name:
    comparing is quadratic in the length.
    """
    if len(name) > 2 * _LONGEST_SHOWN:
        return None
    short = (other for other in candidates if len(other) <= 2 * _LONGEST_SHOWN)
    likely = nsmallest(_CANDIDATES_COMPARED, short, key=lambda other: abs(len(other) - len(name)))
    matches = get_close_matches(name, likely, n=1, cutoff=0.6)
    return matches[0] if matches else None


def did_you_mean(
    name: str, candidates: Iterable[str], *, otherwise: str | None = None
) -> str | None:
    """A hint that names the nearest candidate, or `otherwise` when none is near."""
    best = nearest(name, candidates)
    return otherwise if best is None else f"did you mean {best}?"
