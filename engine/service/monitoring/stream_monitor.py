"""A stream that has stopped: the worst failure there is, for nothing says that nothing comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ...findings.errors import NewStoreError, NoAnswerError
from ...newstore import NewStore
from ...newstore import event_stream as stream
from ...wire.notifying import STREAM_STOPPED, Notice, Passing

LOOK_SECONDS = 60.0
# The same trouble is told again after so long; one that was cured by a person is a new one.
REMIND = timedelta(hours=1)


class StreamState(StrEnum):
    """Where an integration stands, as far as NewStore could be asked."""

    RUNNING = "running"
    STOPPED = "stopped"
    RESTARTED = "restarted"
    MISSING = "missing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class StreamToWatch:
    """Whose integration is watched, and whether it may be started again."""

    tenant: str
    integration: str
    restarts: bool


@dataclass(frozen=True, slots=True)
class StreamView:
    """What was seen at a moment (UTC); `stopped` is since when it stands, where that is told."""

    standing: StreamState
    words: str
    at: datetime
    stopped: datetime | None = None

    @property
    def is_bad(self) -> bool:
        """Whether events did not come, or do not."""
        return self.standing not in (StreamState.RUNNING, StreamState.UNKNOWN)


async def look(watched: StreamToWatch, newstore: NewStore, now: datetime) -> StreamView:
    """Look at an integration, and start it where it stands and may be started.

    Raises nothing that NewStore does: whoever could not be asked is unknown.
    """
    name = watched.integration
    try:
        found = await stream.integration(newstore, name)
        if found is None:
            return StreamView(
                StreamState.MISSING, f"there is no integration {name} in NewStore", now
            )
        if found.is_running:
            return StreamView(StreamState.RUNNING, f"the integration {name} is running", now)
        stopped = await _stopped_since(newstore, name)
        words = _words(name, stopped, now)
        if not watched.restarts:
            return StreamView(StreamState.STOPPED, words, now, stopped)
    except (NewStoreError, NoAnswerError) as error:
        return StreamView(
            StreamState.UNKNOWN, f"the integration {name} cannot be looked at: {error}", now
        )
    return await _restarted(newstore, name, StreamView(StreamState.STOPPED, words, now, stopped))


async def _restarted(newstore: NewStore, name: str, before: StreamView) -> StreamView:
    try:
        await stream.start(newstore, name)
    except (NewStoreError, NoAnswerError) as error:
        words = f"{before.words}, and could not be started again: {error}"
        return StreamView(StreamState.STOPPED, words, before.at, before.stopped)
    words = f"{before.words}, and was started again"
    return StreamView(StreamState.RESTARTED, words, before.at, before.stopped)


async def _stopped_since(newstore: NewStore, name: str) -> datetime | None:
    """When it last stopped, by its log; None where the log does not tell."""
    moments = [
        stream.moment_of(entry.at)
        for entry in await stream.logs(newstore, name)
        if entry.action == "integration_stopped"
    ]
    return max((moment for moment in moments if moment is not None), default=None)


def _words(name: str, stopped: datetime | None, now: datetime) -> str:
    if stopped is None:
        return f"the integration {name} had stopped"
    words = f"the integration {name} had stopped at {stream.told(stopped)}"
    if now - stopped > timedelta(days=stream.MISSED_DAYS):
        words += f", more than {stream.MISSED_DAYS} days ago: older events need a replay"
    return words


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
        if sight.standing is StreamState.RUNNING and not self.was_restarted:
            self.told, self.count = None, 0
        if not sight.is_bad:
            return
        self.count += 1
        self.was_restarted = sight.standing is StreamState.RESTARTED
        if self.told is None or sight.at - self.told >= REMIND:
            counts = {sight.standing.value: self.count}
            self.tell(Notice(STREAM_STOPPED, self.tenant, sight.words, sight.at, counts))
            self.told, self.count = sight.at, 0


async def watch_stream(
    watched: StreamToWatch,
    newstore: NewStore,
    tell: Callable[[Notice], None],
    passing: Passing | None = None,
    seen: Callable[[StreamView], None] = lambda _: None,
) -> None:
    """Look every minute until cancelled: `tell` hears of trouble, `seen` of every look."""
    passing = passing or Passing()
    telling = _Telling(watched.tenant, tell)
    while True:
        sight = await look(watched, newstore, passing.now())
        seen(sight)
        telling.hear(sight)
        await passing.sleep(LOOK_SECONDS)
