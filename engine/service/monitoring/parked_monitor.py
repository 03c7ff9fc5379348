"""Deliveries that were parked: counted in the journal, so that whoever parks them need not tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial

from ...findings.errors import JournalError
from ...journal.counts import count_parked
from ...journal.writer import Writer
from ...wire.notices import PARKED, Notice, WallClock

LOOK_SECONDS = 15.0
# A delivery has its moment before it is committed: what is younger may not be there yet.
_COMMITTED = timedelta(seconds=5)


async def watch_parked(
    journal: Writer,
    tenant: str,
    tell: Callable[[Notice], None],
    passing: WallClock | None = None,
) -> None:
    """Count what is parked from now on, until cancelled; each is told once, by its reason."""
    passing = passing or WallClock()
    since = _milliseconds(passing.now())
    while True:
        await passing.sleep(LOOK_SECONDS)
        until = _milliseconds(passing.now() - _COMMITTED)
        try:
            ask = partial(count_parked, tenant=tenant, since=since, until=until)
            counts = await journal.run(ask)
        except JournalError:
            continue  # the same is counted at the next look
        since = max(since, until)
        if counts:
            at = datetime.fromtimestamp(until / 1000, UTC)
            tell(Notice(PARKED, tenant, _words(counts), at, counts))


def _words(counts: Mapping[str, int]) -> str:
    reasons = ", ".join(sorted(counts))
    return f"deliveries were parked and wait for a person: {reasons}"


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
