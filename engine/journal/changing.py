"""What an operator does to a delivery: tried again now, parked, seen to. Each is one transaction.

What cannot be done to a delivery as it stands is a finding, and the others are done. Whatever is done
is written down with who did it. Callers hand what is due to their engine within the transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection, insert, select, update

from ..findings.diagnostics import Finding
from .ending import release
from .selecting import Choice, ahead
from .states import State
from .tables import ACTS, DELIVERIES, EVENTS

BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True)
class Act:
    """Who does it, when (milliseconds since 1970), and in which words."""

    by: str
    at: int
    words: str | None = None


@dataclass(frozen=True, slots=True)
class DueNow:
    """A delivery that is due by what was done."""

    id: int
    tenant: str


@dataclass(frozen=True, slots=True)
class Changed:
    """The deliveries that were changed, those that are due by it, and why others were not changed."""

    ids: tuple[int, ...] = ()
    due: tuple[DueNow, ...] = ()
    findings: tuple[Finding, ...] = ()


def retry(connection: Connection, choice: Choice, act: Act, *, anew: bool = False) -> Changed:
    """Make deliveries due now that are parked, or that wait: counts of attempts begin anew.

    What earlier attempts left open stays open: the next one looks before it writes. Such an attempt
    repeats with what the earlier one was given, unless sources and lookups are to be asked `anew`.
    """
    return _each(connection, choice, act, ("retry", partial(_retried, anew=anew)))


def park(connection: Connection, choice: Choice, act: Act) -> Changed:
    """Keep deliveries that wait from being tried, until somebody retries or resolves them."""
    return _each(connection, choice, act, ("park", _parked))


def resolve(connection: Connection, choice: Choice, act: Act) -> Changed:
    """End parked deliveries that a person has seen to; the next of their orders may go on."""
    return _each(connection, choice, act, ("resolve", _resolved))


# What is to be written to a delivery; or words and a hint why nothing is.
_Outcome = Mapping[str, object] | tuple[str, str]
_Change = Callable[[Connection, Any, Act], _Outcome]


def _each(connection: Connection, choice: Choice, act: Act, named: tuple[str, _Change]) -> Changed:
    name, change = named
    changed: list[int] = []
    due: list[DueNow] = []
    findings: list[Finding] = []
    for row in connection.execute(_locked(choice)).all():
        values = change(connection, row, act)
        if isinstance(values, tuple):
            findings.append(_refused(row, *values))
            continue
        _write(connection, row.id, values, act)
        connection.execute(
            insert(ACTS).values(delivery_id=row.id, at=act.at, act=name, by=act.by, words=act.words)
        )
        changed.append(row.id)
        due += _due_by(connection, row, values, act)
    return Changed(tuple(changed), tuple(due), tuple(findings))


def _locked(choice: Choice) -> Any:
    """The deliveries chosen, in the order they began; nobody takes one up meanwhile."""
    return select(DELIVERIES).where(choice.condition()).order_by(DELIVERIES.c.id).with_for_update()


def _write(connection: Connection, id_: int, values: Mapping[str, object], act: Act) -> None:
    row = update(DELIVERIES).where(DELIVERIES.c.id == id_)
    connection.execute(row.values(**values, changed_at=act.at))


def _due_by(
    connection: Connection, row: Any, values: Mapping[str, object], act: Act
) -> list[DueNow]:
    if values["state"] == State.WAITING:
        return [DueNow(row.id, row.tenant)]
    if values["state"] not in State.ended():
        return []
    released = release(connection, row.id, act.at)
    return [] if released is None else [DueNow(released, row.tenant)]


def _retried(connection: Connection, row: Any, act: Act, *, anew: bool) -> _Outcome:
    if row.state not in (State.PARKED, State.WAITING):
        return _cannot(connection, row, "be retried")
    document = select(EVENTS.c.document).where(EVENTS.c.id == row.event_id)
    if connection.scalar(document) is None:
        return "cannot be retried: its event was removed", "see to it, then `resolve` it"
    return {
        "state": State.WAITING,
        "reason": None,
        "words": None,
        "fingerprint": None,
        "due_at": act.at,
        "starts": 0,
        "waited": "{}",
        "anew_at": act.at if anew else row.anew_at,
        "posted": "[]" if anew else row.posted,
    }


def _parked(connection: Connection, row: Any, act: Act) -> _Outcome:
    if row.state != State.WAITING:
        return _cannot(connection, row, "be parked")
    return {
        "state": State.PARKED,
        "reason": BY_HAND,
        "words": act.words,
        "fingerprint": None,
        "due_at": None,
    }


def _resolved(connection: Connection, row: Any, act: Act) -> _Outcome:
    if row.state != State.PARKED:
        return _cannot(connection, row, "be resolved")
    return {"state": State.RESOLVED, "words": act.words, "due_at": None}


def _cannot(connection: Connection, row: Any, what: str) -> tuple[str, str]:
    """Why a delivery that stands so cannot be changed, and what can be done instead."""
    state = State(row.state)
    hints = {
        State.RUNNING: "it is under way: try again when its attempt has ended",
        State.WAITING: "park it first",
        State.PARKED: "`retry` or `resolve` it",
        State.HELD: f"it waits behind delivery {ahead(connection, row.id)} of its order: see to that",
    }
    ended = "it has come to its end; `erpmap send` delivers an order anew"
    return f"cannot {what}: it is {state.value}", hints.get(state, ended)


def _refused(row: Any, words: str, hint: str) -> Finding:
    subject = f"order {row.order_shown} · {row.mapping}"
    return Finding("E1102", f"delivery {row.id} {words}", hint=hint, subject=subject)
