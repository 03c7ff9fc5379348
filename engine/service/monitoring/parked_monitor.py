"""Reports deliveries that were parked; they are counted in the journal, whichever process parked them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from ...journal.counts import count_parked
from ...journal.writer import Writer
from ...wire.notices import PARKED, Notice, WallClock
from ..loops import Loop

LOOK_SECONDS = 15.0
# A delivery gets its time before its commit: younger ones may not be committed yet.
_COMMITTED = timedelta(seconds=5)


async def watch_parked(
    journal: Writer,
    tenant: str,
    notify: Callable[[Notice], None],
    clock: WallClock | None = None,
    loop: Loop | None = None,
) -> None:
    """Report what is parked from now on, until cancelled; each delivery once, by its reason."""
    loop = loop or Loop("monitors")
    clock = clock or WallClock()
    since = _milliseconds(clock.now())
    while True:
        await clock.sleep(LOOK_SECONDS)
        until = _milliseconds(clock.now() - _COMMITTED)
        counts: Mapping[str, int] = {}
        with loop.round((tenant, PARKED)):  # after a failure the next poll counts the same
            ask = partial(count_parked, tenant=tenant, since=since, until=until)
            counts = await journal.run(ask)
            since = max(since, until)
        if counts:
            at = datetime.fromtimestamp(until / 1000, UTC)
            notify(Notice(kind=PARKED, tenant=tenant, words=_words(counts), at=at, counts=counts))


def _words(counts: Mapping[str, int]) -> str:
    reasons = ", ".join(sorted(counts))
    return f"deliveries were parked and wait for a person: {reasons}"


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
