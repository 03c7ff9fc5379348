"""What the source of compiled mappings calls: NAMES is all that it sees beside its own constants.

Each is a fast way with a guard that says when it is not sure. All of it runs with FAST as the
ambient decimal context.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from ....documents import is_plain
from ....documents.exact import UNITS, Number, divide, is_number, plain
from ....documents.money import MINOR_UNITS
from ....findings.errors import AbsentError, DoubtError, NothingError
from ....language.budget import Budget
from ....language.functions import OMIT, as_text, is_true, weigh
from ....language.functions.access import entry
from ....language.functions.declare import Parameter
from ....language.functions.numbers import FEW, STICKY, ratio_rounded
from ....language.functions.time_zones import zone
from ....language.functions.values import CHARACTERS_PER_STEP, needed, size
from ....language.lines import LineGroup
from ....language.templates.operators import calculate, compare
from ....mapping.lookups.table import key_text
from ...bodies import as_json
from ...envelope import order_named_in
from ...inputs import ABSENT
from ...outcome import Outcome, Payload, Proof, RunState
from .conversions import CONVERSIONS, amount, spelled
from .doubts import MAX_LEVELS, number, unfit, whole
from .fit_cache import fits
from .line_groups import Kept, all_lines_group, line_group
from .lookup_answers import (
    MISSING,
    SETTLED,
    all_known,
    found,
    found_or_missing,
    key_part,
    remembered,
    rows_of,
)
from .path_walk import (
    flattened,
    heft,
    is_zero,
    largest,
    no_map,
    path_call,
    path_max,
    path_sum,
    replay,
    same_for_paths,
)
from .stored_amounts import quantize, stored, taxed, total_of_lines

CURRENCY_UNITS = {code: Decimal((0, (1,), -places)) for code, places in MINOR_UNITS.items()}


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


def unique(values: list[object], every: Callable[[object], list[object]]) -> list[object]:
    """Every text once, in the order of first appearance; `every` does it for all else."""
    if all(value.__class__ is str for value in values):
        return list(dict.fromkeys(values))
    return every(values)


def among(
    operator: str, value: list[object], values: Sequence[list[object]], budget: Budget
) -> bool:
    """Whether a list is one of several; texts are compared by Python, all else as everywhere."""
    if not all(each.__class__ is str for each in value):
        return compare(operator, value, values, budget)
    # Each comparison looks at all of both.
    own = weight(value) + 1
    budget.charge(sum(own + weight(each) + len(each) for each in values) + own)
    return (value in values) is (operator == "in")


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
    quotient = STICKY.divide(part * 100, whole_part)
    if quotient.adjusted() >= FEW or places > FEW:
        return ratio_rounded(part * 100, whole_part, places)
    result = quantize(quotient, UNITS[places])
    return result or result.copy_abs()


def placed(value: object, budget: Budget, times: int = 1) -> object:
    """A value in a payload, as JSON; `omit` stays itself. It is looked at `times` over."""
    if value is None:
        raise NothingError
    if value is OMIT:
        return value
    if isinstance(value, LineGroup):
        raise DoubtError  # whose lines stand in the payload has to be known before
    kind = value.__class__
    if kind is str or kind is bool or kind is int or kind is Decimal:
        characters = len(value) if isinstance(value, str) else 0
        budget.charge(times * (1 + characters // CHARACTERS_PER_STEP))
        return value
    for _ in range(times):
        weigh(value, budget)
    written = as_json(value)
    if not is_plain(written, MAX_LEVELS):
        raise DoubtError
    return written


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


NAMES: dict[str, object] = {
    each.__name__: each
    for each in (
        AbsentError,
        Decimal,
        DoubtError,
        Kept,
        NothingError,
        Outcome,
        Payload,
        Proof,
        accepted,
        all_known,
        all_lines_group,
        among,
        as_json,
        calculate,
        compare,
        contained,
        datetime,
        day,
        fits,
        flattened,
        found,
        found_or_missing,
        heft,
        identifying,
        inside,
        is_amount,
        is_number,
        is_true,
        is_zero,
        key_of,
        key_part,
        key_text,
        largest,
        line_group,
        needed,
        no_map,
        nothing,
        number,
        order_named_in,
        path_call,
        path_max,
        path_sum,
        percent,
        placed,
        plain,
        quotient,
        remembered,
        replay,
        rows_of,
        same_for_paths,
        size,
        spelled,
        stored,
        taxed,
        text_of,
        total_of_lines,
        unfit,
        unique,
        weigh,
        whole,
    )
}
NAMES |= {
    "ABSENT": ABSENT,
    "CURRENCY_UNITS": CURRENCY_UNITS,
    "IGNORED": RunState.IGNORED,
    "MISSING": MISSING,
    "NOT_READY": RunState.NOT_READY,
    "OMIT": OMIT,
    "RENDERED": RunState.RENDERED,
    "SETTLED": SETTLED,
    "quantize": quantize,
}
NAMES |= {f"to_{name}": convert for name, convert in CONVERSIONS.items()}
NAMES["to_amount"] = amount
# Nothing else of Python is there.
NAMES["__builtins__"] = {
    each.__name__: each
    for each in (abs, bool, dict, frozenset, id, int, isinstance, len, list, map, set, str, sum)
}
