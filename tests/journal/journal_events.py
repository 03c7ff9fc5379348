"""Events as they arrive, and what becomes of them in a journal."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import NamedTuple

from engine.journal.claim import Claim, DeliveryStatus, Job, claim_delivery, read_status
from engine.journal.events import Arrival, Route, StoredEvent
from engine.journal.finish import AttemptEnd, finish_attempt
from engine.journal.pack import pack
from engine.journal.states import DeliveryState
from engine.journal.store import store_event
from engine.journal.writer import Writer

NOW = 1_800_000_000_000
_numbers = itertools.count()


def arrival(key: str = "o-1", **changes: object) -> Arrival:
    """An event of an order; each has a body of its own unless `digest` says otherwise."""
    one = Arrival(
        tenant="tiny",
        name="order.opened",
        digest=f"digest-{next(_numbers)}",
        order_key=key,
        order_shown=key,
        document=pack({"payload": {"id": key}}),
        at=NOW,
        routes=(Route("sale", key),),
    )
    return replace(one, **changes)  # type: ignore[arg-type] # what a test says


def stored(journal: Writer, one: Arrival) -> StoredEvent:
    return journal.run_blocking(lambda c: store_event(c, one))


def begun(journal: Writer, one: Arrival) -> int:
    """The one delivery that an event begins."""
    (id_,) = stored(journal, one).begun
    return id_


def taken(journal: Writer, id_: int, holder: str = "a") -> Claim:
    one = journal.run_blocking(lambda c: claim_delivery(c, id_, holder, NOW))
    assert one is not None
    return one


class FinishResult(NamedTuple):
    """Whether the end was recorded, and the deliveries that are due after it."""

    is_ours: bool
    due: list[Job]


def ended(journal: Writer, one: Claim, holder: str = "a", **changes: object) -> FinishResult:
    """Its attempt ends in `delivered`, or as `changes` say."""
    how = replace(AttemptEnd(DeliveryState.DELIVERED, NOW), **changes)  # type: ignore[arg-type] # what a test says
    due: list[Job] = []
    is_ours = journal.run_blocking(
        finish_attempt, one, holder, how, lambda _, jobs: due.extend(jobs)
    )
    return FinishResult(is_ours, due)


def stands(journal: Writer, id_: int) -> DeliveryStatus:
    return journal.run_blocking(lambda c: read_status(c, id_))
