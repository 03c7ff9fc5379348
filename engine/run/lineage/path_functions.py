"""The functions of JMESPath on values that carry their causes.

The value is that of `language.paths.functions`. A function that keeps entries as they are has a rule here; the
result of any other one has the causes of all its arguments.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ...language.budget import Budget
from ...language.paths.functions import Expression, call_function
from .causes import NOTHING, Cause, Role, join_causes, weaken
from .traced import ListBuilder, Traced, list_parts


@dataclass(frozen=True, slots=True)
class TracedExpression:
    """An argument that is evaluated once for each entry: the `&sku` of sort_by."""

    apply: Callable[[Traced], Traced]


def call_traced(name: str, arguments: list[Traced], budget: Budget) -> Traced:
    """Return the result of a function with its causes."""
    plain = [_plain(argument) for argument in arguments]
    value = call_function(name, plain, budget)
    rule = _RULES.get(name)
    if rule is not None:
        return rule(value, *arguments)
    return Traced(value, join_causes(*(argument.deep() for argument in arguments)))


def _plain(argument: Traced) -> object:
    found = argument.value
    if isinstance(found, TracedExpression):
        return Expression(lambda entry: found.apply(Traced(entry)).value)
    return found


def _size(value: object, subject: Traced) -> Traced:
    return Traced(value, subject.truth())


def _kind(value: object, subject: Traced) -> Traced:
    return Traced(value, subject.own)


def _map(value: object, expression: Traced, entries: Traced) -> Traced:
    del value
    built = ListBuilder(entries.own)
    for part in list_parts(entries):
        built.add(expression.value.apply(part))
    return built.build(entries.extent)


def _not_null(value: object, *arguments: Traced) -> Traced:
    decided: Cause = NOTHING
    for argument in arguments:
        decided = join_causes(decided, argument.own)
        if argument.value is not None:
            return argument.decided_by(decided)
    return Traced(value, weaken(Role.DECIDES, decided))


def _to_array(value: object, subject: Traced) -> Traced:
    if isinstance(subject.value, list):
        return subject
    return Traced(value=value, own=NOTHING, extent=NOTHING, parts={0: subject})


def _values(value: object, subject: Traced) -> Traced:
    parts = [subject.part(key) for key in subject.value]
    return Traced(value=value, own=subject.own, extent=subject.extent, parts=dict(enumerate(parts)))


def _reverse(value: object, subject: Traced) -> Traced:
    if not isinstance(subject.value, list):
        return Traced(value, subject.own)
    built = ListBuilder(subject.own)
    built.move(subject.extent)
    for part in reversed(list_parts(subject)):
        built.add(part)
    return built.build()


def _merge(value: Any, *arguments: Traced) -> Traced:
    parts = {}
    for argument in arguments:
        own = join_causes(*(each.truth() for each in arguments))
        parts.update({key: argument.part(key).decided_by(own) for key in argument.value})
    extent = join_causes(*(argument.truth() for argument in arguments))
    return Traced(value=value, own=NOTHING, extent=extent, parts=parts)


def _sort_by(value: object, entries: Traced, expression: Traced) -> Traced:
    del value
    keys, parts = _list_keyed(entries, expression)
    order = sorted(range(len(keys)), key=lambda index: keys[index].value)
    built = ListBuilder(entries.own)
    built.move(join_causes(entries.extent, *(key.deep() for key in keys)))
    for index in order:
        built.add(parts[index])
    return built.build()


def _choose(best: Callable[..., int]) -> Callable[..., Traced]:
    def rule(value: object, entries: Traced, expression: Traced) -> Traced:
        keys, parts = _list_keyed(entries, expression)
        decided = join_causes(entries.truth(), *(key.deep() for key in keys))
        if not keys:
            return Traced(value, weaken(Role.DECIDES, decided))
        index = best(range(len(keys)), key=lambda number: keys[number].value)
        return parts[index].decided_by(decided)

    return rule


def _list_keyed(entries: Traced, expression: Traced) -> tuple[list[Traced], list[Traced]]:
    parts = list_parts(entries)
    return [expression.value.apply(part) for part in parts], parts


_RULES: dict[str, Callable[..., Traced]] = {
    "keys": _size,
    "length": _size,
    "map": _map,
    "max_by": _choose(max),
    "merge": _merge,
    "min_by": _choose(min),
    "not_null": _not_null,
    "reverse": _reverse,
    "sort_by": _sort_by,
    "to_array": _to_array,
    "type": _kind,
    "values": _values,
}
