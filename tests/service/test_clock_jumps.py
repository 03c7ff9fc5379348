"""The machine's clock is put back and forward by hours while deliveries wait, and between two starts.

None of them sleeps for those hours, and none is given up because they seem to have passed.
"""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

from commanded import played_with
from conftest import ROOT
from serviced import Service, send
from shopping import orders
from waiting import until

from engine.simulator.serve import serve_in_thread
from engine.simulator.world import build_simulator_app

SAMPLES = [sample for what, sample in orders(12) if what.channel_type == "web"][:2]
HOUR = 3600
# It is given up after two hours.
RETRY = "\nretry: {order_pending: {wait: [1s], for: 2h}}\n"


def test_waits_outlast_a_clock_that_jumps(tmp_path: Path) -> None:
    mappings, journal = tmp_path / "mappings", tmp_path / "journal.db"
    ignored = shutil.ignore_patterns("cases", "nordhus")
    shutil.copytree(ROOT / "mappings", mappings, ignore=ignored)
    common = mappings / "dodici" / "common.yaml"
    common.write_text(common.read_text() + RETRY)
    first, second = SAMPLES
    played = played_with()
    with serve_in_thread(build_simulator_app([played])) as simulator:
        _put(tmp_path, 5 * HOUR)
        with _Clocked(journal, simulator, mappings, more=(str(tmp_path / "offset"),)) as service:
            assert send(service, first.event)
            _put(tmp_path, 0)
            assert send(service, second.event)
            _tried_again(journal, 1)
            _put(tmp_path, 10 * HOUR)
            _tried_again(journal, 2)
            _add(played, first)
            until(
                lambda: _states(journal) == ["delivered", "waiting"], "the first is not delivered"
            )
        _put(tmp_path, 0)
        _add(played, second)
        with _Clocked(journal, simulator, mappings, more=(str(tmp_path / "offset"),)) as service:
            service.drained()
    assert _states(journal) == ["delivered", "delivered"]
    received = _rows(journal, "SELECT received_at FROM events ORDER BY id")
    assert received == sorted(received)
    assert len(played.netsuite.state.ledger.transactions()) == len(SAMPLES)


class _Clocked(Service):
    """The service with a clock that is put by `_put`."""

    script = Path(__file__).with_name("clock_process.py")


def _put(folder: Path, seconds: int) -> None:
    """The clock is so many seconds ahead from now on."""
    (folder / "new").write_text(str(seconds))
    (folder / "new").replace(folder / "offset")


def _tried_again(journal: Path, delivery: int) -> None:
    """It is tried twice more, and waits for more."""
    query = f"SELECT attempts FROM deliveries WHERE id = {delivery} AND state = 'waiting'"
    (before,) = _rows(journal, f"SELECT attempts FROM deliveries WHERE id = {delivery}")
    until(lambda: max(_rows(journal, query), default=0) >= before + 2, "it is not tried again")


def _add(played: Any, sample: Any) -> None:
    played.shop.add(sample.event, sample.order, sample.account)


def _states(journal: Path) -> list[str]:
    return [str(state) for state in _rows(journal, "SELECT state FROM deliveries ORDER BY id")]


def _rows(journal: Path, query: str) -> list[Any]:
    with sqlite3.connect(journal, timeout=10) as connection:
        return [value for (value,) in connection.execute(query)]
