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
