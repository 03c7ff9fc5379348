"""What `erpmap reconcile` does: compare both systems, print the result, and exit."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo

from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text

from ...documents.exact import format_plain
from ...findings.errors import JournalError
from ...journal.database import journal_file, open_journal
from ...mapping.files.nodes import as_data
from ...mapping.load import LoadedTenant
from ...orders.report.excerpt import clean
from ..connect import open_systems, resolve_connection
from ..exit import FINDINGS, NOT_READY, run_or_exit
from ..output.receipts import print_note
from ..output.terminal import console, print_json
from ..tenants import load_ready_tenant
from .expected_payloads import GoLive
from .judge_order import ReconcileSystems
from .match_orders import TimeWindow, add_journal_states, reconcile
from .result import DaySums, ReconciledOrder, ReconcileResult, ReconcileStatus

_MAX_ROWS = 50
_COLUMNS = ("day", "", "orders", "booked", "differing", "missing", "waiting", "ignored", "unjudged")
_AMOUNTS = ("ordered", "in NetSuite", "off by")


@dataclass(frozen=True, slots=True)
class ReconcileRequest:
    """The command line of `erpmap reconcile`."""

    root: Path
    tenant: str
    start: datetime
    end: datetime
    exact: bool
    journal: str | None
    simulator: str | None
    form: str


def run(request: ReconcileRequest) -> NoReturn:
    """Reconcile, print the result, and exit: 1 when something is off, 3 when orders only wait."""
    loaded, _ = load_ready_tenant(request.root, request.tenant, None, request.form)
    report = run_or_exit(_reconcile_tenant(request, loaded), request.form)
    if request.form == "json":
        head = {
            "tenant": request.tenant,
            "from": request.start.isoformat(),
            "to": request.end.isoformat(),
            "exact": request.exact,
        }
        print_json({**head, **report.document()})
    else:
        _print_result(report)
    if report.is_off:
        sys.exit(FINDINGS)
    sys.exit(NOT_READY if report.is_waiting else 0)


async def _reconcile_tenant(request: ReconcileRequest, loaded: LoadedTenant) -> ReconcileResult:
    if request.journal is not None:
        _require_journal(request.journal)
    report_progress = print_note if request.form == "human" else _show_nothing
    assert loaded.tenant is not None
    connection = await resolve_connection(request.root, loaded.tenant, request.simulator)
    async with open_systems(connection) as clients:
        assert loaded.tenant is not None
        systems = ReconcileSystems(
            plans=loaded.plans,
            opened=clients.for_tenant(loaded.tenant),
            go_live=_go_live(loaded),
            exact=request.exact,
            report=report_progress,
        )
        report = await reconcile(systems, TimeWindow(request.start, request.end))
    if request.journal is None:
        return report
    with open_journal(request.journal) as journal:
        return await add_journal_states(report, journal, loaded.name)


def _show_nothing(_: str) -> None:
    """Print nothing: the JSON document is printed as a whole at the end."""


def _require_journal(url: str) -> None:
    """Raise JournalError for a missing file: a new journal would be empty."""
    file = journal_file(url)
    if file is not None and not file.is_file():
        raise JournalError(f"there is no journal at {str(file)!r}")


def _go_live(loaded: LoadedTenant) -> GoLive:
    """Return the tenant's first day, in the zone that the service uses for it."""
    document = as_data(loaded.tenant.node) if loaded.tenant else None
    events = document.get("events") if isinstance(document, dict) else None
    since = events.get("from") if isinstance(events, dict) else None
    zone = loaded.plans[0].settings.get("timezone") if loaded.plans else None
    day = None if since is None else date.fromisoformat(str(since))
    return GoLive(day, ZoneInfo(str(zone or "UTC")), loaded.posted)


def _print_result(report: ReconcileResult) -> None:
    target = console()
    table = Table(box=SIMPLE)
    for heading in _COLUMNS[:2]:
        table.add_column(heading)
    for heading in (*_COLUMNS[2:], *_AMOUNTS):
        table.add_column(heading, justify="right")
    for (day, currency), sums in {**report.days(), **report.totals()}.items():
        table.add_row(*_row(day, currency, sums), style=_style(day, sums))
    target.print(table)
    for verdict, style in _SHOWN.items():
        _print_found(report.of(verdict), style)
    for extra in report.extra[:_MAX_ROWS]:
        transaction = extra.transaction
        head = f"extra  {transaction.external_id}  {transaction.record} {transaction.id} of {transaction.day}"
        target.print(Text(clean(f"{head}: {extra.words}"), style="red"))
    _print_rest(len(report.extra))
    for note in report.notes:
        target.print(Text(clean(note), style="dim"))
    _print_sentence(report)


_SHOWN = {
    ReconcileStatus.MISSING: "bold red",
    ReconcileStatus.DIFFERING: "red",
    ReconcileStatus.WAITING: "yellow",
    ReconcileStatus.UNJUDGED: "bold red",
}
_OFF = (ReconcileStatus.MISSING, ReconcileStatus.DIFFERING, ReconcileStatus.UNJUDGED)


def _row(day: str, currency: str, sums: DaySums) -> Sequence[str]:
    counts = sums.counts
    numbers = [sum(counts.values()), *(counts[verdict] for verdict in _VERDICTS)]
    amounts = (sums.ordered, sums.booked, sums.off)
    return (
        day,
        clean(currency),
        *(f"{number:,}" for number in numbers),
        *map(format_plain, amounts),
    )


_VERDICTS = (
    ReconcileStatus.BOOKED,
    ReconcileStatus.DIFFERING,
    ReconcileStatus.MISSING,
    ReconcileStatus.WAITING,
    ReconcileStatus.IGNORED,
    ReconcileStatus.UNJUDGED,
)


def _style(day: str, sums: DaySums) -> str:
    is_off = any(sums.counts[verdict] for verdict in _OFF)
    colour = "red" if is_off else "yellow" if sums.counts[ReconcileStatus.WAITING] else ""
    return f"bold {colour}".strip() if day == "total" else colour


def _print_found(found: Sequence[ReconciledOrder], style: str) -> None:
    for result in found[:_MAX_ROWS]:
        order = result.order
        total = "?" if order.total is None else format_plain(order.total)
        head = f"{result.verdict}  {order.shown}  {order.when('%Y-%m-%d %H:%M')}  {total} {order.currency}"
        words = "; ".join(
            filter(None, (result.words, result.journal and f"journal: {result.journal}"))
        )
        console().print(Text(clean(f"{head}: {words}"), style=style))
    _print_rest(len(found))


def _print_rest(count: int) -> None:
    if count > _MAX_ROWS:
        console().print(f"and {count - _MAX_ROWS:,} more; --format json shows all")


def _print_sentence(report: ReconcileResult) -> None:
    counts = {verdict.value: len(report.of(verdict)) for verdict in _SHOWN} | {
        "extra": len(report.extra)
    }
    words = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
    style = "bold red" if report.is_off else "yellow" if words else "green"
    console().print(
        Text(words or "every order is booked in NetSuite once, with its total", style=style)
    )
