"""Filters on money and on rendered lines, in the order's currency.

The amount that the ledger will store for a line is computed from the finished line,
never from the order: the proof of balance depends on this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from ...documents.exact import Number, multiply
from ...documents.money import MINOR_UNITS
from ...findings.errors import ExpressionError
from ..lines import TAX_AMOUNTS, TAX_CODE, TAX_KEYS, TAX_RATE, LineGroup, RenderedLine
from .access import get_at_path
from .declare import KINDS, Function, Parameter, Scope, index_functions
from .numbers import require_number, round_number, sum_numbers
from .values import as_text

_CENT = Decimal("0.01")
STEPS_OF_A_TAX = 4


def _money(scope: Scope, amount: Number, currency: str | None) -> Decimal:
    return round_number(amount, _minor_unit(scope, currency or scope.currency))


def _iso_money(scope: Scope, amount: Number) -> Decimal:
    places = _minor_unit(scope, scope.currency)
    return round_number(amount, max(places, MINOR_UNITS.get(scope.currency or "", places)))


def _minor_unit(scope: Scope, currency: str | None) -> int:
    if currency is None:
        raise ExpressionError(
            "E0420",
            "the order has no currency",
            hint="declare a field `currency`, or name it: `| money('USD')`",
        )
    places = scope.places.get(currency)
    if places is None:
        raise ExpressionError(
            "E0420",
            f"`{currency[:10]}` is not an ISO 4217 currency",
            hint="three capitals, such as `USD`",
        )
    return places


def _stored(scope: Scope, lines: RenderedLine | LineGroup) -> Number:
    places = _minor_unit(scope, scope.currency)
    return sum_numbers([stored_amount(line, places) for line in _own_lines(lines)])


def stored_amount(line: RenderedLine, places: int) -> Decimal:
    """Return the amount that the ledger stores for a line. Raise ExpressionError for one without a price."""
    amount = multiply(_amount(line.body), line.stored_sign)
    return round_number(amount, places)


def _amount(body: dict[str, object]) -> Number:
    amount, rate = body.get("amount"), body.get("rate")
    if amount is not None:
        return require_number(amount, "the line's `amount`")
    if rate is None:
        raise ExpressionError(
            "E0421",
            "a line has neither `amount` nor `rate`",
            hint="without them the ledger uses the item's own price: send one of them",
        )
    quantity = body.get("quantity")
    if quantity is None:
        quantity = 1
    return multiply(
        require_number(rate, "the line's `rate`"), require_number(quantity, "the line's `quantity`")
    )


def _taxed(
    scope: Scope,
    lines: RenderedLine | LineGroup,
    rate: str,
    codes: Mapping[str, Number] | None = None,
) -> Number:
    places, path = _minor_unit(scope, scope.currency), rate.split(".")
    return sum_numbers([_tax(line, path, codes or {}, places) for line in _own_lines(lines)])


def _cost_of_taxed(
    lines: RenderedLine | LineGroup, rate: str, _: Mapping[str, Number] | None = None
) -> int:
    """Return the steps of every line, of those under `after:`, and of following a dotted rate."""
    own = _own_lines(lines)
    after = sum(len(line.after) for line in own)
    return len(own) * (STEPS_OF_A_TAX + 2 * rate.count(".")) + after


def _tax(
    line: RenderedLine, rate: Sequence[str], codes: Mapping[str, Number], places: int
) -> Decimal:
    _require_taxed_by_rate(line)
    taxed = sum_numbers([stored_amount(each, places) for each in (line, *line.after)])
    per_cent = codes.get(_tax_code(line.body))
    if per_cent is None:
        subject = f"the line's `{'.'.join(rate)[:40]}`"
        per_cent = require_number(get_at_path(line, rate), subject)
    _require_rate_of_ledger(line.body, per_cent)
    return round_number(multiply(multiply(taxed, per_cent), _CENT), places)


def _require_taxed_by_rate(line: RenderedLine) -> None:
    """Raise ExpressionError (E0428) for a tax that the line's rate does not decide."""
    own = next((key for key in TAX_AMOUNTS if key in line.body), None)
    if own is not None:
        raise ExpressionError(
            "E0428",
            f"a line has a tax of its own: `{own}`",
            hint=f"the ledger stores that and ignores the rate: count it with `| total('{own}')`",
        )
    if any(not TAX_KEYS.isdisjoint(after.body) for after in line.after):
        raise ExpressionError(
            "E0428",
            "a line under `after:` has a tax code or a tax of its own",
            hint="leave it out there, or count these lines by a term of their own",
        )


def _require_rate_of_ledger(body: dict[str, object], per_cent: Number) -> None:
    """Raise ExpressionError (E0428) unless the ledger taxes a line at this per cent."""
    if body.get(TAX_CODE) is None and per_cent:
        raise ExpressionError(
            "E0428",
            "a line has a rate of tax and no tax code",
            hint=f"the ledger computes no tax without `{TAX_CODE}`: send it, or a rate of 0",
        )
    own = body.get(TAX_RATE)
    if own is not None and require_number(own, f"the line's `{TAX_RATE}`") != per_cent:
        raise ExpressionError(
            "E0428",
            f"a line says another rate of tax under `{TAX_RATE}` than the check",
            hint=f"leave `{TAX_RATE}` out, or count by it: `| taxed('{TAX_RATE}')`",
        )


def _tax_code(body: Mapping[str, object]) -> str:
    """Return the id of a line's tax code as a text, also of a bare id; empty without one."""
    code = body.get(TAX_CODE)
    found = code.get("id") if isinstance(code, Mapping) else code
    return "" if found is None or not KINDS["scalar"].accepts(found) else as_text(found)


def _own_lines(lines: RenderedLine | LineGroup) -> tuple[RenderedLine, ...]:
    return lines.lines if isinstance(lines, LineGroup) else (lines,)


_DISCOUNT = RenderedLine({"amount": Decimal("-10.00")})
_SHIRT = RenderedLine(
    {
        "rate": Decimal("25.00"),
        "quantity": 2,
        "tax_rate": Decimal("8.875"),
        "taxCode": {"id": "5"},
    },
    after=(_DISCOUNT,),
)
_PAYMENT = RenderedLine({"amount": Decimal("43.55")}, stored_sign=-1)
_LINES = {
    "lines": LineGroup(
        groups={
            "item": LineGroup((_SHIRT,), {"discount": LineGroup((_DISCOUNT,))}),
            "payment": LineGroup((_PAYMENT,)),
            "tax": LineGroup(),
        }
    )
}

FILTERS = index_functions(
    Function(
        name="money",
        sort="filter",
        implementation=_money,
        parameters=(Parameter("value", "number"), Parameter("currency", "currency", None)),
        summary="Rounded half up to the decimal places that the ledger's account keeps for the order's currency, or for the given one.",
        examples=(
            ("0.125 | money('USD')", {}, Decimal("0.13")),
            ("1250.5 | money('JPY')", {}, Decimal(1251)),
        ),
        with_scope=True,
    ),
    Function(
        name="iso_money",
        sort="filter",
        implementation=_iso_money,
        parameters=(Parameter("value", "number"),),
        summary="Rounded half up to the decimal places of ISO 4217 for the order's currency, or to those of the ledger's account where it keeps more.",
        examples=(("2.9985 | iso_money", {}, Decimal("3.00")),),
        with_scope=True,
    ),
    Function(
        name="stored",
        sort="filter",
        implementation=_stored,
        parameters=(Parameter("value", "lines"),),
        summary="The amount that the ledger will store for the lines: `amount`, or else `rate` × `quantity`, with the sign it stores. Lines under `after:` are not counted.",
        examples=(
            ("lines.item | stored", _LINES, Decimal("50.00")),
            ("lines.item.discount | stored", _LINES, Decimal("-10.00")),
            ("lines.payment | stored", _LINES, Decimal("-43.55")),
            ("lines.tax | stored", _LINES, 0),
        ),
        with_scope=True,
    ),
    Function(
        name="taxed",
        sort="filter",
        implementation=_taxed,
        parameters=(
            Parameter("value", "lines"),
            Parameter("rate", "some text"),
            Parameter("codes", "rates", None),
        ),
        summary="The tax on the lines and their lines under `after:`, at the per cent that each line has under `rate`; rounded line by line. A line whose tax code has a rate in `codes` is taxed at that rate, as the ledger does.",
        examples=(
            ("lines.item | taxed('tax_rate')", _LINES, Decimal("3.55")),
            ("lines.item | taxed('tax_rate', {'5': 0})", _LINES, Decimal("0.00")),
        ),
        with_scope=True,
        cost=_cost_of_taxed,
    ),
)
