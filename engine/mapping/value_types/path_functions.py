"""What the functions of paths take and give, by types. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from ...language.paths.functions import EXPRESSION, FUNCTIONS, join_alternatives
from .report import describe_kinds
from .value_type import (
    ANYTHING,
    BOOLEAN,
    LIST,
    MAP,
    NULL,
    NUMBER,
    TEXT,
    ValueType,
    list_of,
    scalar,
    unite,
)

_KINDS = {
    "string": TEXT,
    "number": NUMBER,
    "boolean": BOOLEAN,
    "array": LIST,
    "object": MAP,
}
_ENTRIES = {"array[number]": NUMBER, "array[string]": TEXT}


def check_arguments(name: str, types: Sequence[ValueType]) -> Iterator[tuple[int, str, str | None]]:
    """Yield position, message and hint of each argument whose kind the function never takes."""
    function = FUNCTIONS[name]
    for position, given in enumerate(types):
        accepted = function.accepted_at(position)
        if accepted in ((), (EXPRESSION,)) or not given.is_known or given.is_null:
            continue
        kinds = {_KINDS.get(each, LIST) for each in accepted}
        what = describe_kinds(given)
        takes = join_alternatives(accepted)
        if given.kinds.isdisjoint(kinds):
            called = given.name or "this"
            yield position, f"{name}() takes {takes}, and {called} is {what}", _hint(given, kinds)
        elif given.is_only(LIST) and given.entry is not None and given.entry.is_known:
            entries = {_ENTRIES[each] for each in accepted if each in _ENTRIES}
            if entries and not given.entry.is_null and given.entry.kinds.isdisjoint(entries):
                found = describe_kinds(given.entry)
                yield position, f"{name}() takes {takes}, and the entries of this are {found}", None


def _hint(given: ValueType, kinds: set[str]) -> str | None:
    if TEXT in kinds:
        return "make a text of it: `to_string(x)`"
    if NUMBER in kinds and given.may_be(TEXT):
        return "make a number of it: `to_number(x)`"
    if LIST in kinds:
        return "name a list, as in `x[].y`"
    return None


def type_result(name: str, types: Sequence[ValueType]) -> ValueType:
    """Return the type of a function's result; `&` expressions are given by the type that they have."""
    return _RESULTS[name](types) if name in _RESULTS else ANYTHING


def _constant(result: ValueType) -> Callable[[Sequence[ValueType]], ValueType]:
    return lambda _: result


def _same(types: Sequence[ValueType]) -> ValueType:
    return types[0]


def _entry(types: Sequence[ValueType]) -> ValueType:
    return (types[0].entry or ANYTHING).optional()


def _lowered(types: Sequence[ValueType]) -> ValueType:
    words = frozenset(word.lower() for word in types[0].words)
    return replace(scalar(TEXT, name=types[0].name), words=words, key=types[0].key)


def _as_text(types: Sequence[ValueType]) -> ValueType:
    given = types[0]
    return replace(scalar(TEXT, name=given.name), words=given.words, key=given.key)


def _not_null(types: Sequence[ValueType]) -> ValueType:
    found = unite(types)
    is_absent = all(each.may_be_absent for each in types)
    return replace(found, kinds=found.kinds - NULL.kinds, may_be_absent=is_absent)


_TEXT, _NUMBER, _TRUTH = scalar(TEXT), scalar(NUMBER), scalar(BOOLEAN)
_RESULTS: dict[str, Callable[[Sequence[ValueType]], ValueType]] = {
    "abs": _constant(_NUMBER),
    "avg": _constant(_NUMBER.optional()),
    "ceil": _constant(_NUMBER),
    "contains": _constant(_TRUTH),
    "ends_with": _constant(_TRUTH),
    "floor": _constant(_NUMBER),
    "join": _constant(_TEXT),
    "keys": _constant(list_of(_TEXT)),
    "length": _constant(_NUMBER),
    "lower": _lowered,
    "map": lambda types: list_of(types[0]),
    "max": _entry,
    "max_by": _entry,
    "min": _entry,
    "min_by": _entry,
    "not_null": _not_null,
    "reverse": _same,
    "sort": _same,
    "sort_by": _same,
    "starts_with": _constant(_TRUTH),
    "sum": _constant(_NUMBER),
    "to_array": lambda types: types[0] if types[0].is_only(LIST) else list_of(ANYTHING),
    "to_number": _constant(_NUMBER.optional()),
    "to_string": _as_text,
    "type": _constant(_TEXT),
    "values": _constant(list_of(ANYTHING)),
}
