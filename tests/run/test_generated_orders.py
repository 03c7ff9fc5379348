"""Generated orders of both example tenants: good ones are right to the cent, damaged ones never wrong.

The truth they are held against is the generator's own; it is not computed by the mappings.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

import pytest
from generated.damages import DAMAGES, FAMILIES
from generated.documents import make_documents
from generated.draw import WAYS, draw_sale
from generated.ledger import Records, find_differences
from generated.markets import GERMANY, MARKETS, UNITED_STATES, Json
from generated.posting import post
from generated.sale import Charge, Sale, Span, make_charge
from generated.sweep import damage_order, try_damaged, try_good
from generated.trial import RIGHT, render_order, try_order
from scale import scaled

GOOD = scaled(300, full=20_000)
CHUNKS = 10
DAMAGED = scaled(1, full=50)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_good_orders_are_right_to_the_cent(chunk: int) -> None:
    found = {
        f"good {number}": verdict
        for number in range(chunk, GOOD, CHUNKS)
        if (verdict := try_good(number)[2]).end != RIGHT
    }
    assert not found


@pytest.mark.parametrize("family", FAMILIES)
def test_damaged_orders_are_never_rendered_wrongly(family: str) -> None:
    tallies = {kind: try_damaged(kind, range(DAMAGED)) for kind in FAMILIES[family]}
    assert all(tally.ends for tally in tallies.values()), "a damage that no order can have"
    assert not {kind: tally.examples for kind, tally in tallies.items() if tally.failed}


def test_there_are_kinds_enough() -> None:
    assert len(DAMAGES) >= 160


@pytest.mark.parametrize("kind", ["price ten times", "the authorisation voided", "no order"])
def test_the_same_numbers_give_the_same_order(kind: str) -> None:
    first, second = damage_order(kind, 1), damage_order(kind, 1)
    assert first is not None
    assert second is not None
    assert first.documents == second.documents
    assert first.sale == second.sale


@cache
def right_orders() -> tuple[tuple[Sale, Records], ...]:
    """Good orders of every market with the records that the mappings make of them."""
    found = []
    for market in MARKETS:
        for number in range(200):
            sale = draw_sale(Random(number), number, market)
            if try_order(sale, make_documents(sale)).end == RIGHT and len(sale.instruments) == 1:
                found.append((sale, render_order(sale, make_documents(sale))))
                break
    return tuple(found)


def leaves(document: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the places of all scalars."""
    entries = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in list(entries):
        if isinstance(value, dict | list):
            yield from leaves(value)
        else:
            yield document, key


def tamper(key: object, value: object, cent: Decimal) -> object:
    """Return another value for a leaf of a body; None where a change is no difference in money."""
    if isinstance(value, bool) or key in ("memo", "externalId"):
        return None
    if key in ("id", "quantity", "tranDate", "otherRefNum"):
        return 77 if str(value) != "77" else 78
    if isinstance(value, int | Decimal):
        return value + (5 if key == "custcol_tax_rate" else cent)
    return None


def test_the_reference_sees_every_amount_and_reference_that_is_off() -> None:
    """Every number and id of a right transaction is changed; each change is a difference."""
    assert len(right_orders()) == len(MARKETS)
    for sale, (customer, transaction) in right_orders():
        body = transaction[2]
        cent = sale.market.money(sale.market.step)
        for at, (holder, key) in enumerate(leaves(body)):
            value = tamper(key, holder[key], cent)
            if value is None:
                continue
            tampered = copy.deepcopy(body)
            place, _ = list(leaves(tampered))[at]
            place[key] = value
            records = [customer, (*transaction[:2], tampered)]
            assert find_differences(sale, records), (key, holder[key])


def without_line(body: Json, at: int) -> Json:
    lines = body["item"]["items"]
    return body | {"item": {"items": lines[:at] + lines[at + 1 :]}}


def test_the_reference_sees_a_line_that_is_missing_or_stands_twice() -> None:
    for sale, records in right_orders():
        body = records[1][2]
        for at, line in enumerate(body["item"]["items"]):
            doubled = body | {"item": {"items": [*body["item"]["items"], line]}}
            for other in (without_line(body, at), doubled):
                assert find_differences(sale, [records[0], (*records[1][:2], other)])


def customer_id(sale: Sale, written: str | None, of_event: str | None) -> str | None:
    person = replace(sale.person, written_email=written, event_email=of_event)
    other = replace(sale, person=person)
    return render_order(other, make_documents(other))[0][1]


def test_a_customer_is_one_however_the_e_mail_is_typed() -> None:
    keys = set()
    for sale, _ in right_orders():
        email = "ana.b@example.com"
        typed = (email, "Ana.B@Example.com", f" {email}", f"{email} ", f"{email}\u200b")
        found = {customer_id(sale, text, None) for text in typed}
        found |= {customer_id(sale, None, text) for text in typed}
        assert len(found) == 1
        assert customer_id(sale, "bea@example.com", None) not in found
        keys |= found
    assert len(keys) == len({market.subsidiary for market in MARKETS})


def test_vat_in_a_price_worked_by_hand() -> None:
    """119.00 less 19.00: 84.03 net, of which 100.00 revenue and 15.97 discount, and 15.97 VAT."""
    charge = Charge(price=11_900, item_discount=1_900, is_included=True)
    charge = make_charge(charge, (("VAT", "19"),), 1)
    assert (charge.tax, charge.net, charge.paid) == (1_597, 8_403, 10_000)
    assert charge.goods_span().low <= 10_000 <= charge.goods_span().high
    assert charge.discount_span().low <= 1_597 <= charge.discount_span().high
    assert charge.discount_span().high < 1_900


def test_taxes_on_a_price_worked_by_hand() -> None:
    """58.00 at 4 %, 4.5 % and 0.375 %, each rounded for itself: 2.32 + 2.61 + 0.22."""
    charge = make_charge(Charge(price=5_800), UNITED_STATES.rates[0], 1)
    assert [amount for _, _, amount in charge.taxes] == [232, 261, 22]
    assert charge.discount_span() == Span()
    assert charge.paid == 6_315


LINES: dict[str, Json] = {
    "goods": {
        "item": {"id": "4001"},
        "quantity": 2,
        "rate": Decimal("50.00"),
        "taxCode": {"id": 7},
    },
    "discount": {"item": {"id": "1101"}, "amount": Decimal("-10.00")},
    "payment": {"item": {"id": "611"}, "amount": Decimal("97.99")},
}


def test_a_transaction_posted_by_hand() -> None:
    """Two pieces of 50.00 less 10.00 at 8.875 %: 90.00 and 7.99 of tax, paid by card."""
    goods = LINES["goods"] | {"custcol_tax_rate": Decimal("8.875"), "custcol_nws_item_id": "a"}
    discount = LINES["discount"] | {"custcol_nws_item_id": "a"}
    body = {"currency": {"id": 1}, "item": {"items": [goods, discount, LINES["payment"]]}}
    posted = post("dodici", body)
    assert [posted.goods, posted.discounts, posted.tax] == [100, 10, Decimal("7.99")]
    assert posted.payments == {"611": Decimal("97.99")}
    assert posted.balance == 0
    assert posted.refusals == []
    another = discount | {"custcol_nws_item_id": "b"}
    untaxed = post("dodici", body | {"item": {"items": [goods, another, LINES["payment"]]}})
    assert untaxed.tax == Decimal("8.88")


REACHED: dict[str, Callable[[Sale], bool]] = {
    "a cash sale": lambda sale: not sale.is_sales_order,
    "an endless aisle": lambda sale: sale.is_sales_order and not sale.branch.is_web,
    "an exchange": lambda sale: sale.is_exchange,
    "store credit issued": lambda sale: any(
        step.kind == "issue" for one in sale.instruments for step in one.steps
    ),
    "three instruments": lambda sale: len(sale.instruments) == 3,
    "a voided card": lambda sale: any(not one.pays for one in sale.instruments),
    "nothing to pay": lambda sale: not sale.total,
    "a cancelled item": lambda sale: len(sale.sold) < len(sale.items),
    "a gift card sold": lambda sale: any(item.sku in sale.market.gift_cards for item in sale.sold),
    "shipping discounted": lambda sale: sale.shipping.discount > 0,
    "shipping free": lambda sale: sale.shipping.full == sale.shipping.discount > 0,
    "VAT without included prices": lambda sale: (
        sale.market is GERMANY and not sale.shipping.is_included
    ),
    "no customer": lambda sale: sale.person.email is None,
    "a customer of the event only": lambda sale: bool(
        sale.person.email and not (sale.person.written_email or "").strip()
    ),
    "exempt": lambda sale: sale.is_exempt,
    "a line discounted to nothing": lambda sale: any(
        item.charge.full and not item.charge.paid for item in sale.sold
    ),
    "three taxes": lambda sale: any(len(item.charge.taxes) == 3 for item in sale.sold),
    "twelve pieces": lambda sale: any(item.charge.quantity == 12 for item in sale.sold),
}


def test_the_generator_reaches_what_is_rare() -> None:
    sales = [draw_sale(Random(f"good {number}"), number) for number in range(1000)]
    assert [name for name, is_one in REACHED.items() if not any(map(is_one, sales))] == []
    kinds = {step.kind for sale in sales for one in sale.instruments for step in one.steps}
    assert kinds == {"authorize", "capture", "void", "refund", "issue"}
    assert {sale.market.country for sale in sales} == {market.country for market in MARKETS}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_pay_pays(way: str) -> None:
    """What is captured, or still authorised, less what went back, is what the instrument pays."""
    for number in range(100):
        rng = Random(number)
        pays = rng.randrange(1, 100_000)
        sums = dict.fromkeys(("authorize", "capture", "void", "refund"), 0)
        for step in WAYS[way](rng, pays, 1):
            sums[step.kind] += step.amount
        held = max(sums["authorize"] - sums["void"], sums["capture"])
        assert held - sums["refund"] == pays
