"""The `filter` argument of a connection: which entries match. Pure.

As in SQL there is a third result, None: a comparison with null neither matches nor fails, and excludes
the entry, even under `not`. A condition given as null is ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from .moments import format_sortable

Read = Callable[[str], object]


def matches_conditions(conditions: Mapping[str, object], read: Read) -> bool | None:
    """Return whether an entry, whose fields `read` returns, matches all conditions; None is unknown."""
    return _all(_check_condition(name, value, read) for name, value in conditions.items())


def _check_condition(name: str, value: object, read: Read) -> bool | None:
    if value is None:
        return True
    if name == "and":
        return _all(matches_conditions(entry, read) for entry in _as_list(value))
    if name == "or":
        return _any(matches_conditions(entry, read) for entry in _as_list(value))
    assert isinstance(value, Mapping)
    if name == "not":
        result = matches_conditions(value, read)
        return None if result is None else not result
    stored = read(name)
    return _all(_compare(stored, operator, operand) for operator, operand in value.items())


def _as_list(value: object) -> list[Mapping[str, object]]:
    return value if isinstance(value, list) else []


def _compare(stored: object, operator: str, operand: object) -> bool | None:
    if operand is None:
        return True
    if operator == "isNull":
        return (stored is None) == operand
    if stored is None:
        return None
    if isinstance(operand, list):
        return _LIST_OPERATORS[operator](_sort_key(stored), [_sort_key(entry) for entry in operand])
    return _OPERATORS[operator](_sort_key(stored), _sort_key(operand))


def _sort_key(value: object) -> str:
    """Return a value's sort key: datetimes sort as such, anything else by its text."""
    return format_sortable(value) or str(value)


_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "equalTo": lambda stored, operand: stored == operand,
    "notEqualTo": lambda stored, operand: stored != operand,
    "lessThan": lambda stored, operand: stored < operand,
    "lessThanOrEqualTo": lambda stored, operand: stored <= operand,
    "greaterThan": lambda stored, operand: stored > operand,
    "greaterThanOrEqualTo": lambda stored, operand: stored >= operand,
}
_LIST_OPERATORS: dict[str, Callable[[str, list[str]], bool]] = {
    "in": lambda stored, values: stored in values,
    "notIn": lambda stored, values: stored not in values,
}


def _all(results: Iterable[bool | None]) -> bool | None:
    known = list(results)
    return False if False in known else None if None in known else True


def _any(results: Iterable[bool | None]) -> bool | None:
    known = list(results)
    return True if True in known else None if None in known else False
