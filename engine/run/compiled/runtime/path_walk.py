"""The parts of JMESPath that compiled paths call instead of containing their code."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from ....documents.exact import Number, is_number
from ....findings.errors import DoubtError
from ....language.budget import Budget
from ....language.functions.values import CHARACTERS_PER_STEP
from ....language.paths.functions import Expression, call_function
from ....language.paths.values import MAX_ENTRIES, equal
from .doubts import require_number, require_whole


def require_not_map(value: object) -> None:
    """Return null for a key of a value that is not a map; raise doubt for a map."""
    if isinstance(value, dict):
        raise DoubtError


def is_zero(value: object) -> bool:
    """Whether an empty value is the number 0, which paths take as true."""
    return is_number(value)


def flatten(base: Any, budget: Budget) -> list[object] | None:
    """Return `base[]`: the entries of the lists in a list, as one list."""
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


def measure_weight(value: Any, allowed: int) -> int:
    """Return the steps of weighing a value, each part as often as it occurs; bounded."""
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
            steps += measure_weight(part, allowed - steps)
        else:
            steps += 1
        if steps > allowed:
            raise DoubtError
    return steps


def equal_in_paths(left: object, right: object, budget: Budget) -> bool:
    """Whether two values are deeply equal in paths."""
    return equal(left, right, budget)


def path_call(name: str, arguments: list[object], budget: Budget) -> object:
    """Call a function of paths through the interpreter."""
    return call_function(name, arguments, budget)


def path_sum(values: Any) -> Number:
    """Return the sum of a list of numbers as paths compute it: zero keeps its sign."""
    if values.__class__ is not list:
        raise DoubtError
    total: Number = 0
    for value in values:
        if value.__class__ is not Decimal:
            require_whole(value)
        total = total + value
    return total if total.__class__ is Decimal else require_whole(total)


def path_max(values: Any, budget: Budget) -> object:
    """Return the largest of a list of numbers or texts, as paths compute it; null if empty."""
    if values.__class__ is list and values and values[0].__class__ is str:
        return call_function("max", [values], budget)
    budget.charge(5 * len(values))
    return find_largest(values)


def find_largest(values: Any) -> Number | None:
    """Return the largest of a list of numbers; null if empty."""
    if values.__class__ is not list:
        raise DoubtError
    for value in values:
        if value.__class__ is not Decimal:
            require_whole(value)
    return require_number(max(values)) if values else None


def replay(found: Sequence[object]) -> Expression:
    """Return an expression that yields results computed before, one for each entry in order."""
    values = iter(found)
    return Expression(lambda _: next(values))
