"""Short forms for what is often written: an assignment in two branches is one conditional expression."""

from __future__ import annotations

import re

_ASSIGNED = re.compile(r"( *)(v\d+) = (.+)")
_IF = re.compile(r"( *)if (.+):")
_SIMPLE = re.compile(r"[a-z]\w*|'[^'\\]*'|-?\d+")


def shorten_statements(lines: list[str]) -> list[str]:
    """The same statements, fewer of them."""
    short: list[str] = []
    for line in lines:
        short.append(line)
        while _with_else(short):
            pass
    return _with_default(short)


def _with_else(lines: list[str]) -> bool:
    """`if c: v = a` and `else: v = b` become `v = a if c else b`; True when something was done.

    What follows is looked at when it comes: a branch of more than one statement never matches.
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


def _with_default(lines: list[str]) -> list[str]:
    """`v = a` and `if c: v = b` become `v = b if c else a`, where a costs nothing."""
    short: list[str] = []
    for line in [*lines, ""]:
        short.append(line)
        while _defaulted(short):
            pass
    return short[:-1]


def _defaulted(lines: list[str]) -> bool:
    if len(lines) < 4:
        return False
    given, header, inner, following = lines[-4:]
    if not header.endswith(":"):
        return False
    first, test, second = (
        _ASSIGNED.fullmatch(given),
        _IF.fullmatch(header),
        _ASSIGNED.fullmatch(inner),
    )
    if first is None or test is None or second is None or not _SIMPLE.fullmatch(first[3]):
        return False
    fits = first[1] == test[1] and second[1] == test[1] + " " and first[2] == second[2]
    ends = _depth(following) <= len(test[1]) and following.strip() != "else:"
    if not (fits and ends) or _names(first[2], second[3]):
        return False
    if _names(first[2], test[2]) and ("'" in test[2] or '"' in test[2]):
        return False  # the name may stand in a text, which is not ours to change
    condition = re.sub(rf"\b{first[2]}\b", lambda _: first[3], test[2])
    lines[-4:-1] = [f"{first[1]}{first[2]} = {_operand(second[3])} if {condition} else {first[3]}"]
    return True


def _names(name: str, code: str) -> bool:
    return re.search(rf"\b{name}\b", code) is not None


def _operand(code: str) -> str:
    return code if _SIMPLE.fullmatch(code) else f"({code})"


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
