"""Shorten frequent statements: an assignment in two branches becomes a conditional expression."""

from __future__ import annotations

import re

_ASSIGNED = re.compile(r"( *)(v\d+) = (.+)")
_IF = re.compile(r"( *)if (.+):")
_SIMPLE = re.compile(r"[a-z]\w*|'[^'\\]*'|-?\d+")


def shorten_statements(lines: list[str]) -> list[str]:
    """Return fewer statements with the same effect."""
    short: list[str] = []
    for line in lines:
        short.append(line)
        while _merge_else(short):
            pass
    return _merge_defaults(short)


def _merge_else(lines: list[str]) -> bool:
    """Merge `if c: v = a` and `else: v = b` into `v = a if c else b`; return True if merged.

    The line after them must be known: a branch of more than one statement never matches.
    """
    if len(lines) < 5:
        return False
    header, first, otherwise, second = lines[-5:-1]
    if not otherwise.endswith("else:"):
        return False
    test = _IF.fullmatch(header)
    if test is None or otherwise != f"{test[1]}else:" or _depth(lines[-1]) > len(test[1]):
        return False
    yes, no = _ASSIGNED.fullmatch(first), _ASSIGNED.fullmatch(second)
    inner = test[1] + " "
    if yes is None or no is None or not yes[1] == no[1] == inner or yes[2] != no[2]:
        return False
    lines[-5:-1] = [f"{test[1]}{yes[2]} = {_operand(yes[3])} if {test[2]} else {_operand(no[3])}"]
    return True


def _merge_defaults(lines: list[str]) -> list[str]:
    """Merge `v = a` and `if c: v = b` into `v = b if c else a` where a is a name or a literal."""
    short: list[str] = []
    for line in [*lines, ""]:
        short.append(line)
        while _merge_default(short):
            pass
    return short[:-1]


def _merge_default(lines: list[str]) -> bool:
    if len(lines) < 4:
        return False
    assignment, header, inner, following = lines[-4:]
    if not header.endswith(":"):
        return False
    first, test, second = (
        _ASSIGNED.fullmatch(assignment),
        _IF.fullmatch(header),
        _ASSIGNED.fullmatch(inner),
    )
    if first is None or test is None or second is None or not _SIMPLE.fullmatch(first[3]):
        return False
    fits = first[1] == test[1] and second[1] == test[1] + " " and first[2] == second[2]
    ends = _depth(following) <= len(test[1]) and following.strip() != "else:"
    if not (fits and ends) or _mentions(first[2], second[3]):
        return False
    if _mentions(first[2], test[2]) and ("'" in test[2] or '"' in test[2]):
        return False  # the name may be part of a text, which must not change
    condition = re.sub(rf"\b{first[2]}\b", lambda _: first[3], test[2])
    lines[-4:-1] = [f"{first[1]}{first[2]} = {_operand(second[3])} if {condition} else {first[3]}"]
    return True


def _mentions(name: str, code: str) -> bool:
    return re.search(rf"\b{name}\b", code) is not None


def _operand(code: str) -> str:
    return code if _SIMPLE.fullmatch(code) else f"({code})"


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
