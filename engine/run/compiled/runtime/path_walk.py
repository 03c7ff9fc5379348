"""What compiled paths call: the parts of JMESPath that are not worth writing out at each use."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from ....documents.exact import Number, is_number
from ....findings.errors import DoubtError
from ....language.budget import Budget
from ....language.functions.values import CHARACTERS_PER_STEP
from ....language.paths.functions import Expression, call
from ....language.paths.values import MAX_ENTRIES, equal
from .doubts import number, whole


def no_map(value: object) -> None:
    """What stands under a key of what is no map."""
    if isinstance(value, dict):
        raise DoubtError


def is_zero(value: object) -> bool:
    """Whether something empty is a number, which is true for paths even when it is 0."""
    return is_number(value)


def flattened(base: Any, budget: Budget) -> list[object] | None:
    """`base[]`: the entries of the lists in a list, in one list."""
    if not isinstance(base, list):
        return None
    budget.charge(len(base))
    flat: list[object] = []
    for entry in base:
        if isinstance(entry, list):
            budget.charge(len(entry))
            flat += entry
        else:
            flat.append(entry)
    budget.charge(len(base))
    if len(flat) > MAX_ENTRIES:
        raise DoubtError
    return flat


def heft(value: Any, allowed: int) -> int:
    """What weighing a value costs, each part as often as it would be written out; bounded."""
    kind = value.__class__
    if kind is str:
        return 1 + len(value) // CHARACTERS_PER_STEP
    if kind is not dict and kind is not list:
        return 1
    steps = 1
    for part in value.values() if kind is dict else value:
        if part.__class__ is str:
            steps += 1 + len(part) // CHARACTERS_PER_STEP
        elif part.__class__ is dict or part.__class__ is list:
            steps += heft(part, allowed - steps)
        else:
            steps += 1
        if steps > allowed:
            raise DoubtError
    return steps


def same_for_paths(left: object, right: object, budget: Budget) -> bool:
    """Deep equality, as paths have it."""
    return equal(left, right, budget)


def path_call(name: str, arguments: list[object], budget: Budget) -> object:
    """A function of paths, by the interpreter's own hands."""
    return call(name, arguments, budget)


def path_sum(values: Any) -> Number:
    """The sum of a list of numbers, as paths have it: no zero loses its sign."""
    if values.__class__ is not list:
        raise DoubtError
    total: Number = 0
    for value in values:
        if value.__class__ is not Decimal:
            whole(value)
        total = total + value
    return total if total.__class__ is Decimal else whole(total)


def path_max(values: Any, budget: Budget) -> object:
    """The largest of a list of numbers or of texts, as paths have it; null of none."""
    if values.__class__ is list and values and values[0].__class__ is str:
        return call("max", [values], budget)
    budget.charge(5 * len(values))
    return largest(values)


def largest(values: Any) -> Number | None:
    """The largest of a list of numbers; null of none."""
    if values.__class__ is not list:
        raise DoubtError
    for value in values:
        if value.__class__ is not Decimal:
            whole(value)
    return number(max(values)) if values else None


def replay(found: Sequence[object]) -> Expression:
    """An expression that was evaluated for every entry already, in their order."""
    values = iter(found)
    return Expression(lambda _: next(values))
