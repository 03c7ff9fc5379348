"""What stands in NetSuite after a payload is written: lines, tax and totals, read as NetSuite reads.

A small model of its own, by the facts and by what `simulator.yaml` of a tenant says of the account.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

import yaml

from .markets import ROOT, Json

ZERO = Decimal(0)
# NetSuite's currencies have two places or none, unless the account says otherwise.
_USUAL_PLACES = {"JPY": 0}


@dataclass(frozen=True, slots=True)
class ChartOfItems:
    """What an account holds: items by id and external id, tax codes, places of currencies."""

    items: Mapping[str, Json]
    by_external_id: Mapping[str, Json]
    tax_codes: Mapping[str, Json]
    places: Mapping[str, int]


@cache
def read_chart(tenant: str) -> ChartOfItems:
    text = (ROOT / "mappings" / tenant / "simulator.yaml").read_text(encoding="utf-8")
    account = yaml.safe_load(text)
    items = {str(item["id"]): item for item in account["items"]}
    places = {
        str(currency["id"]): currency.get("precision", _USUAL_PLACES.get(currency["symbol"], 2))
        for currency in account["currencies"]
    }
    return ChartOfItems(
        items=items,
        by_external_id={
            item["externalid"]: item for item in items.values() if "externalid" in item
        },
        tax_codes={str(code["id"]): code for code in account.get("tax_codes", ())},
        places=places,
    )


@dataclass(slots=True)
class Posted:
    """One transaction as it stands; amounts in the transaction's currency, payments positive."""

    goods: Decimal = ZERO
    discounts: Decimal = ZERO
    shipping: Decimal = ZERO
    tax: Decimal = ZERO
    line_tax: Decimal = ZERO
    """The part of the tax that stands on lines of goods and discounts."""
    rounding: Decimal = ZERO
    payments: dict[str, Decimal] = field(default_factory=dict)
    sold: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    taxed: list[tuple[str, str, Decimal]] = field(default_factory=list)
    """The NewStore id, tax code and tax of each line of goods."""
    refusals: list[str] = field(default_factory=list)

    @property
    def net(self) -> Decimal:
        return self.goods - self.discounts + self.shipping

    @property
    def owed(self) -> Decimal:
        return self.net + self.tax + self.rounding

    @property
    def balance(self) -> Decimal:
        return self.owed - sum(self.payments.values(), ZERO)


def as_decimal(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return Decimal(value)


def reference_id(value: object) -> str:
    """Return the id of a reference, written as an object or as a bare value."""
    if isinstance(value, Mapping):
        value = value.get("id")
    return "" if value is None else str(value)


def post(tenant: str, body: Json) -> Posted:
    """Return what NetSuite stores for a transaction's body."""
    chart = read_chart(tenant)
    posted = Posted()
    places = chart.places.get(reference_id(body.get("currency")))
    if places is None:
        posted.refusals.append("the account does not have the currency")
        return posted
    lines = [
        _Line(chart, line, places, posted.refusals)
        for line in body.get("item", {}).get("items", ())
    ]
    for at, line in enumerate(lines):
        _post_line(posted, line, _below(lines, at))
    cost = as_decimal(body.get("shippingCost", 0))
    if cost is None or cost < 0:
        posted.refusals.append("shippingCost is no amount")
        cost = ZERO
    posted.shipping = _round(cost, places)
    posted.tax += _shipping_tax(chart, body, posted.shipping, places)
    if posted.balance < 0:
        posted.refusals.append("the total is negative")
    return posted


def _round(amount: Decimal, places: int) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _shipping_tax(chart: ChartOfItems, body: Json, cost: Decimal, places: int) -> Decimal:
    code = chart.tax_codes.get(reference_id(body.get("shippingTaxCode")))
    if code is None:
        return ZERO
    rate = code.get("rate", body.get(code.get("body_field", ""), 0))
    return _round(cost * Decimal(str(rate)) / 100, places)


class _Line:
    """One entry of the item sublist with its amount as stored."""

    def __init__(self, chart: ChartOfItems, line: Json, places: int, refusals: list[str]) -> None:
        self.line, self.chart, self.places, self.refusals = line, chart, places, refusals
        item = line.get("item") or {}
        found = chart.items.get(reference_id(item))
        if found is None and isinstance(item, Mapping) and "externalId" in item:
            found = chart.by_external_id.get(str(item["externalId"]))
        if found is None or found.get("inactive"):
            refusals.append(f"there is no item {item}")
            found = {"id": "", "type": "InvtPart"}
        self.item: Json = found
        self.kind: str = found.get("type", "InvtPart")
        self.amount = self._read_amount()
        self.key = line.get("custcol_nws_item_id")
        self.code = chart.tax_codes.get(reference_id(line.get("taxCode")))
        if "taxCode" in line and self.code is None:
            refusals.append(f"there is no tax code {line['taxCode']}")

        if reference_id(line.get("price", "-1")) != "-1":
            refusals.append("a price level that keeps no rate")

    def _read_amount(self) -> Decimal:
        quantity = as_decimal(self.line.get("quantity", 1))
        if quantity is None or quantity <= 0:
            self.refusals.append(f"quantity {self.line.get('quantity')}")
            quantity = Decimal(1)
        amount = as_decimal(self.line.get("amount"))
        if amount is None:
            rate = as_decimal(self.line.get("rate"))
            if rate is None:
                self.refusals.append("a line without amount")
                rate = ZERO
            amount = rate * quantity
        if abs(amount) > Decimal(10) ** 12:
            self.refusals.append("an amount that is too large")
            amount = ZERO
        return _round(amount, self.places)

    def tax(self, below: Iterable[_Line]) -> Decimal:
        """The tax of the line, after the discounts below it that have no tax code of their own."""
        if "tax1Amt" in self.line:
            return _round(as_decimal(self.line["tax1Amt"]) or ZERO, self.places)
        if self.code is None:
            return ZERO
        base = self.amount
        if self.kind != "Discount":
            base += sum((line.amount for line in below if self._lowers(line)), ZERO)
        rate = self.code.get("rate")
        if rate is None:
            rate = as_decimal(self.line.get(self.code.get("column", ""), 0)) or ZERO
        return _round(base * Decimal(str(rate)) / 100, self.places)

    def _lowers(self, discount: _Line) -> bool:
        column = (self.code or {}).get("discounts_by")
        own = column is None or self.line.get(column) == discount.line.get(column)
        return "taxCode" not in discount.line and own


def _below(lines: list[_Line], at: int) -> Iterator[_Line]:
    """Yield the discounts that stand directly below a line."""
    for line in lines[at + 1 :]:
        if line.kind != "Discount":
            return
        yield line


def _post_line(posted: Posted, line: _Line, below: Iterable[_Line]) -> None:
    if line.kind == "Payment":
        item_id = str(line.item["id"])
        posted.payments[item_id] = posted.payments.get(item_id, ZERO) + line.amount
        return
    tax = line.tax(below)
    posted.tax += tax
    posted.line_tax += tax
    if line.kind == "Discount":
        posted.discounts -= line.amount
        if line.amount > 0:
            posted.refusals.append("a discount item with a positive amount")
    elif line.kind == "OthCharge":
        if line.item.get("itemid") == "Tax":
            posted.tax += line.amount
        else:
            posted.rounding += line.amount
    else:
        _post_goods(posted, line, tax)


def _post_goods(posted: Posted, line: _Line, tax: Decimal) -> None:
    posted.goods += line.amount
    if line.amount < 0:
        posted.refusals.append("goods with a negative amount")
    key, quantity = str(line.key), str(line.line.get("quantity", 1))
    posted.sold[str(line.item["id"]), quantity, key] += 1
    posted.taxed.append((key, reference_id(line.line.get("taxCode")), tax))
