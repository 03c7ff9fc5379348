"""Measures for Prometheus: what happened is counted here, what is open is read from the journal.

Labels are tenants, accounts, states and steps, all of them few; never an order.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from ...findings.errors import JournalError
from ...journal.claim import Claim
from ...journal.counts import OpenCount, count_backlog, count_open
from ...journal.events import EventFate
from ...journal.states import DeliveryState
from ...journal.writer import Writer
from ..dispatch.tenants import Tenants
from ..dispatch.worker import FinishedAttempt
from ..web.app import HttpAnswer
from .cached_answer import CachedAnswer
from .readiness import JOURNAL_SECONDS

# However often it is asked, the journal is read for it no more often than that.
_KEPT_SECONDS = 5.0
_STEPS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_COMMITS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)
_UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class OpenWork:
    """What the journal holds open; None where it did not answer."""

    open: tuple[OpenCount, ...] | None
    unrouted: Mapping[str, int]
    at: int


class Metrics:
    """A watcher that counts. `page` gives all measures; `took` hears of the journal's commits."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.events = Counter(
            "erpmap_events", "Requests for an event, by what was answered and became of it.",
            ("tenant", "status", "fate", "rule"), registry=self.registry,
        )  # fmt: skip
        self.answers = Histogram(
            "erpmap_answer_seconds", "From a request's head to its answer.", ("tenant",),
            registry=self.registry, buckets=_STEPS,
        )  # fmt: skip
        self.attempts = Counter(
            "erpmap_attempts", "Attempts at deliveries that have ended, by what came of it.",
            ("tenant", "mapping", "state"), registry=self.registry,
        )  # fmt: skip
        self.steps = Histogram(
            "erpmap_step_seconds", "Steps of attempts.", ("tenant", "step"),
            registry=self.registry, buckets=_STEPS,
        )  # fmt: skip
        self.shadows = Counter(
            "erpmap_shadow", "Events held against a new version of the mappings, by what came of it.",
            ("tenant", "result"), registry=self.registry,
        )  # fmt: skip
        self.commits = Histogram(
            "erpmap_journal_commit_seconds", "Commits of the journal, each of many transactions.",
            registry=self.registry, buckets=_COMMITS,
        )  # fmt: skip

    def answered(self, answered: HttpAnswer) -> None:
        """Count it."""
        tenant = answered.tenant or _UNKNOWN
        self.events.labels(tenant, answered.status, *_fate(answered)).inc()
        self.answers.labels(tenant).observe(answered.seconds)

    def begun(self, taken: Claim) -> None:
        """What is under way is read from the journal."""

    def ended(self, told: FinishedAttempt) -> None:
        """Count it, and the time of its steps."""
        taken = told.taken
        self.attempts.labels(taken.tenant, taken.mapping, told.result.state).inc()
        for step in told.steps:
            self.steps.labels(taken.tenant, step.name).observe(step.seconds)

    def shadowed(self, tenant: str, result: str) -> None:
        """An event was compared, or dropped."""
        self.shadows.labels(tenant, result).inc()


def _fate(answered: HttpAnswer) -> tuple[str, str]:
    """What became of an event, and the rule if that is one: its first word, of which there are few."""
    fate = str(answered.document.get("fate") or "")
    reason = str(answered.document.get("reason") or "")
    return fate, reason.partition(":")[0] if fate == EventFate.IGNORED else ""


class MetricsPage:
    """The measures as text, with what the journal and the tenants say now."""

    def __init__(self, measures: Metrics, journal: Writer, tenants: Tenants) -> None:
        self._measures, self._journal, self._tenants = measures, journal, tenants
        self._standing = CachedAnswer(self._read, _KEPT_SECONDS)

    async def text(self) -> tuple[str, bytes]:
        """Its media type, and the page."""
        standing = await self._standing.get()
        now = CollectorRegistry()
        now.register(_Now(standing, self._tenants))
        return CONTENT_TYPE_LATEST, generate_latest(self._measures.registry) + generate_latest(now)

    async def _read(self) -> OpenWork:
        names = tuple(self._tenants.keys)
        try:
            async with asyncio.timeout(JOURNAL_SECONDS):
                found = await self._journal.run(count_open)
                unrouted = await self._journal.run(count_backlog, names)
        except (JournalError, TimeoutError):
            return OpenWork(None, {}, 0)
        return OpenWork(tuple(found), unrouted, time.time_ns() // 1_000_000)


class _Now(Collector):
    """What stands now, as measures."""

    def __init__(self, standing: OpenWork, tenants: Tenants) -> None:
        self._standing, self._tenants = standing, tenants

    def collect(self) -> Iterator[Metric]:
        """As prometheus-client asks for it."""
        is_up = self._standing.open is not None
        yield GaugeMetricFamily("erpmap_journal_up", "1 while the journal answers.", int(is_up))
        if self._standing.open is not None:
            yield from _open(self._standing.open, self._standing.at)
        yield _gauge(
            "erpmap_unrouted_events", "Events that wait for their tenant's mappings.", "tenant",
            self._standing.unrouted,
        )  # fmt: skip
        ready = {name: self._tenants.is_ready(name) for name in self._tenants.keys}
        yield _gauge(
            "erpmap_tenant_ready", "1 for a tenant that can run and whose events are let in.", "tenant", ready,
        )  # fmt: skip
        outdated = {name: self._tenants.is_outdated(name) for name in self._tenants.keys}
        yield _gauge(
            "erpmap_tenant_outdated", "1 while a tenant's newer files are not taken.", "tenant", outdated,
        )  # fmt: skip
        allowed, used = _allowances(self._tenants)
        yield _gauge("erpmap_netsuite_allowance", "Requests allowed at once.", "account", allowed)
        yield _gauge("erpmap_netsuite_in_use", "Requests open now.", "account", used)


def _open(found: tuple[OpenCount, ...], at: int) -> Iterator[Metric]:
    deliveries = GaugeMetricFamily(
        "erpmap_open_deliveries", "Deliveries that have not ended.", labels=("tenant", "state")
    )
    oldest: dict[str, float] = {}
    for one in found:
        deliveries.add_metric((one.tenant, one.state), one.count)
        if one.state is not DeliveryState.PARKED:
            age = (at - one.since) / 1000
            oldest[one.tenant] = max(oldest.get(one.tenant, 0.0), age)
    yield deliveries
    yield _gauge(
        "erpmap_oldest_open_seconds", "Age of the oldest delivery on its way, parked ones apart.",
        "tenant", oldest,
    )  # fmt: skip


def _gauge(name: str, words: str, label: str, values: Mapping[str, float]) -> Metric:
    gauge = GaugeMetricFamily(name, words, labels=(label,))
    for key, value in values.items():
        gauge.add_metric((key,), value)
    return gauge


def _allowances(tenants: Tenants) -> tuple[dict[str, float], dict[str, float]]:
    """Of each account: what is allowed, and what its tenants use of it together."""
    allowed: dict[str, float] = {}
    used: dict[str, float] = {}
    for ready in tenants.ready.values():
        allowed[ready.account] = ready.allowance
        used[ready.account] = used.get(ready.account, 0) + ready.systems.ledger.in_use
    return allowed, used
