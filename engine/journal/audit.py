"""Audit of the journal: checks that hold for all rows, so that no event or delivery is lost.

Reads only, in one transaction, which sees one state of the journal: deliveries may run meanwhile. Each check returns a count, and the ids of the rows that fail.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    and_,
    exists,
    func,
    not_,
    or_,
    select,
    text,
)

from .dialects import POSTGRESQL
from .events import EventFate
from .states import DeliveryState
from .tables import ATTEMPTS, DELIVERIES, EVENTS, VERSIONS

_MOST_SHOWN = 10
_SNAPSHOT = text("set transaction isolation level repeatable read, read only")


@dataclass(frozen=True, slots=True)
class AuditResult:
    """The result of one check: its name, the rows checked (`of`, `count`), and those that fail.

    `off` is the number of rows that fail; `examples` are the ids of the first.
    """

    name: str
    of: str
    count: int
    off: int
    examples: tuple[int, ...]

    @property
    def holds(self) -> bool:
        """Whether no row fails."""
        return self.off == 0


@dataclass(frozen=True, slots=True)
class AuditReport:
    """The results of all checks, and the sums: arrivals, events by fate, deliveries by state."""

    results: tuple[AuditResult, ...]
    arrivals: int
    fates: dict[str, int]
    states: dict[str, int]

    @property
    def holds(self) -> bool:
        """Whether all checks hold."""
        return all(result.holds for result in self.results)


def audit_journal(connection: Connection) -> AuditReport:
    """Run all checks on the whole journal; the transaction has done nothing before."""
    if connection.dialect.name == POSTGRESQL:
        # Otherwise each statement would see what was committed before it.
        connection.execute(_SNAPSHOT)
    results = [check(connection) for check in _CHECKS]
    fates = _count_by(connection, EVENTS.c.fate)
    states = _count_by(connection, DELIVERIES.c.state)
    arrivals = connection.scalar(select(func.coalesce(func.sum(EVENTS.c.arrivals), 0)))
    results.append(_check_states(connection, states))
    return AuditReport(tuple(results), int(arrivals or 0), fates=fates, states=states)


def _count_by(connection: Connection, column: ColumnElement[Any]) -> dict[str, int]:
    rows = connection.execute(select(column, func.count()).group_by(column).order_by(column))
    return {str(name): int(count) for name, count in rows}


def _check_states(connection: Connection, states: dict[str, int]) -> AuditResult:
    """All deliveries have a known state."""
    total = connection.scalar(select(func.count()).select_from(DELIVERIES)) or 0
    known = sum(count for state, count in states.items() if state in set(DeliveryState))
    return AuditResult(
        "have a known state", of="deliveries", count=total, off=total - known, examples=()
    )


def _checked(
    name: str, of: str, among: tuple[FromClause, ColumnElement[bool]], off: ColumnElement[bool]
) -> Callable[[Connection], AuditResult]:
    """Build a check: the rows of a table that it concerns, and the condition of those that fail."""
    table, condition = among
    id_ = table.c.id

    def check(connection: Connection) -> AuditResult:
        count = connection.scalar(select(func.count()).select_from(table).where(condition))
        wrong: Select[Any] = select(id_).where(condition, off)
        many = connection.scalar(select(func.count()).select_from(wrong.subquery()))
        shown = connection.scalars(wrong.order_by(id_).limit(_MOST_SHOWN)) if many else ()
        return AuditResult(
            name, of=of, count=int(count or 0), off=int(many or 0), examples=tuple(shown)
        )

    return check


_E, _D, _A, _V = EVENTS.c, DELIVERIES.c, ATTEMPTS.c, VERSIONS.c
_OTHER = DELIVERIES.alias("other")
_IS_OPEN = _D.state.not_in(DeliveryState.final())
_OWN = exists().where(_D.event_id == _E.id)
_BEGUN = exists().where(_A.delivery_id == _D.id, _A.ended_at.is_(None))
_SAME_ORDER = and_(
    _OTHER.c.tenant == _D.tenant, _OTHER.c.order_key == _D.order_key, _OTHER.c.id != _D.id
)
_AHEAD = exists().where(
    _SAME_ORDER,
    _OTHER.c.id < _D.id,
    _OTHER.c.state.not_in((*DeliveryState.final(), DeliveryState.HELD)),
)
_BESIDE = exists().where(
    _SAME_ORDER,
    _OTHER.c.state.in_((DeliveryState.WAITING, DeliveryState.RUNNING, DeliveryState.PARKED)),
)
_KEPT = exists().where(
    _D.id == _A.delivery_id,
    _V.tenant == _D.tenant,
    _V.mapping == _D.mapping,
    _V.version == _A.version,
)
_NUMBERS = (
    select(
        _A.delivery_id.label("id"),
        func.min(_A.number).label("first"),
        func.max(_A.number).label("last"),
        func.count(_A.number.distinct()).label("many"),
        _D.attempts.label("ended"),
    )
    .join(DELIVERIES, _D.id == _A.delivery_id)
    .group_by(_A.delivery_id, _D.attempts)
    .subquery("numbers")
)
_N = _NUMBERS.c

_CHECKS = (
    _checked("arrived at least once", "events", (EVENTS, _E.id > 0), _E.arrivals < 1),
    _checked("have a known fate", "events", (EVENTS, _E.id > 0), _E.fate.not_in(list(EventFate))),
    _checked("have deliveries", "routed events", (EVENTS, _E.fate == EventFate.ROUTED), not_(_OWN)),
    _checked(
        "have none of their own",
        "ignored, unrouted and duplicate events",
        (EVENTS, _E.fate != EventFate.ROUTED),
        _OWN,
    ),
    _checked(
        "have their event's document",
        "deliveries on their way",
        (DELIVERIES, _IS_OPEN),
        not_(exists().where(_E.id == _D.event_id, _E.document.is_not(None))),
    ),
    _checked(
        "have a due time, and only they",
        "waiting deliveries",
        # A running one keeps the time at which it became due.
        (DELIVERIES, _D.state != DeliveryState.RUNNING),
        (_D.state == DeliveryState.WAITING) != _D.due_at.is_not(None),
    ),
    _checked(
        "have a holder and a begun attempt, and only they",
        "running deliveries",
        (DELIVERIES, _D.id > 0),
        or_(
            (_D.state == DeliveryState.RUNNING) != _D.holder.is_not(None),
            and_(_D.state == DeliveryState.RUNNING, not_(_BEGUN)),
        ),
    ),
    _checked(
        "wait for a delivery that has not ended",
        "held deliveries",
        (DELIVERIES, _D.state == DeliveryState.HELD),
        not_(_AHEAD),
    ),
    _checked(
        "are the only one of their order",
        "deliveries that are due or parked",
        (
            DELIVERIES,
            _D.state.in_((DeliveryState.WAITING, DeliveryState.RUNNING, DeliveryState.PARKED)),
        ),
        _BESIDE,
    ),
    _checked(
        "have a reason",
        "parked and ignored deliveries",
        (DELIVERIES, _D.state.in_((DeliveryState.PARKED, DeliveryState.IGNORED))),
        _D.reason.is_(None),
    ),
    _checked(
        "are numbered without gaps",
        "attempts",
        (_NUMBERS, _N.id > 0),
        # An attempt whose process ended has the same number as the next one.
        or_(_N.first != 1, _N.many != _N.last, _N.last < _N.ended, _N.last > _N.ended + 1),
    ),
    _checked(
        "have the version of their mapping stored",
        "attempts that wrote",
        (ATTEMPTS, _A.pinned.is_not(None)),
        not_(_KEPT),
    ),
)
