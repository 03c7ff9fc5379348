"""What the ledger adds to a transaction of itself: tax on shipping, a discount, promotions, by keys of its header.

No term of a check can count such an amount. Sources: netsuite.md §6 and the record schemas of release 2026.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..findings.quote import quoted
from .systems import RECORDS


@dataclass(frozen=True, slots=True)
class LedgerAddition:
    """A key that makes the ledger add an amount, unless one of the keys `given` says the amount.

    It adds nothing without the key `beside`, if that is not empty; `then` says what is added, `hint` what
    to do instead.
    """

    key: str
    then: str
    hint: str
    given: tuple[str, ...] = ()
    beside: str = ""

    def describe(self, key: str) -> str:
        """Return what a finding says of the key, as it is written."""
        return f"with {quoted(key)} NetSuite {self.then}, and no check counts it"


_TAXED_LINE = (
    "make it a line of its own, and count its tax with `| taxed(…)`, or send the tax as an amount"
)
_TAX_TOTAL = (
    "give the lines tax codes and count them with `| taxed(…)`, or send `taxTotal` and count it"
)
_PROMOTION = "leave it out, and send what it takes off as a line or as `discountRate`"
ADDITIONS = (
    LedgerAddition(
        key="shippingTaxCode",
        then="computes a tax on `shippingCost`",
        hint=_TAXED_LINE,
        given=("shippingTax1Amt", "shippingTaxAmount"),
        beside="shippingCost",
    ),
    LedgerAddition(
        key="handlingTaxCode",
        then="computes a tax on `handlingCost`",
        hint=_TAXED_LINE,
        given=("handlingTax1Amt", "handlingTaxAmount"),
        beside="handlingCost",
    ),
    LedgerAddition(
        key="taxItem", then="taxes what is taxable by it", hint=_TAX_TOTAL, given=("taxTotal",)
    ),
    LedgerAddition(
        key="isTaxable",
        then="taxes what is taxable",
        hint=_TAX_TOTAL,
        given=("taxTotal", "taxItem"),
    ),
    LedgerAddition(
        key="discountItem",
        then="takes off what the item itself says",
        hint="send `discountRate` beside it, and count it",
        given=("discountRate",),
    ),
    *(
        LedgerAddition(key, "takes off what its promotion says", _PROMOTION)
        for key in ("promoCode", "promotions", "couponCode")
    ),
)
# Keys of a line that say how it is taxed; with one of them `isTaxable` of the line adds nothing more.
_LINE_TAXES = (RECORDS.tax_code, *RECORDS.tax_amounts)
LINE_ADDITIONS = (
    LedgerAddition(key="isTaxable", then="taxes the line", hint=_TAX_TOTAL, given=_LINE_TAXES),
)


def find_additions(
    body: Mapping[str, object], additions: tuple[LedgerAddition, ...] = ADDITIONS
) -> dict[str, LedgerAddition]:
    """Return what the ledger adds to a body, by the keys as written, compared without case.

    A key whose value is null, false, 0 or empty counts as absent, so that `body` may hold values or
    anything that is true where a value is known only for an order.
    """
    keys = {key.casefold(): key for key, value in body.items() if value}
    return {
        keys[each.key.casefold()]: each
        for each in additions
        if each.key.casefold() in keys
        and (not each.beside or each.beside.casefold() in keys)
        and not any(key.casefold() in keys for key in each.given)
    }
