"""One delivery, taken from the journal, attempted, and brought to an end there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from ..delivery import Delivery, Past, Prepared, attempt, pinned, unpinned
from ..delivery import State as DeliveryState
from ..journal.committing import Committer
from ..journal.documents import packed, unpacked
from ..journal.states import State
from ..journal.taking import End, Taken, end, keep, take
from ..plan import Plan
from .port import Job
from .tenants import Ready

_STATES = {
    DeliveryState.DELIVERED: State.DELIVERED,
    DeliveryState.IGNORED: State.IGNORED,
    DeliveryState.WAITING: State.WAITING,
    DeliveryState.PARKED: State.PARKED,
}
_GONE = "mapping_gone"

Enqueue = Callable[[Connection, Sequence[Job]], None]


@dataclass(frozen=True, slots=True)
class Worker:
    """Who works: `holder` names this process in the journal, `now` is in milliseconds since 1970.

    `told` hears of each delivery whose attempt has ended.
    """

    journal: Committer
    holder: str
    now: Callable[[], int]
    told: Callable[[int], None]

    async def deliver(self, id_: int, ready: Ready, enqueue: Enqueue) -> bool:
        """Take a delivery as far as it goes now; false when it is not to be had, or no more.

        `enqueue` is the engine's: it hears what is due by this, within the transaction that ends it.
        """
        taken = await self.journal.do(lambda c: take(c, id_, self.holder, self.now()))
        if taken is None:
            return False
        result = await self._ended(taken, ready)
        is_ours = await self.journal.do(lambda c: self._end(c, taken, result, enqueue))
        self.told(id_)
        return is_ours

    def _end(self, connection: Connection, taken: Taken, result: End, enqueue: Enqueue) -> bool:
        """Write the end, and in the same transaction tell the engine what is due by it."""
        ended = end(connection, taken, self.holder, result)
        due = [] if result.due_at is None else [(taken.id, result.due_at)]
        due += [] if ended.released is None else [(ended.released, result.at)]
        if ended.is_ours and due:
            enqueue(connection, [Job(id_, taken.tenant, at) for id_, at in due])
        return ended.is_ours

    async def _ended(self, taken: Taken, ready: Ready) -> End:
        plan = ready.plans.get(taken.mapping)
        if plan is None:
            words = f"the tenant has no mapping {taken.mapping!r} any more"
            return End(State.PARKED, self.now(), _GONE, words, attempts=taken.attempts)
        past = _past(plan, taken, self.now())
        result = await attempt(
            plan, taken.event, ready.systems, past, keep=self._keeping(plan, taken)
        )
        return _end(plan, taken, result, self.now())

    def _keeping(self, plan: Plan, taken: Taken) -> Callable[[Prepared], Awaitable[None]]:
        async def kept(prepared: Prepared) -> None:
            given = packed(pinned(prepared.inputs))
            payloads = packed([payload.document() for payload in prepared.outcome.payloads])
            await self.journal.do(lambda c: keep(c, taken, plan.version, given, payloads))

        return kept


def _past(plan: Plan, taken: Taken, now: int) -> Past:
    under = {rule: (times, (now - since) / 1000) for rule, (times, since) in taken.waited.items()}
    inputs = None
    if taken.pinned is not None:
        document: Any = unpacked(taken.pinned)
        inputs = unpinned(plan, taken.event, document)
    return Past(taken.attempts, (now - taken.since) / 1000, taken.is_unsure, under, inputs)


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
        f"{finding.code}@{finding.place.text.name}:{finding.place.line}"
        if finding.place
        else finding.code
        for finding in result.findings
    )
    text = "\n".join((result.mapping, result.reason or "", *places))
    return hashlib.sha256(text.encode()).hexdigest()[:12]
