"""The functions of JMESPath, exact: FUNCTIONS holds them all, `call_function` checks and runs one.

`lower` is of JMESPath Community; the others are of the JMESPath specification.

Pure. Every function charges the budget before it works, and refuses a result
that is too large before building it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any

from ...documents.exact import Number, add, divide
from ...findings.errors import ExpressionError
from ..budget import Budget
from .values import (
    allow_entries,
    allow_text,
    charge_text,
    check_bounds,
    equal,
    format_json,
    kind_of,
    read_number,
)

EXPRESSION = "expression"
_ANY: tuple[str, ...] = ()
_NUMBERS = "array[number]"
_TEXTS = "array[string]"
_HINTS = {
    "null": "leave absent values out with a filter, or give a default: `not_null(x, 'default')`",
    "string": "numbers written as text are converted by to_number()",
    "number": "a number becomes text by to_string()",
}


@dataclass(frozen=True, slots=True)
class Expression:
    """An argument that the function evaluates once for each entry: the `&sku` of sort_by."""

    apply: Callable[[object], object]


@dataclass(frozen=True, slots=True)
class PathFunction:
    """`run(budget, *arguments)`; `takes` names the kinds each argument may have, () is any.

    The last argument of a variadic function may be repeated.
    """

    run: Callable[..., object]
    takes: tuple[tuple[str, ...], ...]
    variadic: bool = False

    def accepts_count(self, count: int) -> bool:
        """Return whether the function can be called with `count` arguments."""
        return count >= len(self.takes) if self.variadic else count == len(self.takes)

    def accepted_at(self, position: int) -> tuple[str, ...]:
        """Return the kinds accepted for the argument at this position, counted from 0."""
        return self.takes[min(position, len(self.takes) - 1)]


def call_function(name: str, arguments: list[object], budget: Budget) -> object:
    """Return the result of a function; raise ExpressionError (E0304) for a value of the wrong kind.

    The name and the number of arguments were checked when the path was parsed.
    """
    function = FUNCTIONS[name]
    for position, argument in enumerate(arguments):
        accepted = function.accepted_at(position)
        if accepted and accepted != (EXPRESSION,):
            _check_kind(f"{name}() takes", position, argument, accepted, budget)
    return function.run(budget, *arguments)


def join_alternatives(names: Iterable[str]) -> str:
    """Join names as `a`, `a or b`, `a, b or c`."""
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last


def _check_kind(
    taker: str, position: int, argument: object, accepted: tuple[str, ...], budget: Budget
) -> None:
    got = kind_of(argument)
    if got in accepted:
        return
    entry_kinds = [name[6:-1] for name in accepted if name.startswith("array[")]
    expected = f"{taker} {join_alternatives(accepted)} as argument {position + 1}"
    if not (isinstance(argument, list) and entry_kinds):
        raise _wrong_kind_error(f"{expected}, not {got}", got, accepted)
    budget.charge(len(argument))
    odd = _find_odd_entry([kind_of(entry) for entry in argument], entry_kinds)
    if odd is not None:
        got = kind_of(argument[odd])
        unlike = ", unlike the first" if got in entry_kinds else ""
        raise _wrong_kind_error(
            f"{expected}, but its entry [{odd}] is {got}{unlike}", got, accepted
        )


def _find_odd_entry(kinds: list[str], allowed: Iterable[str]) -> int | None:
    """Return the index of the first entry whose kind is not allowed or not that of the first entry."""
    if not kinds:
        return None
    wanted = kinds[0] if kinds[0] in allowed else None
    return next((index for index, name in enumerate(kinds) if name != wanted), None)


def _wrong_kind_error(message: str, got: str, accepted: Iterable[str]) -> ExpressionError:
    # A hint helps only for null, or where a number came for a text or the other way round.
    opposite = {"string": "number", "number": "string"}.get(got, "")
    helps = got == "null" or any(opposite and opposite in name for name in accepted)
    return ExpressionError("E0304", message, hint=_HINTS.get(got) if helps else None)


def _abs(_: Budget, number: Number) -> Number:
    # `abs()` of a Decimal would round to the ambient context.
    return abs(number) if isinstance(number, int) else number.copy_abs()


def _avg(budget: Budget, numbers: list[Number]) -> Number | None:
    return divide(_sum(budget, numbers), len(numbers)) if numbers else None


def _ceil(_: Budget, number: Number) -> int:
    return math.ceil(check_bounds(number))


def _floor(_: Budget, number: Number) -> int:
    return math.floor(check_bounds(number))


def _sum(budget: Budget, numbers: list[Number]) -> Number:
    budget.charge(len(numbers))
    zero: Number = 0
    return reduce(add, numbers, zero)


def _contains(budget: Budget, subject: str | list[object], search: object) -> bool:
    if isinstance(subject, str):
        charge_text(len(subject), budget)
        return isinstance(search, str) and search in subject
    return any(equal(entry, search, budget) for entry in subject)


def _ends_with(budget: Budget, text: str, suffix: str) -> bool:
    charge_text(len(suffix), budget)
    return text.endswith(suffix)


def _starts_with(budget: Budget, text: str, prefix: str) -> bool:
    charge_text(len(prefix), budget)
    return text.startswith(prefix)


def _join(budget: Budget, separator: str, texts: list[str]) -> str:
    budget.charge(len(texts))
    allow_text(sum(map(len, texts)) + len(separator) * max(0, len(texts) - 1), budget)
    return separator.join(texts)


def _lower(budget: Budget, text: str) -> str:
    charge_text(len(text), budget)
    lowered = text.lower()  # some letters become two
    allow_text(len(lowered), budget)
    return lowered


def _keys(budget: Budget, members: dict[str, object]) -> list[str]:
    allow_entries(len(members), budget)
    return list(members)


def _values(budget: Budget, members: dict[str, object]) -> list[object]:
    allow_entries(len(members), budget)
    return list(members.values())


def _length(_: Budget, subject: str | list[object] | dict[str, object]) -> int:
    return len(subject)


def _map(budget: Budget, expression: Expression, entries: list[object]) -> list[object]:
    allow_entries(len(entries), budget)
    return [expression.apply(entry) for entry in entries]


def _merge(budget: Budget, *objects: dict[str, object]) -> dict[str, object]:
    allow_entries(sum(map(len, objects)), budget)
    merged: dict[str, object] = {}
    for members in objects:
        merged.update(members)
    return merged


def _not_null(_: Budget, *values: object) -> object:
    return next((value for value in values if value is not None), None)


def _reverse(budget: Budget, subject: str | list[object]) -> object:
    allow = allow_text if isinstance(subject, str) else allow_entries
    allow(len(subject), budget)
    return subject[::-1]


def _to_array(_: Budget, value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _to_number(_: Budget, value: object) -> object:
    if isinstance(value, str):
        return read_number(value)
    return value if kind_of(value) == "number" else None


def _to_string(budget: Budget, value: object) -> str:
    return value if isinstance(value, str) else format_json(value, budget)


def _type(_: Budget, value: object) -> str:
    return kind_of(value)


def _sort(budget: Budget, keys: list[Any]) -> list[Any]:
    _charge_sorting(keys, budget)
    return sorted(keys)


def _max(budget: Budget, keys: list[Any]) -> object:
    _charge_sorting(keys, budget)
    return max(keys, default=None)


def _min(budget: Budget, keys: list[Any]) -> object:
    _charge_sorting(keys, budget)
    return min(keys, default=None)


def _sort_by(budget: Budget, entries: list[object], expression: Expression) -> list[object]:
    keys = _keys_of("sort_by", entries, expression, budget)
    return [entries[index] for index in sorted(range(len(keys)), key=keys.__getitem__)]


def _max_by(budget: Budget, entries: list[object], expression: Expression) -> object:
    keys = _keys_of("max_by", entries, expression, budget)
    return entries[max(range(len(keys)), key=keys.__getitem__)] if keys else None


def _min_by(budget: Budget, entries: list[object], expression: Expression) -> object:
    keys = _keys_of("min_by", entries, expression, budget)
    return entries[min(range(len(keys)), key=keys.__getitem__)] if keys else None


def _keys_of(name: str, entries: list[object], expression: Expression, budget: Budget) -> list[Any]:
    """Return the key of each entry for comparison: all numbers or all texts."""
    allow_entries(len(entries), budget)
    keys = [expression.apply(entry) for entry in entries]
    odd = _find_odd_entry([kind_of(key) for key in keys], ("number", "string"))
    if odd is not None:
        got = kind_of(keys[odd])
        message = f"{name}() needs all numbers or all strings, but gets {got} for entry [{odd}]"
        raise _wrong_kind_error(message, got, ("number", "string"))
    _charge_sorting(keys, budget)
    return keys


def _charge_sorting(keys: list[Any], budget: Budget) -> None:
    """Charge the comparisons of a sort; long texts cost more, also when they are repeated."""
    steps = len(keys)
    for key in keys:
        steps += len(key) // 64 if isinstance(key, str) else 0
    budget.charge(steps * max(1, len(keys).bit_length() // 4))


FUNCTIONS: dict[str, PathFunction] = {
    "abs": PathFunction(_abs, (("number",),)),
    "avg": PathFunction(_avg, ((_NUMBERS,),)),
    "ceil": PathFunction(_ceil, (("number",),)),
    "contains": PathFunction(_contains, (("array", "string"), _ANY)),
    "ends_with": PathFunction(_ends_with, (("string",), ("string",))),
    "floor": PathFunction(_floor, (("number",),)),
    "join": PathFunction(_join, (("string",), (_TEXTS,))),
    "keys": PathFunction(_keys, (("object",),)),
    "length": PathFunction(_length, (("string", "array", "object"),)),
    "lower": PathFunction(_lower, (("string",),)),
    "map": PathFunction(_map, ((EXPRESSION,), ("array",))),
    "max": PathFunction(_max, ((_NUMBERS, _TEXTS),)),
    "max_by": PathFunction(_max_by, (("array",), (EXPRESSION,))),
    "merge": PathFunction(_merge, (("object",),), variadic=True),
    "min": PathFunction(_min, ((_NUMBERS, _TEXTS),)),
    "min_by": PathFunction(_min_by, (("array",), (EXPRESSION,))),
    "not_null": PathFunction(_not_null, (_ANY,), variadic=True),
    "reverse": PathFunction(_reverse, (("string", "array"),)),
    "sort": PathFunction(_sort, ((_NUMBERS, _TEXTS),)),
    "sort_by": PathFunction(_sort_by, (("array",), (EXPRESSION,))),
    "starts_with": PathFunction(_starts_with, (("string",), ("string",))),
    "sum": PathFunction(_sum, ((_NUMBERS,),)),
    "to_array": PathFunction(_to_array, (_ANY,)),
    "to_number": PathFunction(_to_number, (_ANY,)),
    "to_string": PathFunction(_to_string, (_ANY,)),
    "type": PathFunction(_type, (_ANY,)),
    "values": PathFunction(_values, (("object",),)),
}
