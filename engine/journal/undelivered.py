"""Events that have no delivery of their own: ignored, the same as another, or waiting for mappings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select

from .arrivals import Fate
from .tables import EVENTS

_E = EVENTS.c
_FATES = (Fate.IGNORED, Fate.DUPLICATE, Fate.UNROUTED)
# Journals of before did not write down the number.
_SHOWN = func.coalesce(_E.order_shown, _E.order_key)


@dataclass(frozen=True, slots=True)
class EventChoice:
    """Which of them; what is not said does not matter. `rule` is the reason, or its first word.

    `since` is a moment of arrival, `order` the number as people know it, or the key.
    """

    tenant: str | None = None
    order: str | None = None
    rule: str | None = None
    since: int | None = None

    def condition(self) -> ColumnElement[bool]:
        """As SQL over the events."""
        parts: list[ColumnElement[bool]] = [_E.fate.in_(_FATES)]
        parts += [] if self.tenant is None else [_E.tenant == self.tenant]
        parts += [] if self.since is None else [_E.received_at >= self.since]
        if self.order is not None:
            parts.append(or_(_E.order_key == self.order, _E.order_shown == self.order))
        if self.rule is not None:
            begins = _E.reason.startswith(f"{self.rule}:", autoescape=True)
            parts.append(or_(_E.reason == self.rule, begins))
        return and_(*parts)


@dataclass(frozen=True, slots=True)
class Undelivered:
    """An event without a delivery, and why; `received_at` is when it first came, in milliseconds since 1970."""

    id: int
    tenant: str
    name: str
    order: str
    fate: Fate
    reason: str | None
    arrivals: int
    received_at: int
    document: bytes | None

    def row(self) -> Mapping[str, Any]:
        """Its facts by name, without the document."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "document"}


def undelivered(
    connection: Connection, choice: EventChoice, *, after: int = 0, most: int = 50
) -> list[Undelivered]:
    """So many of those chosen, in the order they came, those after the id `after`."""
    rows = connection.execute(
        select(EVENTS, _SHOWN.label("shown"))
        .where(choice.condition(), _E.id > after)
        .order_by(_E.id)
        .limit(most)
    )
    return [_undelivered(row) for row in rows]


def count_undelivered(connection: Connection, choice: EventChoice) -> int:
    """How many are chosen."""
    found = connection.scalar(select(func.count()).select_from(EVENTS).where(choice.condition()))
    return int(found or 0)


def beside(connection: Connection, event: int, most: int) -> list[Undelivered]:
    """Those of the same order as an event, that one apart."""
    own = connection.execute(select(_E.tenant, _E.order_key).where(_E.id == event)).one()
    found = undelivered(connection, EventChoice(own.tenant, own.order_key), most=most)
    return [one for one in found if one.id != event]


def _undelivered(row: Row[Any]) -> Undelivered:
    return Undelivered(
        row.id,
        row.tenant,
        row.name,
        row.shown,
        Fate(row.fate),
        row.reason,
        row.arrivals,
        row.received_at,
        row.document,
    )
