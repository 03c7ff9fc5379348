"""A place in a file where a slip can be made, and a slip made there."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

_SHOWN = 40  # characters on each side of a change


@dataclass(frozen=True, slots=True)
class Site:
    """A stretch of a file's text, and the texts that an operator could leave in its place.

    Without `becomes` the stretch is a word, and is misspelled. `lines` are those of the changed file
    where a finding counts as found at the right line.
    """

    file: str
    start: int
    end: int
    lines: frozenset[int]
    becomes: tuple[str, ...] = ()
    is_arithmetic: bool = False


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip: the file of that name has `text`. `before` and `after` show the change.

    `is_arithmetic`: it changes a sign or an operator, or removes a filter that rounds or converts.
    """

    kind: str
    file: str
    line: int
    before: str
    after: str
    text: str
    lines: frozenset[int]
    is_arithmetic: bool
    seed: int
    index: int

    def __str__(self) -> str:
        where = f"{self.kind} · {self.file}:{self.line}"
        return f"{where} · {self.before} → {self.after} · {self.seed}/{self.index}"


def count_line(text: str, offset: int) -> int:
    """The 1-based line of an offset."""
    return text.count("\n", 0, offset) + 1


def misspell(word: str, random: Random) -> str:
    """Drop a letter of a word, double one, or swap two."""
    while True:
        at = random.randrange(len(word))
        head, letter, tail = word[:at], word[at], word[at + 1 :]
        wrong = random.choice(
            (head + tail, head + letter * 2 + tail, head + tail[:1] + letter + tail[1:])
        )
        if wrong not in ("", word):
            return wrong


def make_slip(site: Site, text: str, kind: str, draw: tuple[int, int], random: Random) -> Slip:
    """Make a slip in a file's text. `draw` is the seed and the index."""
    was = text[site.start : site.end]
    becomes = random.choice(site.becomes) if site.becomes else misspell(was, random)
    changed = text[: site.start] + becomes + text[site.end :]
    first = max(text.rfind("\n", 0, site.start) + 1, site.start - _SHOWN)
    return Slip(
        kind=kind,
        file=site.file,
        line=count_line(text, site.start),
        before=_show(text, first, site.end),
        after=_show(changed, first, site.start + len(becomes)),
        text=changed,
        lines=site.lines,
        is_arithmetic=site.is_arithmetic,
        seed=draw[0],
        index=draw[1],
    )


def _show(text: str, first: int, end: int) -> str:
    """The text from `first` to a little behind `end`, on one line."""
    newline = text.find("\n", end)
    last = min(newline if newline >= 0 else len(text), end + _SHOWN)
    shown = " ".join(text[first:last].split())
    return shown if len(shown) <= 4 * _SHOWN else f"{shown[: 4 * _SHOWN]}…"
