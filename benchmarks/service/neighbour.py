"""`python -m benchmarks.service.neighbour`: one tenant at its worst, and what another one feels of it.

In one run: events of a quiet tenant one after the other, first in calm, then while its neighbour has files
swapped in that cannot be opened, that take long to load and that make every order heavy, while it sends 40
heavy events and 10,000 light ones, and while 1,500 connections are open that send nothing.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from engine.documents import read_json_bytes, write_json_bytes

from ..corpus import corpus
from ..ours import TENANT
from ..tables import ROOT
from .delivering import played
from .senders import requests_of, send_all
from .served import KEY, Running, free_port, running

NOISY = "noisy"
EVENTS, PAUSE = 60, 0.25
HEAVY, LIGHT, CONNECTIONS = 40, 10_000, 1_500
_SWAP_SECONDS = 3.0
"""Seconds between two swaps of the neighbour's files."""


@dataclass(frozen=True, slots=True)
class Felt:
    """The seconds from each event of the quiet tenant to its answer."""

    taken: Sequence[float]

    def __str__(self) -> str:
        return f"median {median(self.taken) * 1000:.0f} ms, longest {max(self.taken) * 1000:.0f} ms"


def main() -> None:
    """Run it, and print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        _run(Path(folder))


def _run(folder: Path) -> None:
    mappings = _mappings(folder)
    orders = corpus(2 * EVENTS)
    events = [texts.event for texts in orders]
    port = free_port()
    with (
        played(free_port(), orders, mappings, is_all=True) as simulator,
        running(mappings, f"sqlite:///{folder / 'journal.db'}", simulator, port, NOISY) as service,
    ):
        calm = Felt(asyncio.run(_send_slowly(port, events[:EVENTS])))
        noise = multiprocessing.get_context("spawn").Process(
            target=make_noise, args=(port, mappings)
        )
        noise.start()
        watch, before, begun = _Memory(service), service.cpu, time.perf_counter()
        loud = Felt(asyncio.run(_send_slowly(port, events[EVENTS:], watch)))
        busy = (service.cpu - before) / (time.perf_counter() - begun)
        noise.terminate()
        noise.join()
    sys.stdout.write(
        f"calm: {calm}\nbeside the noise: {loud}\n"
        f"ratio of medians {median(loud.taken) / median(calm.taken):.2f}\n"
        f"processor of the service beside the noise: {busy:.0%}\n"
        f"most memory of all processes: {watch.most:.0f} MB\n"
    )


class _Memory:
    """The most memory that a service and all that it started have had together, in MB."""

    def __init__(self, service: Running) -> None:
        self._service, self.most = service, 0.0

    def look(self) -> None:
        self.most = max(self.most, self._service.megabytes_of_all)


async def _send_slowly(
    port: int, events: Sequence[bytes], watch: _Memory | None = None
) -> list[float]:
    """Send one event after the other, with a pause between, and watch the memory meanwhile."""
    taken: list[float] = []
    for request in requests_of(events, f"/events/{TENANT}", KEY):
        taken += await send_all(port, [request], 1)
        for _ in range(5):
            await asyncio.sleep(PAUSE / 5)
            if watch is not None:
                watch.look()
    return taken


def make_noise(port: int, mappings: Path) -> None:
    """Do all that a neighbour can do, until the process is ended."""
    asyncio.run(_make_noise(port, mappings))


async def _make_noise(port: int, mappings: Path) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    heavy = mappings.parent / "heavy.yaml"
    (mappings / NOISY / "sales_order.yaml").write_bytes(heavy.read_bytes())
    async with asyncio.TaskGroup() as group:
        group.create_task(_keep_open(port))
        group.create_task(_send_again(port, _heavy_events(), 8))
        group.create_task(_send_again(port, _light_events(), 8))
        group.create_task(_swap(mappings / NOISY, heavy))


async def _keep_open(port: int) -> None:
    kept = []
    for _ in range(CONNECTIONS):
        with suppress(OSError):
            kept.append(await asyncio.open_connection("127.0.0.1", port))
    await asyncio.sleep(3600)


async def _send_again(port: int, events: Sequence[bytes], senders: int) -> None:
    """Send events, whatever is answered."""
    requests = iter(requests_of(events, f"/events/{NOISY}", KEY))

    async def one() -> None:
        for request in requests:
            with suppress(OSError, asyncio.IncompleteReadError):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(request)
                await reader.readuntil(b"\r\n\r\n")
                writer.close()

    await asyncio.gather(*(one() for _ in range(senders)))


async def _swap(folder: Path, heavy: Path) -> None:
    """Put one file after the other into the neighbour's folder, and take it out again."""
    tenant = (folder / "tenant.yaml").read_text()
    while True:
        for name, content in _bad_files():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
            await asyncio.sleep(_SWAP_SECONDS)
            path.unlink()
        (folder / "tenant.yaml").write_text(tenant.replace("America/New_York", "Nowhere/City"))
        await asyncio.sleep(_SWAP_SECONDS)
        (folder / "tenant.yaml").write_text(tenant)
        (folder / "sales_order.yaml").write_bytes(heavy.read_bytes())
        await asyncio.sleep(_SWAP_SECONDS)


def _bad_files() -> Iterator[tuple[str, str]]:
    """Yield the path and the text of files that cost much, or cannot be opened (kinds S1, S4 and S5)."""
    itself = {"anyOf": [{"$ref": "#"}] * 10, "properties": {"a": {"$ref": "#"}}}
    yield "schemas/netsuite/salesOrder.schema.json", json.dumps(itself)
    yield (
        "schemas/newstore.graphql",
        "type Query { a: Int }\n" + "directive @a(b: Int) on FIELD\n" * 12_000,
    )
    interfaces = "".join(f"interface I{number} {{ a: Int }}\n" for number in range(600))
    yield "schemas/newstore.graphql", f"type Query {{ a: Int }}\n{interfaces}"
    yield (
        "cash_sale.yaml",
        "erpmap: 1\nvalues:\n" + "".join(f"  v{n}: '{{{{ {n} }}}}'\n" for n in range(25_000)),
    )


def _heavy_events() -> list[bytes]:
    event: Any = read_json_bytes("event", corpus(1)[0].event)
    items = [{"n": number} for number in range(600)]
    return [
        write_json_bytes(
            {**event, "payload": {**event["payload"], "id": f"{number:08d}-0000", "items": items}}
        )
        for number in range(HEAVY)
    ]


def _light_events() -> list[bytes]:
    event: Any = read_json_bytes("event", corpus(1)[0].event)
    return [
        write_json_bytes(
            {**event, "name": "light", "payload": {**event["payload"], "id": f"light-{number}"}}
        )
        for number in range(LIGHT)
    ]


_HEAVY_MAPPING = """\
erpmap: 1
on: {event: order.opened}
fields:
  number: event.payload.id
  items: {path: event.payload.items, type: list}
lines:
  item: {for: line in items, body: {custcol_share: "{{ items | total('n') }}"}}
records:
  order:
    record: salesOrder
    write: create
    external_id: "SO-{{ number }}"
    body: {memo: "{{ number }}", item: {items: "{{ lines.all }}"}}
"""


def _mappings(folder: Path) -> Path:
    """The mappings of both tenants, without cases; and beside them the heavy one."""
    mappings = folder / "mappings"
    shutil.copytree(ROOT / "mappings", mappings, ignore=shutil.ignore_patterns("cases", "nordhus"))
    tenant = mappings / TENANT / "tenant.yaml"
    tenant.write_text(tenant.read_text().replace("delivered, from: 2026-12-01", "delivered"))
    shutil.copytree(mappings / TENANT, mappings / NOISY)
    tenant = mappings / NOISY / "tenant.yaml"
    tenant.write_text(
        tenant.read_text()
        .replace(f"tenant: {TENANT}\n", f"tenant: {NOISY}\n")
        .replace("acknowledge: delivered", "acknowledge: stored")
    )
    (folder / "heavy.yaml").write_text(_HEAVY_MAPPING)
    return mappings


if __name__ == "__main__":
    main()
