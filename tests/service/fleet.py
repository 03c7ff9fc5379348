"""Several processes of the service on one PostgreSQL, killed and frozen by tests."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from conftest import ROOT
from postgres_server import ask
from processes import start
from serviced import KEY, spoken_to
from waiting import until

from engine.mapping.load import list_tenants

_NOTHING: Mapping[str, str] = {}
# Cuts off everybody who is connected to the database.
CUT = """select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()"""
_SCRIPT = Path(__file__).with_name("fleet_process.py")


class Process:
    """`with Process(journal, simulator) as one`: it works, and is killed at the end.

    With a port it accepts events as well; `environ` is added to ours. It is for the
    tenants named, or all of a folder, or dodici. A request to NetSuite takes `deadline` seconds at most.
    """

    def __init__(
        self,
        journal: str,
        simulator: str,
        port: int = 0,
        environ: Mapping[str, str] = _NOTHING,
        mappings: Path | None = None,
        *,
        tenants: Sequence[str] = (),
        deadline: float = 5.0,
    ) -> None:
        self.journal, self.port = journal, port
        served = tenants or (["dodici"] if mappings is None else list_tenants(mappings))
        root = ROOT / "mappings" if mappings is None else mappings
        arguments = (str(root), journal, simulator, str(port), ",".join(served), KEY, str(deadline))
        self.process = start(
            *arguments,
            script=_SCRIPT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(ProcessLookupError):
            self.signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait()

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.process.pid, number)

    def holds_some(self) -> bool:
        """Whether it is at work on a delivery."""
        query = f"select 1 from deliveries where state = 'running' and holder like '{self.process.pid}-%'"
        assert self.process.poll() is None, "the process has ended"
        return bool(ask(self.journal, query))

    def is_ready(self) -> bool:
        assert self.process.poll() is None, "the process has ended"
        if self.port and spoken_to(self.port, "GET", "/readyz") != 200:
            return False
        query = "select to_regclass('holders') is not null"
        if not ask(self.journal, query)[0][0]:
            return False
        return bool(
            ask(self.journal, f"select 1 from holders where holder like '{self.process.pid}-%'")
        )

    def is_alive_again(self) -> bool:
        """Whether it has said that it lives since it was frozen."""
        now = "(extract(epoch from now()) * 1000)::bigint"
        name = f"{self.process.pid}-%"
        return bool(
            ask(self.journal, f"select 1 from holders where holder like '{name}' and until > {now}")
        )


def states(journal: str) -> Counter[str]:
    return Counter(state for (state,) in ask(journal, "select state from deliveries"))


def drained(journal: str) -> None:
    """Wait until no delivery is on its way."""
    on_their_way = {"waiting", "running", "held"}
    until(lambda: not on_their_way & states(journal).keys(), "deliveries are still on their way")
