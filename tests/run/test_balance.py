"""Whole orders through the real engine, judged by the referee and by arithmetic on the payload.

Each runs both ways, compiled and interpreted, which have to give the same.

A usual run tries 40 orders of each market, others each time. A long one, and the same orders
again:

    pytest --full tests/run/test_balance.py
    pytest tests/run/test_balance.py --hypothesis-seed=7

A failure prints the smallest order found, and a `@reproduce_failure` line to put above the test.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

import pytest
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from orders import (
    CANCELLED,
    HANDOVER,
    ITEM_IDS,
    MARKETS,
    TROUBLES,
    Item,
    Json,
    Market,
    Payment,
    Sample,
    Shipping,
    a_sample,
    address,
    orders,
)
from reference import Refusal, reference
from reference.ledger import owed_and_paid
from scale import scaled
from twins import run_twins

from engine.documents import read_json, write_json
from engine.findings.diagnostics import SourceText
from engine.mapping.load import load_tenant, open_folder
from engine.mapping.lookups import Table, build_table
from engine.mapping.plan import Plan
from engine.run import ABSENT, Inputs, Outcome, RunState
from engine.run.compiled import Program, compile_program

MAPPINGS = ROOT / "mappings"
STATES = {"not_ready": RunState.NOT_READY, "finding": RunState.FAILED}
# Where a record is looked for and what is read back is the business of the delivery.
NOT_COMPARED = {"find", "confirm"}

many = settings(
    max_examples=scaled(40, full=5_000),
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@dataclass(frozen=True, slots=True)
class Documents:
    """A sample as files would give it: written as JSON text and read again."""

    event: object
    sources: Mapping[str, object]

    def text(self) -> str:
        there = {name: source for name, source in self.sources.items() if source is not ABSENT}
        return write_json([self.event, there])


def from_text(document: object) -> object:
    return read_json(SourceText("document.json", write_json(document)))


def documents(sample: Sample) -> Documents:
    """An exchange asks for the account, which may not be there; nothing else does."""
    account = ABSENT if sample.account is None else from_text(sample.account)
    return Documents(
        from_text(sample.event), {"order": from_text(sample.order), "account": account}
    )


@cache
def plans(tenant: str) -> tuple[Plan, ...]:
    loaded = load_tenant(open_folder(MAPPINGS), tenant)
    assert loaded.ok, [finding.message for finding in loaded.findings]
    return loaded.plans


@cache
def programs(tenant: str) -> tuple[Program, ...]:
    return tuple(map(compile_program, plans(tenant)))


@cache
def tables(tenant: str, mapping: str) -> dict[str, Table]:
    """The answers of live lookups, as SuiteQL would give them."""
    rows = [{"itemid": sku, "id": number} for sku, number in ITEM_IDS.items()]
    (plan,) = (plan for plan in plans(tenant) if plan.name == mapping)
    return {
        live.name: build_table(live.name, rows, live.options, place=live.at.place)
        for live in plan.live_lookups
    }


def outcomes(sample: Sample) -> tuple[Outcome, ...]:
    """What each mapping made of the order; it did not touch the documents."""
    found = documents(sample)
    before = found.text()
    made = tuple(
        run_twins(program, Inputs(found.event, found.sources, tables(*names_of(program))))
        for program in programs(sample.tenant)
    )
    assert found.text() == before
    assert all(is_quick or _is_worded(outcome) for outcome, is_quick in made)
    return tuple(outcome for outcome, _ in made)


def _is_worded(outcome: Outcome) -> bool:
    """Whether only the interpreter has the words: findings, and what is found where more is needed."""
    if outcome.state is RunState.NOT_READY:
        return str(outcome.detail).startswith("ready.")
    return outcome.state is RunState.FAILED


def names_of(program: Program) -> tuple[str, str]:
    return program.plan.tenant, program.plan.name


def texts(outcome: Outcome) -> list[str]:
    return [
        canonical({k: v for k, v in payload.document().items() if k not in NOT_COMPARED})
        for payload in outcome.payloads
    ]


def canonical(document: object) -> str:
    """JSON text with sorted keys: every digit and every quotation mark counts, their order not."""
    return write_json(in_order(document), indent=1)


def in_order(document: object) -> object:
    if isinstance(document, Mapping):
        return {key: in_order(document[key]) for key in sorted(document)}
    return [in_order(one) for one in document] if isinstance(document, list) else document


def told(outcome: Outcome) -> str:
    """The end of a run, for people who read a failed test."""
    words = [f"{one.code} {one.message} ({one.trail})" for one in outcome.findings]
    return "\n".join(
        [f"{outcome.mapping}: {outcome.state} {outcome.reason} {outcome.detail}", *words]
    )


def assert_balanced(body: Json, sample: Sample) -> None:
    order = sample.order["data"]["order"]
    owed, paid = owed_and_paid(body, order["currency"])
    assert owed - paid == 0
    assert paid == Decimal(str(order["grandTotal"]))


def assert_refused(found: Iterable[Outcome], refusal: Refusal) -> None:
    """Ignored by all mappings; or by all but the one that waits or has findings."""
    left = [one for one in found if one.state is not RunState.IGNORED]
    words = "\n".join(map(told, left))
    if refusal.kind == "ignored":
        assert not left, words
        return
    assert {one.state for one in left} == {STATES[refusal.kind]}, f"{refusal}\n{words}"
    assert all(bool(one.findings) is (refusal.kind == "finding") for one in left), words
    assert not any(one.payloads for one in left)


def assert_agreed(sample: Sample) -> None:
    """The engine gives the referee's records, which balance, or refuses as the referee does."""
    expected, found = reference(sample), outcomes(sample)
    if isinstance(expected, Refusal):
        assert_refused(found, expected)
        return
    (taken,) = (one for one in found if one.state is not RunState.IGNORED)
    assert taken.state is RunState.RENDERED, told(taken)
    assert texts(taken) == [canonical(record) for record in expected]
    assert_balanced(json.loads(texts(taken)[-1], parse_float=Decimal)["body"], sample)


SHOPS = {
    "dodici": ("CAD", {"web": "CAC", "store": "TOR1"}),
    "nordhus": ("KWD", {"web": "KWW", "store": "KWW"}),
}
SCENES: dict[str, Json] = {
    "web": {"channel_type": "web"},
    "aisle": {
        "channel_type": "store",
        "addresses": (
            address("billing", city=" ", state="", zipCode="", country=""),
            address("shipping", addressLine1="", state="", zipCode="", country=""),
        ),
    },
    "counter": {"channel_type": "store", "items": (Item(service_level=HANDOVER),)},
    "collected": {"channel_type": "web", "items": (Item(service_level=HANDOVER),)},
    "given away": {
        "channel_type": "web",
        "items": (Item(item_discount=Decimal("58.00")), Item(service_level="EXPRESS")),
        "shipping": Shipping(Decimal("9.50"), Decimal("0.71"), Decimal("9.50")),
    },
    "taxed below its rate": {
        "channel_type": "web",
        "items": (Item(price=Decimal("10000000.00"), tax=Decimal("889999.99")),),
    },
    "exchange": {
        "channel_type": "store",
        "is_exchange": True,
        "exchange_of": "0d4f3c2b-1a90-4a44-9d1e-7f0c1b523f0e",
        "payments": (
            Payment("store_credit", "store_credit", captured=(Decimal("52.94"),)),
            Payment(authorized=(Decimal("10.00"),), voided=(Decimal("11.00"),)),
        ),
    },
    "free exchange": {
        "channel_type": "store",
        "is_exchange": True,
        "items": (Item(price=Decimal(0), tax=Decimal(0)),),
        "has_account": False,
    },
}


NOTHING_SOLD: Json = {
    "channel_type": "web",
    "items": tuple(Item(status=status, service_level="EXPRESS") for status in CANCELLED),
}


def a_sample_of(tenant: str, scene: Json) -> Sample:
    """The scene in a shop of the tenant; nothing is taxed in Kuwait."""
    currency, channels = SHOPS[tenant]
    what: Json = {"items": (Item(service_level="EXPRESS"),)} | scene
    if tenant == "nordhus":
        what["items"] = tuple(replace(item, tax=Decimal(0)) for item in what["items"])
        if what.get("payments"):
            credit, card = what["payments"]
            what["payments"] = (replace(credit, captured=(Decimal("48.00"),)), card)
    channel = channels[what["channel_type"]]
    return a_sample(tenant=tenant, currency=currency, channel=channel, **what)


@many
@pytest.mark.parametrize("market", MARKETS, ids=lambda market: market.currency)
@given(st.data())
def test_the_engine_agrees_with_the_referee(market: Market, data: st.DataObject) -> None:
    assert_agreed(data.draw(orders(market)))


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("tenant", SHOPS)
def test_one_thing_wrong_ends_as_the_referee_says(tenant: str, scene: str, trouble: str) -> None:
    assert_agreed(TROUBLES[trouble](a_sample_of(tenant, SCENES[scene])))


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("tenant", SHOPS)
def test_an_order_of_every_kind_is_rendered(tenant: str, scene: str) -> None:
    sample = a_sample_of(tenant, SCENES[scene])
    assert not isinstance(reference(sample), Refusal)
    assert_agreed(sample)


@pytest.mark.parametrize("tenant", SHOPS)
def test_an_order_of_cancelled_items_alone_has_findings(tenant: str) -> None:
    sample = a_sample_of(tenant, NOTHING_SOLD)
    assert isinstance(reference(sample), Refusal)
    assert_agreed(sample)


BERLIN: Json = {
    "tenant": "nordhus",
    "currency": "EUR",
    "channel": "BER1",
    "channel_type": "store",
    "tax_included": True,
    "items": (Item(price=Decimal("119.00"), tax=Decimal("19.00"), service_level=HANDOVER),),
}


def edited(
    order: Json | None = None,
    item: Json | None = None,
    event: Json | None = None,
    told: Json | None = None,
) -> Sample:
    """A sale of 119.00 in Berlin with other members in the order, its item, the event, or its item."""
    sample = a_sample(**BERLIN)
    found = sample.order["data"]["order"]
    found |= order or {}
    found["items"]["edges"][0]["node"] |= item or {}
    sample.event["payload"] |= event or {}
    sample.event["payload"]["items"][0] |= told or {}
    return sample


def paid_by(*transactions: tuple[str, str], total: str = "119.00") -> Sample:
    """The sale with these transactions of one card, each a type and an amount."""
    sample = a_sample(**BERLIN)
    instruments = sample.order["data"]["order"]["paymentAccount"]["instruments"]
    instruments["edges"][0]["node"]["paymentAccountTransactions"]["edges"] = [
        {"node": {"transactionType": kind, "amount": amount, "currency": "EUR"}}
        for kind, amount in transactions
    ]
    sample.order["data"]["order"]["grandTotal"] = total
    return sample


def end_of(sample: Sample) -> Outcome:
    """The outcome of the mapping that wants the order."""
    (found,) = (one for one in outcomes(sample) if one.state is not RunState.IGNORED)
    return found


@pytest.mark.parametrize(
    ("sample", "check"),
    [
        (edited(item={"tax": None}), "totals"),
        (edited(item={"tax": "0.00"}), "totals"),
        (edited(item={"tax": "-19.00"}), "no_negatives"),
        (edited(item={"tax": "19.01"}), "totals"),
        (edited(item={"tax": "18.99"}), "totals"),
        (edited(item={"tax": "190.00"}), "totals"),
        (edited(order={"taxTotal": "190.00"}, item={"tax": "190.00"}), "vat_rate"),
        (edited(order={"shippingTax": "0.95", "shippingTotal": "5.95"}), "totals"),
        (edited(order={"subtotal": "118.99"}), "totals"),
        (edited(order={"discountTotal": "4.00"}), "totals"),
        (edited(order={"discountTotal": "-4.00"}), "totals"),
        (edited(order={"grandTotal": "-119.00"}), "no_negatives"),
        (edited(item={"itemDiscounts": "-1.00"}), "no_negatives"),
        (edited(item={"itemDiscounts": "120.00"}), "no_negatives"),
        (edited(order={"shippingTotal": "0.004"}), "places"),
        (
            edited(order={"shippingTotal": "1000000000000", "discountTotal": "1000000000000"}),
            "size",
        ),
        (edited(item={"quantity": 0}), "quantities"),
        (edited(item={"quantity": 1000001}), "quantities"),
        (edited(item={"status": "returned"}), "item_states"),
        (edited(item={"status": "CANCELLED"}), "item_states"),
        (edited(item={"productId": " \u200b"}), "item_skus"),
        (edited(order={"externalId": "  "}), "order_number"),
        *(
            (edited(order={"externalId": number}), "order_number")
            for number in (" NH1", "NH1\n", "NH\x07", "🎁")
        ),
        (edited(order={"placedAt": "0001-01-02T00:00:00"}), "placed"),
        (edited(event={"external_id": "NH2"}), "as_told"),
        (edited(event={"currency": "JPY"}), "as_told"),
        (edited(event={"channel": "TYO1"}), "as_told"),
        (edited(event={"channel_type": "web"}), "as_told"),
        (edited(told={"product_id": "TEE-BLACK-L"}), "items_told"),
        (edited(item={"tax": "18.995"}, told={"tax": Decimal("18.99")}), "items_told"),
        (edited(event={"shipping_tax": Decimal("0.95")}), "items_told"),
        (edited(item={"shippingServiceLevel": "STANDARD"}), "route"),
        (edited(order={"isHistorical": True}), "not_historical"),
        (edited(order={"currency": "JPY"}), "store_currency"),
        (edited(event={"tax_exempt": True}), "exempt"),
        (edited(event={"tax_exempt": "true"}), "exempt"),
        (paid_by(("authorize", "119.00"), ("chargeback", "119.00")), "payment_types"),
        (paid_by(("settle", "119.00")), "payment_types"),
        (paid_by(("authorize", "119.00"), ("void", "119.00")), "paid"),
        (paid_by(("AUTHORIZATION", "119.00"), ("Voided", "-119.00")), "paid"),
        (paid_by(("authorize", "119.00"), ("void", "120.00")), "payment_voids"),
        (paid_by(("capture", "119.00"), ("refund", "119.00")), "paid"),
        (paid_by(("capture", "119.00"), ("refund", "130.00")), "payment_signs"),
        (paid_by(("capture", "119.00"), ("capture", "119.00")), "paid"),
        (paid_by(("issue", "119.00"), ("capture", "119.00")), "paid"),
        (paid_by(("capture", "119.00"), ("issue", "59.50")), "paid"),
        (paid_by(("capture", "118.98")), "payment_gap"),
        (paid_by(("capture", "119.02")), "payment_gap"),
    ],
)
def test_what_no_waiting_mends_is_a_finding_that_names_the_check(
    sample: Sample, check: str
) -> None:
    found = end_of(sample)
    assert found.state is RunState.FAILED, told(found)
    # An external id that NetSuite would not keep is found before the check about the order's number.
    is_number = check == "order_number" and "E0710" in told(found)
    assert is_number or f"'{check}'" in told(found)


@pytest.mark.parametrize(
    "sample",
    [
        edited(order={"subtotal": None, "taxTotal": None, "discountTotal": None}),
        edited(order={"taxTotal": "19"}, item={"tax": "19.0000"}),
        edited(item={"tax": "18.9985"}),
        edited(item={"status": "In_Fulfillment"}),
        edited(event={"is_historical": "false", "is_exchange": "False", "tax_exempt": "FALSE"}),
        paid_by(("AUTHORISED", "119.00"), ("Captured", "119.00")),
        paid_by(("authorize", "119.00"), ("authorize", "119.00")),
        paid_by(("authorize", "50.00"), ("authorize", "69.00")),
        paid_by(("authorize", "119.00"), ("void", "119.00"), ("authorize", "119.00")),
        paid_by(("authorize", "119.00"), ("void", "-119.00"), ("capture", "119.00")),
        paid_by(("capture", "150.00"), ("refund", "-31.00")),
        paid_by(("issue", "119.00")),
    ],
)
def test_what_is_only_said_in_another_way_is_rendered(sample: Sample) -> None:
    found = end_of(sample)
    assert found.state is RunState.RENDERED, told(found)
    assert_balanced(json.loads(texts(found)[-1], parse_float=Decimal)["body"], sample)


@pytest.mark.parametrize("said", ["true", "TRUE", True])
def test_history_is_passed_over_whatever_way_the_event_says_it(said: object) -> None:
    assert {one.state for one in outcomes(edited(event={"is_historical": said}))} == {
        RunState.IGNORED
    }


def test_a_flag_that_is_no_flag_is_a_finding() -> None:
    assert end_of(edited(event={"is_historical": "perhaps"})).state is RunState.FAILED


def test_an_exchange_that_only_the_event_names_is_paid_from_its_account() -> None:
    sample = replace(edited(event={"is_exchange": True}), account=None)
    assert end_of(sample).reason == "payment_pending"


@pytest.mark.parametrize(("open_cards", "state"), [(1, RunState.RENDERED), (2, RunState.FAILED)])
def test_an_authorisation_releases_cancelled_items_where_only_one_is_open(
    open_cards: int, state: RunState
) -> None:
    """Sold for 62.94, and as much cancelled, authorised in whole; a second card may be open too."""
    halves = (Decimal("62.94") * 2 - 10, Decimal(10))
    second = Payment(provider="stripe", authorized=(halves[1],))
    if open_cards == 1:
        second = Payment(provider="stripe", captured=(halves[1],))
    items = (Item(service_level="GROUND"), Item(status="canceled"))
    payments = (Payment(authorized=(halves[0],)), second)
    found = end_of(a_sample(items=items, payments=payments))
    assert found.state is state, told(found)
