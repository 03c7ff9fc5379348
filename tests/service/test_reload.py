"""Tenants reloaded: what waits is routed, and what is no longer used is closed."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import pytest
from commanded import played_with
from httpx import AsyncClient
from postgres_server import database
from reloaded_process import LOOKS, mappings_in, open_process
from shopping import orders
from sqlalchemy import Connection, select, update

from engine.findings.errors import JournalError
from engine.journal.database import open_journal
from engine.journal.tables import DELIVERIES, EVENTS
from engine.journal.writer import Writer
from engine.simulator.serve import serve_in_thread
from engine.simulator.world import build_simulator_app

P = ParamSpec("P")
T = TypeVar("T")

# Web orders: sales orders all of them.
SAMPLES = [sample for what, sample in orders(12) if what.channel_type == "web"][:2]
ONE, OTHER = (dict(sample.event) for sample in SAMPLES)


@pytest.fixture(params=["sqlite", "postgresql"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Writer]:
    if request.param == "sqlite":
        with open_journal(f"sqlite:///{tmp_path / 'journal.db'}") as one:
            yield one
    else:
        with database() as url, open_journal(url) as one:
            yield one


@pytest.fixture(scope="module")
def simulator() -> Iterator[str]:
    with serve_in_thread(build_simulator_app([played_with(*SAMPLES)])) as address:
        yield address


def test_what_a_process_without_the_tenant_stored_is_routed_by_one_that_has_it(
    journal: Writer, simulator: str, tmp_path: Path
) -> None:
    """Half a minute later; what came while it was loaded at the next look."""

    async def run() -> None:
        async with (
            open_process(journal, mappings_in(tmp_path), simulator) as able,
            open_process(journal, tmp_path, simulator) as unable,
        ):
            await able.reload.check_files()
            await unable.acceptance.accept("dodici", ONE)
            assert _fates(journal) == ["unrouted"]
            await able.reload.check_files()
            assert _fates(journal) == ["routed"]
            await unable.acceptance.accept("dodici", OTHER)
            for _ in range(LOOKS):
                await able.reload.check_files()
            assert _fates(journal) == ["routed", "routed"]

    asyncio.run(run())


def test_a_damaged_event_is_set_aside_and_keeps_nobody_waiting(
    journal: Writer, simulator: str, tmp_path: Path
) -> None:
    async def run() -> None:
        async with open_process(journal, mappings_in(tmp_path), simulator) as one:
            await one.acceptance.accept("dodici", ONE)
            await one.acceptance.accept("dodici", OTHER)
            journal.run_blocking(lambda c: _damage(c, 1))
            await one.reload.check_files()
            assert list(one.tenants.ready) == ["dodici"]

    asyncio.run(run())
    assert _fates(journal) == ["unrouted", "routed"]
    (reason, _) = journal.run_blocking(
        lambda c: list(c.scalars(select(EVENTS.c.reason).order_by("id")))
    )
    assert reason == "damaged: a document in the journal is damaged"


class Failing:
    """A journal that cannot be written as long as `is_away`."""

    def __init__(self, journal: Writer) -> None:
        self.journal, self.is_away = journal, False

    async def run(
        self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        if self.is_away:
            raise JournalError("away on purpose")
        return await self.journal.run(work, *args, **kwargs)


def test_systems_are_closed_when_the_journal_could_not_be_written(
    journal: Writer, simulator: str, tmp_path: Path
) -> None:
    """Each look opens them anew; there is never more than one left open."""
    away = Failing(journal)

    async def run() -> None:
        gc.disable()  # what nobody closed is not to vanish
        try:
            async with open_process(away, mappings_in(tmp_path), simulator) as one:  # type: ignore[arg-type] # all that is asked of it
                away.is_away, before = True, _open_clients()
                for _ in range(3):
                    await one.reload.check_files()
                assert "away on purpose" in one.tenants.troubles["dodici"].words
                assert _open_clients() == before
                away.is_away = False
                await one.reload.check_files()
                assert list(one.tenants.ready) == ["dodici"]
                assert _open_clients() > before
        finally:
            gc.enable()

    asyncio.run(run())


def test_an_account_is_allowed_more_when_the_tenant_that_allowed_least_has_gone(
    journal: Writer, simulator: str, tmp_path: Path
) -> None:
    async def run() -> None:
        mappings = mappings_in(tmp_path)
        async with open_process(journal, mappings, simulator) as one:
            await one.reload.check_files()
            ready = one.tenants.ready["dodici"]
            allowance: Any = one.reload.parts.resources.governors.get_governor(
                ready.account, "other", 99
            )
            assert allowance.most == ready.allowance
            (mappings / "dodici").rename(tmp_path / "away")
            await one.reload.check_files()
            assert allowance.most == 99

    asyncio.run(run())


def test_systems_stay_open_for_a_delivery_that_has_not_begun(
    journal: Writer, simulator: str, tmp_path: Path
) -> None:
    """It was taken up, and waits for its turn, when its tenant went."""

    async def run() -> None:
        mappings, turn = mappings_in(tmp_path), asyncio.Event()
        async with open_process(journal, mappings, simulator) as one:
            await one.reload.check_files()
            gc.collect()
            before, waiting = _open_clients(), asyncio.create_task(turn.wait())
            one.worker.hold_systems(one.tenants.ready["dodici"], waiting)
            (mappings / "dodici").rename(tmp_path / "away")
            for _ in range(2):
                await one.reload.check_files()
                assert _open_clients() == before
            turn.set()
            await waiting
            await one.reload.check_files()
            assert _open_clients() < before

    asyncio.run(run())


def _open_clients() -> int:
    gc.unfreeze()  # what stays was exempt
    clients = (one for one in gc.get_objects() if isinstance(one, AsyncClient))
    return sum(not one.is_closed for one in clients)


ODD = ("a\0b", "a\ud800b", "é" * 5_000)


def test_an_event_with_odd_characters_is_stored_and_goes_its_way(
    journal: Writer, simulator: str, tmp_path: Path
) -> None:
    """It would be sent again for ever; whether or not its tenant can run, and each time it comes."""
    named = [{**ONE, "name": odd} for odd in ODD]
    payload: Any = ONE["payload"]
    members = ("id", "external_id")
    about = [{**ONE, "payload": {**payload, one: odd}} for odd in ODD for one in members]

    async def run() -> None:
        async with open_process(journal, mappings_in(tmp_path), simulator) as one:
            for _ in range(3):
                for event in (*named, *about):
                    answer = await one.acceptance.accept("dodici", event)
                    assert (await answer())[0] == 200
                await one.reload.check_files()
            for id_ in journal.run_blocking(lambda c: list(c.scalars(select(DELIVERIES.c.id)))):
                ready = one.tenants.ready["dodici"]
                await one.worker.deliver(id_, ready, lambda _connection, _jobs: None)

    asyncio.run(run())
    fates, states = (
        _fates(journal),
        journal.run_blocking(lambda c: list(c.scalars(select(DELIVERIES.c.state)))),
    )
    assert Counter(fates) == {"ignored": 3, "routed": 4, "duplicate": 2}
    # NewStore has no orders of such ids; an order has another number than such an event tells.
    assert Counter(states) == {"waiting": 3, "parked": 1}


def _damage(connection: Connection, event: int) -> None:
    connection.execute(update(EVENTS).where(EVENTS.c.id == event).values(document=b"damaged"))


def _fates(journal: Writer) -> list[str]:
    return journal.run_blocking(
        lambda c: list(c.scalars(select(EVENTS.c.fate).order_by(EVENTS.c.id)))
    )
