"""Names in findings: quoted, cut to a readable length, with the nearest known name as a hint.

Pure. The words stay short and safe to print for any content of a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher, get_close_matches
from heapq import nlargest, nsmallest
from itertools import islice

_LONGEST_SHOWN = 40
_CANDIDATES_READ = 10_000
_CANDIDATES_COMPARED = 250
# The exact comparison is quadratic in the length; the letters alone tell nearly as much.
_CANDIDATES_ALIGNED = 5
_CLOSE = 0.6
# Two equal letters of a short word are chance.
_SHORT, _CLOSE_TO_SHORT = 4, 0.7
_NO_SYNONYMS: Mapping[str, str] = {}


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

    Of the first 10,000 candidates, the 250 nearest in length are compared by their letters, and the
    5 nearest of these in full. None is longer than 80 characters. It takes a few milliseconds at most.
    """
    if len(name) > 2 * _LONGEST_SHOWN:
        return None
    short = (known for known in candidates if len(known) <= 2 * _LONGEST_SHOWN)
    likely = nsmallest(
        _CANDIDATES_COMPARED,
        islice(short, _CANDIDATES_READ),
        key=lambda known: abs(len(known) - len(name)),
    )
    matcher = SequenceMatcher(b=name)
    close = _CLOSE_TO_SHORT if len(name) <= _SHORT else _CLOSE

    def likeness(known: str) -> float:
        matcher.set_seq1(known)
        return matcher.quick_ratio() if matcher.real_quick_ratio() >= close else 0.0

    aligned = nlargest(
        _CANDIDATES_ALIGNED, [one for one in likely if likeness(one) >= close], key=likeness
    )
    matches = get_close_matches(name, aligned, n=1, cutoff=close)
    return matches[0] if matches else None


def did_you_mean(
    name: str,
    candidates: Iterable[str],
    *,
    otherwise: str | None = None,
    synonyms: Mapping[str, str] = _NO_SYNONYMS,
) -> str | None:
    """Return a hint that names the nearest candidate, or `otherwise` when none is near.

    `synonyms` decide before letters do: a word and the candidate that it means, or an empty text where
    no candidate means it.
    """
    meant = synonyms.get(name.lower())
    best = nearest(name, candidates) if meant is None else meant
    return f"did you mean {best}?" if best else otherwise
