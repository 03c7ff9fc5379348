"""A journal on SQLite that cannot be written: the disk is full, somebody has locked it, it is damaged.

Nothing is acknowledged that is not stored, and nothing is posted twice. A limit on the size of
files, put on the running process and lifted again, lets no write of it go through: neither of the
journal nor of the log.
"""

from __future__ import annotations

import json
import resource
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from commanded import Commanded, Holding, played_with
from serviced import TENANT
from shopping import orders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from waiting import until

from engine.documents import write_json_bytes
from engine.simulator.serve import serve_in_thread
from engine.simulator.world import build_simulator_app

# Of SQLite's file format: the size of a page here, and where the counter of changes stands, twice.
_PAGE, _COUNTERS = 4096, (24, 92)
# What a limit makes of it; a disk that is full says "database or disk is full".
FULL = (503, "cannot be written: disk I/O error")
SAMPLES = [sample for _, sample in orders(10)]


class Telling:
    """A simulator that tells of each record that was made, before it answers."""

    def __init__(self, app: ASGIApp, told: Callable[[], None]) -> None:
        self.app, self.told = app, told

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def answer(message: Message) -> None:
            is_post = scope["type"] == "http" and scope["method"] == "POST"
            if is_post and "/record/" in scope["path"] and message["type"] == "http.response.start":
                self.told()
            await send(message)

        await self.app(scope, receive, answer)


def test_a_full_disk_is_503_until_there_is_room_again(tmp_path: Path) -> None:
    """It is full before events come, and again in the middle of deliveries, when a record was made."""
    journal, played = tmp_path / "journal.db", played_with(*SAMPLES)
    pid, is_full = 0, threading.Event()

    def fill() -> None:
        if pid and not is_full.is_set():
            _limit(pid, 0)
            is_full.set()

    with (
        serve_in_thread(Telling(build_simulator_app([played]), fill)) as simulator,
        Commanded(journal, simulator) as service,
    ):
        _limit(service.process.pid, 0)
        assert {_sent(service, sample.event) for sample in SAMPLES} == {503}
        until(lambda: _ready(service) == FULL, "it is ready")
        _limit(service.process.pid, resource.RLIM_INFINITY)
        until(lambda: _ready(service) == (200, "written"), "it is not ready again")
        pid = service.process.pid
        first = threading.Thread(target=_sent, args=(service, SAMPLES[0].event))
        first.start()
        assert is_full.wait(60)
        until(lambda: _ready(service) == FULL, "it is ready")
        assert {_sent(service, sample.event) for sample in SAMPLES[1:]} == {503}
        _limit(pid, resource.RLIM_INFINITY)
        first.join()
        assert {_sent(service, sample.event) for sample in SAMPLES} == {200}
        service.drained()
        assert "Traceback" not in service.log
        assert service.stop() == 0
    _each_stands_once(journal, played)


def test_locked_for_longer_than_it_waits_it_is_503_for_all_at_once(tmp_path: Path) -> None:
    """However many wait for the lock, each is told after the same while, and a delivery under way ends."""
    journal, played = tmp_path / "journal.db", played_with(*SAMPLES)
    holding = Holding(build_simulator_app([played]))
    with serve_in_thread(holding) as simulator, Commanded(journal, simulator) as service:
        with ThreadPoolExecutor(len(SAMPLES)) as senders:
            first = senders.submit(_sent, service, SAMPLES[0].event)
            assert holding.reached.wait(60)
            other = sqlite3.connect(journal, isolation_level=None, timeout=60)
            other.execute("BEGIN EXCLUSIVE")
            holding.released.set()
            events = [sample.event for sample in SAMPLES[1:]]
            assert set(senders.map(lambda event: _sent(service, event), events)) == {503}
            other.execute("ROLLBACK")
            other.close()
            assert first.result() == 200
            assert {_sent(service, sample.event) for sample in SAMPLES} == {200}
        service.drained()
        assert "Traceback" not in service.log
    _each_stands_once(journal, played)


def test_damaged_while_it_runs_it_is_503_and_said_and_the_next_start_is_refused(
    tmp_path: Path,
) -> None:
    journal, played = tmp_path / "journal.db", played_with(*SAMPLES)
    with serve_in_thread(build_simulator_app([played])) as simulator:
        with Commanded(journal, simulator) as service:
            assert _sent(service, SAMPLES[0].event) == 200
            _damage(journal)
            assert {_sent(service, sample.event) for sample in SAMPLES} == {503}
            damaged = (503, "cannot be written: database disk image is malformed")
            until(lambda: _ready(service) == damaged, "it is ready")
            assert service.get("/healthz")[0] == 200
            assert service.stop() == 0
            assert "Traceback" not in service.log
        again = Commanded(journal, simulator)
        code = again.process.wait(60)
        again.__exit__(None, None, None)
        assert code == 1
        assert "Error: the journal cannot be used: database disk image is malformed" in again.log
        assert "Traceback" not in again.log
    assert len(played.netsuite.state.ledger.transactions()) == 1


def _damage(journal: Path) -> None:
    """Overwrite all pages but the first, and make whoever has it open read them again."""
    size = journal.stat().st_size
    with journal.open("r+b") as file:
        file.seek(_PAGE)
        file.write(b"\xa5" * (size - _PAGE))
        for offset in _COUNTERS:
            file.seek(offset)
            file.write((99_999).to_bytes(4, "big"))


def _limit(pid: int, soft: int) -> None:
    """The most bytes that a file of the process may have: what it writes beyond fails."""
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))


def _sent(service: Commanded, event: object) -> int | None:
    return service.request("POST", f"/events/{TENANT}", write_json_bytes(event))


def _ready(service: Commanded) -> tuple[int, str]:
    status, text = service.get("/readyz")
    return status, json.loads(text)["journal"]


def _each_stands_once(journal: Path, played: Any) -> None:
    with sqlite3.connect(journal) as connection:
        states = connection.execute("SELECT state FROM deliveries").fetchall()
    ledger = played.netsuite.state.ledger
    assert states == [("delivered",)] * len(SAMPLES)
    assert len(ledger.transactions()) == len(SAMPLES)
    assert set(ledger.created.values()) == {1}
