"""Changes that an operator makes to deliveries: retry, park, resolve, restore. Each is one transaction.

A changed mapping makes one too: deliveries that it had parked are offered to it again.

A delivery whose state does not allow the change gives a finding, and the others are changed. Each
change is recorded with the operator's name. Callers give the due deliveries to their engine within
the transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection, insert, select, update

from ..findings.diagnostics import Finding
from .claim import DueDelivery
from .deliveries import DeliveryFilter, find_blocking
from .finish import release_next
from .mapping_versions import StoredVersion
from .recover import recover_deliveries
from .states import EVERY_DOUBT, DeliveryState
from .tables import ACTS, ATTEMPTS, DELIVERIES, EVENTS

BY_HAND = "by_hand"
FINDINGS = "findings"


@dataclass(frozen=True, slots=True)
class OperatorAction:
    """The operator of a change, its time (milliseconds since 1970), and the operator's words."""

    by: str
    at: int
    words: str | None = None


@dataclass(frozen=True, slots=True)
class ChangeResult:
    """The ids of changed deliveries, those that are now due, and findings for the unchanged ones."""

    ids: tuple[int, ...] = ()
    due: tuple[DueDelivery, ...] = ()
    findings: tuple[Finding, ...] = ()


def retry_deliveries(
    connection: Connection,
    chosen: DeliveryFilter,
    action: OperatorAction,
    *,
    anew: bool = False,
) -> ChangeResult:
    """Make parked and waiting deliveries due now, and reset the counts of their retry rules.

    What stands is never written again, and what may stand is looked for. A delivery of which a record
    stands or may stand repeats with its inputs and its mapping, unless `anew` makes it fetch the inputs
    again and run the mapping of now.
    """
    return _change_each(connection, chosen, action, ("retry", partial(_retry, anew=anew)))


def park_deliveries(
    connection: Connection, chosen: DeliveryFilter, action: OperatorAction
) -> ChangeResult:
    """Park waiting deliveries, until an operator retries or resolves them."""
    return _change_each(connection, chosen, action, ("park", _park))


def resolve_deliveries(
    connection: Connection, chosen: DeliveryFilter, action: OperatorAction
) -> ChangeResult:
    """End parked deliveries that a person has handled; release the next ones of their orders."""
    return _change_each(connection, chosen, action, ("resolve", _resolve))


def offer_again(
    connection: Connection, mapping: StoredVersion, after: int, most: int, now: int
) -> tuple[int | None, ChangeResult]:
    """Retry deliveries that another version of a mapping parked for findings, `most` of them after an id.

    Return the last id that was looked at, None when there is none, and the change. A delivery is offered
    once to each version.
    """
    d, a = DELIVERIES.c, ATTEMPTS.c
    newest = select(a.version).where(a.delivery_id == d.id).order_by(a.id.desc()).limit(1)
    parked = (
        select(d.id)
        .where(d.tenant == mapping.tenant, d.mapping == mapping.mapping, d.id > after)
        .where(d.state == DeliveryState.PARKED, d.reason == FINDINGS)
        .where(newest.scalar_subquery() != mapping.version)
        .order_by(d.id)
        .limit(most)
    )
    ids = tuple(connection.scalars(parked))
    action = OperatorAction("erpmap", now, "its mapping has changed")
    chosen = DeliveryFilter(ids=ids, reason=FINDINGS)
    changed = _change_each(connection, chosen, action, ("retry", partial(_retry, anew=False)))
    return (ids[-1] if ids else None), changed


def mark_restored(connection: Connection, now: int) -> ChangeResult:
    """Make all open deliveries of a journal that was restored from a backup unsure.

    Their records may have been written after the backup: the next attempt looks before it writes.
    Running deliveries become due, because no process holds them any more. The shop sends events that
    are not in the backup again (`stream replay`); external ids show which records exist already.
    """
    recovered = recover_deliveries(connection, now)
    is_open = DELIVERIES.c.state.not_in(DeliveryState.final())
    unsure = connection.execute(
        update(DELIVERIES)
        .where(is_open)
        .values(doubts=EVERY_DOUBT)
        .returning(DELIVERIES.c.id, DELIVERIES.c.tenant)
    ).all()
    tenants = {row.id: str(row.tenant) for row in unsure}
    due = tuple(DueDelivery(id_, tenants[id_]) for id_ in recovered)
    return ChangeResult(tuple(sorted(tenants)), due)


# The new values of a delivery; or the words and the hint of a finding.
_Outcome = Mapping[str, object] | tuple[str, str]
_Change = Callable[[Connection, Any, OperatorAction], _Outcome]


def _change_each(
    connection: Connection,
    chosen: DeliveryFilter,
    action: OperatorAction,
    named: tuple[str, _Change],
) -> ChangeResult:
    name, change = named
    changed: list[int] = []
    due: list[DueDelivery] = []
    findings: list[Finding] = []
    for row in connection.execute(_select_locked(chosen)).all():
        values = change(connection, row, action)
        if isinstance(values, tuple):
            findings.append(_refusal(row, *values))
            continue
        _write(connection, row.id, values, action)
        noted = {"at": action.at, "act": name, "by": action.by, "words": action.words}
        connection.execute(insert(ACTS).values(delivery_id=row.id, **noted))
        changed.append(row.id)
        due += _find_due(connection, row, values, action)
    return ChangeResult(tuple(changed), tuple(due), tuple(findings))


def _select_locked(chosen: DeliveryFilter) -> Any:
    """A query for the selected deliveries, in the order of ids, that locks them against a claim."""
    return select(DELIVERIES).where(chosen.condition()).order_by(DELIVERIES.c.id).with_for_update()


def _write(
    connection: Connection, id_: int, values: Mapping[str, object], action: OperatorAction
) -> None:
    row = update(DELIVERIES).where(DELIVERIES.c.id == id_)
    connection.execute(row.values(**values, changed_at=action.at))


def _find_due(
    connection: Connection, row: Any, values: Mapping[str, object], action: OperatorAction
) -> list[DueDelivery]:
    """The delivery that a change has made due: this one, or the next of its order."""
    if values["state"] == DeliveryState.WAITING:
        return [DueDelivery(row.id, row.tenant)]
    if values["state"] not in DeliveryState.final():
        return []
    released = release_next(connection, row.id, action.at)
    return [] if released is None else [DueDelivery(released, row.tenant)]


def _retry(connection: Connection, row: Any, action: OperatorAction, *, anew: bool) -> _Outcome:
    if row.state not in (DeliveryState.PARKED, DeliveryState.WAITING):
        return _explain_refusal(connection, row, "be retried")
    document = select(EVENTS.c.document).where(EVENTS.c.id == row.event_id)
    if connection.scalar(document) is None:
        return (
            "cannot be retried: its event was purged",
            "handle the order by hand, then `resolve` it",
        )
    return {
        "state": DeliveryState.WAITING,
        "reason": None,
        "words": None,
        "fingerprint": None,
        "due_at": action.at,
        "starts": 0,
        "waited": "{}",
        "anew_at": action.at if anew else row.anew_at,
    }


def _park(connection: Connection, row: Any, action: OperatorAction) -> _Outcome:
    if row.state != DeliveryState.WAITING:
        return _explain_refusal(connection, row, "be parked")
    return {
        "state": DeliveryState.PARKED,
        "reason": BY_HAND,
        "words": action.words,
        "fingerprint": None,
        "due_at": None,
    }


def _resolve(connection: Connection, row: Any, action: OperatorAction) -> _Outcome:
    if row.state != DeliveryState.PARKED:
        return _explain_refusal(connection, row, "be resolved")
    return {"state": DeliveryState.RESOLVED, "words": action.words, "due_at": None}


def _explain_refusal(connection: Connection, row: Any, what: str) -> tuple[str, str]:
    """Why the state of a delivery does not allow the change, and what to do instead."""
    state = DeliveryState(row.state)
    hints = {
        DeliveryState.RUNNING: "its attempt is running: try again when it has ended",
        DeliveryState.WAITING: "park it first",
        DeliveryState.PARKED: "`retry` or `resolve` it",
        DeliveryState.HELD: (
            f"it waits for delivery {find_blocking(connection, row.id)} of its order: handle that first"
        ),
    }
    ended = "it has ended; `erpmap send` delivers an order again"
    return f"cannot {what}: it is {state.value}", hints.get(state, ended)


def _refusal(row: Any, words: str, hint: str) -> Finding:
    subject = f"order {row.order_shown} · {row.mapping}"
    return Finding("E1102", f"delivery {row.id} {words}", hint=hint, subject=subject)
