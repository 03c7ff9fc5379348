"""What a dry run foresees of a transform, which is nothing without the record it starts from."""

from __future__ import annotations

from tiny_tenant import Desk, at_desk, event, plans

from engine.delivery import Prepared, prepare
from engine.run.ledger import Forecast, ForecastKind


async def foreseen(desk: Desk, key: str) -> Forecast:
    prepared = await prepare(plans()["billed"], event(key), desk.systems)
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
