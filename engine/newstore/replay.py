"""Events sent again: a temporary integration over a window, waited for until it has stopped.

NewStore does not tell how many events there are, nor whether all were delivered: only whether the
integration runs, and the last things in its log. A replay that is not plainly whole says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from ..findings.errors import ShopError
from . import event_stream as stream
from .client import NewStore
from .event_stream import LoggedEvent, Registration

LOOK_SECONDS = 2.0
_LONGEST_NAME = 31  # of NewStore's 50 characters, beside what is put behind it
_CONFLICT = 409


@dataclass(frozen=True, slots=True)
class StreamReplay:
    """What a replay came to.

    `is_over` is false when it still runs. `rejected` events were answered with 400; with `in_doubt`
    the last thing before its end was an attempt that failed: maybe not all was delivered.
    """

    integration: str
    is_over: bool
    rejected: int = 0
    in_doubt: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether all events of the window were taken, as far as NewStore tells."""
        return self.is_over and not self.rejected and not self.in_doubt


@dataclass(frozen=True, slots=True)
class ReplayPatience:
    """How a replay is waited for: a clock of seconds, a sleep, and at most so many seconds.

    `told` hears of what is new in the integration's log.
    """

    clock: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    patience: float
    told: Callable[[str], None]


def build_replay(permanent: Registration) -> Registration:
    """The temporary integration for a window; the same window has the same id, so that it runs once."""
    window = f"{permanent.starts} {permanent.ends} {permanent.callback_url}"
    digest = hashlib.sha256(window.encode()).hexdigest()[:10]
    return replace(permanent, id=f"{permanent.id[:_LONGEST_NAME]}-replay-{digest}")


async def run_replay(
    newstore: NewStore, wanted: Registration, waiting: ReplayPatience
) -> StreamReplay:
    """Send the window's events again, and wait for the end; one that runs already is waited for.

    When it is whole, the integration is deleted: NewStore allows 25, stopped ones among them. One
    that is not stays, with its log and rejected events. Raise ShopError, NoAnswerError.
    """
    await _start_replay(newstore, wanted, waiting)
    ended = await _await_end(newstore, wanted.id, waiting)
    if ended.is_whole:
        await stream.delete_integration(newstore, wanted.id)
    return ended


async def _start_replay(newstore: NewStore, wanted: Registration, waiting: ReplayPatience) -> None:
    try:
        await stream.register_integration(newstore, wanted)
    except ShopError as error:
        if error.status != _CONFLICT:
            raise
        there = await stream.get_integration(newstore, wanted.id)
        if there is not None and there.is_running:
            waiting.told(f"{wanted.id} runs already")
            return
        await stream.delete_integration(newstore, wanted.id)
        await stream.register_integration(newstore, wanted)
    waiting.told(f"{wanted.id} registered")


async def _await_end(newstore: NewStore, id_: str, waiting: ReplayPatience) -> StreamReplay:
    end = waiting.clock() + waiting.patience
    known = 0
    while True:
        there = await stream.get_integration(newstore, id_)
        entries = [] if there is None else await stream.read_log(newstore, id_)
        for entry in entries[known:]:
            waiting.told(f"{entry.at} {entry.action}: {entry.reason}")
        known = len(entries)
        if there is None:  # an older page of NewStore's says that it is deleted when it has ended
            return StreamReplay(id_, is_over=True)
        if not there.is_running:
            rejected = len(await stream.list_rejected_events(newstore, id_))
            in_doubt = _is_in_doubt(entries)
            return StreamReplay(id_, is_over=True, rejected=rejected, in_doubt=in_doubt)
        if waiting.clock() >= end:
            return StreamReplay(id_, is_over=False)
        await waiting.sleep(LOOK_SECONDS)


def _is_in_doubt(entries: Sequence[LoggedEvent]) -> bool:
    """Whether the last that happened before its end was a failure, in the order of the moments."""
    actions = [entry.action for entry in sorted(entries, key=lambda entry: entry.at)]
    while actions and actions[-1] == "integration_stopped":
        actions.pop()
    return bool(actions) and actions[-1] == "retry_triggered"
