"""What `queue audit`, `purge` and `erase` do: check the journal, and remove documents from it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

import click
from sqlalchemy import Connection, func, select

from ...findings.diagnostics import Finding
from ...findings.errors import JournalError
from ...findings.quote import did_you_mean, quoted
from ...journal.audit import AuditReport, audit_journal
from ...journal.change import OperatorAction
from ...journal.checkpoint import empty_log
from ...journal.database import journal_file
from ...journal.deliveries import list_names
from ...journal.erase import (
    ErasureResult,
    OrderKey,
    email_test,
    erase_documents,
    find_orders,
    find_orders_naming,
)
from ...journal.file_check import FileDamage, find_damage
from ...journal.retention import count_purgeable, purge_events
from ...journal.tables import EVENTS
from ...journal.writer import Writer
from ...orders.report.findings import as_document
from ..exit import FINDINGS, exit_with_findings
from ..output.terminal import print_findings, print_json, progress
from .open_journal import open_existing_journal
from .report import audit_document, print_audit

_BATCH = 200
_IN_BACKUPS = "backups still hold the data: repeat the erasure after a restore"
_IN_LOG = (
    "the journal's log still holds the data, because another process reads from it: erase again later,"
    " or stop that process; backups hold the data, too"
)
_ON_POSTGRESQL = (
    "PostgreSQL keeps erased rows in its files until VACUUM has run, and in its archived log; run"
    " `VACUUM FULL` to be sure. Backups hold the data: repeat the erasure after a restore"
)


def show_audit(url: str, form: str) -> NoReturn:
    """Print the checks of the journal and the damage of its file, and exit: 0 when all is well."""
    with open_existing_journal(url) as journal:
        damage = find_damage(journal)
        found = _audit(journal, damage)
    if form == "json":
        print_json(audit_document(found, damage))
    else:
        print_audit(found, damage)
    sys.exit(0 if found is not None and found.holds and not damage else FINDINGS)


def _audit(journal: Writer, damage: Sequence[FileDamage]) -> AuditReport | None:
    """Return the checks; None where damage does not let them run."""
    try:
        return journal.run_blocking(audit_journal)
    except JournalError:
        if not damage:
            raise
        return None


def purge_documents(url: str, before: int, *, dry_run: bool, form: str) -> None:
    """Remove the documents of deliveries that ended before a moment; print how many events.

    They are removed in batches, each in a transaction of its own.
    """
    with open_existing_journal(url) as journal:
        total = journal.run_blocking(lambda c: count_purgeable(c, before))
        if not dry_run:
            with progress("purging") as bar:
                task = bar.add_task("purging", total=total)
                while removed := journal.run_blocking(lambda c: purge_events(c, before, _BATCH)):
                    bar.advance(task, removed)
    if form == "json":
        print_json({"events": total, "removed": not dry_run})
        return
    plural = "event" if total == 1 else "events"
    click.echo(f"documents of {total:,} {plural} {'would be' if dry_run else 'were'} removed")


def erase_order(
    url: str, tenant: str | None, order: str, act: OperatorAction, form: str
) -> NoReturn:
    """Erase the documents of an order, print how many, and exit: 1 when it is refused."""
    with open_existing_journal(url) as journal:
        keys = journal.run_blocking(lambda c: find_orders(c, tenant, order))
        if not keys:
            near = journal.run_blocking(lambda c: list(list_names(c)))
            hint = did_you_mean(
                order, near, otherwise="`erpmap queue list --all` lists the deliveries"
            )
            finding = Finding("E1101", f"there is no delivery of order {quoted(order)}", hint=hint)
            exit_with_findings([finding], form)
        results = [_erase_order(journal, key, act) for key in keys]
    _report_and_exit(url, results, form)


def erase_customer(
    url: str, tenant: str | None, email: str, act: OperatorAction, form: str
) -> NoReturn:
    """Erase all orders that contain an address, print how many, and exit: 1 when one is refused."""
    with open_existing_journal(url) as journal:
        keys: set[OrderKey] = set()
        newest = journal.run_blocking(_newest_event)
        with progress("searching") as bar:
            for start in bar.track(range(0, newest + 1, _BATCH)):
                span = range(start, start + _BATCH)
                keys |= _find_orders_of(journal, tenant, email, span)
        ordered = sorted(keys, key=lambda key: (key.tenant, key.key))
        results = [_erase_order(journal, key, act) for key in ordered]
    _report_and_exit(url, results, form)


def _find_orders_of(journal: Writer, tenant: str | None, email: str, span: range) -> set[OrderKey]:
    return journal.run_blocking(lambda c: find_orders_naming(c, tenant, email_test(email), span))


def _newest_event(connection: Connection) -> int:
    return connection.scalar(select(func.max(EVENTS.c.id))) or 0


def _report_and_exit(url: str, results: Sequence[ErasureResult], form: str) -> NoReturn:
    findings = [result.finding for result in results if result.finding is not None]
    erased = [result for result in results if result.finding is None]
    events = sum(result.events for result in erased)
    note = _describe_rest(url) if erased else None
    if form == "json":
        found = [as_document(finding) for finding in findings]
        print_json({"orders": len(erased), "events": events, "findings": found, "note": note})
    else:
        plural = "order" if len(erased) == 1 else "orders"
        click.echo(f"{len(erased):,} {plural} erased, {events:,} events")
        if note is not None:
            click.echo(note, err=True)
        print_findings(findings, stderr=True)
    sys.exit(FINDINGS if findings else 0)


def _describe_rest(url: str) -> str:
    """Empty the log of a journal on SQLite; return where erased data still is, and what to do."""
    file = journal_file(url)
    if file is None:
        return _ON_POSTGRESQL
    try:
        return _IN_BACKUPS if empty_log(file) else _IN_LOG
    except JournalError as error:
        return f"{error}; {_IN_LOG}"


def _erase_order(journal: Writer, key: OrderKey, act: OperatorAction) -> ErasureResult:
    return journal.run_blocking(lambda c: erase_documents(c, key, act))
