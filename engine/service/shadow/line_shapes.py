"""Which groups of lines a line can be of, by its keys and constants; cheaper than building all lines. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from ...language.templates import OMIT
from ...mapping.plan import Body, BodyMap, Lines, Literal, Plan

_OF_LINES = re.compile(r"\s*\{\{\s*lines\.\w+\s*\}\}\s*")


def holds_lines(text: str) -> bool:
    """Whether a template gives lines as they are, as `{{ lines.all }}`."""
    return _OF_LINES.fullmatch(text) is not None


def find_only_group(plan: Plan, line: Mapping[str, object]) -> str | None:
    """Return the only group whose lines may look like this one; None where several may, or none."""
    found = {group.name for group in _walk_groups(plan.lines) if _admits(group.body, line)}
    return found.pop() if len(found) == 1 else None


def _walk_groups(groups: Sequence[Lines]) -> Iterator[Lines]:
    for group in groups:
        yield group
        yield from _walk_groups(group.after)


def _admits(body: Body, value: object) -> bool:
    """Whether a body may give a value: a template may give any, and none."""
    if isinstance(body, Literal):
        return body.value == value
    if not isinstance(body, BodyMap):
        return True
    if not isinstance(value, Mapping):
        return False
    entries = dict(body.entries)
    return value.keys() <= entries.keys() and all(
        _admits(inner, value[key]) if key in value else not _is_always_there(inner)
        for key, inner in body.entries
    )


def _is_always_there(body: Body) -> bool:
    if isinstance(body, Literal):
        return body.value is not OMIT
    return isinstance(body, BodyMap) and any(_is_always_there(inner) for _, inner in body.entries)
