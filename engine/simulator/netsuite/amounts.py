"""The figures that NetSuite computes for a transaction: amounts, tax by line, totals. Pure and exact.

Totals that a client sends are ignored. Amounts are rounded half up to the precision of the account's currency. A
discount belongs to the line above it and lowers that line's taxable amount.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ...documents.exact import Number, add, is_number, multiply, round_half_up
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
    """The account and the decimal places by which one transaction is computed."""

    account: Account
    places: int

    def find_item(self, line: Fields) -> StockItem:
        return index_items(self.account)[line["item"]["id"]]

    def round(self, number: Number) -> Decimal:
        return round_half_up(number, self.places)

    def compute_percent(self, base: Number, rate: Number) -> Decimal:
        """Return a percentage of an amount, rounded."""
        return self.round(multiply(multiply(base, rate), Decimal("0.01")))

    def find_tax_code(self, reference: Fields | None) -> TaxCode | None:
        code_id = (reference or {}).get("id")
        return next((code for code in self.account.tax_codes if code.id == code_id), None)


def compute_amounts(
    fields: Fields, given: tuple[Fields, ...], account: Account
) -> tuple[dict[str, Any], tuple[Fields, ...]]:
    """Return the totals, and the lines with their amounts and tax.

    `fields` are the transaction's own fields, its currency among them. Raise RefusalError for a
    discount without a line above it, a line without an amount, or a negative total; ExpressionError
    for a number out of range.
    """
    places = account.get_places(fields.get("currency", {}).get("id", ""))
    calculation = _Calculation(account, places)
    lines = _price_lines(calculation, given)
    _tax_lines(calculation, lines)
    totals = _compute_totals(calculation, fields, lines)
    if totals["total"] < 0:
        raise user_error("The total of a transaction cannot be negative.", "total")
    return totals, tuple(lines)


def _price_lines(calculation: _Calculation, given: tuple[Fields, ...]) -> list[Line]:
    lines: list[Line] = []
    above: Line | None = None
    for index, given_line in enumerate(given):
        line, item = dict(given_line), calculation.find_item(given_line)
        if item.kind == "Discount":
            if above is None:
                words = "A discount item applies to the line above it, and there is none."
                raise user_error(words, f"item.items[{index}].item")
            line["amount"] = _compute_discount(calculation, line, item, above)
        else:
            if item.kind not in _WITHOUT_QUANTITY:
                line.setdefault("quantity", 1)
            line["amount"] = (
                ZERO if item.kind in _WITHOUT_AMOUNT else _compute_amount(calculation, line, item)
            )
            above = line
        if item.kind != "Group":  # a group's lines are told apart when they are expanded
            line["itemType"] = {"id": item.kind}
        lines.append(line)
    return lines


def _compute_amount(calculation: _Calculation, line: Line, item: StockItem) -> Decimal:
    """Return the amount sent, else rate times quantity; the rate defaults to the item's own."""
    if "amount" in line:
        return calculation.round(line["amount"])
    rate = line.get("rate", item.rate)
    if rate is None:
        raise missing_values(["Amount"])
    line["rate"] = rate
    sign = -1 if item.kind == "Payment" else 1
    return calculation.round(multiply(sign * rate, line.get("quantity", 1)))


def _compute_discount(
    calculation: _Calculation, line: Line, item: StockItem, above: Line
) -> Decimal:
    for name in ("amount", "rate"):
        if name in line:
            return calculation.round(line[name])
    if item.rate is None:
        raise missing_values(["Amount"])
    return (
        calculation.compute_percent(above["amount"], item.rate)
        if item.is_percent
        else calculation.round(item.rate)
    )


def _tax_lines(calculation: _Calculation, lines: list[Line]) -> None:
    """Set the tax of each line with a tax code, after the discounts below it."""
    for index, line in enumerate(lines):
        code = calculation.find_tax_code(line.get("taxCode"))
        if code is None:
            continue
        base = line["amount"]
        if calculation.find_item(line).kind != "Discount":
            base = add(base, _sum_discounts(calculation, lines, index, code.discounts_by))
        rate = _find_rate(code, line)
        line["taxRate1"] = rate
        line.setdefault("tax1Amt", calculation.compute_percent(base, rate))


def _sum_discounts(
    calculation: _Calculation, lines: list[Line], index: int, column: str | None
) -> Number:
    """Sum the discounts that belong to a line and have no tax code of their own.

    With `column`, count only discounts with the line's value in it.
    """
    value = lines[index].get(column or "")
    total: Number = ZERO
    for line in lines[index + 1 :]:
        if calculation.find_item(line).kind != "Discount":
            break
        if "taxCode" not in line and line.get(column or "") == value:
            total = add(total, line["amount"])
    return total


def _find_rate(code: TaxCode, line: Fields) -> Number:
    if code.rate is not None:
        return code.rate
    rate = line.get(code.column or "")
    return rate if is_number(rate) else ZERO


def _compute_totals(calculation: _Calculation, fields: Fields, lines: list[Line]) -> dict[str, Any]:
    subtotal = _add_all(line["amount"] for line in lines)
    discount = _compute_body_discount(calculation, fields, subtotal)
    extra = {
        name: calculation.round(fields[name])
        for name in ("shippingCost", "handlingCost")
        if name in fields
    }
    taxes = [line.get("tax1Amt", ZERO) for line in lines]
    taxes += [
        _compute_cost_tax(calculation, fields, name.removesuffix("Cost"), extra[name])
        for name in extra
    ]
    tax = calculation.round(_add_all(taxes))
    total = _add_all([subtotal, discount, tax, *extra.values()])
    parts = {"subtotal": subtotal, "discountTotal": discount, "taxTotal": tax, "total": total}
    return {name: calculation.round(value) for name, value in parts.items()} | extra


def _compute_body_discount(calculation: _Calculation, fields: Fields, subtotal: Number) -> Number:
    """Compute the discount on the whole transaction: `discountRate` is a negative amount, as in REST."""
    if "discountItem" not in fields:
        return ZERO
    if "discountRate" in fields:
        return calculation.round(fields["discountRate"])
    item = index_items(calculation.account)[fields["discountItem"]["id"]]
    rate = item.rate or ZERO
    return calculation.compute_percent(subtotal, rate) if item.is_percent else rate


def _compute_cost_tax(
    calculation: _Calculation, fields: Fields, name: str, cost: Number
) -> Decimal:
    """Compute the tax on shipping or handling by its own tax code."""
    code = calculation.find_tax_code(fields.get(f"{name}TaxCode"))
    if code is None:
        return ZERO
    rate = fields.get(code.body_field or "", ZERO) if code.rate is None else code.rate
    return calculation.compute_percent(cost, rate)


def _add_all(numbers: Any) -> Number:
    total: Number = ZERO
    for number in numbers:
        total = add(total, number)
    return total
