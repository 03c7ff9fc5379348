"""A stream that has stopped is noticed, told, and started again where that is allowed."""

from __future__ import annotations

import asyncio
import time as clock
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hooks import START, Time, beside, hooked, until
from newstore_receiver import Streaming, streaming
from newstore_shops import CLIENT, SECRET, TENANT, event
from sqlalchemy import update

from engine.documents import write_json_bytes
from engine.journal.database import open_journal
from engine.journal.events import Arrival, EventFate, Route
from engine.journal.pack import pack
from engine.journal.states import DeliveryState
from engine.journal.store import store_event
from engine.journal.tables import DELIVERIES
from engine.journal.writer import Writer
from engine.netsuite import CertificateKey, Clocks, NetSuite, NetSuiteLedger
from engine.netsuite import build_simulated_address as netsuite_at
from engine.newstore import (
    Credentials,
    NewStore,
    NewStoreShop,
    RateLimiter,
    build_simulated_address,
)
from engine.run.shop import StreamState, StreamView
from engine.service.monitoring.credential_monitor import watch_credentials
from engine.service.monitoring.parked_monitor import watch_parked
from engine.service.monitoring.stream_monitor import (
    StreamToWatch,
    watch_stream,
)
from engine.service.monitoring.tenant_monitors import TenantWatch, watch_tenant
from engine.service.tenant_settings import WebhookSettings
from engine.wire.notices import Notice, Webhook


@pytest.fixture
def stream() -> Iterator[Streaming]:
    with streaming() as there:
        yield there


@asynccontextmanager
async def newstore_of(stream: Streaming) -> AsyncIterator[NewStore]:
    address = build_simulated_address(TENANT, str(stream.asking.http.base_url).rstrip("/"))
    async with NewStore(
        address, Credentials(CLIENT, SECRET), rate_limiter=RateLimiter(1_000)
    ) as newstore:
        yield newstore


def ledger_with(key: CertificateKey) -> NetSuiteLedger:
    """A ledger that signs in with a key; nothing is asked of it."""
    address = netsuite_at("1234567", "http://127.0.0.1:9")
    clocks = Clocks(clock.time, clock.monotonic)
    return NetSuiteLedger(NetSuite(address, key, clocks, allowance=1), key)


def watched(
    stream: Streaming, script: Callable[[Time], Awaitable[None]], *, restarts: bool
) -> tuple[list[Notice], list[StreamView]]:
    """What was told and seen while a script turned the time."""
    time, told, seen = Time(), list[Notice](), list[StreamView]()

    async def watching() -> None:
        async with newstore_of(stream) as newstore:
            whose = StreamToWatch("acme", "one", restarts)
            await watch_stream(
                whose, NewStoreShop(newstore), told.append, time.passing(), seen.append
            )

    async def scripted() -> None:
        await script(time)
        await until(lambda: len(time.slept) == len(seen) == time.steps + 1)

    beside(watching(), scripted)
    return told, seen


def test_a_stopped_stream_is_told_once_and_again_after_an_hour(stream: Streaming) -> None:
    stream.register()

    async def script(time: Time) -> None:
        await time.step(2)
        stream.call("one/_stop")
        await time.step(61)

    told, seen = watched(stream, script, restarts=False)
    assert {sight.state for sight in seen} == {StreamState.RUNNING, StreamState.STOPPED}
    assert [dict(notice.counts) for notice in told] == [{"stopped": 1}, {"stopped": 60}]
    assert {notice.kind for notice in told} == {"stream_stopped"}
    assert "the integration one had stopped at 2026-12-03T12:00:00Z" in told[0].words


def test_a_stopped_stream_is_started_again_and_what_it_missed_comes(stream: Streaming) -> None:
    stream.register()

    async def script(time: Time) -> None:
        await time.step()
        stream.call("one/_stop")
        stream.shop.add(event("missed"))
        await time.step()
        await until(lambda: stream.receiver.bodies)

    told, seen = watched(stream, script, restarts=True)
    assert [sight.state for sight in seen][-1] in (StreamState.RESTARTED, StreamState.RUNNING)
    assert stream.receiver.ids == ["missed"]
    (notice,) = told
    assert "and was restarted" in notice.words


def test_one_that_stops_each_time_is_not_told_each_time(stream: Streaming) -> None:
    stream.register()

    async def script(time: Time) -> None:
        await until(lambda: time.slept)
        for _ in range(10):
            stream.call("one/_stop")
            await time.step(2)

    told, seen = watched(stream, script, restarts=True)
    assert sum(sight.state is StreamState.RESTARTED for sight in seen) == 10
    assert len(told) == 1


def test_one_that_a_person_cured_is_told_anew(stream: Streaming) -> None:
    stream.register()

    async def script(time: Time) -> None:
        await until(lambda: time.slept)
        for _ in range(2):
            stream.call("one/_stop")
            await time.step()
            await until(lambda: len(time.slept) == time.steps + 1)
            stream.call("one/_start")
            await time.step()
            await until(lambda: len(time.slept) == time.steps + 1)

    assert len(watched(stream, script, restarts=False)[0]) == 2


def test_one_that_is_not_there_is_told_and_a_newstore_that_is_away_is_not(
    stream: Streaming,
) -> None:
    async def script(time: Time) -> None:
        await until(lambda: time.slept)
        stream.shop.access.tokens.clear()
        stream.shop.clients = {}
        await time.step()

    told, seen = watched(stream, script, restarts=True)
    assert [sight.state for sight in seen] == [StreamState.MISSING, StreamState.UNKNOWN]
    assert [notice.words for notice in told] == ["the integration one does not exist in NewStore"]


def test_one_that_stood_for_more_than_thirty_days_needs_a_replay(stream: Streaming) -> None:
    stream.register()
    stream.call("one/_stop")

    async def script(time: Time) -> None:
        await until(lambda: time.slept)
        time.now += timedelta(days=31)
        await time.step()

    told, _ = watched(stream, script, restarts=False)
    assert "older events need a replay" in told[-1].words


def key_until(end: datetime) -> CertificateKey:
    """A key with its certificate beside it."""
    private = generate_private_key(SECP256R1())
    name = x509.Name([])
    certificate = (
        x509.CertificateBuilder(name, name, private.public_key(), 1)
        .not_valid_before(START - timedelta(days=400))
        .not_valid_after(end)
        .sign(private, hashes.SHA256())
    )
    parts = (
        private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        certificate.public_bytes(Encoding.PEM),
    )
    return CertificateKey("client", b"".join(parts).decode(), "id")


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (365, []),
        (20, ["valid for 20 days", "valid for 19 days"]),
        (-1, ["it expired on", "it expired on"]),
    ],
)
def test_a_certificate_that_ends_soon_is_told_each_day(days: int, words: list[str]) -> None:
    time, told = Time(), list[Notice]()
    key = key_until(START + timedelta(days=days, seconds=1))

    async def script() -> None:
        await time.step()
        await until(lambda: len(time.slept) == 2)

    beside(watch_credentials("acme", ledger_with(key), told.append, time.passing()), script)
    assert len(told) == len(words)
    assert all(word in notice.words for word, notice in zip(words, told, strict=True))


def begin(journal: Writer, name: str) -> None:
    arrival = Arrival(
        tenant="acme",
        name="order.opened",
        digest=name,
        order_key=name,
        order_shown=name,
        document=pack({"payload": {"customer_email": "jane@example.com"}}),
        at=int(START.timestamp() * 1000),
        routes=(Route("sales_order", name),),
        fate=EventFate.ROUTED,
        reason=None,
    )
    journal.run_blocking(lambda connection: store_event(connection, arrival))


def park(journal: Writer, name: str, reason: str, at: datetime) -> None:
    values = {
        "state": DeliveryState.PARKED,
        "reason": reason,
        "changed_at": int(at.timestamp() * 1000),
    }
    row = update(DELIVERIES).where(DELIVERIES.c.order_key == name).values(values)
    journal.run_blocking(lambda connection: connection.execute(row))


def test_what_is_parked_is_counted_in_the_journal_each_once(tmp_path: Path) -> None:
    time, told = Time(), list[Notice]()
    with open_journal(f"sqlite:///{tmp_path / 'journal.db'}") as journal:
        for name in ("before", "one", "two", "three"):
            begin(journal, name)
        park(journal, "before", "findings", START - timedelta(seconds=1))

        async def script() -> None:
            await until(lambda: time.slept)
            for name, reason in (("one", "findings"), ("two", "refused"), ("three", "findings")):
                await asyncio.to_thread(park, journal, name, reason, START + timedelta(seconds=8))
            await time.step(3)
            await until(lambda: len(time.slept) == 4)

        beside(watch_parked(journal, "acme", told.append, time.passing()), script)
    assert [dict(notice.counts) for notice in told] == [{"findings": 2, "refused": 1}]


def test_all_of_it_together_tells_a_webhook_no_customers_data(
    stream: Streaming, tmp_path: Path
) -> None:
    stream.register()
    stream.call("one/_stop")
    time = Time()
    with hooked() as hook, open_journal(f"sqlite:///{tmp_path / 'journal.db'}") as journal:
        begin(journal, "one")
        notify = WebhookSettings(Webhook(hook.url), frozenset(("parked", "stream_stopped")))
        key = key_until(START + timedelta(days=3))

        async def watching() -> None:
            async with newstore_of(stream) as newstore:
                one = StreamToWatch("acme", "one", restarts=True)
                passing = time.passing()
                await watch_tenant(
                    TenantWatch(
                        one.tenant,
                        one,
                        NewStoreShop(newstore),
                        ledger_with(key),
                        journal,
                        notify,
                        clock=passing,
                    )
                )

        async def script() -> None:
            await until(lambda: hook.came and len(time.slept) >= 3)
            await asyncio.to_thread(park, journal, "one", "findings", START + timedelta(seconds=5))
            while len(hook.came) < 2:
                await time.step()
                await asyncio.sleep(0.01)

        beside(watching(), script)
    assert [message["kind"] for message in hook.came] == ["stream_stopped", "parked"]
    assert b"jane" not in write_json_bytes(hook.came)
