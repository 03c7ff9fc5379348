"""One delivery, taken from the journal, attempted, and brought to an end there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..delivery import Delivery, Past, attempt
from ..delivery import State as DeliveryState
from ..journal.committing import Committer
from ..journal.states import State
from ..journal.taking import End, Taken, end, take
from ..plan import Plan
from .tenants import Ready

_STATES = {
    DeliveryState.DELIVERED: State.DELIVERED,
    DeliveryState.IGNORED: State.IGNORED,
    DeliveryState.WAITING: State.WAITING,
    DeliveryState.PARKED: State.PARKED,
}
_GONE = "mapping_gone"


@dataclass(frozen=True, slots=True)
class Worker:
    """Who works: `holder` names this process in the journal, `now` is in milliseconds since 1970."""

    journal: Committer
    holder: str
    now: Callable[[], int]

    async def deliver(self, id_: int, ready: Ready) -> bool:
        """Take a delivery as far as it goes now; false when it is not to be had."""
        taken = await self.journal.do(lambda c: take(c, id_, self.holder, self.now()))
        if taken is None:
            return False
        ended = await self._ended(taken, ready)
        await self.journal.do(lambda c: end(c, taken, self.holder, ended))
        return True

    async def _ended(self, taken: Taken, ready: Ready) -> End:
        plan = ready.plans.get(taken.mapping)
        if plan is None:
            words = f"the tenant has no mapping {taken.mapping!r} any more"
            return End(State.PARKED, self.now(), _GONE, words, attempts=taken.attempts)
        result = await attempt(plan, taken.event, ready.systems, _past(taken, self.now()))
        return _end(plan, taken, result, self.now())


def _past(taken: Taken, now: int) -> Past:
    under = {rule: (times, (now - since) / 1000) for rule, (times, since) in taken.waited.items()}
    return Past(taken.attempts, (now - taken.since) / 1000, taken.is_unsure, under)


def _end(plan: Plan, taken: Taken, result: Delivery, now: int) -> End:
    waits = result.state is DeliveryState.WAITING and result.wait is not None
    return End(
        state=_STATES[result.state],
        at=now,
        reason=result.reason,
        words=result.words,
        fingerprint=_fingerprint(result) if result.state is DeliveryState.PARKED else None,
        due_at=now + int((result.wait or 0) * 1000) if waits else None,
        attempts=result.attempts,
        is_unsure=result.is_unsure,
        waited=_waited(taken.waited, result, now),
        posted=json.dumps([posted.document() for posted in result.posted]),
        version=plan.version,
    )


def _waited(
    before: Mapping[str, tuple[int, int]], result: Delivery, now: int
) -> dict[str, tuple[int, int]]:
    waited = dict(before)
    if result.state is DeliveryState.WAITING:
        times, since = waited.get(result.reason or "", (0, now))
        waited[result.reason or ""] = (times + 1, since)
    return waited


def _fingerprint(result: Delivery) -> str:
    """The same for the same cause, whichever the order: the reason, and where findings point."""
    places = sorted(
        f"{finding.code}@{finding.place.source.name}:{finding.place.start}"
        if finding.place
        else finding.code
        for finding in result.findings
    )
    text = "\n".join((result.mapping, result.reason or "", *places))
    return hashlib.sha256(text.encode()).hexdigest()[:12]
