"""Names in findings: quoted, cut to a readable length, with the nearest known name as a hint.

Pure. The words stay short and safe to print for any content of a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
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
# A name so near is what was meant, if no other is so near.
_SURE = 0.8


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a misspelled word may mean: the hint for people, and the word if only one is near."""

    word: str
    hint: str | None
    only: str | None = None


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
    """Return the candidate that `name` most likely is a misspelling of; None when none is near."""
    near = _list_near(name, candidates)
    return max(near)[1] if near else None


def is_one_slip(word: str, other: str) -> bool:
    """Return whether a word is another one with a letter too many, too few, or another, or with two swapped."""
    if word == other or abs(len(word) - len(other)) > 1 or len(word) > 2 * _LONGEST_SHOWN:
        return False
    start = _count_equal(word, other)
    one, two = word[start:], other[start:]
    end = _count_equal(one[::-1], two[::-1])
    one, two = one[: len(one) - end], two[: len(two) - end]
    return max(len(one), len(two)) == 1 or (len(one) == 2 and one == two[::-1])


def _count_equal(word: str, other: str) -> int:
    """Return the number of letters with which both words begin."""
    pairs = enumerate(zip(word, other, strict=False))
    return next((at for at, (one, two) in pairs if one != two), min(len(word), len(other)))


def suggest(
    name: str,
    candidates: Iterable[str],
    *,
    otherwise: str | None = None,
    synonyms: Mapping[str, str] = _NO_SYNONYMS,
) -> Suggestion:
    """Return what `name` most likely is a misspelling of; its hint is `otherwise` when nothing is near.

    `synonyms` decide before letters do: a word and the candidate that it means, or an empty text where
    no candidate means it.
    """
    meant = synonyms.get(name.lower())
    if meant is not None:
        return Suggestion(name, f"did you mean {meant}?" if meant else otherwise, meant or None)
    near = _list_near(name, candidates)
    if not near:
        return Suggestion(name, otherwise)
    best = max(near)[1]
    rivals = sum(likeness >= _SURE for likeness, _ in near)
    return Suggestion(name, f"did you mean {best}?", best if rivals == 1 else None)


def _list_near(name: str, candidates: Iterable[str]) -> list[tuple[float, str]]:
    """Return the candidates that are near to a name, with their likeness.

    Of the first 10,000 candidates, the 250 nearest in length are compared by their letters, and the
    5 nearest of these in full. None is longer than 80 characters. It takes a few milliseconds at most.
    """
    if len(name) > 2 * _LONGEST_SHOWN:
        return []
    short = (known for known in candidates if len(known) <= 2 * _LONGEST_SHOWN)
    likely = nsmallest(
        _CANDIDATES_COMPARED,
        islice(short, _CANDIDATES_READ),
        key=lambda known: abs(len(known) - len(name)),
    )
    return _rank(name, likely)


def did_you_mean(
    name: str,
    candidates: Iterable[str],
    *,
    otherwise: str | None = None,
    synonyms: Mapping[str, str] = _NO_SYNONYMS,
) -> str | None:
    """Return a hint that names the nearest candidate, or `otherwise` when none is near.

    `synonyms` decide before letters do, as for `suggest`.
    """
    return suggest(name, candidates, otherwise=otherwise, synonyms=synonyms).hint


def _rank(name: str, candidates: Iterable[str]) -> list[tuple[float, str]]:
    """Return the near ones of the candidates that are most alike, each with its likeness up to 1."""
    matcher = SequenceMatcher(b=name)
    enough = _CLOSE_TO_SHORT if len(name) <= _SHORT else _CLOSE

    def letters(known: str) -> float:
        matcher.set_seq1(known)
        return matcher.quick_ratio() if matcher.real_quick_ratio() >= enough else 0.0

    def likeness(known: str) -> float:
        matcher.set_seq1(known)
        return matcher.ratio()

    close = [one for one in candidates if letters(one) >= enough]
    aligned = nlargest(_CANDIDATES_ALIGNED, close, key=letters)
    return [(found, one) for one in aligned if (found := likeness(one)) >= enough]
