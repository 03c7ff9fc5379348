"""A service that accepts events and delivers none says so: in its readiness, its log and its measures.

A page of the journal's file is damaged, a role of PostgreSQL is at its limit of connections, an engine
stands still without an error. Healed, the service works again without a restart.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from commanded import Commanded, played_with
from damaged_file import damaged
from fleet import Process, drained, states
from journal.journal_events import NOW, arrival, begun, taken
from postgres_server import ask, database
from serviced import TENANT, free_ports, spoken_to
from shopping import orders
from waiting import until

from engine.documents import write_json_bytes
from engine.journal.database import open_journal
from engine.journal.writer import Writer
from engine.service.loops import Loops
from engine.service.monitoring.due_watch import DueWatch
from engine.simulator.serve import serve_in_thread
from engine.simulator.world import build_simulator_app

MALFORMED = "database disk image is malformed"
SAMPLES = [sample for _, sample in orders(3)]
# The searched index of suspects, which no event touches, and the table that each attempt needs.
PLACES = ("ix_deliveries_suspects", "attempts")


@pytest.mark.parametrize("place", PLACES)
def test_one_damaged_page_is_said_and_mended_without_a_restart(tmp_path: Path, place: str) -> None:
    journal, played = tmp_path / "journal.db", played_with(*SAMPLES)
    with (
        serve_in_thread(build_simulator_app([played])) as simulator,
        Commanded(journal, simulator) as service,
        ThreadPoolExecutor(len(SAMPLES)) as senders,
    ):
        with damaged(journal, place):
            sent = [senders.submit(_sent, service.port, sample.event) for sample in SAMPLES]
            until(lambda: _ready(service.admin)[0] == 503, "it calls itself ready")
            (words,) = set(_ready(service.admin)[1]["loops"].values())
            assert words == f"the journal cannot be written: {MALFORMED}"
            # New events are begun without a search; what waits is not found.
            begun = len(played.netsuite.state.ledger.transactions())
            assert begun == 0 or place == "ix_deliveries_suspects"
            (loop,) = _ready(service.admin)[1]["loops"]
            assert _failing(service.admin)[loop] == 1
            lines = [line for line in service.lines if MALFORMED in line["message"]]
            assert lines
            assert len(lines) < 5
        until(lambda: _ready(service.admin)[0] == 200, "it is not ready again")
        assert {one.result() for one in sent} == {200}
        service.drained()
        assert set(_failing(service.admin).values()) == {0}
        assert "Traceback" not in service.log
    assert len(played.netsuite.state.ledger.transactions()) == len(SAMPLES)


@pytest.mark.parametrize("cut", ["session", "all"])
def test_a_role_at_its_limit_of_connections_is_said_and_goes_on_when_it_is_not(cut: str) -> None:
    """The session alone is refused, or every connection of the service."""
    played, ports = played_with(*SAMPLES), free_ports(2)
    port, admin = ports
    with (
        serve_in_thread(build_simulator_app([played])) as simulator,
        database() as owner,
        limited_role(owner) as (role, url),
        Process(url, simulator, port, {"ERPMAP_TEST_ADMIN": str(admin)}),
        ThreadPoolExecutor(len(SAMPLES)) as senders,
    ):
        until(lambda: spoken_to(port, "GET", "/readyz") == 200, "it is not ready")
        ask(owner, f"alter role {role} connection limit 0")
        which = "" if cut == "all" else "and query like 'listen%'"
        ask(
            owner,
            f"select pg_terminate_backend(pid) from pg_stat_activity where usename = '{role}' {which}",
        )
        until(lambda: "session" in _ready(admin)[1]["loops"], "it calls itself ready")
        status, ready = _ready(admin)
        assert status == 503
        assert ready["loops"]["session"].endswith("too many connections for role …")
        assert (ready["journal"] == "written") == (cut == "session")
        if cut == "all":
            assert _sent(port, SAMPLES[0].event) == 503
        ask(owner, f"alter role {role} connection limit -1")
        until(lambda: _ready(admin)[0] == 200, "it is not ready again")
        sent = [senders.submit(_sent, port, sample.event) for sample in SAMPLES]
        assert {one.result() for one in sent} == {200}
        drained(owner)
        assert states(owner) == {"delivered": len(SAMPLES)}


def test_due_work_that_nothing_begins_although_slots_are_free_is_said(tmp_path: Path) -> None:
    with open_journal(f"sqlite:///{tmp_path / 'journal.db'}") as journal:
        id_ = begun(journal, arrival())
        loops = asyncio.run(_watched(journal, {"tiny": 1}, seconds=0.2))
        assert not loops.is_ready()
        (words,) = loops.permanent().values()
        assert re.fullmatch("a delivery of tiny has been due for .*, and none is begun .*", words)
        # No slot, another tenant's slot, and nothing due any more.
        assert asyncio.run(_watched(journal, {}, seconds=0.2)).is_ready()
        assert asyncio.run(_watched(journal, {"acme": 1}, seconds=0.2)).is_ready()
        taken(journal, id_)
        assert asyncio.run(_watched(journal, {"tiny": 1}, seconds=0.2)).is_ready()


def test_while_others_of_the_tenant_are_begun_it_does_not_stand_still(tmp_path: Path) -> None:
    with open_journal(f"sqlite:///{tmp_path / 'journal.db'}") as journal:
        other = taken(journal, begun(journal, arrival("other")))
        begun(journal, arrival())
        loops = asyncio.run(_watched(journal, {"tiny": 1}, seconds=0.4, begins=other))
        assert loops.is_ready()


async def _watched(
    journal: Writer, slots: Mapping[str, int], *, seconds: float, begins: Any = None
) -> Loops:
    """The loops after several times the time that due work may wait; `begins` is begun all the while."""
    loops = Loops()
    watch = DueWatch(journal=journal, now=lambda: NOW + 3_600_000, loops=loops, seconds=seconds)
    watching = asyncio.create_task(watch.run(lambda: slots))
    end = asyncio.get_running_loop().time() + 4 * seconds
    while asyncio.get_running_loop().time() < end:
        await asyncio.sleep(seconds / 50)
        if begins is not None:
            watch.record_claim(begins)
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    return loops


@contextmanager
def limited_role(owner: str) -> Iterator[tuple[str, str]]:
    """A role that owns the database, and the address of the database for it."""
    name = owner.rpartition("/")[2]
    role = f"{name}_role"
    ask(owner, f"create role {role} login")
    ask(owner, f"alter database {name} owner to {role}")
    ask(owner, f"grant all on schema public to {role}")
    try:
        yield role, re.sub("//[^@/]*@", f"//{role}@", owner)
    finally:
        ask(owner, f"alter database {name} owner to current_user")
        ask(owner, f"reassign owned by {role} to current_user")
        ask(owner, f"drop owned by {role}")
        ask(owner, f"drop role {role}")


def _sent(port: int, event: object) -> int | None:
    return spoken_to(port, "POST", f"/events/{TENANT}", write_json_bytes(event))


def _ready(port: int) -> tuple[int, Any]:
    answer = httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=30)
    return answer.status_code, json.loads(answer.text)


def _failing(port: int) -> dict[str, float]:
    text = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=30).text
    found = re.findall(r'erpmap_loop_failing{loop="(.*)"} (.*)', text)
    return {name: float(value) for name, value in found}
