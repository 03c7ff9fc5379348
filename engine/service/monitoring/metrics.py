"""Metrics for Prometheus: events and attempts are counted here, open work is read from the journal.

Labels are tenants, accounts, states and steps, which are few; never an order.
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
from ..loops import Loops
from ..web.app import HttpAnswer
from .cached_answer import CachedAnswer
from .readiness import JOURNAL_SECONDS

# Minimum seconds between two reads of the journal, however often the page is requested.
_CACHE_SECONDS = 5.0
_STEPS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_COMMITS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)
_UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class OpenWork:
    """The open work in the journal; None if the journal did not answer."""

    open: tuple[OpenCount, ...] | None
    unrouted: Mapping[str, int]
    at: int


class Metrics:
    """An observer that counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.events = Counter(
            "erpmap_events", "Requests for an event, by answer and fate.",
            ("tenant", "status", "fate", "rule"), registry=self.registry,
        )  # fmt: skip
        self.answers = Histogram(
            "erpmap_answer_seconds", "From a request's head to its answer.", ("tenant",),
            registry=self.registry, buckets=_STEPS,
        )  # fmt: skip
        self.attempts = Counter(
            "erpmap_attempts", "Finished attempts at deliveries, by result.",
            ("tenant", "mapping", "state"), registry=self.registry,
        )  # fmt: skip
        self.steps = Histogram(
            "erpmap_step_seconds", "Steps of attempts.", ("tenant", "step"),
            registry=self.registry, buckets=_STEPS,
        )  # fmt: skip
        self.shadows = Counter(
            "erpmap_shadow", "Events compared with a new version of the mappings, by result.",
            ("tenant", "result"), registry=self.registry,
        )  # fmt: skip
        self.failures = Counter(
            "erpmap_loop_failures", "Failed rounds of the service's loops.", ("loop",),
            registry=self.registry,
        )  # fmt: skip
        self.tenant_failures = Counter(
            "erpmap_tenant_failures", "Errors of erpmap while a tenant was loaded, opened or closed.",
            ("tenant",), registry=self.registry,
        )  # fmt: skip
        self.commits = Histogram(
            "erpmap_journal_commit_seconds", "Commits of the journal, each of many transactions.",
            registry=self.registry, buckets=_COMMITS,
        )  # fmt: skip

    def record_answer(self, answer: HttpAnswer) -> None:
        """Count an answer, and its time."""
        tenant = answer.tenant or _UNKNOWN
        self.events.labels(tenant, answer.status, *_fate(answer)).inc()
        self.answers.labels(tenant).observe(answer.seconds)

    def record_claim(self, claim: Claim) -> None:
        """Do nothing: the attempts under way are read from the journal."""

    def record_end(self, attempt: FinishedAttempt) -> None:
        """Count an attempt, and the time of its steps."""
        claim = attempt.claim
        self.attempts.labels(claim.tenant, claim.mapping, attempt.result.state).inc()
        for step in attempt.steps:
            self.steps.labels(claim.tenant, step.name).observe(step.seconds)

    def count_failure(self, loop: str) -> None:
        """Count a failed round of a loop."""
        self.failures.labels(loop).inc()

    def count_tenant_failure(self, tenant: str) -> None:
        """Count an error of erpmap in a tenant's unit."""
        self.tenant_failures.labels(tenant).inc()

    def count_shadow(self, tenant: str, result: str) -> None:
        """Count an event that was compared with a shadow, or dropped."""
        self.shadows.labels(tenant, result).inc()


def _fate(answer: HttpAnswer) -> tuple[str, str]:
    """Return the fate of an event, and its rule if it was ignored: the first word of the reason."""
    fate = str(answer.document.get("fate") or "")
    reason = str(answer.document.get("reason") or "")
    return fate, reason.partition(":")[0] if fate == EventFate.IGNORED else ""


class MetricsPage:
    """The metrics as text, with the current state of the journal and the tenants."""

    def __init__(self, metrics: Metrics, journal: Writer, tenants: Tenants, loops: Loops) -> None:
        self._metrics, self._journal, self._tenants = metrics, journal, tenants
        self._loops = loops
        self._open_work = CachedAnswer(self._read, _CACHE_SECONDS)

    async def text(self) -> tuple[str, bytes]:
        """Return the media type and the text of the page."""
        open_work = await self._open_work.get()
        now = CollectorRegistry()
        now.register(_CurrentState(open_work, self._tenants, self._loops))
        return CONTENT_TYPE_LATEST, generate_latest(self._metrics.registry) + generate_latest(now)

    async def _read(self) -> OpenWork:
        names = tuple(self._tenants.keys)
        try:
            async with asyncio.timeout(JOURNAL_SECONDS):
                found = await self._journal.run(count_open)
                unrouted = await self._journal.run(count_backlog, names)
        except (JournalError, TimeoutError):
            return OpenWork(None, {}, 0)
        return OpenWork(tuple(found), unrouted, time.time_ns() // 1_000_000)


class _CurrentState(Collector):
    """The current state, as metrics."""

    def __init__(self, open_work: OpenWork, tenants: Tenants, loops: Loops) -> None:
        self._open_work, self._tenants, self._loops = open_work, tenants, loops

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics, as prometheus-client requires."""
        is_up = self._open_work.open is not None
        yield GaugeMetricFamily("erpmap_journal_up", "1 while the journal answers.", int(is_up))
        if self._open_work.open is not None:
            yield from _open(self._open_work.open, self._open_work.at)
        yield _gauge(
            "erpmap_unrouted_events", "Events that wait for their tenant's mappings.", "tenant",
            self._open_work.unrouted,
        )  # fmt: skip
        ready = {name: self._tenants.is_ready(name) for name in self._tenants.keys}
        yield _gauge(
            "erpmap_tenant_ready", "1 for a tenant that can run and whose events are let in.", "tenant", ready,
        )  # fmt: skip
        outdated = {name: self._tenants.is_outdated(name) for name in self._tenants.keys}
        yield _gauge(
            "erpmap_tenant_outdated", "1 while a tenant's newer files are not claim.", "tenant", outdated,
        )  # fmt: skip
        yield _gauge(
            "erpmap_loop_failing", "1 while a loop of the service fails.", "loop", self._loops.failing(),
        )  # fmt: skip
        allowed, used = _allowances(self._tenants)
        yield _gauge(
            "erpmap_netsuite_allowance", "Maximum concurrent requests.", "account", allowed
        )
        yield _gauge("erpmap_netsuite_in_use", "Open requests.", "account", used)


def _open(found: tuple[OpenCount, ...], at: int) -> Iterator[Metric]:
    deliveries = GaugeMetricFamily(
        "erpmap_open_deliveries", "Deliveries that have not ended.", labels=("tenant", "state")
    )
    oldest: dict[str, float] = {}
    for count in found:
        deliveries.add_metric((count.tenant, count.state), count.count)
        if count.state is not DeliveryState.PARKED:
            age = (at - count.since) / 1000
            oldest[count.tenant] = max(oldest.get(count.tenant, 0.0), age)
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
    """Return for each account its allowance, and the requests that its tenants have open."""
    allowed: dict[str, float] = {}
    used: dict[str, float] = {}
    for ready in tenants.ready.values():
        allowed[ready.account] = ready.allowance
        used[ready.account] = used.get(ready.account, 0) + ready.systems.ledger.in_use
    return allowed, used
