"""Shadow notes: how a new version of a mapping compares with the live one, for each event.

A note is written after the attempt and changes nothing that is posted. There is one note for each
event, mapping and version; a later comparison replaces it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, select, true

from .dialects import insert_into
from .pack import unpack
from .tables import DELIVERIES, EVENTS, SHADOWS

_E, _D, _S = EVENTS.c, DELIVERIES.c, SHADOWS.c


class ShadowResult(StrEnum):
    """How the new version compares with the live one, for one event; the stored text."""

    SAME = "same"
    DIFFERENT = "different"
    FINDINGS = "findings"  # it ends in findings, and the live one in none, or in other ones
    UNREADY = "unready"  # it waits where the live one does not
    UNWANTED = "unwanted"  # it does not want the event, and the live one does
    GAINED = "gained"  # only it would write something
    UNANSWERED = "unanswered"  # it needs a source that was not fetched for the live one
    BROKEN = "broken"  # its files have findings, or erpmap failed
    DROPPED = "dropped"  # not compared: the queue was full


@dataclass(frozen=True, slots=True)
class ShadowNote:
    """The comparison for one event; `document` is packed, and None where nothing differs.

    `live` and `shadow` are versions. `delivery` and `live` are None where the live mapping does not
    want the event. `shadow` is empty where its version is not known. `reason` holds codes and names
    of rules, and no values of an order.
    """

    event: int
    delivery: int | None
    tenant: str
    mapping: str
    live: str | None
    shadow: str
    result: ShadowResult
    reason: str | None = None
    document: bytes | None = None


def record_notes(connection: Connection, notes: Sequence[ShadowNote], now: int) -> None:
    """Record notes; for an event that was purged or erased meanwhile without the document."""
    for one in notes:
        # Locked until the commit, so that an erasure comes before this or erases the note, too.
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
        row = insert_into(connection, SHADOWS).values(tenant=one.tenant, **key, **found)
        columns = [_S[name] for name in key]
        if one.result is ShadowResult.DROPPED:  # an earlier comparison stays
            connection.execute(row.on_conflict_do_nothing(index_elements=columns))
        else:
            connection.execute(row.on_conflict_do_update(index_elements=columns, set_=found))


@dataclass(frozen=True, slots=True)
class ShadowFilter:
    """Selects notes; None and () select all. `since` is the earliest time.

    `version` is the beginning of one. `is_nameless` selects only notes without a version: the
    shadow could not run, or the event was not compared.
    """

    tenant: str | None = None
    mapping: str | None = None
    version: str | None = None
    since: int | None = None
    results: tuple[ShadowResult, ...] = ()
    is_nameless: bool = False

    def condition(self) -> ColumnElement[bool]:
        """The filter in SQL."""
        pairs = ((_S.tenant, self.tenant), (_S.mapping, self.mapping))
        parts = [column == value for column, value in pairs if value is not None]
        if self.version is not None:
            parts.append(_S.shadow.startswith(self.version, autoescape=True))
        parts += [_S.shadow == ""] if self.is_nameless else []
        parts += [] if self.since is None else [_S.at >= self.since]
        parts += [_S.result.in_(self.results)] if self.results else []
        return and_(true(), *parts)


@dataclass(frozen=True, slots=True)
class ShadowCount:
    """The number of notes with one result and reason; times are in milliseconds since 1970.

    `last` is the id of the newest note. `live` has the live versions; of many the smallest and the
    greatest.
    """

    tenant: str
    mapping: str
    shadow: str
    result: ShadowResult
    count: int
    first_at: int
    last_at: int
    last: int
    live: frozenset[str] = frozenset()
    reason: str | None = None


def count_results(connection: Connection, chosen: ShadowFilter) -> list[ShadowCount]:
    """The selected notes, counted by version, result and reason."""
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
        .where(chosen.condition())
        .group_by(*by)
        .order_by(*by)
    )
    return [
        ShadowCount(
            tenant=row.tenant,
            mapping=row.mapping,
            shadow=row.shadow,
            result=ShadowResult(row.result),
            count=row.many,
            first_at=row.first_at,
            last_at=row.last_at,
            last=row.last,
            live=frozenset(filter(None, (row.first_live, row.last_live))),
            reason=row.reason,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class StoredNote:
    """A note that was read; `document` is None where nothing differs, or it was removed."""

    id: int
    event: int
    delivery: int | None
    order: str
    result: ShadowResult
    reason: str | None
    live: str | None
    document: Any
    at: int


def list_notes(
    connection: Connection, chosen: ShadowFilter, *, after: int, most: int
) -> list[StoredNote]:
    """At most `most` of the selected notes, in the order of ids, from `after` on.

    Raise JournalError for a document that is damaged.
    """
    shown = func.coalesce(_D.order_shown, _E.order_key)
    rows = connection.execute(
        select(SHADOWS, shown.label("order"))
        .join(EVENTS, _E.id == _S.event_id)
        .outerjoin(DELIVERIES, _D.id == _S.delivery_id)
        .where(chosen.condition(), _S.id > after)
        .order_by(_S.id)
        .limit(most)
    )
    return [
        StoredNote(
            id=row.id,
            event=row.event_id,
            delivery=row.delivery_id,
            order=row.order,
            result=ShadowResult(row.result),
            reason=row.reason,
            live=row.live,
            document=None if row.document is None else unpack(row.document),
            at=row.at,
        )
        for row in rows
    ]
