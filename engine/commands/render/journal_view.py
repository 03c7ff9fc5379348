"""What `erpmap render --journal` does: print debits and credits of an order, or summed over many."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import click
from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text

from ...documents.exact import Number, add
from ...findings.diagnostics import SourceText
from ...findings.errors import ReadError
from ...mapping.plan import Plan
from ...netsuite.postings import Posting, RecordPostings, list_postings
from ...orders.order import Order, build_inputs, read_named_order, read_order
from ...orders.order_folders import EVENT, find_orders, join_path
from ...orders.report.excerpt import clean
from ...orders.report.outcomes import format_amount, select_outcomes
from ...run import Outcome, RunState
from ...run.posted_lines import list_posted_records
from ..exit import exit_with_findings
from ..output.outcomes import STATE_WORDS, exit_code, print_outcome
from ..output.terminal import console, print_findings, print_json, progress
from .render import refuse_unknown

# More findings than these are usually one mistake repeated.
_MOST_FINDINGS = 20
_HEADINGS = ("account", "for", "class", "department", "location")
# Accounts beyond this number are counted, and shown by `--format json`.
_MAX_ROWS = 200
# The account, what it is for, and the segments.
Key = tuple[str, str, tuple[str, str, str]]


@dataclass(slots=True)
class AccountSums:
    """The sums of many records of one type in one currency: debit, credit and entries by account."""

    records: int = 0
    sums: dict[Key, tuple[Number, Number, int]] = field(default_factory=dict)
    is_proved: bool = True

    def add(self, record: RecordPostings) -> None:
        """Add the postings of a record."""
        self.records += 1
        self.is_proved = self.is_proved and record.is_proved
        for it in record.postings:
            key = (it.account, it.purpose, it.segments)
            debit, credit, count = self.sums.get(key, (0, 0, 0))
            self.sums[key] = (add(debit, it.debit), add(credit, it.credit), count + 1)

    def postings(self) -> tuple[tuple[Posting, int], ...]:
        """Return the sums as postings, each with the number of its entries, in order of accounts."""
        return tuple(
            (
                Posting(
                    account=key[0], purpose=key[1], segments=key[2], debit=debit, credit=credit
                ),
                n,
            )
            for key, (debit, credit, n) in sorted(self.sums.items())
        )


def show_order_journal(
    plans: Sequence[Plan],
    event: Path,
    sources: Sequence[tuple[str, Path]],
    shared: dict[str, SourceText],
    form: str,
) -> NoReturn:
    """Print the debits and credits of each record of an order, and exit as `render` does."""
    refuse_unknown(plans, sources)
    try:
        results = list(_post_order(plans, read_named_order(event, dict(sources)), shared))
    except ReadError as error:
        exit_with_findings(error.findings, form)
    outcomes = [outcome for outcome, _ in results]
    records = [record for _, found in results for record in found]
    if form == "json":
        print_json([_order_document(outcome, found) for outcome, found in results])
    else:
        for outcome in select_outcomes(outcomes):
            print_outcome(outcome, stderr=True)
        for record in records:
            _print_record(record)
    _exit(outcomes, is_balanced=all(record.balances for record in records))


def show_folder_journal(
    plans: Sequence[Plan], folder: Path, shared: dict[str, SourceText], form: str
) -> NoReturn:
    """Print the debits and credits of all orders below a folder, summed by account, and exit."""
    names = [name for name, _ in find_orders(folder)]
    if not names:
        raise click.UsageError(f"there is no {EVENT} below {str(folder)!r}")
    sums: dict[tuple[str, str], AccountSums] = {}
    outcomes: list[Outcome] = []
    states: list[RunState] = []
    with progress("rendering") as bar:
        for name in bar.track(names):
            posted = _post_folder(plans, join_path(folder, name), shared)
            states.append(_find_state([outcome for outcome, _ in posted]))
            for outcome, records in posted:
                outcomes.append(outcome)
                for record in records:
                    key = (record.record, record.currency or "")
                    sums.setdefault(key, AccountSums()).add(record)
    is_balanced = all(_is_balanced(it) for it in sums.values())
    counted = Counter(states)
    if form == "json":
        documents = [_sums_document(key, it) for key, it in sorted(sums.items())]
        counts = {str(state): counted[state] for state in RunState}
        print_json({"orders": len(names), "outcomes": counts, "records": documents})
    else:
        for key, it in sorted(sums.items()):
            _print_sums(key, it)
        _print_causes(outcomes, plans[0].tenant, folder)
        words = ", ".join(f"{counted[state]:,} {STATE_WORDS[state]}" for state in RunState)
        console().print(f"{len(names):,} orders: {words}")
    _exit(outcomes, is_balanced=is_balanced)


def _post_order(
    plans: Iterable[Plan], order: Order, shared: Mapping[str, SourceText]
) -> Iterator[tuple[Outcome, list[RecordPostings]]]:
    for plan in plans:
        outcome, posted = list_posted_records(plan, build_inputs(plan, order, shared))
        yield outcome, [it for it in map(list_postings, posted) if it is not None]


def _post_folder(
    plans: Sequence[Plan], path: str, shared: Mapping[str, SourceText]
) -> list[tuple[Outcome, list[RecordPostings]]]:
    """Return the postings of the order in a folder; unreadable files are findings."""
    try:
        found = list(_post_order(plans, read_order(path), shared))
    except ReadError as error:
        failed = Outcome(
            tenant=plans[0].tenant,
            mapping=plans[0].name,
            order=Path(path).name,
            state=RunState.FAILED,
            findings=error.findings,
        )
        return [(failed, [])]
    taken = [it for it in found if it[0].state is not RunState.IGNORED]
    return taken or found[:1]


def _exit(outcomes: Sequence[Outcome], *, is_balanced: bool) -> NoReturn:
    states = {outcome.state for outcome in outcomes}
    sys.exit(exit_code(states if is_balanced else {*states, RunState.FAILED}))


def _find_state(outcomes: Sequence[Outcome]) -> RunState:
    """Return how an order ended in all mappings that want it: findings go before the rest."""
    states = {outcome.state for outcome in outcomes}
    order = (RunState.FAILED, RunState.NOT_READY, RunState.RENDERED)
    return next((state for state in order if state in states), RunState.IGNORED)


def _print_causes(outcomes: Iterable[Outcome], tenant: str, folder: Path) -> None:
    """Print the findings of some orders; of many, where they are grouped."""
    found = [finding for outcome in outcomes for finding in outcome.findings]
    if len(found) <= _MOST_FINDINGS:
        print_findings(found, stderr=True)
        return
    command = f"erpmap forecast {tenant} --all {folder}"
    click.echo(f"{len(found):,} findings; `{command}` groups them by cause", err=True)


def _print_record(record: RecordPostings) -> None:
    title = f"{record.record} {record.external_id or record.name}"
    rows = [(posting, None) for posting in record.postings]
    _print_table(title, record.currency, rows, is_proved=record.is_proved)


def _print_sums(key: tuple[str, str], it: AccountSums) -> None:
    title = f"{it.records:,} × {key[0]}"
    _print_table(title, key[1] or None, it.postings(), is_proved=it.is_proved)


def _print_table(
    title: str,
    currency: str | None,
    rows: Sequence[tuple[Posting, int | None]],
    *,
    is_proved: bool,
) -> None:
    shown = clean(title + (f" in {currency}" if currency else ""))
    table = Table(title=Text(shown), title_justify="left", box=SIMPLE, pad_edge=False)
    for heading in _list_headings(rows):
        table.add_column(heading, overflow="fold", max_width=22)
    for heading in ("debit", "credit"):
        table.add_column(heading, justify="right")
    used = _list_used(rows)
    for posting, count in rows[:_MAX_ROWS]:
        cells = [(posting.account, posting.purpose, *posting.segments)[index] for index in used]
        counted = [] if count is None else [f"{count:,}"]
        sides = (_show(posting.debit, currency), _show(posting.credit, currency))
        table.add_row(*map(clean, cells), *counted, *sides)
    debit, credit = (_sum(rows, side) for side in ("debit", "credit"))
    blank = [""] * (len(table.columns) - 3)
    table.add_section()
    mark = "✓" if debit == credit else "✗"
    table.add_row(
        f"total {mark}",
        *blank,
        format_amount(debit, currency),
        format_amount(credit, currency),
        style="bold" if debit == credit else "bold red",
    )
    target = console()
    target.print(table)
    if len(rows) > _MAX_ROWS:
        target.print(f"and {len(rows) - _MAX_ROWS:,} more accounts; --format json shows all")
    if not is_proved:
        target.print("no check of the mapping gives the total: it is the sum of the entries")


def _list_used(rows: Sequence[tuple[Posting, int | None]]) -> list[int]:
    """Return the columns that have a value in any row."""
    filled = {
        index
        for posting, _ in rows
        for index, cell in enumerate((posting.account, posting.purpose, *posting.segments))
        if cell
    }
    return sorted(filled | {0})


def _list_headings(rows: Sequence[tuple[Posting, int | None]]) -> list[str]:
    is_summed = any(count is not None for _, count in rows)
    return [*(_HEADINGS[index] for index in _list_used(rows)), *(["entries"] if is_summed else [])]


def _show(amount: Number, currency: str | None) -> str:
    return format_amount(amount, currency) if amount else ""


def _sum(rows: Iterable[tuple[Posting, object]], side: str) -> Number:
    total: Number = 0
    for posting, _ in rows:
        total = add(total, posting.debit if side == "debit" else posting.credit)
    return total


def _is_balanced(it: AccountSums) -> bool:
    rows = it.postings()
    return _sum(rows, "debit") == _sum(rows, "credit")


def _order_document(outcome: Outcome, records: Iterable[RecordPostings]) -> dict[str, object]:
    return {
        "order": outcome.order,
        "mapping": outcome.mapping,
        "state": str(outcome.state),
        "records": [
            {
                "record": it.record,
                "name": it.name,
                "external_id": it.external_id,
                "currency": it.currency,
                "entries": [_posting_document(posting) for posting in it.postings],
                "debit": it.debit,
                "credit": it.credit,
                "balances": it.balances,
                "is_proved": it.is_proved,
            }
            for it in records
        ],
    }


def _sums_document(key: tuple[str, str], it: AccountSums) -> dict[str, object]:
    rows = it.postings()
    return {
        "record": key[0],
        "currency": key[1] or None,
        "count": it.records,
        "entries": [{**_posting_document(posting), "count": count} for posting, count in rows],
        "debit": _sum(rows, "debit"),
        "credit": _sum(rows, "credit"),
        "balances": _is_balanced(it),
        "is_proved": it.is_proved,
    }


def _posting_document(posting: Posting) -> dict[str, object]:
    return {
        "account": posting.account,
        "for": posting.purpose,
        "class": posting.segments[0] or None,
        "department": posting.segments[1] or None,
        "location": posting.segments[2] or None,
        "debit": posting.debit,
        "credit": posting.credit,
    }
