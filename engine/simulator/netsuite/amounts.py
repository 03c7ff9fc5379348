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
from .refusals import missing_values, user_error
from .values import index_items

Line = dict[str, Any]
Fields = Mapping[str, Any]
ZERO = Decimal(0)
_WITHOUT_QUANTITY = frozenset(("Discount", "Payment", "Markup", "Subtotal", "Description"))
_WITHOUT_AMOUNT = frozenset(("Description", "Group", "EndGroup"))


@dataclass(frozen=True, slots=True)
class _Calculation:
    """What is needed to compute one transaction."""

    account: Account
    places: int

    def find_item(self, line: Fields) -> StockItem:
        return index_items(self.account)[line["item"]["id"]]

    def round(self, number: Number) -> Decimal:
        return round_half_up(number, self.places)

    def compute_percent(self, base: Number, rate: Number) -> Decimal:
        """A part of an amount, rounded."""
        return self.round(multiply(multiply(base, rate), Decimal("0.01")))

    def find_tax_code(self, reference: Fields | None) -> TaxCode | None:
        wanted = (reference or {}).get("id")
        return next((code for code in self.account.tax_codes if code.id == wanted), None)


def compute_amounts(
    fields: Fields, given: tuple[Fields, ...], account: Account
) -> tuple[dict[str, Any], tuple[Fields, ...]]:
    """The totals, and the lines with their amounts and tax.

    `fields` are the transaction's own, its currency among them. Raise RefusalError for a discount
    without a line above, for a line without an amount, for a total below nothing; ExpressionError
    when a number does not fit.
    """
    symbol = account.symbols.get(fields.get("currency", {}).get("id", ""), "")
    sums = _Calculation(account, MINOR_UNITS.get(symbol, 2))
    lines = _price_lines(sums, given)
    _tax_lines(sums, lines)
    totals = _compute_totals(sums, fields, lines)
    if totals["total"] < 0:
        raise user_error("The total of a transaction cannot be negative.", "total")
    return totals, tuple(lines)


def _price_lines(sums: _Calculation, given: tuple[Fields, ...]) -> list[Line]:
    lines: list[Line] = []
    above: Line | None = None
    for index, each in enumerate(given):
        line, item = dict(each), sums.find_item(each)
        if item.kind == "Discount":
            if above is None:
                words = "A discount item applies to the line above it, and there is none."
                raise user_error(words, f"item.items[{index}].item")
            line["amount"] = _compute_discount(sums, line, item, above)
        else:
            if item.kind not in _WITHOUT_QUANTITY:
                line.setdefault("quantity", 1)
            line["amount"] = (
                ZERO if item.kind in _WITHOUT_AMOUNT else _compute_amount(sums, line, item)
            )
            above = line
        line["itemType"] = {"id": item.kind}
        lines.append(line)
    return lines


def _compute_amount(sums: _Calculation, line: Line, item: StockItem) -> Decimal:
    """The amount sent, else rate by quantity; the item's own rate stands in for one not sent."""
    if "amount" in line:
        return sums.round(line["amount"])
    rate = line.get("rate", item.rate)
    if rate is None:
        raise missing_values(["Amount"])
    line["rate"] = rate
    sign = -1 if item.kind == "Payment" else 1
    return sums.round(multiply(sign * rate, line.get("quantity", 1)))


def _compute_discount(sums: _Calculation, line: Line, item: StockItem, above: Line) -> Decimal:
    for own in ("amount", "rate"):
        if own in line:
            return sums.round(line[own])
    if item.rate is None:
        raise missing_values(["Amount"])
    return (
        sums.compute_percent(above["amount"], item.rate)
        if item.is_percent
        else sums.round(item.rate)
    )


def _tax_lines(sums: _Calculation, lines: list[Line]) -> None:
    """Tax each line with a tax code, on what the discounts below it leave."""
    for index, line in enumerate(lines):
        code = sums.find_tax_code(line.get("taxCode"))
        if code is None:
            continue
        base = line["amount"]
        if sums.find_item(line).kind != "Discount":
            base = add(base, _sum_discounts(sums, lines, index, code.discounts_by))
        rate = _find_rate(code, line)
        line["taxRate1"] = rate
        line.setdefault("tax1Amt", sums.compute_percent(base, rate))


def _sum_discounts(sums: _Calculation, lines: list[Line], index: int, column: str | None) -> Number:
    """The discounts that belong to a line and are not taxed for themselves.

    With a column they have the line's value in it.
    """
    own = lines[index].get(column or "")
    found: Number = ZERO
    for line in lines[index + 1 :]:
        if sums.find_item(line).kind != "Discount":
            break
        if "taxCode" not in line and line.get(column or "") == own:
            found = add(found, line["amount"])
    return found


def _find_rate(code: TaxCode, line: Fields) -> Number:
    if code.rate is not None:
        return code.rate
    rate = line.get(code.column or "")
    return rate if is_number(rate) else ZERO  # type: ignore[return-value] # is_number says so


def _compute_totals(sums: _Calculation, fields: Fields, lines: list[Line]) -> dict[str, Any]:
    subtotal = _add_all(line["amount"] for line in lines)
    discount = _compute_body_discount(sums, fields, subtotal)
    extra = {
        name: sums.round(fields[name])
        for name in ("shippingCost", "handlingCost")
        if name in fields
    }
    taxes = [line.get("tax1Amt", ZERO) for line in lines]
    taxes += [
        _compute_cost_tax(sums, fields, name.removesuffix("Cost"), extra[name]) for name in extra
    ]
    tax = sums.round(_add_all(taxes))
    total = _add_all([subtotal, discount, tax, *extra.values()])
    parts = {"subtotal": subtotal, "discountTotal": discount, "taxTotal": tax, "total": total}
    return {name: sums.round(value) for name, value in parts.items()} | extra


def _compute_body_discount(sums: _Calculation, fields: Fields, subtotal: Number) -> Number:
    """A discount on the whole: `discountRate` is an amount below nothing, as REST takes it."""
    if "discountItem" not in fields:
        return ZERO
    if "discountRate" in fields:
        return sums.round(fields["discountRate"])
    item = index_items(sums.account)[fields["discountItem"]["id"]]
    rate = item.rate or ZERO
    return sums.compute_percent(subtotal, rate) if item.is_percent else rate


def _compute_cost_tax(sums: _Calculation, fields: Fields, name: str, cost: Number) -> Decimal:
    """The tax on shipping or handling, by its own tax code."""
    code = sums.find_tax_code(fields.get(f"{name}TaxCode"))
    if code is None:
        return ZERO
    rate = fields.get(code.body_field or "", ZERO) if code.rate is None else code.rate
    return sums.compute_percent(cost, rate)


def _add_all(numbers: Any) -> Number:
    found: Number = ZERO
    for number in numbers:
        found = add(found, number)
    return found
