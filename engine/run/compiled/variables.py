"""Reuse variable names: a name is free again after the last use of its value.

Python is slower with more than 256 local names, and a name keeps its value in memory.
"""

from __future__ import annotations

import re
from heapq import heappop, heappush

# Texts and comments are skipped: they contain no names.
_WORD = re.compile(r"(#[^\n]*|'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|\n|\bv\d+(?:_each)?\b)")
_LOOP = re.compile(r" *for v\d+ in ")


def reuse_names(source: str) -> str:
    """Return the same statements, with each name reused for several values in turn."""
    pieces = _WORD.split(source)
    first, last = _find_lifetimes(pieces[1::2])
    _extend_over_loops(first, last, _find_loops(source.split("\n")))
    slots = _assign_slots(first, last)
    pieces[1::2] = [slots.get(word, word) for word in pieces[1::2]]
    return "".join(pieces)


def strip_texts(source: str) -> str:
    """Return a source without its texts, comments and names of values."""
    return "".join(_WORD.split(source)[::2])


def _find_lifetimes(words: list[str]) -> tuple[dict[str, int], dict[str, int]]:
    """Return the first and the last line of each name, in the order of the first lines."""
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


def _extend_over_loops(
    first: dict[str, int], last: dict[str, int], loops: list[tuple[int, int]]
) -> None:
    """Extend the lifetime of names from before a loop that are used in it to its end."""
    ending: dict[int, list[str]] = {}
    for name, line in last.items():
        ending.setdefault(line, []).append(name)
    for start, end in loops:
        for line in range(start, end):
            for name in ending.get(line, ()):
                if first[name] < start and last[name] == line:
                    last[name] = end
                    ending.setdefault(end, []).append(name)


def _find_loops(lines: list[str]) -> list[tuple[int, int]]:
    """Return the first and last line of each loop, inner loops first."""
    found = []
    open_now: list[tuple[int, int]] = []
    for number, line in enumerate([*lines, ""]):
        depth = len(line) - len(line.lstrip(" "))
        while open_now and depth <= open_now[-1][1]:
            found.append((open_now.pop()[0], number - 1))
        if _LOOP.match(line):
            open_now.append((number, depth))
    return found


def _assign_slots(first: dict[str, int], last: dict[str, int]) -> dict[str, str]:
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
