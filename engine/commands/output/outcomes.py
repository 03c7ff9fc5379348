"""Prints outcomes: payloads as JSON, proofs and summaries as tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from rich.box import SIMPLE
from rich.table import Table
from rich.text import Text

from ...orders.report.excerpt import clean
from ...orders.report.outcomes import (
    describe_outcome,
    format_amount,
    is_ignored_by_all,
    outcome_document,
    payload_documents,
    proof_rows,
    select_outcomes,
)
from ...run import Outcome, Proof, RunState
from ..exit import FINDINGS, NOT_READY
from .terminal import console, print_findings, print_json

STATE_WORDS = {
    RunState.RENDERED: "rendered",
    RunState.IGNORED: "ignored",
    RunState.NOT_READY: "not ready",
    RunState.FAILED: "with findings",
}
STATE_COLOURS = {
    RunState.RENDERED: "green",
    RunState.IGNORED: "dim",
    RunState.NOT_READY: "yellow",
    RunState.FAILED: "red",
}


def print_outcomes(outcomes: Sequence[Outcome], form: str) -> None:
    """Print the payloads of the mappings that want the event; if none does, why not."""
    if form == "json":
        print_json([outcome_document(outcome) for outcome in outcomes])
        return
    none_wanted = is_ignored_by_all(outcomes)
    for outcome in outcomes:
        if outcome.state is RunState.RENDERED:
            print_json(payload_documents(outcome))
        if none_wanted or outcome.state is not RunState.IGNORED:
            print_outcome(outcome, stderr=True)


def print_outcome(outcome: Outcome, *, stderr: bool) -> None:
    """Print an outcome: one line, its proofs, its findings."""
    target = console(stderr=stderr)
    target.print(Text(clean(describe_outcome(outcome)), style=STATE_COLOURS[outcome.state]))
    for proof in outcome.proofs:
        target.print(proof_table(proof))
    print_findings(outcome.findings, stderr=stderr)


def proof_table(proof: Proof) -> Table:
    """Return the proof of a check as a table."""
    title = Text(
        f"check {proof.check}" + (f" in {clean(proof.currency)}" if proof.currency else "")
    )
    table = Table(title=title, title_justify="left", box=SIMPLE, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_column()
    for name, number, remark in proof_rows(proof):
        style = "bold red" if name == "off by" else "bold" if name in ("sum", "must be") else ""
        table.add_row(name, number, clean(remark), style=style)
    return table


def print_summary(
    outcomes: Sequence[tuple[str, Outcome]], failing: frozenset[str] = frozenset()
) -> None:
    """Print a row for each order: its mapping, its outcome, its total and balance.

    `failing` names the orders that are meant to fail; their rows say so.
    """
    table = Table(box=SIMPLE)
    for heading in ("order", "mapping", "outcome", "record"):
        table.add_column(heading, overflow="fold")
    for heading in ("total", "balance"):
        table.add_column(heading, justify="right", overflow="fold")
    rows = list(_shown_outcomes(outcomes))
    for name, outcome in rows:
        must_fail = name in failing
        style = "yellow" if must_fail else STATE_COLOURS[outcome.state]
        table.add_row(*_summary_row(name, outcome, meant_to_fail=must_fail), style=style)
    target = console()
    target.print(table)
    counts = Counter(outcome.state for _, outcome in rows)
    target.print(", ".join(f"{counts[state]:,} {STATE_WORDS[state]}" for state in RunState))


def _shown_outcomes(outcomes: Sequence[tuple[str, Outcome]]) -> Iterator[tuple[str, Outcome]]:
    """Yield, for each order, the outcomes of the mappings that want it; if none does, the first."""
    by_order: dict[str, list[Outcome]] = {}
    for name, outcome in outcomes:
        by_order.setdefault(name, []).append(outcome)
    for name, of_order in by_order.items():
        for outcome in select_outcomes(of_order):
            yield name, outcome


def _summary_row(name: str, outcome: Outcome, *, meant_to_fail: bool) -> tuple[str, ...]:
    proofs = {proof.check: proof for proof in outcome.proofs}
    total, balance = proofs.get("total"), proofs.get("balance")
    currency = f" {balance.currency}" if balance and balance.currency else ""
    why = {
        RunState.RENDERED: "rendered",
        RunState.IGNORED: "ignored",
        RunState.NOT_READY: f"not ready: {outcome.reason}",
        RunState.FAILED: ("meant to fail: " if meant_to_fail else "")
        + ", ".join(dict.fromkeys(finding.code for finding in outcome.findings)),
    }[outcome.state]
    last = outcome.payloads[-1] if outcome.payloads else None
    return (
        clean(name),
        "" if outcome.state is RunState.IGNORED else outcome.mapping,
        why,
        clean(last.external_id or last.record) if last else "",
        format_amount(total.sum, total.currency) + clean(currency) if total else "",
        _format_balance(balance),
    )


def _format_balance(proof: Proof | None) -> str:
    if proof is None:
        return ""
    if proof.holds:
        return f"{format_amount(proof.sum, proof.currency)} ✓"
    return f"off by {format_amount(proof.gap, proof.currency)} ✗"


def exit_code(states: Collection[RunState]) -> int:
    """Return the exit code for the states of orders: findings go before not ready."""
    if RunState.FAILED in states:
        return FINDINGS
    return NOT_READY if RunState.NOT_READY in states else 0
