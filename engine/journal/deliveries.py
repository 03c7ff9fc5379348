"""Deliveries, selected, listed and counted for an operator, and one with its whole history.

Reads only. Lists come in pages, so that no transaction is long.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select, true

from .states import DeliveryState
from .tables import ACTS, ATTEMPTS, DELIVERIES, EVENTS

# "Did you mean" compares a name with the ids and orders of so many deliveries.
_MAX_NAMES = 1_000


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Selects deliveries; None and () select all. `since` is the earliest time of the last change.

    `order` is the order number that people know, or the key that its events share; `cause` is a
    fingerprint.
    """

    ids: tuple[int, ...] | None = None
    tenant: str | None = None
    mapping: str | None = None
    states: tuple[DeliveryState, ...] = ()
    reason: str | None = None
    order: str | None = None
    cause: str | None = None
    since: int | None = None

    def condition(self) -> ColumnElement[bool]:
        """The filter in SQL."""
        d = DELIVERIES.c
        pairs = (
            (d.tenant, self.tenant),
            (d.mapping, self.mapping),
            (d.reason, self.reason),
            (d.fingerprint, self.cause),
        )
        parts = [column == value for column, value in pairs if value is not None]
        parts += [] if self.ids is None else [d.id.in_(self.ids)]
        parts += [d.state.in_(self.states)] if self.states else []
        parts += [] if self.since is None else [d.changed_at >= self.since]
        if self.order is not None:
            parts.append(or_(d.order_shown == self.order, d.order_key == self.order))
        return and_(true(), *parts)


@dataclass(frozen=True, slots=True)
class ListedDelivery:
    """A delivery in a list; times are in milliseconds since 1970."""

    id: int
    tenant: str
    mapping: str
    order: str
    state: DeliveryState
    reason: str | None
    words: str | None
    cause: str | None
    attempts: int
    doubts: tuple[str, ...]
    due_at: int | None
    created_at: int
    changed_at: int
    posted: tuple[Mapping[str, Any], ...]
    event: int
    event_name: str
    identity: str

    def document(self) -> dict[str, object]:
        """As a JSON object."""
        return {name: getattr(self, name) for name in self.__slots__} | {
            "is_unsure": self.is_unsure,
            "doubts": list(self.doubts),
            "posted": [dict(one) for one in self.posted],
        }

    @property
    def is_unsure(self) -> bool:
        """Whether an attempt may have written a record without an answer."""
        return bool(self.doubts)


@dataclass(frozen=True, slots=True)
class DeliveryHistory:
    """A delivery with its event, its attempts and the changes by operators, as rows of the journal."""

    listed: ListedDelivery
    event: Mapping[str, Any]
    attempts: tuple[Mapping[str, Any], ...]
    acts: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class ParkedCause:
    """Deliveries that are parked for the same cause: their number, the times, and one example."""

    cause: str | None
    tenant: str
    mapping: str
    reason: str | None
    count: int
    first_at: int
    last_at: int
    example: int
    words: str | None


def list_deliveries(
    connection: Connection, chosen: DeliveryFilter, *, after: int = 0, most: int = 50
) -> list[ListedDelivery]:
    """At most `most` of the selected deliveries, in the order of ids, from `after` on."""
    rows = connection.execute(
        select(DELIVERIES)
        .where(chosen.condition(), DELIVERIES.c.id > after)
        .order_by(DELIVERIES.c.id)
        .limit(most)
    )
    return [_read_delivery(row) for row in rows]


def count_deliveries(connection: Connection, chosen: DeliveryFilter) -> int:
    """The number of selected deliveries."""
    found = connection.scalar(
        select(func.count()).select_from(DELIVERIES).where(chosen.condition())
    )
    return int(found or 0)


def count_by_state(connection: Connection, chosen: DeliveryFilter) -> dict[str, dict[str, int]]:
    """For each tenant the number of selected deliveries by state."""
    d = DELIVERIES.c
    rows = connection.execute(
        select(d.tenant, d.state, func.count())
        .where(chosen.condition())
        .group_by(d.tenant, d.state)
        .order_by(d.tenant, d.state)
    )
    found: dict[str, dict[str, int]] = {}
    for tenant, state, count in rows:
        found.setdefault(tenant, {})[state] = count
    return found


def count_by_cause(connection: Connection, chosen: DeliveryFilter) -> list[ParkedCause]:
    """The selected parked deliveries by cause, the most frequent first."""
    d = DELIVERIES.c
    same = (d.fingerprint, d.tenant, d.mapping, d.reason)
    rows: Any = connection.execute(
        select(*same, func.count(), func.min(d.changed_at), func.max(d.changed_at), func.max(d.id))
        .where(chosen.condition(), d.state == DeliveryState.PARKED)
        .group_by(*same)
        .order_by(func.count().desc(), func.max(d.id))
    ).all()
    ids = [row[-1] for row in rows]
    examples = connection.execute(select(d.id, d.words).where(d.id.in_(ids)))
    words = {row.id: row.words for row in examples}
    return [
        ParkedCause(
            cause=cause,
            tenant=tenant,
            mapping=mapping,
            reason=reason,
            count=count,
            first_at=first,
            last_at=last,
            example=example,
            words=words.get(example),
        )
        for cause, tenant, mapping, reason, count, first, last, example in rows
    ]


def count_by_fate(connection: Connection) -> dict[str, dict[str, int]]:
    """For each tenant the number of its events by fate."""
    e = EVENTS.c
    rows = connection.execute(
        select(e.tenant, e.fate, func.count()).group_by(e.tenant, e.fate).order_by(e.tenant, e.fate)
    )
    found: dict[str, dict[str, int]] = {}
    for tenant, fate, count in rows:
        found.setdefault(tenant, {})[fate] = count
    return found


def read_history(connection: Connection, id_: int) -> DeliveryHistory | None:
    """A delivery with its whole history; None when no delivery has this id."""
    row = connection.execute(select(DELIVERIES).where(DELIVERIES.c.id == id_)).one_or_none()
    if row is None:
        return None
    event = connection.execute(select(EVENTS).where(EVENTS.c.id == row.event_id)).one()
    attempts = connection.execute(
        select(ATTEMPTS).where(ATTEMPTS.c.delivery_id == id_).order_by(ATTEMPTS.c.id)
    )
    acts = connection.execute(select(ACTS).where(ACTS.c.delivery_id == id_).order_by(ACTS.c.id))
    return DeliveryHistory(
        listed=_read_delivery(row),
        event=_as_dict(event),
        attempts=tuple(map(_as_dict, attempts)),
        acts=tuple(map(_as_dict, acts)),
    )


def list_reasons(connection: Connection) -> list[str]:
    """All reasons that deliveries of the journal have, sorted."""
    reason = DELIVERIES.c.reason
    found = select(reason).where(reason.is_not(None)).distinct().order_by(reason)
    return list(connection.scalars(found))


def find_ids(connection: Connection, name: str) -> list[int]:
    """The deliveries with this id, or of the order with this number or key."""
    d = DELIVERIES.c
    if name.isascii() and name.isdigit() and len(name) <= 18:
        found = connection.scalar(select(d.id).where(d.id == int(name)))
        if found is not None:
            return [found]
    condition = DeliveryFilter(order=name).condition()
    return list(connection.scalars(select(d.id).where(condition).order_by(d.id)))


def list_names(connection: Connection) -> Iterator[str]:
    """The ids and orders of the newest deliveries, for "did you mean"."""
    d = DELIVERIES.c
    rows = connection.execute(select(d.id, d.order_shown).order_by(d.id.desc()).limit(_MAX_NAMES))
    for id_, order in rows:
        yield str(id_)
        yield order


def find_blocking(connection: Connection, id_: int) -> int | None:
    """The delivery of the same order for which a held one waits; None when there is none."""
    d, other = DELIVERIES.c, DELIVERIES.alias().c
    found: int | None = connection.scalar(
        select(func.max(other.id))
        .where(d.id == id_, other.tenant == d.tenant, other.order_key == d.order_key)
        .where(
            other.id < d.id,
            other.state.not_in(DeliveryState.final()),
            other.state != DeliveryState.HELD,
        )
    )
    return found


def _read_delivery(row: Row[Any]) -> ListedDelivery:
    return ListedDelivery(
        id=row.id,
        tenant=row.tenant,
        mapping=row.mapping,
        order=row.order_shown,
        state=DeliveryState(row.state),
        reason=row.reason,
        words=row.words,
        cause=row.fingerprint,
        attempts=row.attempts,
        doubts=tuple(json.loads(row.doubts)),
        due_at=row.due_at,
        created_at=row.created_at,
        changed_at=row.changed_at,
        posted=tuple(json.loads(row.posted)),
        event=row.event_id,
        event_name=row.event_name,
        identity=row.identity,
    )


def _as_dict(row: Row[Any]) -> Mapping[str, Any]:
    return dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
