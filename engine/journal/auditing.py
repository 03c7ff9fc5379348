"""Whether the journal adds up: every event has its fate, every delivery its place, nothing is lost.

Reads only, in one transaction. Each check tells what it counted, and the ids that do not fit.
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
)

from .arrivals import Fate
from .states import State
from .tables import ATTEMPTS, DELIVERIES, EVENTS, VERSIONS

_MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Verdict:
    """One check: what must hold, of how many, how many do not fit, and the first of them."""

    name: str
    of: str
    count: int
    off: int
    examples: tuple[int, ...]

    @property
    def holds(self) -> bool:
        """Whether all of them fit."""
        return self.off == 0


@dataclass(frozen=True, slots=True)
class Audit:
    """All checks, and the sums: what arrived, what became of it, where deliveries stand."""

    verdicts: tuple[Verdict, ...]
    arrivals: int
    fates: dict[str, int]
    states: dict[str, int]

    @property
    def holds(self) -> bool:
        """Whether everything adds up."""
        return all(verdict.holds for verdict in self.verdicts)


def audit(connection: Connection) -> Audit:
    """Hold the whole journal against its own rules."""
    verdicts = [check(connection) for check in _CHECKS]
    fates = _sums(connection, EVENTS.c.fate)
    states = _sums(connection, DELIVERIES.c.state)
    arrivals = connection.scalar(select(func.coalesce(func.sum(EVENTS.c.arrivals), 0)))
    return Audit((*verdicts, _summed(connection, states)), int(arrivals or 0), fates, states)


def _sums(connection: Connection, column: ColumnElement[Any]) -> dict[str, int]:
    rows = connection.execute(select(column, func.count()).group_by(column).order_by(column))
    return {str(name): int(count) for name, count in rows}


def _summed(connection: Connection, states: dict[str, int]) -> Verdict:
    """All deliveries stand in a state that there is."""
    total = connection.scalar(select(func.count()).select_from(DELIVERIES)) or 0
    known = sum(count for state, count in states.items() if state in set(State))
    return Verdict("stand in a state that there is", "deliveries", total, total - known, ())


def _checked(
    name: str, of: str, among: tuple[FromClause, ColumnElement[bool]], off: ColumnElement[bool]
) -> Callable[[Connection], Verdict]:
    """A check of the rows of a table: those among which it holds, and what is off about one."""
    table, condition = among
    id_ = table.c.id

    def check(connection: Connection) -> Verdict:
        count = connection.scalar(select(func.count()).select_from(table).where(condition))
        wrong: Select[Any] = select(id_).where(condition, off)
        many = connection.scalar(select(func.count()).select_from(wrong.subquery()))
        shown = connection.scalars(wrong.order_by(id_).limit(_MOST_SHOWN)) if many else ()
        return Verdict(name, of, int(count or 0), int(many or 0), tuple(shown))

    return check


_E, _D, _A, _V = EVENTS.c, DELIVERIES.c, ATTEMPTS.c, VERSIONS.c
_OTHER = DELIVERIES.alias("other")
_IS_OPEN = _D.state.not_in(State.ended())
_OWN = exists().where(_D.event_id == _E.id)
_BEGUN = exists().where(_A.delivery_id == _D.id, _A.ended_at.is_(None))
_SAME_ORDER = and_(
    _OTHER.c.tenant == _D.tenant, _OTHER.c.order_key == _D.order_key, _OTHER.c.id != _D.id
)
_AHEAD = exists().where(
    _SAME_ORDER,
    _OTHER.c.id < _D.id,
    _OTHER.c.state.not_in((*State.ended(), State.HELD)),
)
_BESIDE = exists().where(
    _SAME_ORDER,
    _OTHER.c.state.in_((State.WAITING, State.RUNNING, State.PARKED)),
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
    _checked(
        "have a fate that there is", "events", (EVENTS, _E.id > 0), _E.fate.not_in(list(Fate))
    ),
    _checked("have deliveries", "routed events", (EVENTS, _E.fate == Fate.ROUTED), not_(_OWN)),
    _checked(
        "have none of their own",
        "ignored, unrouted and duplicate events",
        (EVENTS, _E.fate != Fate.ROUTED),
        _OWN,
    ),
    _checked(
        "have their event's document",
        "deliveries on their way",
        (DELIVERIES, _IS_OPEN),
        not_(exists().where(_E.id == _D.event_id, _E.document.is_not(None))),
    ),
    _checked(
        "are due at some time, and only they",
        "waiting deliveries",
        (DELIVERIES, _D.id > 0),
        (_D.state == State.WAITING) != _D.due_at.is_not(None),
    ),
    _checked(
        "have a holder and a begun attempt, and only they",
        "running deliveries",
        (DELIVERIES, _D.id > 0),
        or_(
            (_D.state == State.RUNNING) != _D.holder.is_not(None),
            and_(_D.state == State.RUNNING, not_(_BEGUN)),
        ),
    ),
    _checked(
        "wait behind one that has not ended",
        "held deliveries",
        (DELIVERIES, _D.state == State.HELD),
        not_(_AHEAD),
    ),
    _checked(
        "are the only one of their order",
        "deliveries that are due or parked",
        (DELIVERIES, _D.state.in_((State.WAITING, State.RUNNING, State.PARKED))),
        _BESIDE,
    ),
    _checked(
        "have a reason",
        "parked and ignored deliveries",
        (DELIVERIES, _D.state.in_((State.PARKED, State.IGNORED))),
        _D.reason.is_(None),
    ),
    _checked(
        "are numbered without gaps",
        "attempts",
        (_NUMBERS, _N.id > 0),
        # One that was broken off has the number of the one that came after it.
        or_(_N.first != 1, _N.many != _N.last, _N.last < _N.ended, _N.last > _N.ended + 1),
    ),
    _checked(
        "are known by the versions they were made with",
        "attempts that wrote",
        (ATTEMPTS, _A.pinned.is_not(None)),
        not_(_KEPT),
    ),
)
