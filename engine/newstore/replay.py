"""Replays events: registers a temporary integration for a window, and waits until it stops.

NewStore reports neither the number of events nor whether all were delivered, only whether the integration
runs, and the last entries of its log. A replay that may be incomplete is reported as such.
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
_LONGEST_NAME = 31  # of NewStore's 50 characters, without the suffix
_CONFLICT = 409


@dataclass(frozen=True, slots=True)
class StreamReplay:
    """The result of a replay.

    `is_over` is false while it runs. `rejected` events were answered with 400. `in_doubt` means that the
    last entry before its end was a failed attempt: some events may not be delivered.
    """

    integration: str
    is_over: bool
    rejected: int = 0
    in_doubt: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether all events of the window were delivered, as far as NewStore reports."""
        return self.is_over and not self.rejected and not self.in_doubt


@dataclass(frozen=True, slots=True)
class ReplayPatience:
    """A monotonic clock, a sleep, and the maximum wait for a replay, all in seconds.

    `report` receives each new entry of the integration's log, in words.
    """

    clock: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    patience: float
    report: Callable[[str], None]


def build_replay(permanent: Registration) -> Registration:
    """Return the temporary integration for a window; its id depends on the window, so that it runs once."""
    window = f"{permanent.starts} {permanent.ends} {permanent.callback_url}"
    digest = hashlib.sha256(window.encode()).hexdigest()[:10]
    return replace(permanent, id=f"{permanent.id[:_LONGEST_NAME]}-replay-{digest}")


async def run_replay(
    newstore: NewStore, registration: Registration, waiting: ReplayPatience
) -> StreamReplay:
    """Replay a window's events, or join a replay that runs already, and wait for its end.

    A complete replay's integration is deleted: NewStore allows 25, including stopped ones. Any other
    stays, with its log and rejected events. Raise ShopError, NoAnswerError.
    """
    await _start_replay(newstore, registration, waiting)
    result = await _await_end(newstore, registration.id, waiting)
    if result.is_whole:
        await stream.delete_integration(newstore, registration.id)
    return result


async def _start_replay(
    newstore: NewStore, registration: Registration, waiting: ReplayPatience
) -> None:
    try:
        await stream.register_integration(newstore, registration)
    except ShopError as error:
        if error.status != _CONFLICT:
            raise
        integration = await stream.get_integration(newstore, registration.id)
        if integration is not None and integration.is_running:
            waiting.report(f"{registration.id} runs already")
            return
        await stream.delete_integration(newstore, registration.id)
        await stream.register_integration(newstore, registration)
    waiting.report(f"{registration.id} registered")


async def _await_end(newstore: NewStore, id_: str, waiting: ReplayPatience) -> StreamReplay:
    end = waiting.clock() + waiting.patience
    known = 0
    while True:
        integration = await stream.get_integration(newstore, id_)
        entries = [] if integration is None else await stream.read_log(newstore, id_)
        for entry in entries[known:]:
            waiting.report(f"{entry.at} {entry.action}: {entry.reason}")
        known = len(entries)
        if integration is None:  # by an older page of NewStore, it is deleted when it ends
            return StreamReplay(id_, is_over=True)
        if not integration.is_running:
            rejected = len(await stream.list_rejected_events(newstore, id_))
            in_doubt = _is_in_doubt(entries)
            return StreamReplay(integration=id_, is_over=True, rejected=rejected, in_doubt=in_doubt)
        if waiting.clock() >= end:
            return StreamReplay(id_, is_over=False)
        await waiting.sleep(LOOK_SECONDS)


def _is_in_doubt(entries: Sequence[LoggedEvent]) -> bool:
    """Whether the last entry before its end was a failure, in the order of time."""
    actions = [entry.action for entry in sorted(entries, key=lambda entry: entry.at)]
    while actions and actions[-1] == "integration_stopped":
        actions.pop()
    return bool(actions) and actions[-1] == "retry_triggered"
