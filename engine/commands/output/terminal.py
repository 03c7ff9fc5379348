"""Prints to the terminal: colours and tables for people, plain text elsewhere.

stdout carries data, stderr messages and progress. There are no colours where the stream is not a
terminal, or NO_COLOR is set.
"""

from __future__ import annotations

import errno
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import islice

import click
from rich.box import SIMPLE
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from ...documents import write_json
from ...findings.diagnostics import Finding, select_errors, sort_findings
from ...mapping.load import LoadedTenant
from ...orders.report.excerpt import clean
from ...orders.report.findings import as_styled, count_findings
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
from .escape import escape_for_terminal, escape_separators

_PLAIN_WIDTH = 160
# More findings than these are usually one mistake repeated; `--format json` prints them all.
_MAX_FINDINGS = 200
_NOT_STRICT = ", but --strict allows no warnings"
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


class _Console(Console):
    """A console that raises BrokenPipeError when its reader has closed the stream."""

    def on_broken_pipe(self) -> None:
        """Raise BrokenPipeError; rich would exit with 1, which means findings."""
        raise BrokenPipeError(errno.EPIPE, "the reader has closed the stream")


@cache
def console(*, stderr: bool = False) -> Console:
    """Return the console of a stream; it is wide enough for tables where it is not a terminal."""
    width = None if has_terminal(stderr=stderr) else _PLAIN_WIDTH
    return _Console(
        stderr=stderr, width=width, soft_wrap=True, highlight=False, emoji=False, markup=False
    )


def has_terminal(*, stderr: bool = False) -> bool:
    """Whether the stream is a terminal; FORCE_COLOR adds colours, and does not make it one."""
    return (sys.stderr if stderr else sys.stdout).isatty()


def print_findings(findings: Iterable[Finding], *, stderr: bool) -> None:
    """Print findings in reading order, and a line that counts them."""
    ordered = sort_findings(findings)
    if not ordered:
        return
    target = console(stderr=stderr)
    for finding in islice(ordered, _MAX_FINDINGS):
        target.print(Text.assemble(*as_styled(finding)))
    if len(ordered) > _MAX_FINDINGS:
        target.print(f"and {len(ordered) - _MAX_FINDINGS:,} more; --format json shows all")
    target.print(
        Text(count_findings(ordered), style="bold red" if select_errors(ordered) else "bold yellow")
    )


def print_heading(words: str) -> None:
    """Print a heading."""
    target = console()
    target.print()
    target.rule(Text(words, style="bold"), align="left")


def print_json(value: object) -> None:
    """Print a JSON document on stdout: coloured on a terminal, else exactly its text."""
    text = write_json(value, indent=2)
    if has_terminal():
        console().print(highlight(escape_for_terminal(text), "json", word_wrap=True))
    else:
        print_json_text(text + "\n")


def print_json_text(text: str | bytes) -> None:
    """Print JSON, or lines of it, on stdout; it is valid JSON of the same meaning everywhere."""
    print_data(escape_separators(text.encode() if isinstance(text, str) else text))


def print_data(text: str | bytes) -> None:
    """Print data on stdout, always in UTF-8, because programs expect it; a terminal gets escapes."""
    data = text.encode() if isinstance(text, str) else text
    if has_terminal():
        data = escape_for_terminal(data.decode()).encode()
    click.echo(data, nl=False)


def print_diff(text: str) -> None:
    """Print a diff on stdout: coloured on a terminal, else exactly its text."""
    if has_terminal():
        console().print(highlight(escape_for_terminal(text), "diff"))
    else:
        print_data(text)


def highlight(text: str, language: str, *, word_wrap: bool = False) -> RenderableType:
    """Return a text with the colours of its language."""
    from rich.syntax import Syntax  # noqa: PLC0415 - all of Pygments, and few commands need it

    return Syntax(text, language, background_color="default", word_wrap=word_wrap)


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


def print_validation(loaded: Sequence[LoadedTenant], *, is_strict: bool = False) -> None:
    """Print every finding, and a line for each tenant; a strict validation passes none with warnings."""
    target = console()
    for tenant in loaded:
        print_findings(tenant.findings, stderr=False)
        passes = tenant.ok and not (is_strict and tenant.findings)
        verdict = _describe_tenant(tenant) + ("" if passes or not tenant.ok else _NOT_STRICT)
        target.print(Text(f"{clean(tenant.name)}: {verdict}", style="green" if passes else "red"))


def _describe_tenant(tenant: LoadedTenant) -> str:
    if not tenant.ok:
        return "cannot run"
    names = ", ".join(plan.name for plan in tenant.plans)
    plural = "s" if len(tenant.plans) != 1 else ""
    return f"{len(tenant.plans)} mapping{plural} ready: {names}"


def progress(description: str) -> Progress:
    """Return a progress bar for stderr that disappears at the end; hidden without a terminal."""
    target = console(stderr=True)
    return Progress(
        TextColumn(description),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=target,
        transient=True,
        disable=not has_terminal(stderr=True),
    )
