"""Whole NewStore orders: plain builders, and a hypothesis strategy on top of them.

A `Purchase` says what was bought, shipped and paid; `an_event`, `an_order` and
`an_account` write it down as NewStore would. Totals are worked out so that a
right mapping balances to the last minor unit. Numbers are int and Decimal,
never floats, and every call gives fresh documents that a test may edit.
"""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

Json = dict[str, Any]
Wire = Callable[[Decimal], object]
Draw = Callable[[st.SearchStrategy[Any]], Any]

ZERO = Decimal(0)
HANDOVER = "IN_STORE_HANDOVER"
CANCELLED = ("cancelled", "canceled")
NAMESPACE = uuid.UUID("6f0a1c1e-5d5f-4d07-9f0e-3a7f5b0c2d11")

# What NetSuite's SuiteQL would answer for the `item` lookup.
ITEM_IDS = {
    "TEE-BLACK-M": "4001",
    "1200204141235-02": "4002",
    "00501": "4003",
    "Ærmel/Größe 42": "4004",
    "草履-24cm": "4005",
}
GIFT_CARDS = {"dodici": ("GC-PLASTIC", "GC-EMAIL"), "nordhus": ("NH-GIFT",)}


@dataclass(frozen=True, slots=True)
class Sample:
    """One order as the engine meets it; `order` is the GraphQL answer, `account` the REST one."""

    tenant: str
    event: Json
    order: Json
    account: Json | None


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the order; `price` is for one piece, the other amounts for the whole entry."""

    sku: str = "TEE-BLACK-M"
    quantity: int = 1
    price: Decimal = Decimal("58.00")
    item_discount: Decimal = ZERO
    order_discount: Decimal = ZERO
    tax: Decimal = Decimal("4.94")
    status: str = "opened"
    service_level: str | None = None

    @property
    def discount(self) -> Decimal:
        return self.item_discount + self.order_discount


@dataclass(frozen=True, slots=True)
class Shipping:
    """`total` is before the discount, and holds `tax` when prices include tax."""

    total: Decimal = ZERO
    tax: Decimal = ZERO
    discount: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Payment:
    """One instrument with the amounts of its transactions."""

    method: str = "credit_card"
    provider: str = "adyen"
    authorized: tuple[Decimal, ...] = ()
    captured: tuple[Decimal, ...] = ()


def as_text(amount: Decimal) -> object:
    """`"58.00"`: how GraphQL most likely writes money."""
    return format(amount, "f")


def as_number(amount: Decimal) -> object:
    """`58.00` as a JSON number, with its zeros."""
    return amount


def as_short(amount: Decimal) -> object:
    """`58` or `4.9`: a JSON number as most writers shorten it."""
    whole = int(amount)
    return whole if whole == amount else amount.normalize()


def as_mixed(amount: Decimal) -> object:
    """Now text, now a number, but the same for the same amount."""
    wires = (as_text, as_number, as_short)
    return wires[int(amount * 1000) // 7 % len(wires)](amount)


def address(address_type: str = "billing", **changes: Any) -> Json:
    """An address node of GraphQL."""
    return {
        "addressType": address_type,
        "firstName": "Ana",
        "lastName": "Weber",
        "phone": "+1 212-555-0100",
        "country": "US",
        "city": "Exampleville",
        "addressLine1": "1 Example Street",
        "addressLine2": None,
        "state": "NY",
        "zipCode": "00501",
    } | changes


@dataclass(frozen=True, slots=True)
class Purchase:
    """What happened in the shop; by default a web order of dodici, paid by one card.

    `payments=None` means one card authorised for the whole; `sparse` writes zero
    and false as null wherever a mapping has a default for them.
    """

    tenant: str = "dodici"
    currency: str = "USD"
    channel: str = "USC"
    channel_type: str = "web"
    items: tuple[Item, ...] = (Item(service_level="GROUND"),)
    shipping: Shipping = Shipping()
    payments: tuple[Payment, ...] | None = None
    has_account: bool = True
    tax_included: bool = False
    tax_exempt: bool = False
    is_exchange: bool = False
    exchange_of: str | None = None
    number: str = "EX000000266"
    placed_at: str = "2026-11-20T18:41:06.110"
    email: str | None = "ana.weber@example.com"
    event_email: str | None = ""
    addresses: tuple[Json, ...] | None = field(default_factory=lambda: (address(),))
    coupons: tuple[str | None, ...] = ()
    wire: Wire = as_text
    sparse: bool = False

    @property
    def id(self) -> str:
        return str(uuid.uuid5(NAMESPACE, self.number))

    @property
    def sold(self) -> tuple[Item, ...]:
        """The items that NewStore's totals count."""
        return tuple(item for item in self.items if item.status not in CANCELLED)

    @property
    def subtotal(self) -> Decimal:
        return sum((item.price * item.quantity for item in self.sold), ZERO)

    @property
    def discount_total(self) -> Decimal:
        return sum((item.discount for item in self.sold), self.shipping.discount)

    @property
    def tax_total(self) -> Decimal:
        return sum((item.tax for item in self.sold), self.shipping.tax)

    @property
    def grand_total(self) -> Decimal:
        added_tax = ZERO if self.tax_included else self.tax_total
        return self.subtotal - self.discount_total + self.shipping.total + added_tax

    @property
    def instruments(self) -> tuple[Payment, ...]:
        if self.payments is None:
            return (Payment(authorized=(self.grand_total,)),)
        return self.payments


def a_sample(**changes: Any) -> Sample:
    """Event, order and account of one `Purchase(**changes)`."""
    purchase = Purchase(**changes)
    account = an_account(**changes) if purchase.is_exchange else None
    return Sample(purchase.tenant, an_event(**changes), an_order(**changes), account)


def an_event(**changes: Any) -> Json:
    """The envelope of `order.opened`; money is JSON numbers here."""
    purchase = Purchase(**changes)
    names = {"dodici": "dodici-sandbox", "nordhus": "nordhus-staging"}
    return {
        "tenant": names[purchase.tenant],
        "name": "order.opened",
        "published_at": "2026-11-20T18:41:09.571Z",
        "payload": _payload(purchase),
    }


def an_order(**changes: Any) -> Json:
    """GraphQL's answer to the query of base/order: `{"data": {"order": {…}}}`."""
    purchase = Purchase(**changes)
    order = _header(purchase) | _totals(purchase)
    order["discounts"] = _connection([{"couponCode": code} for code in purchase.coupons])
    addresses = purchase.addresses
    order["addresses"] = None if addresses is None else _connection(copy.deepcopy(addresses))
    order["paymentAccount"] = _payment_account(purchase) if purchase.has_account else None
    order["items"] = _connection([_node(purchase, i) for i in range(len(purchase.items))])
    return {"data": {"order": order}}


def an_account(**changes: Any) -> Json:
    """The REST payment account, where an exchange's store credit is."""
    purchase = Purchase(**changes)
    return {
        "balance": 0,
        "instruments": [
            {
                "id": str(uuid.uuid5(NAMESPACE, f"{purchase.number} instrument {place}")),
                "payment_method": payment.method,
                "payment_provider": payment.provider,
                "currency": purchase.currency,
                "original_transactions": _account_transactions(payment),
            }
            for place, payment in enumerate(purchase.instruments)
        ],
    }


def as_json(document: object) -> str:
    """JSON text that keeps every digit of a Decimal; lone surrogates are escaped."""
    if isinstance(document, dict):
        inside = (f"{json.dumps(key)}: {as_json(value)}" for key, value in document.items())
        return "{" + ", ".join(inside) + "}"
    if isinstance(document, list | tuple):
        return "[" + ", ".join(as_json(value) for value in document) + "]"
    return format(document, "f") if isinstance(document, Decimal) else json.dumps(document)


def _header(purchase: Purchase) -> Json:
    store = purchase.channel if purchase.channel_type == "store" else None
    excluded = None if purchase.sparse else "tax_excluded"
    return {
        "id": purchase.id,
        "externalId": purchase.number,
        "placedAt": purchase.placed_at,
        "demandLocationId": store,
        "currency": purchase.currency,
        "isExchange": _flag(purchase, said=purchase.is_exchange),
        "isHistorical": False,
        "channel": purchase.channel,
        "channelType": purchase.channel_type,
        "priceMethod": "tax_included" if purchase.tax_included else excluded,
        "customerEmail": purchase.email,
        "taxExempt": _flag(purchase, said=purchase.tax_exempt),
        "taxStrategy": None,
    }


def _totals(purchase: Purchase) -> Json:
    return {
        "shippingTax": _optional(purchase, purchase.shipping.tax),
        "shippingTotal": _optional(purchase, purchase.shipping.total),
        "taxTotal": purchase.wire(purchase.tax_total),
        "discountTotal": _optional(purchase, purchase.discount_total),
        "subtotal": purchase.wire(purchase.subtotal),
        "grandTotal": purchase.wire(purchase.grand_total),
    }


def _node(purchase: Purchase, place: int) -> Json:
    item = purchase.items[place]
    return {
        "id": _item_id(purchase, place),
        "productId": item.sku,
        "quantity": item.quantity,
        "status": item.status,
        "pricebookPrice": purchase.wire(item.price),
        "itemDiscounts": _optional(purchase, item.item_discount),
        "orderDiscounts": _optional(purchase, item.order_discount),
        "tax": _optional(purchase, item.tax),
        "shippingServiceLevel": item.service_level,
        "fulfillmentLocationId": None,
    }


def _payment_account(purchase: Purchase) -> Json:
    """In an exchange GraphQL does not know the store credit."""
    known = (one for one in purchase.instruments if one.method != "store_credit")
    return {"instruments": _connection([_instrument(purchase, one) for one in known])}


def _instrument(purchase: Purchase, payment: Payment) -> Json:
    kinds = {"authorize": payment.authorized, "capture": payment.captured}
    transactions: list[Json] = [
        {"amount": purchase.wire(amount), "currency": purchase.currency, "transactionType": kind}
        for kind, amounts in kinds.items()
        for amount in amounts
    ]
    return {
        "paymentMethod": payment.method,
        "paymentOrigin": None,
        "paymentProvider": payment.provider,
        "paymentAccountTransactions": _connection(transactions),
    }


def _account_transactions(payment: Payment) -> list[Json]:
    authorized = [
        {"reason": "authorization", "capture_amount": as_short(amount), "refund_amount": 0}
        for amount in payment.authorized
    ]
    captured = [
        {
            "reason": "capture",
            "capture_amount": as_short(-amount),
            "refund_amount": as_short(amount),
        }
        for amount in payment.captured
    ]
    return authorized + captured


def _payload(purchase: Purchase) -> Json:
    payload: Json = {
        "id": purchase.id,
        "external_id": purchase.number,
        "placed_at": purchase.placed_at,
        "channel_type": purchase.channel_type,
        "channel": purchase.channel,
        "is_exchange": purchase.is_exchange,
        "is_historical": False,
        "price_method": "tax_included" if purchase.tax_included else "tax_excluded",
        "currency": purchase.currency,
        "tax_exempt": purchase.tax_exempt,
        "grand_total": as_short(purchase.grand_total),
        "items": [_event_item(purchase, place) for place in range(len(purchase.items))],
    }
    if purchase.event_email is not None:
        payload["customer_email"] = purchase.event_email
    if purchase.exchange_of is not None:
        payload["exchanges"] = [{"order_id": purchase.exchange_of, "return_id": None}]
    return payload


def _event_item(purchase: Purchase, place: int) -> Json:
    item = purchase.items[place]
    entry: Json = {
        "id": _item_id(purchase, place),
        "item_type": "product",
        "product_id": item.sku,
        "pricebook_price": as_short(item.price),
        "item_discounts": as_short(item.item_discount),
        "order_discounts": as_short(item.order_discount),
        "tax": as_short(item.tax),
        "quantity": item.quantity,
        "status": item.status,
    }
    if not purchase.sparse:
        rate = {"name": "TAX", "amount": as_short(item.tax), "rate": Decimal("0.0852")}
        entry["tax_provider_details"] = [rate]
    if item.service_level is not None:
        entry["shipping_service_level"] = item.service_level
    return entry


def _item_id(purchase: Purchase, place: int) -> str:
    return str(uuid.uuid5(NAMESPACE, f"{purchase.number} item {place}"))


def _connection(nodes: Sequence[Json]) -> Json:
    return {"pageInfo": {"hasNextPage": False}, "edges": [{"node": node} for node in nodes]}


def _optional(purchase: Purchase, amount: Decimal) -> object:
    return None if purchase.sparse and amount == 0 else purchase.wire(amount)


def _flag(purchase: Purchase, *, said: bool) -> bool | None:
    return said if said or not purchase.sparse else None


# ---- the strategy ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Market:
    """Where one currency is sold: its minor unit, channels, service levels and usual taxes."""

    tenant: str
    currency: str
    places: int
    web: str
    stores: tuple[str, ...]
    country: str
    levels: tuple[str, ...]
    rates: tuple[int, ...]  # in thousandths of a percent

    def money(self, units: int) -> Decimal:
        """An amount of so many minor units."""
        return Decimal(units).scaleb(-self.places)


_AMERICAN = ("GROUND", "STANDARDFREE", "EXPRESS", "2_DAY")
_NORDHUS = ("STANDARD", "EXPRESS", "TAKKYUBIN")
MARKETS = (
    Market("dodici", "USD", 2, "USC", ("NYC5",), "US", _AMERICAN, (8_875, 7_000, 0)),
    Market("dodici", "CAD", 2, "CAC", ("TOR1",), "CA", _AMERICAN, (13_000, 14_975, 5_000)),
    Market("nordhus", "EUR", 2, "EUW", ("BER1", "PAR2"), "DE", _NORDHUS, (19_000, 7_000, 20_000)),
    Market("nordhus", "JPY", 0, "JPW", ("TYO1",), "JP", _NORDHUS, (10_000, 8_000)),
    Market("nordhus", "KWD", 3, "KWW", ("KWW",), "KW", _NORDHUS, (0, 5_000)),
)

METHODS = (
    ("credit_card", "adyen"),
    ("credit_card", "stripe"),
    ("Credit_Card", "Adyen"),
    ("paypal", "paypal"),
    ("cash", "cash"),
    ("gift_card", "gift_card"),
)
NAMES = (
    *(
        "Ana",
        "Zoë",
        "Łukasz",
        "O'Neill-Smith",
        "Þórr",
        "Zoe\u0301",
        "van der Berg",
        "李",
        "山田 花子",
    ),
    *("محمد", "Ελένη", "Иван", "नरेंद्र", "สมชาย", "김민준", "שרה", "Nguyễn", "İpek", "ß"),
    *("Max 🎉", "👩‍👩‍👧 Kim", "❤️", "🇩🇪 Jonas", "👍🏽", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "  ", "", None),
    *("Lone\ud83d surrogate", "Bell\x07", "x" * 90, "長" * 60, "Ana <b>&amp;", '{{ "x" }}'),
)
STREETS = (
    "1 Example Street",
    "Straße 5b",
    "東京都中央区銀座4丁目",
    "شارع الخليج 7",
    "y" * 200,
    "",
    None,
    "🏠 7",
)
PHONES = ("+1 212-555-0100", "(030) 123 456", "0312345678", "12345", "1" * 16, "n/a", "", None)
EMAILS = ("ana.weber@example.com", "Ana.B@Example.COM", "山田@example.jp", "", None)
COUPONS = ("WELCOME10", "VIP", "夏セール", None)

# Close to midnight in New York and Berlin, and on the days their clocks change.
MOMENTS = (
    *("2026-03-08T04:59:59", "2026-03-08T05:00:00", "2026-03-08T07:00:00"),
    *("2026-11-01T03:59:59", "2026-11-01T04:00:00", "2026-11-02T04:30:00"),
    *("2026-03-28T23:00:00", "2026-03-29T01:00:00", "2026-03-29T22:00:00"),
    *("2026-10-24T22:00:00", "2026-10-25T01:00:00", "2026-10-25T23:00:00"),
    *("2026-12-31T23:30:00", "2027-01-01T04:59:59", "2028-02-29T12:00:00"),
)

# Which transactions the instrument at a place has: (authorised, captured).
STAGES: dict[str, Callable[[int], tuple[bool, bool]]] = {
    "authorized": lambda place: (True, False),
    "captured": lambda place: (False, True),
    "both": lambda place: (True, True),
    "partly captured": lambda place: (True, place == 0),
    "some of each": lambda place: (place == 0, place != 0),
}
_USUAL_STAGES = ("authorized", "captured", "both") * 4


@st.composite
def orders(draw: Draw) -> Sample:
    """Samples of both tenants, now and then with one thing wrong."""
    market: Market = draw(st.sampled_from(MARKETS))
    sample = draw(samples(market))
    trouble = draw(st.sampled_from(("none",) * 2 * len(TROUBLES) + tuple(TROUBLES)))
    return TROUBLES.get(trouble, _unchanged)(sample)


@st.composite
def samples(draw: Draw, market: Market) -> Sample:
    """Samples of one market; everything in them is known to its tenant."""
    scene = draw(st.sampled_from(("web", "counter", "aisle")))
    included: bool = draw(st.booleans())
    exempt = draw(st.sampled_from((False, False, False, False, True)))
    what = {"tax_included": included, "tax_exempt": exempt}
    is_free = draw(st.sampled_from((False,) * 9 + (True,)))
    levels = draw(_levels(market, scene))
    rates = (0,) if exempt else market.rates
    items = st.lists(
        _items(market, rates, included=included, is_free=is_free, levels=levels),
        min_size=1,
        max_size=12,
    )
    what["items"] = tuple(draw(items))
    if scene != "counter" and not is_free:
        what["shipping"] = draw(_shippings(market, rates, included=included))
    what |= draw(_places(market, scene)) | draw(_customers(market)) | draw(_manners)
    what |= draw(_ways_to_pay(market, Purchase(**what).grand_total, scene))
    return a_sample(**what)


def _levels(market: Market, scene: str) -> st.SearchStrategy[tuple[str | None, ...]]:
    """The service levels that the items of one order have."""
    shipped = st.sampled_from(market.levels)
    scenes: dict[str, st.SearchStrategy[tuple[str | None, ...]]] = {
        "web": st.one_of(
            st.tuples(shipped), st.tuples(shipped, shipped), st.just((None,)), st.just((HANDOVER,))
        ),
        "counter": st.sampled_from(((HANDOVER,), (HANDOVER, None), (None,))),
        "aisle": st.one_of(st.tuples(shipped), st.tuples(shipped, st.just(HANDOVER))),
    }
    return scenes[scene]


@st.composite
def _items(
    draw: Draw,
    market: Market,
    rates: tuple[int, ...],
    *,
    included: bool,
    is_free: bool,
    levels: tuple[str | None, ...],
) -> Item:
    quantity = draw(st.sampled_from((1, 1, 1, 1, 2, 3)))
    price = draw(
        st.one_of(st.integers(0, 30_000), st.sampled_from((0, 1, 99, 5_800, 10**9 + 7, 10**10 - 1)))
    )
    worth = price * quantity
    discount = worth if is_free else draw(st.one_of(st.just(0), st.integers(0, worth)))
    by_order = draw(st.one_of(st.just(0), st.integers(0, discount)))
    rate = 0 if is_free else draw(st.sampled_from(rates))
    nudge = draw(st.sampled_from((0, 0, 0, 1, -1, 25))) if rate else 0
    skus = (*ITEM_IDS, *GIFT_CARDS[market.tenant])
    return Item(
        sku=draw(st.sampled_from(skus)),
        quantity=quantity,
        price=market.money(price),
        item_discount=market.money(discount - by_order),
        order_discount=market.money(by_order),
        tax=market.money(_tax(worth - discount, rate, included=included, nudge=nudge)),
        status=draw(st.sampled_from(("opened",) * 6 + ("completed", *CANCELLED))),
        service_level=draw(st.sampled_from(levels)),
    )


@st.composite
def _shippings(draw: Draw, market: Market, rates: tuple[int, ...], *, included: bool) -> Shipping:
    total = draw(st.sampled_from((0, 0, 1, 495, 999, 12_000)))
    discount = draw(st.sampled_from((0, 0, total // 3, total)))
    tax = _tax(total - discount, draw(st.sampled_from(rates)), included=included, nudge=0)
    return Shipping(market.money(total), market.money(tax), market.money(discount))


def _tax(net: int, rate: int, *, included: bool, nudge: int) -> int:
    """Minor units of tax on or in `net`; `nudge` stands for other people's ways to round."""
    whole = 100_000 + (rate if included else 0)
    tax = max(0, (2 * net * rate + whole) // (2 * whole) + nudge)
    return min(tax, net) if included else tax


def _places(market: Market, scene: str) -> st.SearchStrategy[Json]:
    channels = (market.web,) if scene == "web" else market.stores
    return st.fixed_dictionaries(
        {
            "tenant": st.just(market.tenant),
            "currency": st.just(market.currency),
            "channel": st.sampled_from(channels),
            "channel_type": st.just("web" if scene == "web" else "store"),
            "placed_at": _placed_at(),
        }
    )


@st.composite
def _placed_at(draw: Draw) -> str:
    """A moment as NewStore writes it: with or without a fraction and a zone."""
    seconds = st.integers(1_577_836_800, 2_051_222_400)  # 2020 to 2035
    anytime = seconds.map(lambda epoch: datetime.fromtimestamp(epoch, UTC).isoformat()[:19])
    moment = draw(st.one_of(st.sampled_from(MOMENTS), anytime))
    fraction = draw(st.text("0123456789", max_size=9))
    zone = draw(st.sampled_from(("", "", "Z", "+00:00", "+09:00", "-05:00", "+05:45")))
    return f"{moment}.{fraction}{zone}" if fraction else f"{moment}{zone}"


def _customers(market: Market) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries(
        {
            "email": st.sampled_from(EMAILS),
            "event_email": st.sampled_from(EMAILS),
            "addresses": st.one_of(st.none(), st.lists(_addresses(market), max_size=3).map(tuple)),
        }
    )


def _addresses(market: Market) -> st.SearchStrategy[Json]:
    choices: dict[str, Sequence[Any]] = {
        "address_type": ("billing", "shipping"),
        "firstName": NAMES,
        "lastName": NAMES,
        "phone": PHONES,
        "country": (market.country, None),
        "city": ("Exampleville", "京都市", "Z" * 60, "Llanfair 🏴", None),
        "addressLine1": STREETS,
        "addressLine2": STREETS,
        "state": ("NY", "", None),
        "zipCode": ("00501", "104-0061", None),
    }
    strategy = st.fixed_dictionaries({key: st.sampled_from(of) for key, of in choices.items()})
    return strategy.map(lambda drawn: address(**drawn))


_manners: st.SearchStrategy[Json] = st.fixed_dictionaries(
    {
        "number": st.from_regex(r"[A-Z]{2}[0-9]{6,9}", fullmatch=True),
        "coupons": st.lists(st.sampled_from(COUPONS), max_size=4).map(tuple),
        "wire": st.sampled_from((as_text, as_number, as_short, as_mixed)),
        "sparse": st.booleans(),
    }
)


@st.composite
def _ways_to_pay(draw: Draw, market: Market, total: Decimal, scene: str) -> Json:
    """Purchase's payments, and whether the order is an exchange; zero may need no account."""
    is_exchange = scene != "web" and draw(st.sampled_from((False, False, True)))
    found: Json = {"is_exchange": is_exchange}
    if total == 0 and draw(st.booleans()):
        return found | {"payments": (), "has_account": draw(st.booleans())}
    if is_exchange:
        found["exchange_of"] = draw(st.sampled_from((None, str(uuid.uuid5(NAMESPACE, "first")))))
    stage = STAGES[draw(st.sampled_from(_USUAL_STAGES + tuple(STAGES)))]
    units = int(total.scaleb(market.places))
    shares = draw(_parts(units, most=3))
    payments = []
    for place, share in enumerate(shares):
        methods = (("store_credit", "store_credit"),) if is_exchange and place == 0 else METHODS
        method, provider = draw(st.sampled_from(methods))
        parts = tuple(market.money(part) for part in draw(_parts(share, most=2)))
        authorized, captured = (parts if has else () for has in stage(place))
        payments.append(Payment(method, provider, authorized, captured))
    return found | {"payments": tuple(payments)}


@st.composite
def _parts(draw: Draw, units: int, *, most: int) -> tuple[int, ...]:
    """One to `most` whole amounts, zero among them, that add up to `units`."""
    cuts = sorted(draw(st.lists(st.integers(0, units), max_size=most - 1)))
    return tuple(end - start for start, end in zip([0, *cuts], [*cuts, units], strict=True))


# ---- one thing wrong ------------------------------------------------------------------------


def _edited(sample: Sample) -> tuple[Sample, Json]:
    """A copy, and its order to edit."""
    twin = copy.deepcopy(sample)
    return twin, twin.order["data"]["order"]


def _unchanged(sample: Sample) -> Sample:
    return sample


def _historical(sample: Sample) -> Sample:
    twin, _ = _edited(sample)
    twin.event["payload"]["is_historical"] = True
    return twin


def _another_event(sample: Sample) -> Sample:
    twin, _ = _edited(sample)
    twin.event["name"] = "order.created"
    return twin


def _no_order(sample: Sample) -> Sample:
    return Sample(sample.tenant, sample.event, {"data": {"order": None}}, sample.account)


def _no_account(sample: Sample) -> Sample:
    return Sample(sample.tenant, sample.event, sample.order, None)


def _no_items(sample: Sample) -> Sample:
    twin, order = _edited(sample)
    order["items"] = _connection([])
    return twin


def _unknown_channel(sample: Sample) -> Sample:
    twin, order = _edited(sample)
    order["channel"] = "ATLANTIS"
    return twin


def _unknown_currency(sample: Sample) -> Sample:
    twin, order = _edited(sample)
    order["currency"] = "SEK"
    return twin


def _unknown_level(sample: Sample) -> Sample:
    twin, order = _edited(sample)
    order["items"]["edges"][0]["node"]["shippingServiceLevel"] = "DRONE"
    return twin


def _unknown_sku(sample: Sample) -> Sample:
    twin, order = _edited(sample)
    order["items"]["edges"][-1]["node"]["productId"] = "NO-SUCH-SKU"
    return twin


def _unknown_method(sample: Sample) -> Sample:
    twin, order = _edited(sample)
    account = order["paymentAccount"] or {"instruments": _connection([])}
    for edge in account["instruments"]["edges"]:
        edge["node"]["paymentMethod"] = "barter"
    for instrument in (twin.account or {"instruments": ()})["instruments"]:
        instrument["payment_method"] = "barter"
    return twin


def _total_off_by(units: str) -> Callable[[Sample], Sample]:
    def change(sample: Sample) -> Sample:
        twin, order = _edited(sample)
        order["grandTotal"] = Decimal(str(order["grandTotal"])) + Decimal(units)
        return twin

    return change


TROUBLES: dict[str, Callable[[Sample], Sample]] = {
    "historical": _historical,
    "another event": _another_event,
    "no order": _no_order,
    "no account": _no_account,
    "no items": _no_items,
    "unknown channel": _unknown_channel,
    "unknown currency": _unknown_currency,
    "unknown level": _unknown_level,
    "unknown sku": _unknown_sku,
    "unknown method": _unknown_method,
    "total too high": _total_off_by("1"),
    "total too low": _total_off_by("-1"),
}
