"""What `queue retry`, `park`, `resolve` and `restored` do: change deliveries in small transactions."""

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
from ..exit import FINDINGS
from ..output.terminal import print_findings, print_json
from . import time_text
from .next_versions import NextVersion
from .open_journal import find_named, open_existing_journal, warn_of_unknown_reason

_BATCH = 200
_RESTORED_NOTE = (
    "the journal lacks what was erased, parked or resolved since the backup: repeat that; "
    "then run `erpmap stream replay` for the time since the backup"
)

FindNextVersions = Callable[..., Sequence[NextVersion]]
Change = Callable[[Connection, DeliveryFilter, OperatorAction], ChangeResult]


@dataclass(frozen=True, slots=True)
class DeliverySelection:
    """Which deliveries are changed: those in `names` (ids or order numbers), else those of `choice`.

    `usual` is the state of the deliveries meant where `choice` or an order's number names no state.
    """

    names: tuple[str, ...]
    choice: DeliveryFilter
    usual: DeliveryState


def change_deliveries(
    url: str,
    selection: DeliverySelection,
    change: tuple[Change, str],
    act: OperatorAction,
    *,
    form: str,
    find_versions: FindNextVersions | None = None,
) -> NoReturn:
    """Change deliveries, print how many and each refusal, and exit: 1 when one was refused.

    `change` is the change, and the words for deliveries it was applied to. `find_versions`
    returns the mapping versions that the changed deliveries run next.
    """
    apply, result_words = change
    if not selection.names and selection.choice == DeliveryFilter():
        raise click.UsageError("name deliveries, or select them: --cause, --reason, --order, …")
    with open_existing_journal(url) as journal:
        enqueue = get_enqueue(url)
        findings: list[Finding] = []
        changed: list[int] = []
        for choice, found in _select_batches(journal, selection):
            findings += found
            result = _change_batch(journal, choice, (apply, act), enqueue)
            changed += result.ids
            findings += result.findings
        if not changed:
            warn_of_unknown_reason(journal, selection.choice.reason)
        versions = find_versions(journal, ids=changed) if find_versions and changed else []
    _print_changes(changed, findings, result_words, form, versions)


def restore_journal(url: str, form: str) -> NoReturn:
    """Mark all deliveries on their way, so that each is looked up before it is written."""
    with open_existing_journal(url) as journal:
        at, enqueue = time_text.now(), get_enqueue(url)

        def work(connection: Connection) -> ChangeResult:
            found = mark_restored(connection, at)
            _enqueue(connection, found, at, enqueue)
            return found

        changed = journal.run_blocking(work)
    if form == "human":
        click.echo(_RESTORED_NOTE, err=True)
    _print_changes(changed.ids, (), "marked to be looked up before the next write", form)


def _select_batches(
    journal: Writer, selection: DeliverySelection
) -> Iterator[tuple[DeliveryFilter, list[Finding]]]:
    """Yield the selected deliveries in batches, with a finding for each name without a delivery."""
    if selection.names:
        ids, findings = journal.run_blocking(lambda c: _select_named(c, selection))
        yield DeliveryFilter(ids=tuple(ids[:_BATCH])), findings
        for start in range(_BATCH, len(ids), _BATCH):
            yield DeliveryFilter(ids=tuple(ids[start : start + _BATCH])), []
        return
    choice = (
        selection.choice
        if selection.choice.states
        else replace(selection.choice, states=(selection.usual,))
    )
    found = _next_ids(journal, choice, 0)
    while found:
        yield DeliveryFilter(ids=tuple(found)), []
        found = _next_ids(journal, choice, found[-1])


def _next_ids(journal: Writer, choice: DeliveryFilter, after: int) -> list[int]:
    found = journal.run_blocking(lambda c: list_deliveries(c, choice, after=after, most=_BATCH))
    return [delivery.id for delivery in found]


def _select_named(
    connection: Connection, selection: DeliverySelection
) -> tuple[list[int], list[Finding]]:
    """Return the ids of the named deliveries; of an order with several, those in the usual state."""
    ids: list[int] = []
    findings: list[Finding] = []
    for name in selection.names:
        found, missing = find_named(connection, [name])
        findings += missing
        usual = DeliveryFilter(ids=tuple(found), states=(selection.usual,))
        in_usual_state = (
            list_deliveries(connection, usual, most=len(found)) if len(found) > 1 else []
        )
        ids += [delivery.id for delivery in in_usual_state] or found
    return list(dict.fromkeys(ids)), findings


def _change_batch(
    journal: Writer,
    choice: DeliveryFilter,
    change: tuple[Change, OperatorAction],
    enqueue: Enqueue | None,
) -> ChangeResult:
    apply, act = change

    def work(connection: Connection) -> ChangeResult:
        found = apply(connection, choice, act)
        _enqueue(connection, found, act.at, enqueue)
        return found

    return journal.run_blocking(work)


def _enqueue(connection: Connection, found: ChangeResult, at: int, enqueue: Enqueue | None) -> None:
    if found.due and enqueue is not None:
        enqueue(connection, [Job(delivery.id, delivery.tenant, at) for delivery in found.due])


def _print_changes(
    changed: Sequence[int],
    findings: Sequence[Finding],
    words: str,
    form: str,
    versions: Sequence[NextVersion] = (),
) -> NoReturn:
    if form == "json":
        found = [as_document(finding) for finding in findings]
        document: dict[str, object] = {"changed": list(changed), "findings": found}
        runs = [version.document() for version in versions]
        print_json(document | ({"runs": runs} if runs else {}))
    else:
        plural = "delivery" if len(changed) == 1 else "deliveries"
        click.echo(f"{len(changed):,} {plural} {words}")
        for version in versions:
            click.echo(version.words, err=True)
        print_findings(findings, stderr=True)
    sys.exit(FINDINGS if findings else 0)
