"""What a dry run foresees of a transform, which is nothing without the record it starts from."""

from __future__ import annotations

import pytest
from tiny_tenant import IN_DOUBT, Desk, at_desk, event, plans

from engine.delivery import AttemptHistory, AttemptState, Prepared, prepare
from engine.netsuite.look_up import is_inactive
from engine.run.ledger import ALREADY_THERE, Forecast, ForecastKind, Verdict


async def foreseen(desk: Desk, key: str, mapping: str = "billed") -> Forecast:
    prepared = await prepare(plans()[mapping], event(key), desk.systems)
    assert isinstance(prepared, Prepared)
    (*_, payload) = prepared.outcome.payloads
    return await desk.systems.ledger.look_up(payload, desk.systems.closed_period)


def test_a_transform_is_looked_at_with_what_it_is_made_of() -> None:
    async def work(desk: Desk) -> list[Forecast]:
        desk.sell("o1")
        told = [await foreseen(desk, "o1")]
        await desk.sold("o1")
        told.append(await foreseen(desk, "o1"))
        await desk.attempt("o1", "billed")
        return [*told, await foreseen(desk, "o1")]

    missing, made, standing = at_desk(work)
    assert (missing.kind, missing.is_trouble) == (ForecastKind.MISSING, True)
    assert missing.words == "cannot be created: the salesOrder SO-O1 does not exist"
    assert (made.kind, standing.kind) == (ForecastKind.CREATED, ForecastKind.STANDS)
    assert made.words.startswith("would be created from salesOrder ")


def test_the_origin_is_looked_up_by_its_id_as_netsuite_stores_it() -> None:
    """An external id with a character that NetSuite does not take is encoded once."""

    async def work(desk: Desk) -> Forecast:
        desk.sell("o#1")
        await desk.sold("o#1")
        return await foreseen(desk, "o#1")

    assert at_desk(work).kind is ForecastKind.CREATED


def test_an_order_to_which_netsuite_added_a_line_is_ours() -> None:
    """A script of the account adds a line; a delivery whose answer was lost finds its order again."""

    async def work(desk: Desk) -> None:
        desk.sell("o1")
        id_ = (await desk.attempt("o1")).posted[-1].id
        fee = {"item": {"id": "503"}, "quantity": 1, "rate": 0}
        added = await desk.netsuite.update("salesOrder", id_, {"item": {"items": [fee]}})
        assert added.verdict is Verdict.DELIVERED
        expected = await foreseen(desk, "o1", "sale")
        assert expected.kind is ForecastKind.STANDS
        assert expected.words == f"exists as {id_} (1 more line than were sent)"
        again = await desk.attempt("o1", past=AttemptHistory(1, 2.0, doubts=IN_DOUBT))
        assert again.state is AttemptState.DELIVERED
        assert again.posted[-1].how == ALREADY_THERE
        assert len(desk.records()) == 1

    at_desk(work)


@pytest.mark.parametrize("value", [True, "T"])
def test_an_inactive_record_is_recognised(value: object) -> None:
    assert is_inactive({"id": "5", "isInactive": value})
    assert not is_inactive({"id": "5", "isInactive": False})
    assert not is_inactive({"id": "5"})
