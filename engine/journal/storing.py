"""Events stored, each once, with the deliveries they begin: many in few statements, or one by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.sql.dml import ReturningInsert

from .arrivals import Arrival, Stored
from .beginning import again, begun
from .tables import EVENTS, insert_for

_Place = tuple[str, str, str]


def store(connection: Connection, arrival: Arrival) -> Stored:
    """Store an event and begin its deliveries; one that came before is counted, and joins them."""
    (stored,) = store_all(connection, [arrival])
    return stored


def store_all(connection: Connection, arrivals: Sequence[Arrival]) -> list[Stored]:
    """The same for many, as if one were stored after another."""
    stored: dict[int, Stored] = {}
    for wave in _waves(arrivals):
        results = _store_wave(connection, [arrivals[place] for place in wave])
        stored.update(zip(wave, results, strict=True))
    return [stored[place] for place in range(len(arrivals))]


def _waves(arrivals: Sequence[Arrival]) -> Iterable[list[int]]:
    """Places of arrivals that can be stored at once: of what one is about no other is in the same wave.

    That is its event, its order, and the identity of each delivery. They are stored in the order in
    which they came.
    """
    waves: dict[int, list[int]] = {}
    last: dict[tuple[str, ...], int] = {}
    for place, arrival in enumerate(arrivals):
        identities = (
            (arrival.tenant, arrival.name, one.mapping, one.identity) for one in arrival.routes
        )
        same = (_place_of(arrival), arrival.order, *identities)
        wave = 1 + max(last.get(one, -1) for one in same)
        last.update(dict.fromkeys(same, wave))
        waves.setdefault(wave, []).append(place)
    return waves.values()


def _store_wave(connection: Connection, arrivals: Sequence[Arrival]) -> list[Stored]:
    rows = _events(connection, arrivals)
    ids = [rows[_place_of(arrival)] for arrival in arrivals]
    both = list(zip(ids, arrivals, strict=True))
    new = iter(begun(connection, [(event, one) for (event, count), one in both if count == 1]))
    return [
        next(new) if count == 1 else again(connection, event, one) for (event, count), one in both
    ]


def _events(connection: Connection, arrivals: Sequence[Arrival]) -> dict[_Place, tuple[int, int]]:
    """Their rows, or one more arrival of them: ids, and how often each has come."""
    # Two processes that store the same ones wait for each other in one order.
    values = [_values(arrival) for arrival in sorted(arrivals, key=_place_of)]
    statement = _event(connection.dialect.name)
    rows = connection.execute(statement, values if len(values) > 1 else values[0])
    return {(tenant, name, digest): (id_, count) for id_, count, tenant, name, digest in rows}


def _place_of(arrival: Arrival) -> _Place:
    """What makes two events the same one."""
    return arrival.tenant, arrival.name, arrival.digest


def _values(arrival: Arrival) -> dict[str, object]:
    return {
        "tenant": arrival.tenant,
        "name": arrival.name,
        "digest": arrival.digest,
        "order_key": arrival.order_key,
        "order_shown": arrival.order_shown,
        "fate": arrival.fate,
        "reason": arrival.reason,
        "arrivals": 1,
        "received_at": arrival.at,
        "document": arrival.document,
    }


# Made once: to make a statement takes longer than to carry it out.
@cache
def _event(dialect: str) -> ReturningInsert[Any]:
    counted = insert_for(dialect, EVENTS).on_conflict_do_update(
        index_elements=[EVENTS.c.tenant, EVENTS.c.name, EVENTS.c.digest],
        set_={"arrivals": EVENTS.c.arrivals + 1},
    )
    returned: ReturningInsert[Any] = counted.returning(
        EVENTS.c.id, EVENTS.c.arrivals, EVENTS.c.tenant, EVENTS.c.name, EVENTS.c.digest
    )
    return returned
