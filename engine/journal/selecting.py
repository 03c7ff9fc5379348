"""What an operator looks at: deliveries chosen and counted, one of them with all that is kept of it.

Reads only. Lists are given in pages, so that no transaction is long.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select, true

from .states import State
from .tables import ACTS, ATTEMPTS, DELIVERIES, EVENTS

# So many at a time are told of where names are compared.
_MOST_NAMES = 1_000


@dataclass(frozen=True, slots=True)
class Choice:
    """Which deliveries; what is not said does not matter. `since` is a moment of the last change.

    `order` is its number as people know it, or the key that its events share; `cause` a fingerprint.
    """

    ids: tuple[int, ...] | None = None
    tenant: str | None = None
    mapping: str | None = None
    states: tuple[State, ...] = ()
    reason: str | None = None
    order: str | None = None
    cause: str | None = None
    since: int | None = None

    def condition(self) -> ColumnElement[bool]:
        """As SQL over the deliveries."""
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
class Listed:
    """A delivery in a list; moments are milliseconds since 1970."""

    id: int
    tenant: str
    mapping: str
    order: str
    state: State
    reason: str | None
    words: str | None
    cause: str | None
    attempts: int
    is_unsure: bool
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
            "posted": [dict(one) for one in self.posted]
        }


@dataclass(frozen=True, slots=True)
class Whole:
    """A delivery with its event, its attempts and what people did to it: rows of the journal."""

    listed: Listed
    event: Mapping[str, Any]
    attempts: tuple[Mapping[str, Any], ...]
    acts: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Cause:
    """Deliveries that are parked for the same cause: how many, since when, and one of them."""

    cause: str | None
    tenant: str
    mapping: str
    reason: str | None
    count: int
    first_at: int
    last_at: int
    example: int
    words: str | None


def page(connection: Connection, choice: Choice, *, after: int = 0, most: int = 50) -> list[Listed]:
    """So many of the deliveries chosen, in the order they began, those after the id `after`."""
    rows = connection.execute(
        select(DELIVERIES)
        .where(choice.condition(), DELIVERIES.c.id > after)
        .order_by(DELIVERIES.c.id)
        .limit(most)
    )
    return [_listed(row) for row in rows]


def counted(connection: Connection, choice: Choice) -> int:
    """How many deliveries are chosen."""
    found = connection.scalar(
        select(func.count()).select_from(DELIVERIES).where(choice.condition())
    )
    return int(found or 0)


def by_state(connection: Connection, choice: Choice) -> dict[str, dict[str, int]]:
    """For each tenant how many of the deliveries chosen stand where."""
    d = DELIVERIES.c
    rows = connection.execute(
        select(d.tenant, d.state, func.count())
        .where(choice.condition())
        .group_by(d.tenant, d.state)
        .order_by(d.tenant, d.state)
    )
    found: dict[str, dict[str, int]] = {}
    for tenant, state, count in rows:
        found.setdefault(tenant, {})[state] = count
    return found


def by_cause(connection: Connection, choice: Choice) -> list[Cause]:
    """What is parked, by cause, the most frequent first."""
    d = DELIVERIES.c
    same = (d.fingerprint, d.tenant, d.mapping, d.reason)
    rows: Any = connection.execute(
        select(*same, func.count(), func.min(d.changed_at), func.max(d.changed_at), func.max(d.id))
        .where(choice.condition(), d.state == State.PARKED)
        .group_by(*same)
        .order_by(func.count().desc(), func.max(d.id))
    ).all()
    ids = [row[-1] for row in rows]
    told = connection.execute(select(d.id, d.words).where(d.id.in_(ids)))
    words = {row.id: row.words for row in told}
    return [
        Cause(cause, tenant, mapping, reason, count, first, last, example, words.get(example))
        for cause, tenant, mapping, reason, count, first, last, example in rows
    ]


def by_fate(connection: Connection) -> dict[str, dict[str, int]]:
    """For each tenant what became of its events."""
    e = EVENTS.c
    rows = connection.execute(
        select(e.tenant, e.fate, func.count()).group_by(e.tenant, e.fate).order_by(e.tenant, e.fate)
    )
    found: dict[str, dict[str, int]] = {}
    for tenant, fate, count in rows:
        found.setdefault(tenant, {})[fate] = count
    return found


def whole(connection: Connection, id_: int) -> Whole | None:
    """A delivery with all that is kept of it; None when there is none of this id."""
    row = connection.execute(select(DELIVERIES).where(DELIVERIES.c.id == id_)).one_or_none()
    if row is None:
        return None
    event = connection.execute(select(EVENTS).where(EVENTS.c.id == row.event_id)).one()
    attempts = connection.execute(
        select(ATTEMPTS).where(ATTEMPTS.c.delivery_id == id_).order_by(ATTEMPTS.c.id)
    )
    acts = connection.execute(select(ACTS).where(ACTS.c.delivery_id == id_).order_by(ACTS.c.id))
    return Whole(_listed(row), _plain(event), _plains(attempts), _plains(acts))


def reasons_there(connection: Connection) -> list[str]:
    """All reasons that deliveries of the journal have."""
    reason = DELIVERIES.c.reason
    found = select(reason).where(reason.is_not(None)).distinct().order_by(reason)
    return list(connection.scalars(found))


def ids_named(connection: Connection, name: str) -> list[int]:
    """The deliveries that a person means: by id, or by the number or key of their order."""
    d = DELIVERIES.c
    if name.isascii() and name.isdigit() and len(name) <= 18:
        found = connection.scalar(select(d.id).where(d.id == int(name)))
        if found is not None:
            return [found]
    mine = Choice(order=name).condition()
    return list(connection.scalars(select(d.id).where(mine).order_by(d.id)))


def names_near(connection: Connection) -> Iterator[str]:
    """The ids and orders of the newest deliveries, for "did you mean"."""
    d = DELIVERIES.c
    rows = connection.execute(select(d.id, d.order_shown).order_by(d.id.desc()).limit(_MOST_NAMES))
    for id_, order in rows:
        yield str(id_)
        yield order


def ahead(connection: Connection, id_: int) -> int | None:
    """The delivery of the same order that one is held behind, if there is one."""
    d, other = DELIVERIES.c, DELIVERIES.alias().c
    found: int | None = connection.scalar(
        select(func.max(other.id))
        .where(d.id == id_, other.tenant == d.tenant, other.order_key == d.order_key)
        .where(other.id < d.id, other.state.not_in(State.ended()), other.state != State.HELD)
    )
    return found


def _listed(row: Row[Any]) -> Listed:
    return Listed(
        row.id,
        row.tenant,
        row.mapping,
        row.order_shown,
        State(row.state),
        row.reason,
        row.words,
        row.fingerprint,
        row.attempts,
        row.is_unsure,
        row.due_at,
        row.created_at,
        row.changed_at,
        tuple(json.loads(row.posted)),
        row.event_id,
        row.event_name,
        row.identity,
    )


def _plain(row: Row[Any]) -> Mapping[str, Any]:
    return dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it


def _plains(rows: Sequence[Row[Any]] | Any) -> tuple[Mapping[str, Any], ...]:
    return tuple(map(_plain, rows))
