"""Few names for many values: a name is used again when what it stood for is needed no more.

Python is slower with more than 256 local names, and a value lives as long as its name.
"""

from __future__ import annotations

import re
from heapq import heappop, heappush

# Texts and comments are passed over: nothing in them is a name.
_WORD = re.compile(r"(#[^\n]*|'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|\n|\bv\d+(?:_each)?\b)")
_LOOP = re.compile(r" *for v\d+ in ")


def with_few_names(source: str) -> str:
    """The same statements, each name standing for several values one after another."""
    pieces = _WORD.split(source)
    first, last = _lives(pieces[1::2])
    _stay_in_loops(first, last, _loops(source.split("\n")))
    slots = _slots(first, last)
    pieces[1::2] = [slots.get(word, word) for word in pieces[1::2]]
    return "".join(pieces)


def without_texts(source: str) -> str:
    """What of a source is code: neither texts nor comments, nor the names of values."""
    return "".join(_WORD.split(source)[::2])


def _lives(words: list[str]) -> tuple[dict[str, int], dict[str, int]]:
    """The first and the last line of each name, in the order of the first ones."""
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    number = 0
    for word in words:
        if word == "\n":
            number += 1
        elif word[0] == "v":
            first.setdefault(word, number)
            last[word] = number
    return first, last


def _stay_in_loops(
    first: dict[str, int], last: dict[str, int], loops: list[tuple[int, int]]
) -> None:
    """What was there before a loop and is needed in it is there until its end."""
    ending: dict[int, list[str]] = {}
    for name, line in last.items():
        ending.setdefault(line, []).append(name)
    for start, end in loops:
        for line in range(start, end):
            for name in ending.get(line, ()):
                if first[name] < start and last[name] == line:
                    last[name] = end
                    ending.setdefault(end, []).append(name)


def _loops(lines: list[str]) -> list[tuple[int, int]]:
    """The first and last line of each loop, the inner ones first."""
    found = []
    open_now: list[tuple[int, int]] = []
    for number, line in enumerate([*lines, ""]):
        depth = len(line) - len(line.lstrip(" "))
        while open_now and depth <= open_now[-1][1]:
            found.append((open_now.pop()[0], number - 1))
        if _LOOP.match(line):
            open_now.append((number, depth))
    return found


def _slots(first: dict[str, int], last: dict[str, int]) -> dict[str, str]:
    free: list[int] = []
    used: list[tuple[int, int]] = []
    slots: dict[str, str] = {}
    for name, start in first.items():
        while used and used[0][0] < start:
            heappush(free, heappop(used)[1])
        slot = heappop(free) if free else len(free) + len(used)
        slots[name] = f"v{slot}"
        heappush(used, (last[name], slot))
    return slots
