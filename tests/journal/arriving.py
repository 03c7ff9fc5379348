"""Events as they arrive, and what becomes of them in a journal."""

from __future__ import annotations

import itertools
from dataclasses import replace

from engine.journal.arrivals import Arrival, Route, Stored
from engine.journal.documents import packed
from engine.journal.ending import End, Ended, end
from engine.journal.states import State
from engine.journal.storing import store
from engine.journal.taking import Standing, Taken, standing, take
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
        document=packed({"payload": {"id": key}}),
        at=NOW,
        routes=(Route("sale", key),),
    )
    return replace(one, **changes)  # type: ignore[arg-type] # what a test says


def stored(journal: Writer, one: Arrival) -> Stored:
    return journal.now(lambda c: store(c, one))


def begun(journal: Writer, one: Arrival) -> int:
    """The one delivery that an event begins."""
    (id_,) = stored(journal, one).begun
    return id_


def taken(journal: Writer, id_: int, holder: str = "a") -> Taken:
    one = journal.now(lambda c: take(c, id_, holder, NOW))
    assert one is not None
    return one


def ended(journal: Writer, one: Taken, holder: str = "a", **changes: object) -> Ended:
    """Its attempt ends in `delivered`, or as `changes` say."""
    how = replace(End(State.DELIVERED, NOW), **changes)  # type: ignore[arg-type] # what a test says
    return journal.now(lambda c: end(c, one, holder, how))


def stands(journal: Writer, id_: int) -> Standing:
    return journal.now(lambda c: standing(c, id_))
