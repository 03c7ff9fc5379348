"""Names in findings: quoted, cut to a readable length, with the nearest known name as a hint.

Pure. The words stay short and safe to print for any content of a file.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from heapq import nsmallest

_LONGEST_SHOWN = 40
_CANDIDATES_COMPARED = 250


def quoted(text: str, limit: int = _LONGEST_SHOWN) -> str:
    """Return the text in quotes, at most `limit` characters, with escapes for unprintable ones."""
    escaped = repr(_cut(text, limit))
    mark, inner = escaped[0], escaped[1:-1]
    return f"{mark}{_cut(inner, limit)}{mark}"


def shortened(text: str, limit: int = _LONGEST_SHOWN) -> str:
    """Return the text without quotes, at most `limit` characters, on one line, always encodable."""
    return _cut(text, limit).encode("utf-8", "backslashreplace").decode().replace("\n", " ")


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that `name` is most likely a misspelling of, or None.

    Only the 250 candidates nearest in length are compared, and none longer than 80 characters:
    a comparison is quadratic in the length.
    """
    if len(name) > 2 * _LONGEST_SHOWN:
        return None
    short = (known for known in candidates if len(known) <= 2 * _LONGEST_SHOWN)
    likely = nsmallest(_CANDIDATES_COMPARED, short, key=lambda known: abs(len(known) - len(name)))
    matches = get_close_matches(name, likely, n=1, cutoff=0.6)
    return matches[0] if matches else None


def did_you_mean(
    name: str, candidates: Iterable[str], *, otherwise: str | None = None
) -> str | None:
    """Return a hint that names the nearest candidate, or `otherwise` when none is near."""
    best = nearest(name, candidates)
    return otherwise if best is None else f"did you mean {best}?"
