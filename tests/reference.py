"""The mappings of dodici and nordhus written by hand: an independent referee.

What an engineer would write without erpmap: plain functions from NewStore's
documents to NetSuite's payloads, with Decimal and a few tables. Nothing here
reads a mapping or touches the engine, so that agreement means something.
`Refusal` says why an order gives no payload: `ignored` (no mapping is for it),
`not_ready` (wait and fetch again) or `finding` (a person must look).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from orders import ITEM_IDS, Json, Sample

ZERO = Decimal(0)
CUSTOM_PRICE = {"id": "-1"}
PLACES = {"JPY": 0, "KWD": 3}
CHANNELS = {"web": 1, "store": 3}
CURRENCIES = {"USD": 1, "GBP": 2, "CAD": 3, "EUR": 4}


@dataclass(frozen=True, slots=True)
class Refusal:
    """No payload; `kind` is ignored, not_ready or finding."""

    kind: str
    why: str


class RefusedError(Exception):
    """Ends the work on one order."""

    def __init__(self, kind: str, why: str) -> None:
        super().__init__(why)
        self.refusal = Refusal(kind, why)


class Store(NamedTuple):
    """A NewStore channel in NetSuite, and the customer of its anonymous purchases."""

    id: str
    subsidiary: str
    class_: str
    country: str
    customer_name: str
    customer_email: str


@dataclass(frozen=True, slots=True)
class House:
    """What differs between the two tenants."""

    timezone: str
    brand: str
    discount_item: str
    tax_item: str
    gift_card_item: str
    gift_cards: tuple[str, ...]
    stores: Mapping[str, Store]
    ship_methods: Mapping[str, str]
    currencies: Mapping[str, int]
    payment_items: Callable[[Sale, Payment], object]
    item_body: Callable[[Sale, Item], Json]
    tax_line: Callable[[Sale], Decimal]


@dataclass(frozen=True, slots=True)
class Item:
    """One sold entry; all amounts but `price` are for the whole entry."""

    id: str
    sku: str
    quantity: int
    price: Decimal
    tax: Decimal
    discount: Decimal


class Payment(NamedTuple):
    """What one instrument paid."""

    method: str
    provider: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Sale:
    """One order, read."""

    house: House
    order: Json
    event: Json
    store: Store
    items: tuple[Item, ...]
    payments: tuple[Payment, ...]

    @property
    def currency(self) -> str:
        return str(self.order["currency"])

    @property
    def includes_tax(self) -> bool:
        return bool(self.order["priceMethod"] == "tax_included")

    @property
    def email(self) -> str | None:
        return self.order["customerEmail"] or self.event.get("customer_email") or None

    @property
    def shipping_tax(self) -> Decimal:
        return amount(self.order["shippingTax"])

    @property
    def shipping_cost(self) -> Decimal:
        """Without tax, before its discount."""
        return amount(self.order["shippingTotal"]) - self.contained(self.shipping_tax)

    @property
    def shipping_discount(self) -> Decimal:
        on_items = sum((item.discount for item in self.items), ZERO)
        return amount(self.order["discountTotal"]) - on_items

    def contained(self, tax: Decimal) -> Decimal:
        """The part of a price that is `tax`."""
        return tax if self.includes_tax else ZERO

    def goods(self, item: Item) -> Decimal:
        """Without tax, before discounts."""
        return item.price * item.quantity - self.contained(item.tax)

    def rounded(self, number: Decimal) -> Decimal:
        """To the currency's minor unit, which always shows."""
        return half_up(number, PLACES.get(self.currency, 2))


def reference(sample: Sample) -> list[Json] | Refusal:
    """The records to write, in order, or why there are none."""
    try:
        return _records(sample)
    except RefusedError as error:
        return error.refusal


def _records(sample: Sample) -> list[Json]:
    transaction = _transaction_kind(sample.event)
    order = _ready_order(sample)
    sale = _read(sample, order, prefers_capture=transaction is _cash_sale)
    records = [_customer(sale), transaction(sale)]
    _prove_balance(sale)
    return records


# ---- is there something to do, and is everything there --------------------------------------


def _transaction_kind(event: Json) -> Callable[[Sale], Json]:
    payload = event["payload"]
    if event["name"] != "order.opened" or payload.get("is_historical"):
        raise RefusedError("ignored", "another event, or history")
    levels = {item.get("shipping_service_level") for item in payload["items"]}
    is_shipped = bool(levels - {None, "", "IN_STORE_HANDOVER"})
    return _sales_order if payload["channel_type"] == "web" or is_shipped else _cash_sale


def _ready_order(sample: Sample) -> Json:
    order: Json | None = sample.order["data"]["order"]
    if order is None or not order["items"]["edges"]:
        raise RefusedError("not_ready", "the order is not there yet")
    if order["isExchange"] and sample.account is None:
        raise RefusedError("not_ready", "the exchange's payment account is not there yet")
    total = amount(order["grandTotal"])
    authorized, captured = (
        sum((payment.amount for payment in found), ZERO) for found in _payments(sample, order)
    )
    if total != 0 and max(authorized, captured) < total:
        raise RefusedError("not_ready", "the payments do not cover the total yet")
    return order


# ---- reading --------------------------------------------------------------------------------


def _read(sample: Sample, order: Json, *, prefers_capture: bool) -> Sale:
    house = HOUSES[sample.tenant]
    authorized, captured = _payments(sample, order)
    first_captured = prefers_capture or bool(order["isExchange"])
    payments = captured or authorized if first_captured else authorized or captured
    return Sale(
        house=house,
        order=order,
        event=sample.event["payload"],
        store=known(house.stores, order["channel"], "location"),
        items=tuple(_item(node) for node in nodes(order["items"]) if not _is_cancelled(node)),
        payments=tuple(payments),
    )


def _item(node: Json) -> Item:
    return Item(
        id=node["id"],
        sku=node["productId"],
        quantity=node["quantity"],
        price=amount(node["pricebookPrice"]),
        tax=amount(node["tax"]),
        discount=amount(node["itemDiscounts"]) + amount(node["orderDiscounts"]),
    )


def _is_cancelled(node: Json) -> bool:
    return node["status"] in {"cancelled", "canceled"}


def _payments(sample: Sample, order: Json) -> tuple[list[Payment], list[Payment]]:
    """What was authorised and what was captured, an entry for each instrument that has any."""
    if order["isExchange"]:
        account = sample.account or {"instruments": []}
        return (
            _from_account(account, "authorization", "capture_amount"),
            _from_account(account, "capture", "refund_amount"),
        )
    return _from_graphql(order, "authorize"), _from_graphql(order, "capture")


def _from_graphql(order: Json, kind: str) -> list[Payment]:
    payments = []
    for instrument in nodes((order["paymentAccount"] or {}).get("instruments")):
        transactions = nodes(instrument["paymentAccountTransactions"])
        amounts = [amount(one["amount"]) for one in transactions if one["transactionType"] == kind]
        if amounts:
            method, provider = instrument["paymentMethod"], instrument["paymentProvider"]
            payments.append(Payment(method, provider, sum(amounts, ZERO)))
    return payments


def _from_account(account: Json, reason: str, key: str) -> list[Payment]:
    payments = []
    for instrument in account["instruments"]:
        transactions = instrument["original_transactions"]
        amounts = [amount(one[key]) for one in transactions if one["reason"] == reason]
        if amounts:
            method, provider = instrument["payment_method"], instrument["payment_provider"]
            payments.append(Payment(method, provider, sum(amounts, ZERO)))
    return payments


# ---- the customer ---------------------------------------------------------------------------


def _customer(sale: Sale) -> Json:
    email = sale.email or sale.store.customer_email
    key = f"{email.lower()}-{sale.store.subsidiary}"
    body = {
        "externalId": f"C-{key}",
        "isPerson": True,
        **(_person(sale) if sale.email else _placeholder(sale)),
        "email": email,
        "subsidiary": {"id": sale.store.subsidiary},
        "custentity_nws_profilesource": {"id": CHANNELS[sale.order["channelType"]]},
    }
    return {
        "record": "customer",
        "name": "customer",
        "write": "ensure",
        "external_id": f"C-{key}",
        "serialize": key,
        "body": body,
    }


def _person(sale: Sale) -> Json:
    address = _address(sale, "billing") or _address(sale, "shipping") or {}
    return {
        "firstName": plain(address.get("firstName") or "").strip()[:32] or "-",
        "lastName": plain(address.get("lastName") or "").strip()[:32] or "-",
        "phone": _phone(address.get("phone")),
    }


def _placeholder(sale: Sale) -> Json:
    return {"firstName": sale.house.brand, "lastName": sale.store.customer_name}


def _phone(text: str | None) -> str:
    digits = re.sub(r"[^0-9]", "", text or "")
    plus = "+" if (text or "").startswith("+") else ""
    return plus + digits if 7 <= len(digits) <= 15 else "5555555555"


def _address(sale: Sale, kind: str) -> Json | None:
    found = (one for one in nodes(sale.order["addresses"]) if one["addressType"] == kind)
    return next(found, None)


# ---- the transaction ------------------------------------------------------------------------


def _sales_order(sale: Sale) -> Json:
    levels = [node["shippingServiceLevel"] for node in nodes(sale.order["items"])]
    shipped = [level for level in levels if level not in {None, "IN_STORE_HANDOVER"}]
    more: Json = {
        "billingAddress": _address_body(_address(sale, "billing")),
        "shippingAddress": _address_body(_address(sale, "shipping")),
    }
    if shipped:
        method = known(sale.house.ship_methods, shipped[0], "shipping method")
        more["shipMethod"] = {"id": method}
    return _transaction(sale, "salesOrder", "sales_order", more)


def _cash_sale(sale: Sale) -> Json:
    return _transaction(sale, "cashSale", "cash_sale", {"undepFunds": True})


def _transaction(sale: Sale, record: str, name: str, more: Json) -> Json:
    prefix = {"salesOrder": "SO-", "cashSale": "CS-"}[record]
    external_id = prefix + sale.order["externalId"]
    body = {"externalId": external_id} | _header(sale) | more
    body["item"] = {"items": _lines(sale)}
    return {
        "record": record,
        "name": name,
        "write": "create",
        "external_id": external_id,
        "body": _without_nothing(body),
    }


def _header(sale: Sale) -> Json:
    order, store = sale.order, sale.store
    coupons = [node["couponCode"] for node in nodes(order["discounts"])]
    exchanges = sale.event.get("exchanges") or [{"order_id": None}]
    return {
        "entity": {"id": {"$record": "customer", "field": "id"}},
        "tranDate": _day(order["placedAt"], sale.house.timezone),
        "otherRefNum": order["externalId"],
        "memo": ", ".join(dict.fromkeys(code for code in coupons if code is not None)) or None,
        "currency": {"id": known(sale.house.currencies, sale.currency, "currency")},
        "subsidiary": {"id": store.subsidiary},
        "location": {"id": store.id},
        "class": {"id": store.class_},
        "department": {"id": CHANNELS[order["channelType"]]},
        "shippingCost": sale.rounded(sale.shipping_cost) if sale.shipping_cost else None,
        "custbody_nws_exchange_of": exchanges[0]["order_id"],
    }


def _address_body(address: Json | None) -> Json | None:
    if address is None:
        return None
    name = f"{address['firstName'] or ''} {address['lastName'] or ''}"
    country = address["country"]
    return _without_nothing(
        {
            "addressee": plain(name).strip()[:83] or "-",
            "addr1": _cut(address["addressLine1"], 150),
            "addr2": _cut(address["addressLine2"], 150),
            "city": _cut(address["city"], 49),
            "state": address["state"],
            "zip": address["zipCode"],
            "country": {"id": country} if country is not None else None,
        }
    )


def _cut(text: str | None, length: int) -> str | None:
    return None if text is None else plain(text)[:length]


# ---- its lines ------------------------------------------------------------------------------


def _lines(sale: Sale) -> list[Json]:
    house = sale.house
    lines = [line for item in sale.items for line in _item_lines(sale, item)]
    if sale.shipping_discount:
        lines.append(_amount_line(house.discount_item, sale.rounded(-sale.shipping_discount)))
    tax = house.tax_line(sale)
    if tax:
        lines.append(_amount_line(house.tax_item, sale.rounded(tax)))
    return lines + [_payment_line(sale, paid) for paid in sale.payments if paid.amount]


def _item_lines(sale: Sale, item: Item) -> Iterable[Json]:
    worth = (
        {"amount": sale.rounded(sale.goods(item))}
        if sale.includes_tax
        else {"rate": sale.rounded(item.price)}
    )
    common = {"quantity": item.quantity, "price": CUSTOM_PRICE, "custcol_nws_item_id": item.id}
    yield common | worth | sale.house.item_body(sale, item)
    if item.discount:
        line = _amount_line(sale.house.discount_item, sale.rounded(-item.discount))
        yield line | {"custcol_nws_item_id": item.id}


def _amount_line(item: str, value: Decimal) -> Json:
    return {"item": {"id": item}, "price": CUSTOM_PRICE, "amount": value}


def _payment_line(sale: Sale, payment: Payment) -> Json:
    """Sent positive; NetSuite negates payment items."""
    item = sale.house.payment_items(sale, payment)
    return {"item": {"id": item}, "amount": sale.rounded(payment.amount)}


def _prove_balance(sale: Sale) -> None:
    """Goods, shipping and taxes less discounts are the total, and so are the payments."""
    gross = sum((item.price * item.quantity - item.discount for item in sale.items), ZERO)
    taxes = sum((item.tax for item in sale.items), sale.shipping_tax)
    shipping = amount(sale.order["shippingTotal"]) - sale.shipping_discount
    owed = gross + shipping + taxes - sale.contained(taxes)
    paid = sum((payment.amount for payment in sale.payments), ZERO)
    if not owed == paid == amount(sale.order["grandTotal"]):
        raise RefusedError("finding", f"owed {owed}, paid {paid}")


# ---- dodici: a rate on every line, and one line for what no rate can carry ------------------


def _dodici_item(sale: Sale, item: Item) -> Json:
    codes = {"USD": 7, "CAD": 9}
    exempt = bool(sale.order["taxExempt"])
    is_gift_card = item.sku in sale.house.gift_cards
    found = sale.house.gift_card_item if is_gift_card else known(ITEM_IDS, item.sku, "item")
    return {
        "item": {"id": found},
        "taxCode": {"id": 5 if exempt else known(codes, sale.currency, "tax code")},
        "custcol_tax_rate": _dodici_rate(sale, item),
    }


def _dodici_rate(sale: Sale, item: Item) -> Decimal:
    """In percent of what the line costs after its discount, to four places."""
    net = sale.goods(item) - item.discount
    return half_up(item.tax * 100 / net, 4) if net > 0 else ZERO


def _dodici_tax_line(sale: Sale) -> Decimal:
    rest = sale.shipping_tax
    for item in sale.items:
        net = sale.goods(item) - item.discount
        rest += item.tax - sale.rounded(net * _dodici_rate(sale, item) / 100)
    return rest


def _dodici_payment_item(sale: Sale, payment: Payment) -> object:
    method, provider = payment.method.lower(), payment.provider.lower()
    items: dict[str, Mapping[str, str]] = {
        "cash": {"USD": "601", "CAD": "601"},
        "adyen": {"USD": "611", "CAD": "612"},
        "stripe": {"USD": "613", "CAD": "613"},
        "paypal": {"USD": "614", "CAD": "614"},
        "gift_card": {"USD": "621", "CAD": "622"},
        "store_credit": {"USD": "631", "CAD": "631"},
    }
    by_currency = known(items, provider if method == "credit_card" else method, "payment item")
    return known(by_currency, sale.currency, "payment item")


# ---- nordhus: VAT stands on its line, one item pays all exchanges ---------------------------


def _nordhus_item(sale: Sale, item: Item) -> Json:
    is_gift_card = item.sku in sale.house.gift_cards
    found = {"id": sale.house.gift_card_item} if is_gift_card else {"externalId": item.sku}
    country = sale.store.country
    taxable = {"DE": 91, "FR": 92, "JP": 93, "KW": 90}[country]
    body: Json = {"item": found, "taxCode": {"id": taxable if item.tax else 90}}
    return body | ({"tax1Amt": sale.rounded(item.tax)} if sale.includes_tax else {})


def _nordhus_tax_line(sale: Sale) -> Decimal:
    not_on_lines = ZERO if sale.includes_tax else sum((item.tax for item in sale.items), ZERO)
    return not_on_lines + sale.shipping_tax


def _nordhus_payment_item(sale: Sale, payment: Payment) -> object:
    method, provider = payment.method.lower(), payment.provider.lower()
    items: dict[str, Mapping[str, int]] = {
        "cash": {"EUR": 701, "JPY": 702, "KWD": 703},
        "adyen": {"EUR": 711, "JPY": 712, "KWD": 713},
        "gift_card": {"EUR": 721, "JPY": 722, "KWD": 723},
    }
    in_any_currency = {"stripe": 714, "paypal": 715, "store_credit": 620}
    if sale.order["isExchange"]:
        return "620"
    key = provider if method == "credit_card" else method
    if key in in_any_currency:
        return in_any_currency[key]
    return known(known(items, key, "payment item"), sale.currency, "payment item")


HOUSES = {
    "dodici": House(
        timezone="America/New_York",
        brand="Dodici",
        discount_item="1101",
        tax_item="1102",
        gift_card_item="1103",
        gift_cards=("GC-PLASTIC", "GC-EMAIL"),
        stores={
            "NYC5": Store("12", "2", "31", "US", "New York Fifth Avenue", "store.nyc5@example.com"),
            "TOR1": Store("14", "3", "32", "CA", "Toronto Queen Street", "store.tor1@example.com"),
            "USC": Store("20", "2", "35", "US", "Web shop US", "web.us@example.com"),
            "CAC": Store("21", "3", "36", "CA", "Web shop Canada", "web.ca@example.com"),
        },
        ship_methods={"GROUND": "801", "STANDARDFREE": "801", "EXPRESS": "802", "2_DAY": "803"},
        currencies=CURRENCIES,
        payment_items=_dodici_payment_item,
        item_body=_dodici_item,
        tax_line=_dodici_tax_line,
    ),
    "nordhus": House(
        timezone="Europe/Berlin",
        brand="Nordhus",
        discount_item="501",
        tax_item="502",
        gift_card_item="503",
        gift_cards=("NH-GIFT",),
        stores={
            "BER1": Store("41", "7", "71", "DE", "Berlin Mitte", "store.ber1@example.com"),
            "PAR2": Store("42", "7", "72", "FR", "Paris Marais", "store.par2@example.com"),
            "TYO1": Store("51", "8", "73", "JP", "東京銀座", "store.tyo1@example.com"),
            "EUW": Store("60", "7", "75", "DE", "Web shop Europe", "web.eu@example.com"),
            "JPW": Store("61", "8", "76", "JP", "Web shop Japan", "web.jp@example.com"),
            "KWW": Store("62", "9", "77", "KW", "Web shop Kuwait", "web.kw@example.com"),
        },
        ship_methods={"STANDARD": "811", "EXPRESS": "812", "TAKKYUBIN": "813"},
        currencies=CURRENCIES | {"JPY": 5, "KWD": 6},
        payment_items=_nordhus_payment_item,
        item_body=_nordhus_item,
        tax_line=_nordhus_tax_line,
    ),
}


# ---- small things ---------------------------------------------------------------------------


def amount(value: object) -> Decimal:
    """Money as NewStore may write it: text, a number, or null for nothing."""
    return ZERO if value is None else Decimal(str(value))


def half_up(number: Decimal, places: int) -> Decimal:
    """Rounded half away from zero."""
    return number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def nodes(connection: Json | None) -> list[Json]:
    """The nodes of a GraphQL connection; none if it is null."""
    return [edge["node"] for edge in connection["edges"]] if connection else []


def known(table: Mapping[str, Any], key: str, what: str) -> Any:
    """What the table says, else a finding."""
    if key not in table:
        raise RefusedError("finding", f"no {what} for {key}")
    return table[key]


# Pictographs and their modifiers, flags, joiners and tags; controls; halves of surrogate pairs.
_UNWANTED = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\ufe0e\ufe0f\u200d\u20e3\U000e0000-\U000e007f"
    "\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]"
)


def plain(text: str) -> str:
    """Without what NetSuite cannot store."""
    return _UNWANTED.sub("", text)


def _day(placed_at: str, timezone: str) -> str:
    """The calendar day there; a time without a zone is UTC."""
    matched = re.fullmatch(
        r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|([+-])(\d\d):(\d\d))?", placed_at
    )
    assert matched, placed_at
    local, sign, hours, minutes = matched.groups()
    moment = datetime.fromisoformat(local).replace(tzinfo=UTC)
    if sign:
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        moment += offset if sign == "-" else -offset
    return moment.astimezone(ZoneInfo(timezone)).date().isoformat()


def _without_nothing(body: Json) -> Json:
    return {key: value for key, value in body.items() if value is not None}
