"""Orders that an earlier integration has made under its own external id: found, compared, not made again."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tiny_tenant import IN_DOUBT, Desk, at_desk, event, plans

from engine.delivery import AttemptHistory, AttemptState, Delivery, Prepared, prepare
from engine.netsuite import safe_id
from engine.run.ledger import ForecastKind
from engine.simulator.faults import Fault

# The requests that look for what the two earlier integrations may have made; before them the customer.
SHOP, SOAP = 1, 2


async def made(desk: Desk, external_id: str, record: str = "salesOrder", rate: str = "4.55") -> str:
    """What an earlier integration has made of order o1, for the customer that it found."""
    netsuite = desk.netsuite
    rows = await netsuite.rows("SELECT id FROM customer WHERE email = 'ann@example.com'")
    lines = [
        {"item": {"id": "501"}, "rate": Decimal("99.90"), "quantity": 1},
        {"item": {"id": "502"}, "rate": Decimal(rate), "quantity": 2},
    ]
    body = {
        "entity": {"id": rows[0]["id"]},
        "externalId": safe_id(external_id),
        "memo": "O1",
        "item": {"items": lines},
    }
    answer = await netsuite.create(record, body)
    assert answer.id is not None
    return answer.id


async def ready(desk: Desk) -> None:
    """The customer is there, and the order is not."""
    await desk.sold("o2")
    desk.sell("o1")


def standing(desk: Desk) -> list[str]:
    return [one["externalId"] for one in desk.records() if one["memo"] == "O1"]


@pytest.mark.parametrize("external_id", ["EX-O1", "#O1"])
def test_what_was_posted_earlier_is_delivered_and_says_as_what(external_id: str) -> None:
    async def work(desk: Desk) -> None:
        await ready(desk)
        id_ = await made(desk, external_id)
        for past in (AttemptHistory(), AttemptHistory(1, 2.0, doubts=IN_DOUBT)):
            result = await desk.attempt("o1", "migrated", past)
            assert result.state is AttemptState.DELIVERED, result
            last = result.posted[-1]
            assert (last.how, last.external_id, last.id) == ("posted earlier", external_id, id_)
        assert desk.stands("o1")

    at_desk(work)


@pytest.mark.parametrize(
    ("record", "rate", "words"),
    [
        (
            "salesOrder",
            "4.50",
            "another salesOrder has this external id: it differs in rate of a line",
        ),
        ("cashSale", "4.55", "a cashsale has this external id"),
    ],
)
def test_what_is_unlike_is_parked(record: str, rate: str, words: str) -> None:
    async def work(desk: Desk) -> None:
        await ready(desk)
        await made(desk, "EX-O1", record, rate)
        before = len(desk.ledger.document()["records"])
        result = await desk.attempt("o1", "migrated")
        assert (result.state, result.reason) == (AttemptState.PARKED, "id_taken")
        assert result.words == f"{words} (the record of `earlier.shop`)"
        assert len(desk.ledger.document()["records"]) == before

    at_desk(work)


def test_what_nobody_has_posted_is_made_once() -> None:
    async def work(desk: Desk) -> None:
        desk.sell("o1")
        results = [await desk.attempt("o1", "migrated") for _ in range(2)]
        assert [one.posted[-1].how for one in results] == ["created", "already there"]
        assert desk.stands("o1")

    at_desk(work)


@pytest.mark.parametrize(
    "fault", [Fault.DROP, Fault.MAINTENANCE, Fault.NOT_JSON, Fault.TRUNCATED, Fault.THROTTLE]
)
@pytest.mark.parametrize("at", [SHOP, SOAP])
@pytest.mark.parametrize("is_there", [False, True])
def test_a_look_up_that_fails_makes_nothing(fault: Fault, at: int, *, is_there: bool) -> None:
    """The customer is found first; nothing is made before both have been looked for."""

    async def work(desk: Desk) -> Delivery:
        await ready(desk)
        if is_there:
            await made(desk, "#O1")
        desk.strike(fault, at)
        first = await desk.attempt("o1", "migrated")
        assert (first.state, len(standing(desk))) == (AttemptState.WAITING, int(is_there))
        result = await desk.settle("o1", "migrated", AttemptHistory(1, 1.0, doubts=first.doubts))
        assert desk.stands("o1")
        return result

    how = "posted earlier" if is_there else "created"
    assert at_desk(work).posted[-1].how == how


def test_a_dry_run_foresees_it() -> None:
    async def work(desk: Desk) -> None:
        await ready(desk)
        id_ = await made(desk, "EX-O1")
        prepared = await prepare(plans()["migrated"], event("o1"), desk.systems)
        assert isinstance(prepared, Prepared)
        payload = prepared.outcome.payloads[-1]
        assert payload.document()["earlier"] == {"shop": "EX-O1", "soap": "#O1"}
        told = await desk.systems.ledger.look_up(payload, desk.systems.closed_period)
        words = f"exists as {id_} (posted earlier as EX-O1, by `earlier.shop`)"
        assert (told.kind, told.words) == (ForecastKind.STANDS, words)

    at_desk(work)
