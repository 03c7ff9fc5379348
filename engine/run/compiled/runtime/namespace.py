"""The functions that compiled source may call: NAMES, its only names beside its constants.

Each function is fast and raises doubt for rare values. All run with FAST as the decimal context.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from ....documents import is_plain
from ....documents.exact import UNITS, Number, divide, format_plain, is_number
from ....documents.money import LEDGER_PLACES, MINOR_UNITS
from ....findings.errors import AbsentError, DoubtError, NothingError
from ....language.budget import Budget
from ....language.functions import OMIT, as_text, is_true, weigh
from ....language.functions.access import get_entry
from ....language.functions.declare import Parameter
from ....language.functions.numbers import FEW, STICKY, round_ratio
from ....language.functions.values import CHARACTERS_PER_STEP, require_value, size
from ....language.lines import LineGroup
from ....language.moments import load_zone
from ....language.templates.operators import calculate, compare
from ....mapping.lookups.table import key_text
from ...bodies import as_json
from ...envelope import read_order_number
from ...inputs import ABSENT
from ...outcome import Outcome, Payload, Proof, RunState
from .conversions import CONVERSIONS, parse_amount, to_amount
from .doubts import MAX_LEVELS, misfit_error, require_number, require_whole
from .line_groups import KeptLines, build_all_lines_group, build_line_group
from .lookup_answers import (
    MISSING,
    NOTHING_NEEDED,
    check_key_part,
    find_answer,
    find_answer_cached,
    find_answer_or_missing,
    get_exact_rows,
    keeps_own_tables,
)
from .path_walk import (
    equal_in_paths,
    find_largest,
    flatten,
    is_zero,
    measure_weight,
    path_call,
    path_max,
    path_sum,
    replay,
    require_not_map,
)
from .stored_amounts import has_places, quantize, sum_lines, sum_stored, sum_taxes

CURRENCY_UNITS = {code: Decimal((0, (1,), -places)) for code, places in LEDGER_PLACES.items()}
_ISO_UNITS = {code: Decimal((0, (1,), -places)) for code, places in MINOR_UNITS.items()}


def find_iso_unit(unit: Decimal, currency: str) -> Decimal:
    """Return the smaller of the minor units of the account and of ISO 4217: see the filter `iso_money`."""
    return min(unit, _ISO_UNITS[currency])


def require_null(value: object) -> None:
    """Return null for a key of null, where absence is allowed; raise doubt for any other value."""
    if value is not None:
        raise DoubtError


def format_text(value: Any) -> str:
    """Return a value's form inside a text."""
    return value if value.__class__ is str else as_text(value)


def check_argument(parameter: Parameter, value: object) -> None:
    """Raise if a parameter does not accept an argument."""
    refusal = parameter.refusal(value)
    if refusal is not None:
        raise refusal


def require_entry(value: object, key: object) -> object:
    """Return the value under a key of any value."""
    try:
        return get_entry(value, key)
    except LookupError as error:
        raise NothingError from error


def charge_entry(value: object, budget: Budget) -> None:
    """Charge an entry of a list or map display; raise if it cannot be an entry."""
    if value is not None:
        require_value(value)
        weigh(value, budget)


def measure_list_weight(values: Sequence[object]) -> int:
    """Return the steps of weighing a list of scalars, or more; raise doubt for a list of lists."""
    steps = 1 + 2 * len(values)
    for value in values:
        if value.__class__ is str:
            steps += len(value) // CHARACTERS_PER_STEP
        elif value.__class__ in {list, dict}:
            raise DoubtError
    return steps


def drop_duplicates(values: list[object], every: Callable[[object], list[object]]) -> list[object]:
    """Drop repeated entries, in the order of first appearance; `every` handles other kinds than text."""
    if all(value.__class__ is str for value in values):
        return list(dict.fromkeys(values))
    return every(values)


def is_among(
    operator: str, value: list[object], values: Sequence[list[object]], budget: Budget
) -> bool:
    """Whether a list is one of several; Python compares texts, the language all else."""
    if not all(each.__class__ is str for each in value):
        return compare(operator, value, values, budget)
    # Each comparison reads both lists whole.
    own = measure_list_weight(value) + 1
    budget.charge(sum(own + measure_list_weight(each) + len(each) for each in values) + own)
    return (value in values) is (operator == "in")


def compute_quotient(left: Number, right: Number) -> Decimal:
    """Return `left / right`, rounded only if necessary."""
    if left.__class__ is int and right.__class__ is int:
        result = divide(left, right)
    else:
        try:
            result = left / right  # type: ignore[assignment] # one of them is a Decimal
        except ArithmeticError:
            result = divide(left, right)
    return result or abs(result)


def percent(part: Number, whole_part: Number, places: int) -> Decimal:
    """Return a part in per cent of the whole: see the function `percent`."""
    quotient = STICKY.divide(part * 100, whole_part)
    if quotient.adjusted() >= FEW or places > FEW:
        return round_ratio(part * 100, whole_part, places)
    result = quantize(quotient, UNITS[places])
    return result or result.copy_abs()


def place_value(value: object, budget: Budget, times: int = 1) -> object:
    """Return a value of a payload as JSON, charged `times` times; `omit` stays `omit`."""
    if value is None:
        raise NothingError
    if value is OMIT:
        return value
    if isinstance(value, LineGroup):
        raise DoubtError  # the lines of a payload must be known at compile time
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


def require_id_text(value: Any) -> str:
    """Return the text of an id that must not be empty."""
    if value is None or value is OMIT or value == "":
        raise DoubtError
    return value if value.__class__ is str else as_text(value)


def is_amount(value: object) -> bool:
    """Whether a value is a number that a check can use."""
    return value.__class__ is Decimal or value.__class__ is int


def format_date(moment: datetime, zone_name: str) -> str:
    """Return the date of a moment in a time zone that exists."""
    return moment.astimezone(load_zone(zone_name)).date().isoformat()


def join_key(value: Any) -> str | None:
    """Return the text by which joined lists are compared; None if the value is not an id."""
    if value.__class__ is str:
        return value
    return format_plain(value) if is_number(value) else None


# The number of signatures kept for one record.
_MAX_SIGNATURES = 4_096
# Classes whose values all fit or all do not. A decimal may or may not be written as an integer, and the
# contents of a list or map are not part of a signature.
_ALIKE = frozenset({str, int, bool})


def body_fits(
    seen: set[object],
    accepts: Callable[[object], bool],
    body: object,
    signature: tuple[object, ...],
) -> bool:
    """Whether a body fits; a body with a known signature is not validated again."""
    if signature in seen:
        return True
    if not accepts(body):
        return False
    if len(seen) < _MAX_SIGNATURES and all(_is_alike(part) for part in signature):
        seen.add(signature)
    return True


def _is_alike(part: object) -> bool:
    """Whether bodies with this part in their signature fit alike; None stands for no signature."""
    if part is None:
        return False
    if isinstance(part, type):
        return part in _ALIKE or part is type(OMIT)
    return not isinstance(part, tuple | frozenset) or all(map(_is_alike, part))


NAMES: dict[str, object] = {
    each.__name__: each
    for each in (
        AbsentError,
        Decimal,
        DoubtError,
        KeptLines,
        NothingError,
        Outcome,
        Payload,
        Proof,
        check_argument,
        keeps_own_tables,
        build_all_lines_group,
        is_among,
        as_json,
        calculate,
        compare,
        charge_entry,
        datetime,
        format_date,
        body_fits,
        flatten,
        has_places,
        find_answer,
        find_iso_unit,
        find_answer_or_missing,
        measure_weight,
        require_id_text,
        require_entry,
        is_amount,
        is_number,
        is_true,
        is_zero,
        join_key,
        check_key_part,
        key_text,
        find_largest,
        build_line_group,
        require_value,
        require_not_map,
        require_null,
        require_number,
        read_order_number,
        path_call,
        path_max,
        path_sum,
        percent,
        place_value,
        format_plain,
        compute_quotient,
        find_answer_cached,
        replay,
        get_exact_rows,
        equal_in_paths,
        size,
        parse_amount,
        sum_stored,
        sum_taxes,
        format_text,
        sum_lines,
        misfit_error,
        drop_duplicates,
        weigh,
        require_whole,
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
    "NOTHING_NEEDED": NOTHING_NEEDED,
    "quantize": quantize,
}
NAMES |= {f"to_{name}": convert for name, convert in CONVERSIONS.items()}
NAMES["to_amount"] = to_amount
# The only builtins of compiled source.
NAMES["__builtins__"] = {
    each.__name__: each
    for each in (abs, bool, dict, frozenset, id, int, isinstance, len, list, map, set, str, sum)
}
