"""Opens the journal for a command, and finds the deliveries that a user names."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

import click
from sqlalchemy import Connection

from ...findings.diagnostics import Finding
from ...findings.errors import ErpmapError, FindingsError, JournalError
from ...findings.quote import did_you_mean, quoted
from ...journal.database import journal_file, open_journal
from ...journal.deliveries import find_ids, list_names, list_reasons
from ...journal.events import EventFilter, list_undelivered
from ...journal.writer import Writer
from ...orders.report.excerpt import clean
from ..exit import FINDINGS, exit_with_findings


@contextmanager
def open_existing_journal(url: str) -> Iterator[Writer]:
    """Open a journal that exists, for the block; print an error of the journal and exit with 1."""
    try:
        file = journal_file(url)
        if file is not None and not file.is_file():
            hint = "name it with --journal or ERPMAP_JOURNAL"
            raise JournalError(f"there is no journal {quoted(str(file), 200)}; {hint}")
        with open_journal(url) as journal:
            yield journal
    except FindingsError as error:
        exit_with_findings(error.findings, "human")
    except ErpmapError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(FINDINGS)


def find_named(connection: Connection, names: Iterable[str]) -> tuple[list[int], list[Finding]]:
    """Return the ids of deliveries named by id or order, and a finding for each unknown name."""
    ids: list[int] = []
    findings = []
    for name in names:
        found = find_ids(connection, name)
        ids += found
        if not found:
            hint = _describe_undelivered(connection, name) or did_you_mean(
                name,
                list_names(connection),
                otherwise="`erpmap queue list --all` lists the deliveries",
            )
            findings.append(Finding("E1101", f"there is no delivery {quoted(name)}", hint=hint))
    return list(dict.fromkeys(ids)), findings


def _describe_undelivered(connection: Connection, name: str) -> str | None:
    """Return a hint about an order's event without a delivery, if there is one."""
    found = list_undelivered(connection, EventFilter(order=name), most=1)
    return f"its {found[0].name} event is {found[0].fate}: {found[0].reason}" if found else None


def find_delivery(journal: Writer, name: str, form: str) -> int:
    """Return the id of the named delivery. Raise UsageError for an order with several."""
    ids, findings = journal.run_blocking(lambda c: find_named(c, [name]))
    if findings:
        exit_with_findings(findings, form)
    if len(ids) > 1:
        _refuse_ambiguous(name, ids)
    return ids[0]


def warn_of_unknown_reason(journal: Writer, reason: str | None) -> None:
    """Warn on stderr that no delivery has the given reason: it may be misspelt."""
    if reason is None:
        return
    known = journal.run_blocking(list_reasons)
    if reason in known:
        return
    listed = ", ".join(clean(name) for name in known) or "none"
    hint = did_you_mean(reason, known, otherwise=f"the reasons in the journal: {listed}")
    click.echo(f"no delivery has the reason {quoted(reason)}; {hint}", err=True)


def _refuse_ambiguous(name: str, ids: Sequence[int]) -> NoReturn:
    shown = ", ".join(map(str, ids[:10]))
    raise click.UsageError(f"{name!r} has {len(ids)} deliveries: give one of their ids, {shown}")
