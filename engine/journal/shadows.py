"""What a new version of a mapping made of events beside the live one: noted, counted and read.

A note is made after the fact and about nothing that is posted. It is kept once for each event,
mapping and version: what is known later stands in the place of what was known before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, select, true

from .documents import unpacked
from .tables import DELIVERIES, EVENTS, SHADOWS, insert_of

_E, _D, _S = EVENTS.c, DELIVERIES.c, SHADOWS.c


class Result(StrEnum):
    """How the new version compares with the live one, over one event."""

    SAME = "same"
    DIFFERENT = "different"
    FINDINGS = "findings"  # it ends in findings, and the live one does not, or in others
    UNREADY = "unready"  # it waits where the live one does not
    UNWANTED = "unwanted"  # it does not want the event, and the live one does
    GAINED = "gained"  # it alone would write something
    UNANSWERED = "unanswered"  # it asks for what the live one was not given
    BROKEN = "broken"  # its files have findings, or erpmap failed at it
    DROPPED = "dropped"  # not compared: too much to do


@dataclass(frozen=True, slots=True)
class Note:
    """One event compared; `document` is packed, and None where nothing differs.

    `delivery` and `live` are None where the live mapping does not want the event. `shadow` is empty where
    its version is not known. `reason` holds codes
    and names of rules, and nothing of an order.
    """

    event: int
    delivery: int | None
    tenant: str
    mapping: str
    live: str | None
    shadow: str
    result: Result
    reason: str | None = None
    document: bytes | None = None


def note(connection: Connection, notes: Sequence[Note], now: int) -> None:
    """Keep what was found; of an event that was purged or erased meanwhile only the result."""
    for one in notes:
        # Held until the commit, so that an erasure comes before this or sees it.
        is_kept = connection.scalar(
            select(_E.document.is_not(None)).where(_E.id == one.event).with_for_update(read=True)
        )
        found = {
            "delivery_id": one.delivery,
            "live": one.live,
            "result": one.result,
            "reason": one.reason,
            "document": one.document if is_kept else None,
            "at": now,
        }
        key = {"event_id": one.event, "mapping": one.mapping, "shadow": one.shadow}
        row = insert_of(connection, SHADOWS).values(tenant=one.tenant, **key, **found)
        columns = [_S[name] for name in key]
        if one.result is Result.DROPPED:  # what was found out once stays
            connection.execute(row.on_conflict_do_nothing(index_elements=columns))
        else:
            connection.execute(row.on_conflict_do_update(index_elements=columns, set_=found))


@dataclass(frozen=True, slots=True)
class Choice:
    """Which notes; what is not said does not matter. `since` is a moment, `version` how one begins.

    `is_nameless` are those of no version alone: the shadow could not run, or nothing was compared.
    """

    tenant: str | None = None
    mapping: str | None = None
    version: str | None = None
    since: int | None = None
    results: tuple[Result, ...] = ()
    is_nameless: bool = False

    def condition(self) -> ColumnElement[bool]:
        """As SQL over the notes."""
        pairs = ((_S.tenant, self.tenant), (_S.mapping, self.mapping))
        parts = [column == value for column, value in pairs if value is not None]
        if self.version is not None:
            parts.append(_S.shadow.startswith(self.version, autoescape=True))
        parts += [_S.shadow == ""] if self.is_nameless else []
        parts += [] if self.since is None else [_S.at >= self.since]
        parts += [_S.result.in_(self.results)] if self.results else []
        return and_(true(), *parts)


@dataclass(frozen=True, slots=True)
class Count:
    """How often a version of a mapping had a result for a reason; moments are milliseconds since 1970.

    `live` are the live versions beside it, of many the first and the last by their names.
    """

    tenant: str
    mapping: str
    shadow: str
    result: Result
    count: int
    first_at: int
    last_at: int
    last: int
    live: frozenset[str] = frozenset()
    reason: str | None = None


def counts(connection: Connection, choice: Choice) -> list[Count]:
    """The results of all versions chosen."""
    by = (_S.tenant, _S.mapping, _S.shadow, _S.result, _S.reason)
    rows = connection.execute(
        select(
            *by,
            func.count().label("many"),
            func.min(_S.at).label("first_at"),
            func.max(_S.at).label("last_at"),
            func.max(_S.id).label("last"),
            func.min(_S.live).label("first_live"),
            func.max(_S.live).label("last_live"),
        )
        .where(choice.condition())
        .group_by(*by)
        .order_by(*by)
    )
    return [
        Count(
            row.tenant,
            row.mapping,
            row.shadow,
            Result(row.result),
            row.many,
            row.first_at,
            row.last_at,
            row.last,
            frozenset(filter(None, (row.first_live, row.last_live))),
            row.reason,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Noted:
    """A note as it is kept; `document` is None where nothing differs, or it was removed."""

    id: int
    event: int
    delivery: int | None
    order: str
    result: Result
    reason: str | None
    live: str | None
    document: Any
    at: int


def page(connection: Connection, choice: Choice, *, after: int, most: int) -> list[Noted]:
    """So many of the notes chosen, in the order they were first made, those after the id `after`.

    Raise JournalError for a document that is damaged.
    """
    shown = func.coalesce(_D.order_shown, _E.order_key)
    rows = connection.execute(
        select(SHADOWS, shown.label("order"))
        .join(EVENTS, _E.id == _S.event_id)
        .outerjoin(DELIVERIES, _D.id == _S.delivery_id)
        .where(choice.condition(), _S.id > after)
        .order_by(_S.id)
        .limit(most)
    )
    return [
        Noted(
            row.id,
            row.event_id,
            row.delivery_id,
            row.order,
            Result(row.result),
            row.reason,
            row.live,
            None if row.document is None else unpacked(row.document),
            row.at,
        )
        for row in rows
    ]
