"""A stream that has stopped: the worst failure there is, for nothing says that nothing comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ...run.shop import Shop, StreamState, StreamView
from ...wire.notices import STREAM_STOPPED, Notice, WallClock

LOOK_SECONDS = 60.0
# The same trouble is told again after so long; one that was cured by a person is a new one.
REMIND = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class StreamToWatch:
    """Whose integration is watched, and whether it may be started again."""

    tenant: str
    integration: str
    restarts: bool


@dataclass(slots=True)
class _Telling:
    """Tells of what is bad: at once, then now and then, with how often it was seen since.

    One that stops again after it was started here is not told anew each time.
    """

    tenant: str
    tell: Callable[[Notice], None]
    told: datetime | None = None
    count: int = 0
    was_restarted: bool = False

    def hear(self, sight: StreamView) -> None:
        if sight.state is StreamState.RUNNING and not self.was_restarted:
            self.told, self.count = None, 0
        if not sight.is_bad:
            return
        self.count += 1
        self.was_restarted = sight.state is StreamState.RESTARTED
        if self.told is None or sight.at - self.told >= REMIND:
            counts = {sight.state.value: self.count}
            self.tell(Notice(STREAM_STOPPED, self.tenant, sight.words, sight.at, counts))
            self.told, self.count = sight.at, 0


async def watch_stream(
    watched: StreamToWatch,
    shop: Shop,
    tell: Callable[[Notice], None],
    passing: WallClock | None = None,
    seen: Callable[[StreamView], None] = lambda _: None,
) -> None:
    """Look every minute until cancelled: `tell` hears of trouble, `seen` of every look."""
    passing = passing or WallClock()
    telling = _Telling(watched.tenant, tell)
    while True:
        sight = await shop.check_stream(
            watched.integration, passing.now(), restart=watched.restarts
        )
        seen(sight)
        telling.hear(sight)
        await passing.sleep(LOOK_SECONDS)
