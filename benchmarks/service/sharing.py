"""`python -m benchmarks.service.sharing SERVER`: SQLite and processes that share a PostgreSQL, compared.

The allowance in use with a backlog, from an event to its answer, and the time until deliveries go on after
all processes were killed. Each run has a database of its own at the server.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import psycopg

from engine.mapping.load import open_folder
from engine.simulator.serve import serve_in_thread
from engine.simulator.tenants import load_simulated_tenant
from engine.simulator.world import NETSUITE, build_simulator_app

from ..corpus import corpus
from ..ours import TENANT
from .delivering import put_orders
from .governing import Account, governed
from .senders import requests_of, send_all
from .served import KEY, free_port, running
from .shop import mappings_in

_ROUNDS, _EVENTS = 3, 40
_ACCOUNTS = (Account(5, 0.2, 120), Account(15, 0.5, 240))


@contextmanager
def database(server: str) -> Iterator[str]:
    """An empty database at a server."""
    name = f"erpmap_benchmark_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
        yield f"{server}/{name}"
        connection.execute(f"drop database {name} with (force)".encode())


def _used(folder: Path, journal: str, processes: int, account: Account) -> None:
    ports = [free_port() for _ in range(processes)]
    used, most = governed(folder, folder / "mappings", journal, ports, account)
    kind = journal.partition(":")[0]
    _tell(
        f"{kind}, {processes} process(es), allowance {account.allowance}: {used:.1%}, most {most}"
    )


def _answered(folder: Path, journal: str) -> None:
    """Median of the seconds from an event to the answer that its order stands, one after another."""
    orders = corpus(_EVENTS)
    played = load_simulated_tenant(open_folder(folder / "mappings"), TENANT)
    with serve_in_thread(build_simulator_app([played])) as address:
        put_orders(address, orders)
        requests = requests_of([texts.event for texts in orders], f"/events/{TENANT}", KEY)
        port = free_port()
        with running(folder / "waiting", journal, address, port):
            taken = asyncio.run(send_all(port, requests, 1))
    kind = journal.partition(":")[0]
    _tell(f"{kind}, event to answer: {median(taken) * 1000:.0f} ms")


def _gone_on(folder: Path, journal: str, processes: int) -> None:
    """Seconds from kill -9 of all processes, which are started again at once, to the next order."""
    account = Account(5, 0.5, 60)
    orders = corpus(account.orders)
    played = load_simulated_tenant(open_folder(folder / "mappings"), TENANT)
    played.faults[NETSUITE].latency = account.latency
    ledger = played.netsuite.state.ledger
    with serve_in_thread(build_simulator_app([played])) as address:
        put_orders(address, orders)
        requests = requests_of([texts.event for texts in orders], f"/events/{TENANT}", KEY)
        ports = [free_port() for _ in range(processes)]
        mappings = folder / "mappings"
        with running(mappings, journal, address, ports[0]):
            asyncio.run(send_all(ports[0], requests, 8))
            while len(ledger.transactions()) < account.allowance:
                time.sleep(0.02)
        killed = time.perf_counter()
        time.sleep(account.latency)
        before = len(ledger.transactions())
        with running(mappings, journal, address, ports[-1]):
            while len(ledger.transactions()) <= before:
                time.sleep(0.02)
            seconds = time.perf_counter() - killed
    state = played.netsuite.state
    kind = journal.partition(":")[0]
    _tell(f"{kind}, after kill -9: {seconds:.1f} s, most at once {state.most_at_once}")


def _tell(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def main(server: str) -> None:
    """Measure all, in rounds, each first on SQLite and then on PostgreSQL."""
    for number in range(_ROUNDS):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            mappings = mappings_in(folder)
            waiting = folder / "waiting"
            _copy_waiting(mappings, waiting)
            for account in _ACCOUNTS:
                _used(folder, f"sqlite:///{folder / f'used-{account.allowance}.db'}", 1, account)
                for processes in (1, 2):
                    with database(server) as journal:
                        _used(folder, journal, processes, account)
            _answered(folder, f"sqlite:///{folder / 'answered.db'}")
            _gone_on(folder, f"sqlite:///{folder / 'killed.db'}", 1)
            with database(server) as journal:
                _answered(folder, journal)
            with database(server) as journal:
                _gone_on(folder, journal, 1)
        _tell(f"round {number + 1} of {_ROUNDS}")


def _copy_waiting(mappings: Path, waiting: Path) -> None:
    """The same mappings, which answer an event when its order stands."""
    shutil.copytree(mappings, waiting)
    tenant = waiting / TENANT / "tenant.yaml"
    tenant.write_text(tenant.read_text().replace("acknowledge: stored", "acknowledge: delivered"))


if __name__ == "__main__":
    main(sys.argv[1])
