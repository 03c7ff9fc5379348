"""Every amount of an order changed in every way: null, absent, of another size, in another form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from ..documents import RawNumber
from ..markets import CANADA, FRANCE, GERMANY, JAPAN, Json
from ..sale import Charge, make_charge
from .damage import (
    ANY_BUT_WRONG,
    FINDING,
    FINDING_OR_RIGHT,
    WAITS,
    Case,
    Change,
    Damage,
    any_item,
    any_transaction,
    as_amount,
)

Pick = Callable[[Case], Json | None]
VAT = (GERMANY, FRANCE, JAPAN)


def _of_order(case: Case) -> Json:
    return case.order


FIELDS: dict[str, tuple[Pick, str]] = {
    "item tax": (any_item, "tax"),
    "tax total": (_of_order, "taxTotal"),
    "shipping tax": (_of_order, "shippingTax"),
    "item discount": (any_item, "itemDiscounts"),
    "order discount": (any_item, "orderDiscounts"),
    "discount total": (_of_order, "discountTotal"),
    "price": (any_item, "pricebookPrice"),
    "subtotal": (_of_order, "subtotal"),
    "shipping total": (_of_order, "shippingTotal"),
    "grand total": (_of_order, "grandTotal"),
    "payment": (any_transaction, "amount"),
}
ABSENT = object()
CHANGES: dict[str, Callable[[Decimal, Decimal], object]] = {
    "null": lambda _amount, _unit: None,
    "absent": lambda _amount, _unit: ABSENT,
    "zero": lambda _amount, _unit: 0,
    "negative": lambda amount, _unit: -amount,
    "a cent more": lambda amount, unit: amount + unit,
    "a cent less": lambda amount, unit: amount - unit,
    "ten times": lambda amount, _unit: amount * 10,
    "half a cent more": lambda amount, unit: amount + unit / 2,
    "in words": lambda _amount, _unit: "n/a",
    "a list": lambda amount, _unit: [amount],
    "true": lambda _amount, _unit: True,
    "huge": lambda _amount, _unit: Decimal(10) ** 15,
}
# What other transactions may still make good.
_MAY_WAIT = ("grand total", "payment")
# Without shipping, no other discount explains the rest of the discount total.
_SHARES = ("item discount", "order discount")
# Totals that contradict what they are the totals of; a cent may be somebody's rounding.
_TOTALS = ("tax total", "subtotal", "discount total", "grand total")
_ROUNDING = ("a cent more", "a cent less", "half a cent more")
_NOTHING = ("null", "absent")


def _changed(field: str, change: str) -> Change:
    pick, key = FIELDS[field]

    def damage(case: Case) -> bool:
        holder = pick(case)
        if holder is None or not (amount := as_amount(holder[key])):
            return False
        if field in _SHARES and case.sale.shipping.full:
            return False
        value = CHANGES[change](amount, case.unit)
        if value is ABSENT:
            del holder[key]
        else:
            holder[key] = value
        return True

    return damage


def _ends(field: str, change: str) -> frozenset[str]:
    is_finding = field in _SHARES and change != "half a cent more"
    if field in _TOTALS and change not in _ROUNDING + _NOTHING:
        is_finding = True
    found = FINDING if is_finding else FINDING_OR_RIGHT
    return found | {WAITS} if field in _MAY_WAIT else found


MATRIX = {
    f"{field} {change}": Damage(_changed(field, change), _ends(field, change))
    for field in FIELDS
    for change in CHANGES
}

# How a number must not be written, or may be written without meaning another one.
FORMS: dict[str, Callable[[Decimal], object]] = {
    "exponent": lambda amount: RawNumber(f"{amount.scaleb(-1):f}E1"),
    "exponent in a text": lambda amount: f"{amount.scaleb(-1):f}e1",
    "comma": lambda amount: f"{amount:f}".replace(".", ","),
    "thousands": lambda amount: f"{amount:,f}",
    "currency sign": lambda amount: f"${amount:f}",
    "currency code": lambda amount: f"{amount:f} USD",
    "arabic digits": lambda amount: f"{amount:f}".translate(
        str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    ),
    "wide digits": lambda amount: f"{amount:f}".translate(
        str.maketrans("0123456789", "０１２３４５６７８９")
    ),
    "plus sign": lambda amount: f"+{amount:f}",
    "blanks around": lambda amount: f" {amount:f} ",
    "many zeros": lambda amount: f"{amount:f}" + ("" if "." in f"{amount:f}" else ".") + "0" * 30,
    "many digits": lambda amount: amount + Decimal("0." + "0" * 24 + "1"),
    "not a number": lambda _amount: "NaN",
    "infinity": lambda _amount: "Infinity",
    "beyond range": lambda _amount: RawNumber("1e400"),
    "hexadecimal": lambda amount: hex(int(amount)),
    "underscore": lambda amount: f"{int(amount)}_0",
    "an object": lambda amount: {"amount": amount},
    "empty text": lambda _amount: "",
}
_FORM_FIELDS = ("price", "tax total", "grand total", "item tax", "discount total", "payment")


def _formed(form: str) -> Change:
    def damage(case: Case) -> bool:
        pick, key = FIELDS[case.rng.choice(_FORM_FIELDS)]
        holder = pick(case)
        if holder is None or not (amount := as_amount(holder[key])):
            return False
        if form == "thousands" and amount < 1000:
            return False
        holder[key] = FORMS[form](amount)
        return True

    return damage


def _add(case: Case, key: str, units: int) -> None:
    case.order[key] = as_amount(case.order[key]) + case.sale.market.money(units)


def _tip(case: Case) -> bool:
    """More is paid than anything in the order explains; the grand total has it."""
    units = case.rng.randrange(1, 900) * case.sale.market.step
    _add(case, "grandTotal", units)
    return case.pays_more(units)


def _discount_beyond_shipping(case: Case) -> bool:
    units = case.sale.shipping.full - case.sale.shipping.discount + case.sale.market.step * 3
    if units >= case.sale.total:
        return False
    _add(case, "discountTotal", units)
    _add(case, "grandTotal", -units)
    return case.pays_more(-units)


def _all_taxes(value: Callable[[Decimal], object]) -> Change:
    """Change the taxes of all items, and the totals with them."""

    def damage(case: Case) -> bool:
        if not case.sale.shipping.is_included or not as_amount(case.order["taxTotal"]):
            return False
        for holder, key in (
            *((node, "tax") for node in case.nodes()),
            (case.order, "shippingTax"),
            (case.order, "taxTotal"),
        ):
            holder[key] = value(as_amount(holder[key]))
        return True

    return damage


def _ten_times_everywhere(case: Case) -> bool:
    """The event says it too: the tax is more than the price."""
    case.payload["tax_total"] = as_amount(case.payload["tax_total"]) * 10
    for item in case.payload["items"]:
        item["tax"] = as_amount(item["tax"]) * 10
    return case.sale.market is not JAPAN and _all_taxes(lambda amount: amount * 10)(case)


def _surcharge(case: Case) -> bool:
    """A discount below zero that the totals agree with."""
    units = case.rng.randrange(1, 500) * case.sale.market.step
    node = any_item(case)
    node["itemDiscounts"] = as_amount(node["itemDiscounts"]) - case.sale.market.money(units)
    _add(case, "discountTotal", -units)
    _add(case, "grandTotal", units)
    return node["itemDiscounts"] < 0 and case.pays_more(units)


def _duty(case: Case) -> bool:
    """Duty that is part of the tax: it has an account of its own."""
    node = any_item(case)
    item = next(twin for twin in case.payload["items"] if twin["id"] == node["id"])
    if as_amount(node["tax"]) < 1:
        return False
    item["extended_attributes"] = [{"name": "duty", "value": str(as_amount(node["tax"]) / 2)}]
    return True


def _cash_rounding(*, down: bool) -> Change:
    def damage(case: Case) -> bool:
        rounded = case.sale.total % 5
        units = -rounded if down else 5 - rounded
        if not rounded or len(case.sale.instruments) != 1:
            return False
        one = case.sale.instruments[0]
        if one.means[0] != "cash" or len(one.steps) != 1 or case.sale.is_exchange:
            return False
        found = case.transactions()[0]
        found["amount"] = as_amount(found["amount"]) + case.sale.market.money(units)
        paid = replace(one, pays=one.pays + units)
        case.sale = replace(case.sale, instruments=(paid,), rounding=units)
        return True

    return damage


def _another_rate(rate: str) -> Change:
    """An item at a rate for which the tenant declares no tax code; everything agrees on it."""

    def damage(case: Case) -> bool:
        if len(case.sale.items) > 1 or not case.sale.items[0].charge.tax:
            return False
        item = case.sale.items[0]
        charge: Charge = make_charge(item.charge, (("VAT", rate),), case.sale.market.step)
        if charge.tax == item.charge.tax or not charge.is_included:
            return False
        node, twin = case.nodes()[0], case.payload["items"][0]
        change = case.sale.market.money(charge.tax - item.charge.tax)
        node["tax"] = twin["tax"] = case.sale.market.money(charge.tax)
        twin["tax_provider_details"] = [
            {"name": "VAT", "amount": twin["tax"], "rate": Decimal(rate) / 100}
        ]
        case.order["taxTotal"] = as_amount(case.order["taxTotal"]) + change
        case.payload["tax_total"] = as_amount(case.payload["tax_total"]) + change
        items = (replace(item, charge=charge),)
        case.sale = replace(case.sale, items=items, tax_codes=frozenset(("none declared",)))
        return charge.full > 500

    return damage


CONTRADICTIONS: dict[str, Damage] = {
    "a tip that no line explains": Damage(_tip),
    "a discount beyond shipping": Damage(_discount_beyond_shipping, FINDING | {WAITS}),
    "a discount below zero that totals agree with": Damage(_surcharge),
    "all taxes null": Damage(_all_taxes(lambda _amount: None), FINDING_OR_RIGHT, VAT),
    "all taxes zero": Damage(_all_taxes(lambda _amount: 0), FINDING_OR_RIGHT, VAT),
    "all taxes ten times": Damage(_all_taxes(lambda amount: amount * 10), FINDING_OR_RIGHT, VAT),
    "all taxes ten times in the event too": Damage(_ten_times_everywhere, FINDING, VAT),
    "all taxes negative": Damage(_all_taxes(lambda amount: -amount), FINDING_OR_RIGHT, VAT),
    "duty inside the tax": Damage(_duty),
    "cash rounded down": Damage(_cash_rounding(down=True), ANY_BUT_WRONG, (CANADA,)),
    "cash rounded up": Damage(_cash_rounding(down=False), FINDING_OR_RIGHT, (CANADA,)),
    "VAT at a reduced rate": Damage(_another_rate("7"), FINDING_OR_RIGHT, (GERMANY,)),
    "VAT at a rate of a year ago": Damage(_another_rate("16"), FINDING_OR_RIGHT, (GERMANY,)),
}
AMOUNTS = (
    MATRIX
    | {f"an amount written with {form}": Damage(_formed(form), ANY_BUT_WRONG) for form in FORMS}
    | CONTRADICTIONS
)
