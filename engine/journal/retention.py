"""What is kept too long is removed: documents and words of deliveries that ended long ago.

The rows stay, with ids, digests, identities, states and external ids: whatever arrives late is still
known. In batches, each one transaction, so that the service is not held up.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select, update

from .arrivals import Fate
from .states import State
from .tables import ACTS, ATTEMPTS, DELIVERIES, EVENTS, SHADOWS

_E, _D, _A, _S = EVENTS.c, DELIVERIES.c, ATTEMPTS.c, SHADOWS.c
_DOCUMENTS = (_A.pinned, _A.payloads, _A.answers)


def purgeable(connection: Connection, before: int) -> int:
    """How many events have documents to remove: all about them ended before this moment."""
    found = connection.scalar(select(func.count()).select_from(EVENTS).where(_is_over(before)))
    return int(found or 0)


def purge(connection: Connection, before: int, most: int) -> int:
    """Remove the documents of so many of these events; how many there were."""
    events = list(
        connection.scalars(select(_E.id).where(_is_over(before)).order_by(_E.id).limit(most))
    )
    deliveries = list(connection.scalars(select(_D.id).where(_D.event_id.in_(events))))
    remove(connection, events, deliveries)
    return len(events)


def remove(connection: Connection, events: Sequence[int], deliveries: Sequence[int]) -> None:
    """Remove what is kept of these events and deliveries beyond the facts about them."""
    connection.execute(update(EVENTS).where(_E.id.in_(events)).values(document=None))
    connection.execute(update(SHADOWS).where(_S.event_id.in_(events)).values(document=None))
    connection.execute(update(DELIVERIES).where(_D.id.in_(deliveries)).values(words=None))
    connection.execute(
        update(ATTEMPTS)
        .where(_A.delivery_id.in_(deliveries))
        .values(pinned=None, payloads=None, answers=None, words=None)
    )
    connection.execute(update(ACTS).where(ACTS.c.delivery_id.in_(deliveries)).values(words=None))


def _is_over(before: int) -> ColumnElement[bool]:
    """An event of which something is left to remove, and nothing about it is newer or open."""
    theirs = exists().where(
        _D.event_id == _E.id, or_(_D.state.not_in(State.ended()), _D.changed_at >= before)
    )
    left = exists().where(
        _D.event_id == _E.id,
        _A.delivery_id == _D.id,
        or_(*(column.is_not(None) for column in _DOCUMENTS)),
    )
    compared = exists().where(_S.event_id == _E.id, _S.document.is_not(None))
    return and_(
        _E.received_at < before,
        _E.fate != Fate.UNROUTED,
        or_(_E.document.is_not(None), left, compared),
        ~theirs,
    )
