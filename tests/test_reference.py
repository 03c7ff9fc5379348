"""The referee checked by itself: what it writes balances, and orders are what they say.

No engine here; the balance is worked out from the finished lines alone, as NetSuite would.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from orders import (
    TROUBLES,
    Item,
    Json,
    Payment,
    Sample,
    Shipping,
    Wire,
    a_sample,
    as_json,
    as_mixed,
    as_number,
    as_short,
    as_text,
    orders,
)
from reference import PLACES, Refusal, half_up, plain, reference

# The items NetSuite negates.
PAYMENT_ITEMS = {
    "dodici": {"601", "611", "612", "613", "614", "621", "622", "631"},
    "nordhus": {"620", "701", "702", "703", "711", "712", "713", "714", "715", "721", "722", "723"},
}

thorough = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def the_order(sample: Sample) -> Json:
    order: Json = sample.order["data"]["order"]
    return order


def transaction(sample: Sample) -> Json:
    records = reference(sample)
    assert not isinstance(records, Refusal), records
    body: Json = records[-1]["body"]
    return body


def lines(sample: Sample) -> list[Json]:
    found: list[Json] = transaction(sample)["item"]["items"]
    return found


def is_payment(line: Json, tenant: str) -> bool:
    return str(line["item"].get("id")) in PAYMENT_ITEMS[tenant]


def stored(line: Json) -> Decimal:
    value: Decimal = line["amount"] if "amount" in line else line["rate"] * line["quantity"]
    return value


def taxes(body_lines: list[Json], places: int) -> Decimal:
    """What NetSuite adds by a line's own tax, or by its rate on it and its discount."""
    tax = sum((line.get("tax1Amt", Decimal(0)) for line in body_lines), Decimal(0))
    for line in body_lines:
        if rate := line.get("custcol_tax_rate"):
            same = line["custcol_nws_item_id"]
            net = sum(stored(one) for one in body_lines if one.get("custcol_nws_item_id") == same)
            tax += half_up(net * rate / 100, places)
    return tax


def numbers(document: object) -> list[object]:
    """Every leaf of a document."""
    if isinstance(document, dict):
        return [leaf for value in document.values() for leaf in numbers(value)]
    if isinstance(document, list | tuple):
        return [leaf for value in document for leaf in numbers(value)]
    return [document]


@thorough
@given(orders())
def test_every_payload_balances(sample: Sample) -> None:
    records = reference(sample)
    if isinstance(records, Refusal):
        assert records.kind in {"ignored", "not_ready", "finding"}
        return
    body, order = records[-1]["body"], the_order(sample)
    entries = body["item"]["items"]
    paid = sum((stored(one) for one in entries if is_payment(one, sample.tenant)), Decimal(0))
    rest = sum((stored(one) for one in entries if not is_payment(one, sample.tenant)), Decimal(0))
    tax = taxes(entries, PLACES.get(order["currency"], 2))
    assert rest + tax + body.get("shippingCost", 0) == paid == Decimal(str(order["grandTotal"]))


@thorough
@given(orders())
def test_documents_are_json_without_floats(sample: Sample) -> None:
    for document in (sample.event, sample.order, sample.account):
        assert json.loads(as_json(document), parse_float=Decimal) == document
        assert not any(isinstance(leaf, float) for leaf in numbers(document))


@thorough
@given(orders())
def test_money_shows_the_minor_unit(sample: Sample) -> None:
    records = reference(sample)
    if isinstance(records, Refusal):
        return
    places = PLACES.get(the_order(sample)["currency"], 2)
    for line in records[-1]["body"]["item"]["items"]:
        for key in ("rate", "amount", "tax1Amt"):
            assert -line.get(key, Decimal(1).scaleb(-places)).as_tuple().exponent == places


REACHED: dict[str, Callable[[Sample], bool]] = {
    "a cash sale": lambda sample: "undepFunds" in transaction(sample),
    "an endless aisle": lambda sample: (
        "undepFunds" not in transaction(sample) and the_order(sample)["channelType"] == "store"
    ),
    "an exchange": lambda sample: the_order(sample)["isExchange"] and bool(lines(sample)),
    "nothing to pay": lambda sample: (
        bool(lines(sample)) and not any(is_payment(one, sample.tenant) for one in lines(sample))
    ),
    "no payment account": lambda sample: (
        bool(lines(sample)) and the_order(sample)["paymentAccount"] is None
    ),
    "a rest of tax that is negative": lambda sample: any(
        one["item"].get("id") == "1102" and one["amount"] < 0 for one in lines(sample)
    ),
    "yen": lambda sample: the_order(sample)["currency"] == "JPY" and bool(lines(sample)),
    "dinars with tax included": lambda sample: (
        the_order(sample)["currency"] == "KWD" and any("tax1Amt" in one for one in lines(sample))
    ),
    "three payments": lambda sample: (
        sum(is_payment(one, sample.tenant) for one in lines(sample)) == 3
    ),
    "twelve items": lambda sample: (
        len(the_order(sample)["items"]["edges"]) == 12 and bool(lines(sample))
    ),
    "a placeholder customer": lambda sample: "phone" not in customer(sample),
}


def customer(sample: Sample) -> Json:
    records = reference(sample)
    assert not isinstance(records, Refusal)
    body: Json = records[0]["body"]
    return body


@pytest.mark.parametrize("name", REACHED)
def test_the_generator_reaches(name: str) -> None:
    def reached(sample: Sample) -> bool:
        return not isinstance(reference(sample), Refusal) and REACHED[name](sample)

    quick = settings(max_examples=5_000, derandomize=True, database=None, phases=(Phase.generate,))
    find(orders(), reached, settings=quick)


KINDS = {
    "historical": "ignored",
    "another event": "ignored",
    "no order": "not_ready",
    "no account": "not_ready",
    "no items": "not_ready",
    "total too high": "not_ready",
    "total too low": "finding",
    "unknown channel": "finding",
    "unknown currency": "finding",
    "unknown level": "finding",
    "unknown sku": "finding",
    "unknown method": "finding",
}


def test_every_trouble_has_a_kind() -> None:
    assert KINDS.keys() == TROUBLES.keys()


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_a_trouble_is_refused(name: str, kind: str) -> None:
    credit = Payment("store_credit", "store_credit", (), (Decimal("62.94"),))
    before = a_sample(is_exchange=True, payments=(credit,))
    assert not isinstance(reference(before), Refusal)
    refusal = reference(TROUBLES[name](before))
    assert isinstance(refusal, Refusal)
    assert refusal.kind == kind


MIXED: dict[str, Any] = {
    "items": (
        Item(quantity=3, item_discount=Decimal("10.05"), service_level="EXPRESS"),
        Item(sku="00501", price=Decimal(0), tax=Decimal("0.40")),
        Item(sku="GC-EMAIL", price=Decimal(100), tax=Decimal(0)),
        Item(sku="GC-EMAIL", status="canceled"),
    ),
    "shipping": Shipping(Decimal("9.99"), Decimal("0.71"), Decimal("9.99")),
    "coupons": ("VIP", None, "VIP", "WELCOME10"),
}


@pytest.mark.parametrize("wire", [as_text, as_number, as_short, as_mixed])
@pytest.mark.parametrize("sparse", [False, True])
def test_text_numbers_and_null_mean_the_same(wire: Wire, *, sparse: bool) -> None:
    assert reference(a_sample(**MIXED, wire=wire, sparse=sparse)) == reference(a_sample(**MIXED))


def test_splitting_an_authorization_changes_nothing() -> None:
    whole, part = (
        Payment(authorized=(Decimal("62.94"),)),
        Payment(authorized=(Decimal("31.47"),) * 2),
    )
    assert reference(a_sample(payments=(whole,))) == reference(a_sample(payments=(part,)))


PLACEHOLDER = {
    "record": "customer",
    "name": "customer",
    "write": "ensure",
    "external_id": "C-store.nyc5@example.com-2",
    "serialize": "store.nyc5@example.com-2",
    "body": {
        "externalId": "C-store.nyc5@example.com-2",
        "isPerson": True,
        "firstName": "Dodici",
        "lastName": "New York Fifth Avenue",
        "email": "store.nyc5@example.com",
        "subsidiary": {"id": "2"},
        "custentity_nws_profilesource": {"id": 3},
    },
}
CASH_SALE = {
    "externalId": "CS-EX000000266",
    "entity": {"id": {"$record": "customer", "field": "id"}},
    "tranDate": "2026-11-20",
    "otherRefNum": "EX000000266",
    "currency": {"id": 1},
    "subsidiary": {"id": "2"},
    "location": {"id": "12"},
    "class": {"id": "31"},
    "department": {"id": 3},
    "undepFunds": True,
    "item": {
        "items": [
            {
                "item": {"id": "4001"},
                "quantity": 1,
                "price": {"id": "-1"},
                "rate": Decimal("58.00"),
                "custcol_nws_item_id": "f-item",
                "taxCode": {"id": 7},
                "custcol_tax_rate": Decimal("8.5172"),
            },
            {"item": {"id": "601"}, "amount": Decimal("62.94")},
        ]
    },
}


def test_a_cash_sale_worked_by_hand() -> None:
    sample = a_sample(
        channel="NYC5",
        channel_type="store",
        items=(Item(service_level="IN_STORE_HANDOVER"),),
        payments=(Payment("cash", "cash", (), (Decimal("62.94"),)),),
        email="",
        addresses=None,
        placed_at="2026-11-21T04:59:59.9",
    )
    the_order(sample)["items"]["edges"][0]["node"]["id"] = "f-item"
    records = reference(sample)
    assert not isinstance(records, Refusal)
    assert records[0] == PLACEHOLDER
    assert records[1]["body"] == CASH_SALE


def test_a_web_order_with_vat_worked_by_hand() -> None:
    """119.00 with 19.00 VAT, a tenth off; shipping 11.90 with 1.90 VAT."""
    item = Item(
        price=Decimal(119),
        order_discount=Decimal("11.90"),
        tax=Decimal("17.10"),
        service_level="EXPRESS",
    )
    sample = a_sample(
        tenant="nordhus",
        currency="EUR",
        channel="EUW",
        items=(item,),
        shipping=Shipping(Decimal("11.90"), Decimal("1.90")),
        tax_included=True,
    )
    body = transaction(sample)
    assert body["shippingCost"] == 10
    assert body["shipMethod"] == {"id": "812"}
    goods, discount, tax, payment = lines(sample)
    assert (goods["amount"], goods["tax1Amt"]) == (Decimal("101.90"), Decimal("17.10"))
    assert (goods["item"], goods["taxCode"]) == ({"externalId": "TEE-BLACK-M"}, {"id": 91})
    assert (discount["item"], discount["amount"]) == ({"id": "501"}, Decimal("-11.90"))
    assert (tax["item"], tax["amount"]) == ({"id": "502"}, Decimal("1.90"))
    assert (payment["item"], payment["amount"]) == ({"id": 711}, Decimal("119.00"))


@pytest.mark.parametrize("status", ["cancelled", "canceled"])
def test_cancelled_items_are_neither_sold_nor_paid(status: str) -> None:
    assert lines(a_sample(items=(Item(status=status),), payments=())) == []


@pytest.mark.parametrize(
    ("placed_at", "day"),
    [
        ("2026-11-21T04:59:59", "2026-11-20"),
        ("2026-11-21T05:00:00.000000000Z", "2026-11-21"),
        ("2026-07-01T03:59:59.999999999", "2026-06-30"),
        ("2026-07-01T04:00:00", "2026-07-01"),
        ("2026-11-21T13:00:00+09:00", "2026-11-20"),
        ("2026-11-20T23:30:00-05:00", "2026-11-20"),
    ],
)
def test_the_day_is_the_tenants(placed_at: str, day: str) -> None:
    assert transaction(a_sample(placed_at=placed_at))["tranDate"] == day


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Zoe\u0301 山田 محمد नरेंद्र", "Zoe\u0301 山田 محمد नरेंद्र"),
        ("👩‍👩‍👧 Kim 🇩🇪❤️👍🏽", " Kim "),
        ("a\x07b\ud83dc\ufffe", "abc"),
    ],
)
def test_plain_keeps_scripts_and_drops_pictures(text: str, left: str) -> None:
    assert plain(text) == left
