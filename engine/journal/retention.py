"""Retention: documents and words of deliveries that ended long ago are removed.

The rows stay, with ids, digests, identities, states and external ids, so that a late duplicate is
recognised. Callers purge in batches, each one transaction, so that the service does not wait.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select, update

from .events import EventFate
from .states import DeliveryState
from .tables import ACTS, ATTEMPTS, DELIVERIES, EVENTS, SHADOWS

_E, _D, _A, _S = EVENTS.c, DELIVERIES.c, ATTEMPTS.c, SHADOWS.c
_DOCUMENTS = (_A.pinned, _A.payloads, _A.answers)


def count_purgeable(connection: Connection, before: int) -> int:
    """The number of events with documents to remove: their deliveries ended before this time."""
    found = connection.scalar(select(func.count()).select_from(EVENTS).where(_is_over(before)))
    return int(found or 0)


def purge_events(connection: Connection, before: int, most: int) -> int:
    """Remove the documents of at most `most` of these events; the number of them."""
    events = list(
        connection.scalars(select(_E.id).where(_is_over(before)).order_by(_E.id).limit(most))
    )
    deliveries = list(connection.scalars(select(_D.id).where(_D.event_id.in_(events))))
    remove_documents(connection, events, deliveries)
    return len(events)


def remove_documents(
    connection: Connection, events: Sequence[int], deliveries: Sequence[int]
) -> None:
    """Remove the documents and words of these events and deliveries; the other columns stay."""
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
    """Whether an event has documents left, and each of its deliveries ended before this time."""
    recent = exists().where(
        _D.event_id == _E.id, or_(_D.state.not_in(DeliveryState.final()), _D.changed_at >= before)
    )
    has_attempts = exists().where(
        _D.event_id == _E.id,
        _A.delivery_id == _D.id,
        or_(*(column.is_not(None) for column in _DOCUMENTS)),
    )
    has_shadows = exists().where(_S.event_id == _E.id, _S.document.is_not(None))
    return and_(
        _E.received_at < before,
        _E.fate != EventFate.UNROUTED,
        or_(_E.document.is_not(None), has_attempts, has_shadows),
        ~recent,
    )
