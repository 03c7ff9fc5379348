"""Few names for many values: a name is used again when what it stood for is needed no more.

Python is slower with more than 256 local names, and a value lives as long as its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from heapq import heappop, heappush

_NAME = re.compile(r"\bv\d+(?:_each)?\b")
_TEXT = re.compile(r"('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")")
_LOOP = re.compile(r" *for v\d+ in ")


def with_few_names(lines: list[str]) -> list[str]:
    """The same statements, each name standing for several values one after another."""
    pieces = [_TEXT.split(line) for line in lines]
    first, last = _lives(pieces)
    for start, end in _loops(lines):
        for name, at in last.items():
            # What was there before a loop is there until its end: it may be needed again.
            if first[name] < start <= at < end:
                last[name] = end
    slots = _slots(first, last)
    return ["".join(_renamed(parts, slots)) for parts in pieces]


def _lives(pieces: list[list[str]]) -> tuple[dict[str, int], dict[str, int]]:
    """The first and the last line of each name, in the order of the first ones."""
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for number, parts in enumerate(pieces):
        for code in parts[::2]:
            for name in _NAME.findall(code):
                first.setdefault(name, number)
                last[name] = number
    return first, last


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


def _renamed(parts: list[str], slots: dict[str, str]) -> Iterator[str]:
    """The parts of a line; every second one is a text, in which nothing is a name."""
    for index, part in enumerate(parts):
        yield part if index % 2 else _NAME.sub(lambda name: slots[name[0]], part)
