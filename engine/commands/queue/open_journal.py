"""A journal opened for a command: it has to be there, and trouble with it ends in a sentence."""

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
    """The journal while the block runs; what goes wrong with it is said, and ends the command."""
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
    """The deliveries that were named, by id or by order; a finding for each name of none."""
    ids: list[int] = []
    findings = []
    for name in names:
        found = find_ids(connection, name)
        ids += found
        if not found:
            hint = _describe_undelivered(connection, name) or did_you_mean(
                name, list_names(connection), otherwise="`erpmap queue list` shows those there are"
            )
            findings.append(Finding("E1101", f"there is no delivery {quoted(name)}", hint=hint))
    return list(dict.fromkeys(ids)), findings


def _describe_undelivered(connection: Connection, name: str) -> str | None:
    """What became of an order's event that began no delivery, if there is one."""
    found = list_undelivered(connection, EventFilter(order=name), most=1)
    return f"its {found[0].name} event is {found[0].fate}: {found[0].reason}" if found else None


def find_delivery(journal: Writer, name: str, form: str) -> int:
    """The delivery that was named; of an order with several, the first is shown as a choice."""
    ids, findings = journal.run_blocking(lambda c: find_named(c, [name]))
    if findings:
        exit_with_findings(findings, form)
    if len(ids) > 1:
        _refuse_ambiguous(name, ids)
    return ids[0]


def warn_of_unknown_reason(journal: Writer, reason: str | None) -> None:
    """Say on stderr that no delivery has a reason that was asked for: it may be misspelt."""
    if reason is None:
        return
    known = journal.run_blocking(list_reasons)
    if reason in known:
        return
    listed = ", ".join(clean(name) for name in known) or "none"
    hint = did_you_mean(reason, known, otherwise=f"those there are: {listed}")
    click.echo(f"no delivery has the reason {quoted(reason)}; {hint}", err=True)


def _refuse_ambiguous(name: str, ids: Sequence[int]) -> NoReturn:
    shown = ", ".join(map(str, ids[:10]))
    raise click.UsageError(f"{name!r} has {len(ids)} deliveries: name one of {shown}")
