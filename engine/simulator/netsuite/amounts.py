"""What NetSuite computes for a transaction: amounts, tax line by line, and the totals. Pure and exact.

Whatever is sent for a total is computed anew. Amounts are rounded half up to the currency's minor
unit. A discount belongs to the line above it, and takes from what that one is taxed by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ...documents.exact import Number, add, is_number, multiply, round_half_up
from ...documents.money import MINOR_UNITS
from .account import Account, StockItem, TaxCode
from .refusals import please_enter, user_error
from .values import items_by_id

Line = dict[str, Any]
Fields = Mapping[str, Any]
ZERO = Decimal(0)
_WITHOUT_QUANTITY = frozenset(("Discount", "Payment", "Markup", "Subtotal", "Description"))
_WITHOUT_AMOUNT = frozenset(("Description", "Group", "EndGroup"))


@dataclass(frozen=True, slots=True)
class _Sums:
    """What is needed to compute one transaction."""

    account: Account
    places: int

    def item(self, line: Fields) -> StockItem:
        return items_by_id(self.account)[line["item"]["id"]]

    def rounded(self, number: Number) -> Decimal:
        return round_half_up(number, self.places)

    def percent(self, base: Number, rate: Number) -> Decimal:
        """A part of an amount, rounded."""
        return self.rounded(multiply(multiply(base, rate), Decimal("0.01")))

    def tax_code(self, reference: Fields | None) -> TaxCode | None:
        wanted = (reference or {}).get("id")
        return next((code for code in self.account.tax_codes if code.id == wanted), None)


def computed(
    fields: Fields, given: tuple[Fields, ...], account: Account
) -> tuple[dict[str, Any], tuple[Fields, ...]]:
    """The totals, and the lines with their amounts and tax.

    `fields` are the transaction's own, its currency among them. Raise RefusalError for a discount
    without a line above, for a line without an amount, for a total below nothing; ExpressionError
    when a number does not fit.
    """
    symbol = account.symbols.get(fields.get("currency", {}).get("id", ""), "")
    sums = _Sums(account, MINOR_UNITS.get(symbol, 2))
    lines = _with_amounts(sums, given)
    _put_tax(sums, lines)
    totals = _totals(sums, fields, lines)
    if totals["total"] < 0:
        raise user_error("The total of a transaction cannot be negative.", "total")
    return totals, tuple(lines)


def _with_amounts(sums: _Sums, given: tuple[Fields, ...]) -> list[Line]:
    lines: list[Line] = []
    above: Line | None = None
    for index, each in enumerate(given):
        line, item = dict(each), sums.item(each)
        if item.kind == "Discount":
            if above is None:
                words = "A discount item applies to the line above it, and there is none."
                raise user_error(words, f"item.items[{index}].item")
            line["amount"] = _discount(sums, line, item, above)
        else:
            if item.kind not in _WITHOUT_QUANTITY:
                line.setdefault("quantity", 1)
            line["amount"] = ZERO if item.kind in _WITHOUT_AMOUNT else _amount(sums, line, item)
            above = line
        line["itemType"] = {"id": item.kind}
        lines.append(line)
    return lines


def _amount(sums: _Sums, line: Line, item: StockItem) -> Decimal:
    """The amount sent, else rate by quantity; the item's own rate stands in for one not sent."""
    if "amount" in line:
        return sums.rounded(line["amount"])
    rate = line.get("rate", item.rate)
    if rate is None:
        raise please_enter(["Amount"])
    line["rate"] = rate
    sign = -1 if item.kind == "Payment" else 1
    return sums.rounded(multiply(sign * rate, line.get("quantity", 1)))


def _discount(sums: _Sums, line: Line, item: StockItem, above: Line) -> Decimal:
    for own in ("amount", "rate"):
        if own in line:
            return sums.rounded(line[own])
    if item.rate is None:
        raise please_enter(["Amount"])
    return sums.percent(above["amount"], item.rate) if item.is_percent else sums.rounded(item.rate)


def _put_tax(sums: _Sums, lines: list[Line]) -> None:
    """Tax each line with a tax code, on what the discounts below it leave."""
    for index, line in enumerate(lines):
        code = sums.tax_code(line.get("taxCode"))
        if code is None:
            continue
        base = line["amount"]
        if sums.item(line).kind != "Discount":
            base = add(base, _discounts_of(sums, lines, index, code.discounts_by))
        rate = _rate_of(code, line)
        line["taxRate1"] = rate
        line.setdefault("tax1Amt", sums.percent(base, rate))


def _discounts_of(sums: _Sums, lines: list[Line], index: int, column: str | None) -> Number:
    """The discounts that belong to a line and are not taxed for themselves.

    With a column they have the line's value in it.
    """
    own = lines[index].get(column or "")
    found: Number = ZERO
    for line in lines[index + 1 :]:
        if sums.item(line).kind != "Discount":
            break
        if "taxCode" not in line and line.get(column or "") == own:
            found = add(found, line["amount"])
    return found


def _rate_of(code: TaxCode, line: Fields) -> Number:
    if code.rate is not None:
        return code.rate
    rate = line.get(code.column or "")
    return rate if is_number(rate) else ZERO  # type: ignore[return-value] # is_number says so


def _totals(sums: _Sums, fields: Fields, lines: list[Line]) -> dict[str, Any]:
    subtotal = _sum(line["amount"] for line in lines)
    discount = _body_discount(sums, fields, subtotal)
    extra = {
        name: sums.rounded(fields[name])
        for name in ("shippingCost", "handlingCost")
        if name in fields
    }
    taxes = [line.get("tax1Amt", ZERO) for line in lines]
    taxes += [_tax_of_cost(sums, fields, name.removesuffix("Cost"), extra[name]) for name in extra]
    tax = sums.rounded(_sum(taxes))
    total = _sum([subtotal, discount, tax, *extra.values()])
    parts = {"subtotal": subtotal, "discountTotal": discount, "taxTotal": tax, "total": total}
    return {name: sums.rounded(value) for name, value in parts.items()} | extra


def _body_discount(sums: _Sums, fields: Fields, subtotal: Number) -> Number:
    """A discount on the whole: `discountRate` is an amount below nothing, as REST takes it."""
    if "discountItem" not in fields:
        return ZERO
    if "discountRate" in fields:
        return sums.rounded(fields["discountRate"])
    item = items_by_id(sums.account)[fields["discountItem"]["id"]]
    rate = item.rate or ZERO
    return sums.percent(subtotal, rate) if item.is_percent else rate


def _tax_of_cost(sums: _Sums, fields: Fields, name: str, cost: Number) -> Decimal:
    """The tax on shipping or handling, by its own tax code."""
    code = sums.tax_code(fields.get(f"{name}TaxCode"))
    if code is None:
        return ZERO
    rate = fields.get(code.body_field or "", ZERO) if code.rate is None else code.rate
    return sums.percent(cost, rate)


def _sum(numbers: Any) -> Number:
    found: Number = ZERO
    for number in numbers:
        found = add(found, number)
    return found
