"""Reports a stopped Event Stream, the worst failure: no error shows that no event arrives any more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ...run.shop import Shop, StreamState, StreamView
from ...wire.notices import STREAM_STOPPED, Notice, WallClock

LOOK_SECONDS = 60.0
# Time until the same trouble is reported again; after an operator's repair it is a new one.
REMIND = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class StreamToWatch:
    """The integration of a tenant, and whether it may be started again."""

    tenant: str
    integration: str
    restarts: bool


@dataclass(slots=True)
class _Reminder:
    """Reports trouble at once, then at intervals, with the number of checks that found it since.

    A stream that stops again after the service has started it is not reported each time.
    """

    tenant: str
    notify: Callable[[Notice], None]
    reported_at: datetime | None = None
    count: int = 0
    was_restarted: bool = False

    def record(self, view: StreamView) -> None:
        if view.state is StreamState.RUNNING and not self.was_restarted:
            self.reported_at, self.count = None, 0
        if not view.is_bad:
            return
        self.count += 1
        self.was_restarted = view.state is StreamState.RESTARTED
        if self.reported_at is None or view.at - self.reported_at >= REMIND:
            counts = {view.state.value: self.count}
            self.notify(
                Notice(
                    kind=STREAM_STOPPED,
                    tenant=self.tenant,
                    words=view.words,
                    at=view.at,
                    counts=counts,
                )
            )
            self.reported_at, self.count = view.at, 0


async def watch_stream(
    stream: StreamToWatch,
    shop: Shop,
    notify: Callable[[Notice], None],
    clock: WallClock | None = None,
    on_check: Callable[[StreamView], None] = lambda _: None,
) -> None:
    """Check the stream every minute until cancelled: `notify` reports trouble, `on_check` gets every check."""
    clock = clock or WallClock()
    reminder = _Reminder(stream.tenant, notify)
    while True:
        view = await shop.check_stream(stream.integration, clock.now(), restart=stream.restarts)
        on_check(view)
        reminder.record(view)
        await clock.sleep(LOOK_SECONDS)
