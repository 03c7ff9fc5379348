"""A journal that events come into and are delivered from, beside people who type `erpmap queue`."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy
from click.testing import CliRunner, Result
from tiny_tenant import MAPPINGS, Desk, Json, at_desk, event, order
from tiny_tenant import plans as all_plans

from cli import main
from engine.journal.claim import find_due
from engine.journal.database import open_journal
from engine.journal.events import StoredEvent
from engine.journal.mapping_versions import StoredVersion, store_versions
from engine.journal.recover import recover_deliveries
from engine.journal.store import store_event
from engine.journal.writer import Writer
from engine.mapping.load import load_tenant, open_folder
from engine.service.dispatch.embedded_engine import EmbeddedEngine
from engine.service.dispatch.route import make_arrival
from engine.service.dispatch.tenants import ReadyTenant, Tenants
from engine.service.dispatch.worker import Worker

T = TypeVar("T")
MINUTE, DAY = 60_000, 86_400_000


@dataclass
class Bench:
    """`ahead` are the milliseconds by which the worker's clock is before ours."""

    url: str
    root: Path
    desk: Desk
    journal: Writer
    ready: ReadyTenant
    ahead: int = 0
    told: list[int] = field(default_factory=list)

    @property
    def worker(self) -> Worker:
        return Worker(
            self.journal, "a-worker", self.now, lambda one: self.told.append(one.delivery)
        )

    def now(self) -> int:
        return time.time_ns() // 1_000_000 + self.ahead

    def arrive(self, key: str, name: str = "order.opened", **payload: object) -> StoredEvent:
        """An event comes, and is stored."""
        what = event(key, name)
        what["payload"] |= payload
        arrival = make_arrival("tiny", what, self.ready, self.now())
        return self.journal.run_blocking(lambda c: store_event(c, arrival))

    def arrive_many(self, count: int, name: str = "order.opened") -> None:
        """So many events come, and are stored together."""
        at = self.now()
        arrivals = [
            make_arrival("tiny", event(f"o{number}", name), self.ready, at)
            for number in range(count)
        ]
        self.journal.run_blocking(lambda c: [store_event(c, arrival) for arrival in arrivals])

    def sell(self, key: str, **more: object) -> StoredEvent:
        """An order, with `more` in its document, and the event about it."""
        self.desk.played.shop.add(event(key), {"order": {**order(key), **more}})
        return self.arrive(key)

    async def deliver(self, *, most: int = 40) -> None:
        """Work at all that is due, one after another, until nothing is."""
        engine = EmbeddedEngine(self.worker, Tenants({"tiny": self.ready}))
        for _ in range(most):
            found = self.journal.run_blocking(
                lambda c: find_due(c, self.now(), {"tiny": 1}, is_idle=True)
            )
            if not found:
                return
            await self.worker.deliver(found[0].id, self.ready, engine.enqueue)
        raise AssertionError("there is always something due")

    def states(self) -> list[str]:
        """Where deliveries stand, in the order they began."""
        return [row["state"] for row in self.rows("deliveries")]

    def rows(self, table: str) -> list[Json]:
        """All rows of a table, in order."""
        query = sqlalchemy.text(f"SELECT * FROM {table} ORDER BY id")
        return self.journal.run_blocking(lambda c: [dict(row._mapping) for row in c.execute(query)])  # noqa: SLF001 - SQLAlchemy's public name for it

    def write(self, sql: str) -> None:
        """Tamper with the journal."""
        self.journal.run_blocking(lambda c: c.execute(sqlalchemy.text(sql)).close())

    def left_running(self) -> None:
        """Whoever works has died: what it held is given back."""
        self.journal.run_blocking(lambda c: recover_deliveries(c, self.now()))

    def queue(self, *arguments: str) -> Result:
        """Type `erpmap queue …`."""
        return queue(self.url, self.root, *arguments)

    def said(self, *arguments: str) -> Any:
        """What it says in JSON, of a command that has done what it was asked for."""
        result = self.queue(*arguments, "--format", "json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)


def queue(url: str, root: Path, *arguments: str) -> Result:
    result = CliRunner().invoke(
        main, ["--mappings", str(root), "queue", *arguments], env={"ERPMAP_JOURNAL": url}
    )
    assert isinstance(result.exception, SystemExit | None), result.exception
    return result


def at_bench(
    url: str,
    folder: Path,
    work: Callable[[Bench], Awaitable[T]],
    *,
    mappings: tuple[str, ...] = ("sale",),
) -> T:
    """Do some work at a bench of some of the tenant's mappings, whose files are in `folder`."""
    root = folder / "mappings"
    if not root.exists():
        shutil.copytree(MAPPINGS, root)

    async def worked(desk: Desk) -> T:
        with closing(open_journal(url)) as journal:
            return await work(_bench(url, root, desk, journal, mappings))

    return at_desk(worked)


def _bench(url: str, root: Path, desk: Desk, journal: Writer, mappings: tuple[str, ...]) -> Bench:
    loaded = load_tenant(open_folder(root), "tiny")
    plans = {plan.name: plan for plan in loaded.plans if plan.name in mappings}
    assert plans.keys() == set(mappings) <= all_plans().keys()
    versions = [StoredVersion("tiny", plan.name, plan.version) for plan in plans.values()]
    texts = {path: (text.name, text.content) for path, text in loaded.texts.items()}
    journal.run_blocking(lambda c: store_versions(c, versions, texts, 1))
    ready = ReadyTenant("tiny", plans, desk.systems, "1234567", 5)
    return Bench(url, root, desk, journal, ready)
