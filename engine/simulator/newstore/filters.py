"""`filter` of a connection: which entries fit. Pure.

As in SQL there is a third answer, None: what is compared with nothing neither fits nor fails, and
stays out, even under `not`. A condition given as null is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from .moments import format_sortable

Read = Callable[[str], object]


def matches_conditions(conditions: Mapping[str, object], read: Read) -> bool | None:
    """Whether an entry, whose fields `read` gives, fits all the conditions."""
    return _all(_check_condition(name, value, read) for name, value in conditions.items())


def _check_condition(name: str, value: object, read: Read) -> bool | None:
    if value is None:
        return True
    if name == "and":
        return _all(matches_conditions(each, read) for each in _as_list(value))
    if name == "or":
        return _any(matches_conditions(each, read) for each in _as_list(value))
    assert isinstance(value, Mapping)
    if name == "not":
        answer = matches_conditions(value, read)
        return None if answer is None else not answer
    held = read(name)
    return _all(_compare(held, how, other) for how, other in value.items())


def _as_list(value: object) -> list[Mapping[str, object]]:
    return value if isinstance(value, list) else []


def _compare(held: object, how: str, other: object) -> bool | None:
    if other is None:
        return True
    if how == "isNull":
        return (held is None) == other
    if held is None:
        return None
    if isinstance(other, list):
        return _LISTS[how](_sort_key(held), [_sort_key(each) for each in other])
    return _COMPARE[how](_sort_key(held), _sort_key(other))


def _sort_key(value: object) -> str:
    """A value as it is compared: moments as moments, anything else as its text."""
    return format_sortable(value) or str(value)


_COMPARE: dict[str, Callable[[str, str], bool]] = {
    "equalTo": lambda held, other: held == other,
    "notEqualTo": lambda held, other: held != other,
    "lessThan": lambda held, other: held < other,
    "lessThanOrEqualTo": lambda held, other: held <= other,
    "greaterThan": lambda held, other: held > other,
    "greaterThanOrEqualTo": lambda held, other: held >= other,
}
_LISTS: dict[str, Callable[[str, list[str]], bool]] = {
    "in": lambda held, others: held in others,
    "notIn": lambda held, others: held not in others,
}


def _all(answers: Iterable[bool | None]) -> bool | None:
    found = list(answers)
    return False if False in found else None if None in found else True


def _any(answers: Iterable[bool | None]) -> bool | None:
    found = list(answers)
    return True if True in found else None if None in found else False
