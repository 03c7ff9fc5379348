"""The one who tells: gathers what happens, and posts it beside the work.

`tell` only notes; nothing that happens at the webhook holds up or ends whoever tells.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from ...documents import write_json_bytes
from ...findings.errors import NoAnswerError
from .. import Bounds, open_client
from .notice import PARKED, Notice

BOUNDS = Bounds(deadline=10.0, received=64 * 1024, inflated=64 * 1024)
# What comes in crowds is gathered for so long; what is told seldom anyway goes out at once.
GATHER_SECONDS: Mapping[str, float] = {PARKED: 60.0}
# After the first attempt; a webhook that is still not there then misses this message.
RETRY_SECONDS = (1.0, 5.0, 30.0)
_TOO_MANY = 429
_HEADERS = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook: its address, which is a secret, and whether the environment's proxies count."""

    address: str = field(repr=False)
    trust_env: bool = False


@dataclass(frozen=True, slots=True)
class Passing:
    """How time passes: now in UTC, and a sleep of seconds."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(slots=True)
class Notifier:
    """Tells one tenant's webhook. `run` works until it is cancelled.

    `taken` counts the messages that the webhook has taken, `lost` those that were given up, by kind.

    What is told of one kind while it is gathered, or while an earlier message is on its way, becomes
    one message.
    """

    hook: Hook
    passing: Passing = field(default_factory=Passing)
    taken: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    _waiting: dict[str, tuple[Notice, float]] = field(default_factory=dict)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, notice: Notice) -> None:
        """Note it; it goes out when its time has come."""
        before = self._waiting.get(notice.kind)
        if before is None:
            due = notice.at.timestamp() + GATHER_SECONDS.get(notice.kind, 0.0)
            self._waiting[notice.kind] = (notice, due)
        else:
            self._waiting[notice.kind] = (before[0].and_then(notice), before[1])
        self._news.set()

    async def run(self) -> None:
        """Post what is due, for ever; when it is cancelled, what waits is posted once, without patience."""
        async with open_client(self.hook.address, BOUNDS, trust_env=self.hook.trust_env) as client:
            try:
                while True:
                    await self._until_due()
                    for notice in self._due(self.passing.now().timestamp()):
                        await self._delivered(client, notice)
            finally:
                for notice in self._due(None):
                    await self._posted(client, notice)

    async def _until_due(self) -> None:
        """Wait until a notice is due; news may make another one due earlier."""
        while True:
            self._news.clear()
            now = self.passing.now().timestamp()
            dues = [due for _, due in self._waiting.values()]
            if dues and min(dues) <= now:
                return
            waits: list[asyncio.Future[Any]] = [asyncio.ensure_future(self._news.wait())]
            if dues:
                waits.append(asyncio.ensure_future(self.passing.sleep(min(dues) - now)))
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()

    def _due(self, now: float | None) -> list[Notice]:
        """Those that are due, taken out; all of them where nobody says when."""
        kinds = [kind for kind, (_, due) in self._waiting.items() if now is None or due <= now]
        return [self._waiting.pop(kind)[0] for kind in kinds]

    async def _delivered(self, client: httpx.AsyncClient, notice: Notice) -> None:
        """Post a notice until it is taken, refused, or was not taken often enough."""
        try:
            verdict = await self._posted(client, notice)
            for seconds in RETRY_SECONDS:
                if verdict is not None:
                    break
                await self.passing.sleep(seconds)
                verdict = await self._posted(client, notice)
        except asyncio.CancelledError:
            self.tell(notice)  # it is posted with the rest of what waits
            raise
        (self.taken if verdict else self.lost)[notice.kind] += 1

    async def _posted(self, client: httpx.AsyncClient, notice: Notice) -> bool | None:
        """True when it was taken, False when it is refused, None when it may be taken later."""
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
