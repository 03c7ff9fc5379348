"""What `queue retry`, `park`, `resolve` and `restored` do: many deliveries in small transactions."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

import click
from sqlalchemy import Connection

from ...findings.diagnostics import Finding
from ...journal.change import ChangeResult, OperatorAction, mark_restored
from ...journal.claim import Enqueue, Job
from ...journal.deliveries import DeliveryFilter, list_deliveries
from ...journal.states import DeliveryState
from ...journal.writer import Writer
from ...orders.report.findings import as_document
from ...service.dispatch.open_engine import get_enqueue
from ..output.terminal import print_findings, print_json
from ..selection import FINDINGS
from . import time_text as moments
from .open_journal import ids_of, journal_at, tell_no_such_reason

_AT_ONCE = 200
_SINCE = (
    "what was erased, parked or resolved since the backup is not so in it: repeat that; "
    "then `erpmap stream replay` of the time since"
)

Change = Callable[[Connection, DeliveryFilter, OperatorAction], ChangeResult]


@dataclass(frozen=True, slots=True)
class DeliverySelection:
    """Which deliveries: those named (ids, or numbers of orders), or those chosen that stand so."""

    names: tuple[str, ...]
    choice: DeliveryFilter
    usual: DeliveryState


def change(
    url: str, wish: DeliverySelection, what: tuple[Change, str], act: OperatorAction, *, form: str
) -> NoReturn:
    """Do something to deliveries, say how many and which not, and exit: 1 when one was refused.

    `what` is the change, and words for what has become of those it was done to.
    """
    do, words = what
    if not wish.names and wish.choice == DeliveryFilter():
        raise click.UsageError("name deliveries, or choose them: --cause, --reason, --order, …")
    with journal_at(url) as journal:
        enqueue = get_enqueue(url)
        findings: list[Finding] = []
        changed: list[int] = []
        for choice, found in _choices(journal, wish):
            findings += found
            one = _changed(journal, choice, (do, act), enqueue)
            changed += one.ids
            findings += one.findings
        if not changed:
            tell_no_such_reason(journal, wish.choice.reason)
    _tell(changed, findings, words, form)


def restore(url: str, form: str) -> NoReturn:
    """Make all that is on its way look before it writes."""
    with journal_at(url) as journal:
        at, enqueue = moments.now(), get_enqueue(url)

        def work(connection: Connection) -> ChangeResult:
            found = mark_restored(connection, at)
            _enqueue(connection, found, at, enqueue)
            return found

        changed = journal.run_blocking(work)
    if form == "human":
        click.echo(_SINCE, err=True)
    _tell(changed.ids, (), "on the way will look before writing", form)


def _choices(
    journal: Writer, wish: DeliverySelection
) -> Iterator[tuple[DeliveryFilter, list[Finding]]]:
    """The deliveries wished for, few at a time, and the findings about names of none."""
    if wish.names:
        ids, findings = journal.run_blocking(lambda c: _named(c, wish))
        yield DeliveryFilter(ids=tuple(ids[:_AT_ONCE])), findings
        for start in range(_AT_ONCE, len(ids), _AT_ONCE):
            yield DeliveryFilter(ids=tuple(ids[start : start + _AT_ONCE])), []
        return
    choice = wish.choice if wish.choice.states else replace(wish.choice, states=(wish.usual,))
    found = _next(journal, choice, 0)
    while found:
        yield DeliveryFilter(ids=tuple(found)), []
        found = _next(journal, choice, found[-1])


def _next(journal: Writer, choice: DeliveryFilter, after: int) -> list[int]:
    found = journal.run_blocking(lambda c: list_deliveries(c, choice, after=after, most=_AT_ONCE))
    return [one.id for one in found]


def _named(connection: Connection, wish: DeliverySelection) -> tuple[list[int], list[Finding]]:
    """Of an order with several deliveries, those are meant that stand as they usually do."""
    ids: list[int] = []
    findings: list[Finding] = []
    for name in wish.names:
        own, missing = ids_of(connection, [name])
        findings += missing
        usual = DeliveryFilter(ids=tuple(own), states=(wish.usual,))
        meant = list_deliveries(connection, usual, most=len(own)) if len(own) > 1 else []
        ids += [one.id for one in meant] or own
    return list(dict.fromkeys(ids)), findings


def _changed(
    journal: Writer,
    choice: DeliveryFilter,
    what: tuple[Change, OperatorAction],
    enqueue: Enqueue | None,
) -> ChangeResult:
    do, act = what

    def work(connection: Connection) -> ChangeResult:
        found = do(connection, choice, act)
        _enqueue(connection, found, act.at, enqueue)
        return found

    return journal.run_blocking(work)


def _enqueue(connection: Connection, found: ChangeResult, at: int, enqueue: Enqueue | None) -> None:
    if found.due and enqueue is not None:
        enqueue(connection, [Job(one.id, one.tenant, at) for one in found.due])


def _tell(changed: Sequence[int], findings: Sequence[Finding], words: str, form: str) -> NoReturn:
    if form == "json":
        found = [as_document(finding) for finding in findings]
        print_json({"changed": list(changed), "findings": found})
    else:
        plural = "delivery" if len(changed) == 1 else "deliveries"
        click.echo(f"{len(changed):,} {plural} {words}")
        print_findings(findings, stderr=True)
    sys.exit(FINDINGS if findings else 0)
