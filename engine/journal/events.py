"""Events: as they arrive, what storing them gives, and lists of those without a delivery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select

from .tables import EVENTS

_E = EVENTS.c


class EventFate(StrEnum):
    """What became of an event; the stored text."""

    ROUTED = "routed"  # it has deliveries, which have the rest of the story
    IGNORED = "ignored"  # no mapping wants it
    DUPLICATE = "duplicate"  # another event has begun all of its deliveries
    UNROUTED = "unrouted"  # in the backlog: its tenant has no mappings that can run


@dataclass(frozen=True, slots=True)
class Route:
    """A mapping that wants an event; events of the same identity are the same event to it."""

    mapping: str
    identity: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event to store, with its routes.

    `digest` is that of its payload; deliveries of one `order_key` run one after another;
    `order_shown` is the order number that people know; `document` is packed (`pack`); `at` is in
    milliseconds since 1970.
    """

    tenant: str
    name: str
    digest: str
    order_key: str
    order_shown: str
    document: bytes
    at: int
    routes: tuple[Route, ...] = ()
    fate: EventFate = EventFate.ROUTED
    reason: str | None = None

    @property
    def order(self) -> tuple[str, str]:
        """Its order: tenant and key."""
        return self.tenant, self.order_key


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """The result of storing an event: its id, its deliveries, and those of them that it began."""

    event: int
    fate: EventFate
    deliveries: tuple[int, ...]
    begun: tuple[int, ...] = ()
    is_new: bool = False


_UNDELIVERED = (EventFate.IGNORED, EventFate.DUPLICATE, EventFate.UNROUTED)


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Selects events without a delivery of their own; None selects all.

    `rule` is the reason, or the part of it before the colon; `since` is the earliest time of
    arrival; `order` is the order number that people know, or the key.
    """

    tenant: str | None = None
    order: str | None = None
    rule: str | None = None
    since: int | None = None

    def condition(self) -> ColumnElement[bool]:
        """The filter in SQL."""
        parts: list[ColumnElement[bool]] = [_E.fate.in_(_UNDELIVERED)]
        parts += [] if self.tenant is None else [_E.tenant == self.tenant]
        parts += [] if self.since is None else [_E.received_at >= self.since]
        if self.order is not None:
            parts.append(or_(_E.order_key == self.order, _E.order_shown == self.order))
        if self.rule is not None:
            begins = _E.reason.startswith(f"{self.rule}:", autoescape=True)
            parts.append(or_(_E.reason == self.rule, begins))
        return and_(*parts)


@dataclass(frozen=True, slots=True)
class UndeliveredEvent:
    """An event without a delivery of its own, and why.

    `received_at` is the time of its first arrival, in milliseconds since 1970.
    """

    id: int
    tenant: str
    name: str
    order: str
    fate: EventFate
    reason: str | None
    arrivals: int
    received_at: int
    document: bytes | None

    def row(self) -> Mapping[str, Any]:
        """Its values by name, without the document."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "document"}


# The number of an order is not in events that earlier versions stored.
_SHOWN = func.coalesce(_E.order_shown, _E.order_key)


def list_undelivered(
    connection: Connection, chosen: EventFilter, *, after: int = 0, most: int = 50
) -> list[UndeliveredEvent]:
    """At most `most` of the events that the filter selects, in the order of ids, from `after` on."""
    rows = connection.execute(
        select(EVENTS, _SHOWN.label("shown"))
        .where(chosen.condition(), _E.id > after)
        .order_by(_E.id)
        .limit(most)
    )
    return [_read_undelivered(row) for row in rows]


def count_undelivered(connection: Connection, chosen: EventFilter) -> int:
    """The number of events that the filter selects."""
    found = connection.scalar(select(func.count()).select_from(EVENTS).where(chosen.condition()))
    return int(found or 0)


def list_others_of_order(connection: Connection, event: int, most: int) -> list[UndeliveredEvent]:
    """The other events of the same order that have no delivery of their own."""
    own = connection.execute(select(_E.tenant, _E.order_key).where(_E.id == event)).one()
    found = list_undelivered(connection, EventFilter(own.tenant, own.order_key), most=most)
    return [one for one in found if one.id != event]


def _read_undelivered(row: Row[Any]) -> UndeliveredEvent:
    return UndeliveredEvent(
        id=row.id,
        tenant=row.tenant,
        name=row.name,
        order=row.shown,
        fate=EventFate(row.fate),
        reason=row.reason,
        arrivals=row.arrivals,
        received_at=row.received_at,
        document=row.document,
    )
