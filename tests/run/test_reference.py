"""The referee checked by itself: what it writes balances, and orders are what they say.

No engine here.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from orders import (
    TROUBLES,
    Item,
    Payment,
    Sample,
    Shipping,
    Wire,
    a_sample,
    as_long,
    as_mixed,
    as_number,
    as_short,
    as_text,
    orders,
    samples,
)
from reference import PLACES, Refusal, cut, plain, reference
from reference.ledger import owed_and_paid
from reference.parts import lines, payments, the_order, transaction

thorough = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@thorough
@given(samples())
def test_an_order_without_trouble_balances(sample: Sample) -> None:
    owed, paid = owed_and_paid(transaction(sample), the_order(sample)["currency"])
    assert owed == paid == Decimal(str(the_order(sample)["grandTotal"]))


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


KINDS = {
    "historical": "ignored",
    "another event": "ignored",
    "no order": "not_ready",
    "no account": "not_ready",
    "no items": "not_ready",
    "total too high": "not_ready",
}


@pytest.mark.parametrize("name", TROUBLES)
def test_a_trouble_is_refused(name: str) -> None:
    credit = Payment("store_credit", "store_credit", (), (Decimal("62.94"),))
    before = a_sample(is_exchange=True, payments=(credit,))
    assert not isinstance(reference(before), Refusal)
    refusal = reference(TROUBLES[name](before))
    assert isinstance(refusal, Refusal)
    assert refusal.kind == KINDS.get(name, "finding")


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


@pytest.mark.parametrize("wire", [as_text, as_number, as_short, as_long, as_mixed])
@pytest.mark.parametrize("sparse", [False, True])
def test_text_numbers_and_null_mean_the_same(wire: Wire, *, sparse: bool) -> None:
    assert reference(a_sample(**MIXED, wire=wire, sparse=sparse)) == reference(a_sample(**MIXED))


def card(authorized: str, captured: str = "") -> Payment:
    both = (tuple(map(Decimal, text.split())) for text in (authorized, captured))
    return Payment("credit_card", "adyen", *both)


@pytest.mark.parametrize(
    "payment",
    [
        card("31.47 31.47"),
        card("", "62.94"),
        card("62.94", "62.94"),
        card("62.94", "10.00"),
        card("10.00", "40.00 22.94"),
    ],
)
def test_an_instrument_pays_what_it_authorized_or_captured(payment: Payment) -> None:
    assert reference(a_sample(payments=(payment,))) == reference(a_sample())


def test_instruments_need_not_be_at_the_same_stage() -> None:
    sample = a_sample(payments=(card("22.94"), card("", "30.00"), card("10.00", "5.00")))
    assert [line["amount"] for line in payments(sample)] == [
        Decimal("22.94"),
        Decimal("30.00"),
        Decimal("10.00"),
    ]


PLACEHOLDER = {
    "record": "customer",
    "name": "customer",
    "write": "ensure",
    "external_id": "C-71daa413a573f598b90d",
    "serialize": "71daa413a573f598b90d",
    "body": {
        "externalId": "C-71daa413a573f598b90d",
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
    assert (goods["amount"], goods["tax1Amt"]) == (Decimal("100.00"), Decimal("19.00"))
    assert (goods["item"], goods["taxCode"]) == ({"externalId": "TEE-BLACK-M"}, {"id": 91})
    assert (discount["item"], discount["amount"]) == ({"id": "501"}, Decimal("-10.00"))
    assert (discount["taxCode"], discount["tax1Amt"]) == ({"id": 91}, Decimal("-1.90"))
    assert (tax["item"], tax["amount"]) == ({"id": "502"}, Decimal("1.90"))
    assert (payment["item"], payment["amount"]) == ({"id": 711}, Decimal("119.00"))


@pytest.mark.parametrize("status", ["cancelled", "canceled"])
def test_cancelled_items_are_neither_sold_nor_paid(status: str) -> None:
    sold, cancelled = Item(service_level="GROUND"), Item(status=status, sku="00501")
    assert len(lines(a_sample(items=(cancelled, sold)))) == 2


@settings(thorough, max_examples=20)
@given(samples(is_cancelled=True))
def test_nothing_sold_is_for_a_person_to_see(sample: Sample) -> None:
    refusal = reference(sample)
    assert isinstance(refusal, Refusal)
    assert refusal.kind == "finding"


def test_the_first_live_item_that_is_shipped_says_how() -> None:
    levels = (("2_DAY", "cancelled"), (None, "opened"), ("IN_STORE_HANDOVER", "opened"))
    items = (*levels, ("EXPRESS", "opened"), ("GROUND", "opened"))
    sample = a_sample(items=tuple(Item(service_level=level, status=how) for level, how in items))
    assert transaction(sample)["shipMethod"] == {"id": "802"}


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


@pytest.mark.parametrize(
    ("text", "left"),
    [("Rosen", "Rosen"), ("Rosenheim", "Rosen"), ("Zoee\u0301\u0302", "Zoe")],
)
def test_a_letter_keeps_its_accents_or_goes(text: str, left: str) -> None:
    assert cut(text, 5) == left
