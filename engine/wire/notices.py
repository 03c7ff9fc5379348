"""Notices to a webhook: few messages, without customer data, sent beside the deliveries.

Messages contain our own words and the names of rules and states. `Notifier.tell` only records a
notice; no failure of the webhook reaches its caller.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from ..documents import write_json_bytes
from ..findings.errors import NoAnswerError
from .exchange import ExchangeBounds
from .open_client import open_client

PARKED, STREAM_STOPPED = "parked", "stream_stopped"
CERTIFICATE_EXPIRING = "certificate_expiring"
KINDS = (PARKED, STREAM_STOPPED, CERTIFICATE_EXPIRING)
BOUNDS = ExchangeBounds(deadline=10.0, received=64 * 1024, inflated=64 * 1024)
# Notices of these kinds are collected for this long into one message; others are sent at once.
GATHER_SECONDS: Mapping[str, float] = {PARKED: 60.0}
# Waits before the second, third and fourth attempt; after that the message is lost.
RETRY_SECONDS = (1.0, 5.0, 30.0)
# Reasons counted separately in one message; the others are counted together.
_MAX_REASONS = 20
_OTHER = "other"
_TOO_MANY = 429
_HEADERS = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Notice:
    """An incident of one kind, counted for each reason. `at` is in UTC."""

    kind: str
    tenant: str
    words: str
    at: datetime
    counts: Mapping[str, int] = field(default_factory=dict)
    since: datetime | None = None

    def and_then(self, later: Notice) -> Notice:
        """Both as one notice: the later words, the counts of both."""
        counts = Counter(self.counts)
        for reason, count in later.counts.items():
            is_separate = reason in counts or len(counts) < _MAX_REASONS
            counts[reason if is_separate else _OTHER] += count
        return Notice(
            kind=self.kind,
            tenant=self.tenant,
            words=later.words,
            at=later.at,
            counts=dict(counts),
            since=self.since or self.at,
        )

    def document(self) -> dict[str, object]:
        """The message, as JSON."""
        return {
            "kind": self.kind,
            "tenant": self.tenant,
            "words": self.words,
            "count": sum(self.counts.values()),
            "counts": dict(self.counts),
            "from": _timestamp(self.since or self.at),
            "to": _timestamp(self.at),
        }


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook's address, which is a secret, and whether the environment's proxies are used."""

    address: str = field(repr=False)
    trust_env: bool = False


@dataclass(frozen=True, slots=True)
class WallClock:
    """The current time in UTC, and a sleep in seconds."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(slots=True)
class Notifier:
    """Sends one tenant's notices to its webhook. `run` works until it is cancelled.

    `taken` counts the messages that the webhook accepted, `lost` those given up, by kind. Notices of
    one kind that are told while they are collected, or while an earlier message is being sent,
    become one message.
    """

    hook: Webhook
    clock: WallClock = field(default_factory=WallClock)
    taken: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    _waiting: dict[str, tuple[Notice, float]] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, notice: Notice) -> None:
        """Record a notice, to be sent when it is due."""
        before = self._waiting.get(notice.kind)
        if before is None:
            due = notice.at.timestamp() + GATHER_SECONDS.get(notice.kind, 0.0)
            self._waiting[notice.kind] = (notice, due)
        else:
            self._waiting[notice.kind] = (before[0].and_then(notice), before[1])
        self._news.set()

    async def run(self) -> None:
        """Send due notices until cancelled; then send the remaining ones once, without a retry."""
        async with open_client(self.hook.address, BOUNDS, trust_env=self.hook.trust_env) as client:
            try:
                while True:
                    await self._wait_until_due()
                    for notice in self._take_due(self.clock.now().timestamp()):
                        await self._deliver(client, notice)
            finally:
                for notice in self._take_due(None):
                    await self._post(client, notice)

    async def _wait_until_due(self) -> None:
        """Wait until a notice is due; a new notice may be due earlier."""
        while True:
            self._news.clear()
            now = self.clock.now().timestamp()
            dues = [due for _, due in self._waiting.values()]
            if dues and min(dues) <= now:
                return
            waits: list[asyncio.Future[Any]] = [asyncio.ensure_future(self._news.wait())]
            if dues:
                waits.append(asyncio.ensure_future(self.clock.sleep(min(dues) - now)))
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()

    def _take_due(self, now: float | None) -> list[Notice]:
        """Remove and return the notices due at `now`; with None, all of them."""
        kinds = [kind for kind, (_, due) in self._waiting.items() if now is None or due <= now]
        return [self._waiting.pop(kind)[0] for kind in kinds]

    async def _deliver(self, client: httpx.AsyncClient, notice: Notice) -> None:
        """Send a notice until the webhook accepts or refuses it, or the attempts are used up."""
        try:
            verdict = await self._post(client, notice)
            for seconds in RETRY_SECONDS:
                if verdict is not None:
                    break
                await self.clock.sleep(seconds)
                verdict = await self._post(client, notice)
        except asyncio.CancelledError:
            self.tell(notice)  # `run` sends it with the remaining ones
            raise
        (self.taken if verdict else self.lost)[notice.kind] += 1

    async def _post(self, client: httpx.AsyncClient, notice: Notice) -> bool | None:
        """Send once: True when accepted, False when refused, None when a retry may help."""
        content = write_json_bytes(notice.document())
        try:
            response = await client.post(self.hook.address, content=content, headers=_HEADERS)
        except NoAnswerError:
            return None
        return _verdict(response.status_code)


def _verdict(status: int) -> bool | None:
    if 200 <= status < 300:
        return True
    return None if status >= 500 or status == _TOO_MANY else False


def _timestamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
