"""The operators of templates: bounded before they compute, strict about kinds.

Both operands are numbers, texts or lists; equality and membership treat values
of different kinds as unequal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction

from ...documents.exact import Number, add, check_bounds, divide, multiply, subtract
from ...findings.errors import ExpressionError
from ..budget import Budget
from ..functions.numbers import drop_negative_zero
from ..functions.values import (
    check_list_length,
    check_text_length,
    entries,
    equal,
    kind_of,
    require_value,
    size,
    weigh,
    with_article,
)

MAX_POWER = 30
# Operators that cost more than their node: a power multiplies, the others compute with fractions.
_STEPS = {"**": MAX_POWER, "//": 5, "%": 5}
_ORDERED = frozenset({"number", "text", "date", "moment"})
_NESTED = frozenset({"list", "map"})


def calculate(operator: str, left: object, right: object, budget: Budget) -> object:
    """Return `left operator right` for one of `+ - * / // % **`.

    Raise ExpressionError (E0411, E0413, E0414; E0902 to E0905 for a result
    that would be too large).
    """
    kinds = kind_of(require_value(left)), kind_of(require_value(right))
    if kinds == ("number", "number"):
        budget.charge(_STEPS.get(operator, 0))
        return drop_negative_zero(_ARITHMETIC[operator](left, right))
    join = _JOINING.get(kinds) if operator == "+" else None
    if join is None:
        raise _operands_error(operator, left, right)
    return join(left, right, budget)


def negate(value: object) -> Number:
    """Return `-value`; raise ExpressionError (E0411, E0413, E0414)."""
    return drop_negative_zero(subtract(0, _number(value, "-")))


def affirm(value: object) -> Number:
    """Return `+value`, the number itself; raise ExpressionError (E0411, E0413, E0414)."""
    return _number(value, "+")


def compare(operator: str, left: object, right: object, budget: Budget) -> bool:
    """Return `left operator right` for `== != < <= > >= in` and `not in`.

    Only `==` and `!=` take null. Raise ExpressionError (E0411, E0413, E0414).
    """
    return _COMPARISONS[operator](left, right, budget)


def _number(value: object, operator: str) -> Number:
    kind = kind_of(require_value(value))
    if kind != "number":
        raise ExpressionError(
            "E0414",
            f"`{operator}` takes a number, not {with_article(kind)}",
            hint=_to_number(value),
        )
    assert isinstance(value, int | Decimal)
    return value


def _whole_division(left: Number, right: Number) -> Number:
    whole = _fractions(left, right)[0] // _fractions(left, right)[1]
    result = whole if isinstance(left, int) and isinstance(right, int) else Decimal(whole)
    return check_bounds(result)


def _remainder(left: Number, right: Number) -> Number:
    """Return the remainder of the division rounded down: it has the sign of `right`, as for integers."""
    dividend, divisor = _fractions(left, right)
    rest = dividend % divisor
    if isinstance(left, int) and isinstance(right, int):
        return int(rest)
    places = max(_places(left), _places(right))
    digits = tuple(map(int, str(abs(int(rest * 10**places)))))
    return check_bounds(Decimal((int(rest < 0), digits, -places)))


def _fractions(left: Number, right: Number) -> tuple[Fraction, Fraction]:
    if right == 0:
        divide(left, right)
    return Fraction(check_bounds(left)), Fraction(check_bounds(right))


def _places(number: Number) -> int:
    exponent = Decimal(number).as_tuple().exponent
    assert isinstance(exponent, int)
    return max(0, -exponent)


def _power(base: Number, exponent: Number) -> Number:
    if not isinstance(exponent, int) or abs(exponent) > MAX_POWER:
        raise ExpressionError(
            "E0414", f"an exponent is a whole number from -{MAX_POWER} to {MAX_POWER}"
        )
    result: Number = 1
    for _ in range(abs(exponent)):
        result = multiply(result, base)
    return result if exponent >= 0 else divide(1, result)


def _join_texts(left: str, right: str, budget: Budget) -> str:
    check_text_length(len(left) + len(right))
    budget.charge(size(left) + size(right))
    return left + right


def _join_lists(left: object, right: object, budget: Budget) -> list[object]:
    first, second = entries(left), entries(right)
    check_list_length(len(first) + len(second))
    weigh(left, budget)
    weigh(right, budget)
    return [*first, *second]


def _equals(left: object, right: object, budget: Budget) -> bool:
    for side in (left, right):
        if side is not None:
            require_value(side)
        if kind_of(side) in _NESTED:
            weigh(side, budget)
    budget.charge(size(left))
    return equal(left, right)


def _contains(container: object, value: object, budget: Budget) -> bool:
    kind = kind_of(require_value(container))
    find = _FINDERS.get(kind)
    if find is None:
        raise ExpressionError(
            "E0414", f"`in` looks into a list, map or text, and this is {with_article(kind)}"
        )
    budget.charge(size(container))
    return find(container, value, budget)


def _in_list(container: object, value: object, budget: Budget) -> bool:
    return any(_equals(each, value, budget) for each in entries(container))


def _in_map(container: Mapping[str, object], value: object, _: Budget) -> bool:
    return isinstance(value, str) and value in container


def _in_text(container: str, value: object, _: Budget) -> bool:
    return isinstance(value, str) and value in container


def _ordering(
    operator: str, holds: Callable[..., bool]
) -> Callable[[object, object, Budget], bool]:
    def compare_order(left: object, right: object, budget: Budget) -> bool:
        kind = kind_of(require_value(left))
        if kind != kind_of(require_value(right)) or kind not in _ORDERED:
            raise _operands_error(operator, left, right)
        budget.charge(size(left))
        return holds(left, right)

    return compare_order


def _operands_error(operator: str, left: object, right: object) -> ExpressionError:
    return ExpressionError(
        "E0414",
        f"`{operator}` does not fit {with_article(kind_of(left))} and {with_article(kind_of(right))}",
        hint=_to_number(left) or _to_number(right),
    )


def _to_number(value: object) -> str | None:
    return (
        "make it a number: `| number`, or join texts with `~`" if isinstance(value, str) else None
    )


_ARITHMETIC: dict[str, Callable[..., Number]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "//": _whole_division,
    "%": _remainder,
    "**": _power,
}

_JOINING: dict[tuple[str, str], Callable[..., object]] = {
    ("text", "text"): _join_texts,
    ("list", "list"): _join_lists,
}

_FINDERS: dict[str, Callable[..., bool]] = {
    "list": _in_list,
    "map": _in_map,
    "text": _in_text,
}

_COMPARISONS: dict[str, Callable[[object, object, Budget], bool]] = {
    "==": _equals,
    "!=": lambda left, right, budget: not _equals(left, right, budget),
    "<": _ordering("<", lambda left, right: left < right),
    "<=": _ordering("<=", lambda left, right: left <= right),
    ">": _ordering(">", lambda left, right: left > right),
    ">=": _ordering(">=", lambda left, right: left >= right),
    "in": lambda left, right, budget: _contains(right, left, budget),
    "not in": lambda left, right, budget: not _contains(right, left, budget),
}
