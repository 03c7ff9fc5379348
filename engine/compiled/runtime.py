"""What the source of compiled mappings calls; NAMES is all it can see beside its own constants.

Each is a fast way with a guard that says when it is not sure. All of it runs with FAST as the
ambient decimal context.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from ..errors import AbsentError, LookupMissingError
from ..exact import ROUNDING, Number, divide, is_number, plain
from ..language.budget import Budget
from ..language.functions import OMIT, as_text, is_true, weigh
from ..language.functions.access import entry
from ..language.functions.clocks import zone
from ..language.functions.declare import Parameter
from ..language.functions.numbers import ratio_rounded
from ..language.functions.values import CHARACTERS_PER_STEP, needed, size
from ..language.lines import LineGroup
from ..language.templates.operators import calculate, compare
from ..lookups import Table, lookup
from ..lookups.table import Key, Row, key_text
from ..money import MINOR_UNITS
from ..run.bodies import as_json
from ..run.envelope import order_named_in
from ..run.inputs import ABSENT
from ..run.outcome import Outcome, Payload, Proof, State
from .conversions import CONVERSIONS, spelled
from .doubts import DoubtError, NothingError, number, unfit, whole
from .line_groups import Kept, all_lines_group, line_group
from .walking import (
    flattened,
    heft,
    is_zero,
    no_map,
    path_call,
    path_max,
    path_sum,
    replay,
    same_for_paths,
)

UNITS = {code: Decimal((0, (1,), -places)) for code, places in MINOR_UNITS.items()}
NO_ROWS: Mapping[Key, Row] = {}
_quantize = ROUNDING.quantize
_CENT = Decimal("0.01")
# As many different answers are kept for each table that has to be asked the long way.
_MOST_ANSWERS = 4_096
_KEY_PARTS = frozenset({str, int, Decimal, bool})


class _Missing(Enum):
    """Stands for the answer that a lookup does not have."""

    MISSING = "missing"


MISSING: Final = _Missing.MISSING


def nothing(value: object) -> None:
    """What stands under a key of null, where absence is allowed; anything else is in doubt."""
    if value is not None:
        raise DoubtError


def text_of(value: Any) -> str:
    """The value inside a text."""
    return value if value.__class__ is str else as_text(value)


def accepted(parameter: Parameter, value: object) -> None:
    """Refuse an argument that its parameter does not take."""
    refusal = parameter.refusal(value)
    if refusal is not None:
        raise refusal


def inside(value: object, key: object) -> object:
    """What stands under a key, wherever it may stand."""
    try:
        return entry(value, key)
    except LookupError as error:
        raise NothingError from error


def contained(value: object, budget: Budget) -> None:
    """Pay for an entry of a list or map that is written out; refuse what it may not be."""
    if value is not None:
        needed(value)
        weigh(value, budget)


def weight(values: Sequence[object]) -> int:
    """At least what weighing a list of single values costs; a list of lists is in doubt."""
    steps = 1 + 2 * len(values)
    for value in values:
        if value.__class__ is str:
            steps += len(value) // CHARACTERS_PER_STEP
        elif value.__class__ in {list, dict}:
            raise DoubtError
    return steps


def among(
    operator: str, value: list[object], values: Sequence[list[object]], budget: Budget
) -> bool:
    """Whether a list is one of several; texts are compared by Python, all else as everywhere."""
    if all(each.__class__ is str for each in value):
        return (value in values) is (operator == "in")
    return compare(operator, value, values, budget)


def quotient(left: Number, right: Number) -> Decimal:
    """`left / right`, rounded only where it has to be."""
    if left.__class__ is int and right.__class__ is int:
        result = divide(left, right)
    else:
        try:
            result = left / right  # type: ignore[assignment] # one of them is a Decimal
        except ArithmeticError:
            result = divide(left, right)
    return result or abs(result)


def percent(part: Number, whole_part: Number, places: int) -> Decimal:
    """How many per cent a part is: see the function `percent`."""
    if not whole_part:
        raise DoubtError
    return ratio_rounded(part * 100, whole_part, places)


def stored(bodies: Sequence[dict[str, Any]], sign: int, unit: Decimal | None) -> Number:
    """What NetSuite will hold for lines, by their bodies: see the filter `stored`."""
    if unit is None:
        raise DoubtError
    total: Number = 0
    for body in bodies:
        total += _stored(body, sign, unit)
    return total


def _stored(body: dict[str, Any], sign: int, unit: Decimal) -> Decimal:
    """The amount of a line; it may be -0, to which no sum minds."""
    value: Any = body.get("amount")
    if value is None:
        value, quantity = body.get("rate"), body.get("quantity")
        if value.__class__ is not Decimal:
            whole(value)
        if quantity is not None:
            if quantity.__class__ is not Decimal:
                whole(quantity)
            value = value * quantity
    elif value.__class__ is not Decimal:
        whole(value)
    return _quantize(value if sign == 1 else value * sign, unit)


def taxed(  # all that one line of source says
    bodies: Sequence[dict[str, Any]],
    sign: int,
    rate: str,
    unit: Decimal | None,
    after: Sequence[Sequence[Sequence[dict[str, Any]]]],
    signs: Sequence[int],
) -> Number:
    """The tax on lines and those behind them, at the per cent each has: see the filter `taxed`."""
    if unit is None:
        raise DoubtError
    total: Number = 0
    for index, body in enumerate(bodies):
        own = _stored(body, sign, unit)
        for behind, its_sign in zip(after, signs, strict=True):
            for other in behind[index]:
                own += _stored(other, its_sign, unit)
        per_cent = body[rate]
        if per_cent.__class__ is not Decimal:
            whole(per_cent)
        total += _quantize(own * per_cent * _CENT, unit)
    return total


def total_of_lines(bodies: Sequence[dict[str, Any]], key: str) -> Number:
    """The sum of a key of the lines."""
    total: Number = 0
    for body in bodies:
        total += number(body[key])
    return total if total.__class__ is Decimal else whole(total)


def rows_of(table: Table | None, count: int) -> Mapping[Key, Row]:
    """The rows of a table that are exact in all of so many keys; none where it can be asked otherwise."""
    patterns = () if table is None else table.patterns.get(count, ())
    if table is None or table.options.ignore_case or not patterns:
        return NO_ROWS
    return patterns[0].rows if patterns[0].exact == tuple(range(count)) else NO_ROWS


def key_part(value: object) -> None:
    """Refuse what is no part of a lookup's key for certain."""
    if value.__class__ not in _KEY_PARTS:
        raise unfit(value)


def found(table: Table | None, key: tuple[object, ...]) -> object:
    """The table's answer, with its default and all its ways of matching."""
    if table is None:
        raise DoubtError
    return lookup(table, key)


def remembered(
    answers: dict[tuple[object, ...], object], table: Table, key: tuple[object, ...]
) -> object:
    """The answer of a table of the mapping, kept for the next order when all of the key is text."""
    answer = lookup(table, key)
    if len(answers) < _MOST_ANSWERS and all(part.__class__ is str for part in key):
        answers[key] = answer
    return answer


def found_or_missing(table: Table | None, key: tuple[object, ...]) -> object:
    """The same, or MISSING."""
    try:
        return found(table, key)
    except LookupMissingError:
        return MISSING


def placed(value: object, budget: Budget, times: int = 1) -> object:
    """A value in a payload, as JSON; `omit` stays itself. It is looked at several times."""
    if value is None:
        raise NothingError
    if value is OMIT:
        return value
    if isinstance(value, LineGroup):
        raise DoubtError  # whose lines stand in the payload has to be known before
    kind = value.__class__
    if kind is str or kind is bool or kind is int or kind is Decimal:
        budget.remaining -= times * (1 + (len(value) // CHARACTERS_PER_STEP if kind is str else 0))  # type: ignore[arg-type] # is a text
        return value
    for _ in range(times):
        weigh(value, budget)
    return as_json(value)


def identifying(value: Any) -> str:
    """A value that identifies a record: it is there, and a text."""
    if value is None or value is OMIT or value == "":
        raise DoubtError
    return value if value.__class__ is str else as_text(value)


def is_amount(value: object) -> bool:
    """Whether a check can compute with a value."""
    return value.__class__ is Decimal or value.__class__ is int


def day(moment: datetime, zone_name: str) -> str:
    """The date of a moment in a time zone that is known to exist."""
    return moment.astimezone(zone(zone_name)).date().isoformat()


def key_of(value: Any) -> str | None:
    """The text by which the entries of joined lists are compared; None for what is no id."""
    if value.__class__ is str:
        return value
    return plain(value) if is_number(value) else None


def all_known(given: Iterable[str], own: frozenset[str]) -> bool:
    """Whether no table that came with an order takes the place of one of the mapping's own."""
    return own.isdisjoint(given)


NAMES: dict[str, object] = {
    each.__name__: each
    for each in (
        *(AbsentError, Budget, DoubtError, NothingError, Outcome, Payload, Proof),
        *(
            accepted,
            among,
            calculate,
            compare,
            contained,
            day,
            flattened,
            heft,
            found,
            found_or_missing,
        ),
        *(
            identifying,
            inside,
            is_amount,
            is_number,
            is_true,
            is_zero,
            key_of,
            key_part,
            key_text,
            no_map,
        ),
        *(all_known, needed, percent, nothing, number, order_named_in, path_call, path_max),
        *(path_sum, placed, plain, quotient, replay, rows_of, same_for_paths, size, stored),
        *(Kept, all_lines_group, line_group, total_of_lines),
        *(remembered, spelled, taxed, text_of, unfit, weight, whole, datetime, Decimal),
    )
} | {
    "ABSENT": ABSENT,
    "OMIT": OMIT,
    "as_json": as_json,
    "MISSING": MISSING,
    "UNITS": UNITS,
    "quantize": _quantize,
    "weigh": weigh,
    "RENDERED": State.RENDERED,
    "IGNORED": State.IGNORED,
    "NOT_READY": State.NOT_READY,
}
NAMES |= {f"to_{name}": convert for name, convert in CONVERSIONS.items()}
