"""`python -m benchmarks.service`: what acknowledging and waiting cost. stdout carries the table."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

import click
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection, update

from engine.journal.database import open_journal
from engine.journal.events import Arrival, Route
from engine.journal.store import store_event
from engine.journal.tables import DELIVERIES

from ..contenders import MissingError
from ..corpus import corpus
from ..ours import TENANT
from .commits import on_postgresql, on_sqlite
from .delivering import bare, played, served
from .governing import ALLOWANCE, Account, governed
from .ledger import differing, records
from .node_red.measuring import node_red
from .senders import requests_of, send_all
from .served import KEY, Running, free_port, running
from .shop import events, mappings_in, nobody_has_paid

_SENDERS = 8
_HOUR = 3_600_000
_AT_ONCE = 1_000
_IDLE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing measured: a name, its value in words, and what it is to reach."""

    name: str
    value: float
    unit: str
    bound: str = ""


@click.command()
@click.option("--quick", is_flag=True, help="A smoke run: few events, numbers that mean nothing.")
@click.option(
    "--postgresql", metavar="URL", help="Measure on an empty database of PostgreSQL, too."
)
@click.option("--format", "form", type=click.Choice(["human", "json"]), default="human")
def main(*, quick: bool, postgresql: str | None, form: str) -> None:
    """Measure the service against what the disk does by itself."""
    count, waiting = (100, 200) if quick else (4_000, 50_000)
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as name, nobody_has_paid() as simulator:
        folder = Path(name)
        mappings = mappings_in(folder)
        orders = 120 if quick else 300
        journal = f"sqlite:///{folder / 'governed.db'}"
        figures += _governing("SQLite", "at least 95", folder, mappings, journal, orders)
        if postgresql is not None:
            figures += _governing("PostgreSQL", "at least 90", folder, mappings, postgresql, orders)
        figures += _acknowledging(folder, mappings, simulator, count)
        if postgresql is not None:
            raw = on_postgresql(postgresql, events(count // 2))
            figures += _acknowledged("PostgreSQL", postgresql, raw, mappings, simulator, count)
        seconds = 2.0 if quick else _IDLE_SECONDS
        figures += _waiting(folder, mappings, simulator, waiting, seconds)
        figures += _delivering(folder, mappings, 20 if quick else 400)
    _print(figures, form)


def _delivering(folder: Path, mappings: Path, count: int) -> Iterator[Figure]:
    """CPU for each event delivered, against a script that does nothing else."""
    orders = corpus(count)
    with played(free_port(), orders) as address:
        alone, expected = bare(address, count), records(address)
    with played(free_port(), orders) as address:
        journal = f"sqlite:///{folder / 'delivered.db'}"
        ours = served(address, mappings, journal, free_port(), count)
    yield Figure("CPU of a bare script", alone * 1000, "ms an order")
    yield Figure("CPU of the service", ours * 1000, "ms an event")
    yield Figure("service ÷ script", ours / alone, "×", "at most 3")
    try:
        with played(free_port(), orders) as address:
            theirs = node_red(address, folder, free_port(), count)
            yield from _peer(theirs, ours, alone, differing(expected, records(address)))
    except MissingError as error:
        click.echo(f"Node-RED: SKIPPED, {error}", err=True)


def _peer(theirs: float, ours: float, alone: float, different: int) -> Iterator[Figure]:
    """CPU of Node-RED for the same orders; NetSuite has to hold the same after it."""
    yield Figure("CPU of Node-RED", theirs * 1000, "ms an order")
    yield Figure("Node-RED ÷ script", theirs / alone, "×")
    yield Figure("service ÷ Node-RED", ours / theirs, "×")
    yield Figure("records of Node-RED that differ", different, "records", "0")


def _governing(
    name: str, bound: str, folder: Path, mappings: Path, journal: str, count: int
) -> Iterator[Figure]:
    """The account's allowance while there is a backlog, whole deliveries, a second of latency."""
    used, most = governed(folder, mappings, journal, [free_port()], Account(orders=count))
    yield Figure(f"{name}: allowance in use", used * 100, "%", bound)
    yield Figure(f"{name}: most at once", most, f"of {ALLOWANCE}", f"at most {ALLOWANCE}")


def _acknowledging(folder: Path, mappings: Path, simulator: str, count: int) -> Iterator[Figure]:
    raw = on_sqlite(folder, events(count // 2))
    url = f"sqlite:///{folder / 'acknowledged.db'}"
    yield from _acknowledged("SQLite", url, raw, mappings, simulator, count)


def _acknowledged(
    name: str, url: str, raw: float, mappings: Path, simulator: str, count: int
) -> Iterator[Figure]:
    """Events a second by eight senders, against the commits a second of the database alone."""
    requests = requests_of(events(count), f"/events/{TENANT}", KEY)
    warm, timed = requests[: count // 20], requests[count // 20 :]
    with running(mappings, url, simulator, free_port()) as service:
        asyncio.run(send_all(service.port, warm, _SENDERS))
        start = time.perf_counter()
        taken = sorted(asyncio.run(send_all(service.port, timed, _SENDERS)))
        rate = len(timed) / (time.perf_counter() - start)
    middle, late = median(taken), taken[int(len(taken) * 0.99)]
    yield Figure(f"{name}: commits alone", raw, "a second")
    yield Figure(f"{name}: events acknowledged", rate, "a second")
    yield Figure(f"{name}: acknowledged ÷ commits", rate / raw, "×", "at least 0.5")
    yield Figure(f"{name}: median", middle * 1000, "ms")
    yield Figure(f"{name}: p99 ÷ median", late / middle, "×", "at most 10")


def _waiting(
    folder: Path, mappings: Path, simulator: str, count: int, seconds: float
) -> Iterator[Figure]:
    """Idle CPU and memory with so many deliveries that are due in an hour, and with none."""
    empty = f"sqlite:///{folder / 'empty.db'}"
    with running(mappings, empty, simulator, free_port()) as service:
        alone = _idle(service, seconds)
    full = f"sqlite:///{folder / 'full.db'}"
    _fill(full, count)
    with running(mappings, full, simulator, free_port()) as service:
        beside = _idle(service, seconds)
    yield Figure("idle CPU with none waiting", alone[0] * 100, "%")
    yield Figure(f"idle CPU with {count:,} waiting", beside[0] * 100, "%", "less than 3")
    yield Figure("resident with none waiting", alone[1], "MB")
    yield Figure(f"more with {count:,} waiting", beside[1] - alone[1], "MB", "at most 60")


def _idle(service: Running, seconds: float) -> tuple[float, float]:
    """The part of a core that is used, and memory, after a moment to settle."""
    time.sleep(min(seconds, 3.0))
    before = service.cpu
    time.sleep(seconds)
    return (service.cpu - before) / seconds, service.megabytes


def _fill(url: str, count: int) -> None:
    now = time.time_ns() // 1_000_000
    with open_journal(url) as journal:
        for start in range(0, count, _AT_ONCE):
            numbers = range(start, min(start + _AT_ONCE, count))
            arrivals = [_arrival(number, now) for number in numbers]
            journal.run_blocking(partial(_store_all, arrivals))
        later = update(DELIVERIES).values(due_at=now + _HOUR, attempts=1)
        journal.run_blocking(lambda connection: connection.execute(later).rowcount)


def _store_all(arrivals: Sequence[Arrival], connection: Connection) -> None:
    for arrival in arrivals:
        store_event(connection, arrival)


def _arrival(number: int, now: int) -> Arrival:
    (body,) = events(1)
    route = Route("sales_order", str(number))
    key = str(number)
    return Arrival(TENANT, "order.opened", f"{number:064d}", key, key, body, now, (route,))


def _print(figures: list[Figure], form: str) -> None:
    if form == "json":
        click.echo(json.dumps([[one.name, round(one.value, 2), one.unit] for one in figures]))
        return
    table = Table(box=SIMPLE, title="the service", title_justify="left")
    for heading in ("what", "measured", "bound"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    for one in figures:
        table.add_row(one.name, f"{one.value:,.2f} {one.unit}", one.bound)
    Console(file=sys.stdout, width=100, highlight=False).print(table)


if __name__ == "__main__":
    main()
