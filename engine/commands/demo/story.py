"""The five orders on one screen: what each meets, its proof in short, how its delivery ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rich.text import Text

from ...journal.deliveries import ListedDelivery
from ...journal.states import DeliveryState
from ...orders.report.excerpt import clean
from ...orders.report.findings import as_styled
from ...orders.report.outcomes import format_amount
from ...run import Outcome, Proof
from ..output.terminal import console
from .delivered import SCENES, DemoResult, Scene, SceneResult

Row = tuple[str, Text]
_WIDTH, _INDENT = 100, 12


_OFF_BALANCE = "E0801"


def print_introduction(*, dry: bool) -> None:
    """Print what the reader is about to see."""
    how = "rendered; nothing is sent" if dry else "delivered to simulators on this machine"
    console().print(Text(f"Five orders of an example shop, {how}\n", style="bold"))


def print_scene(
    number: int, scene: Scene, outcomes: Sequence[Outcome], result: SceneResult | None
) -> None:
    """Print one order: a heading, its rendering, and its delivery where there is one."""
    target = console()
    title = f"{number}. {clean(outcomes[0].order)}: {scene.words}"
    target.print(Text(title, style="bold yellow" if scene.must_fail else "bold"))
    rows = [row for outcome in outcomes for row in _outcome_rows(outcome)]
    rows += _delivery_rows(result) if result is not None else []
    width = min(_WIDTH, target.width) - _INDENT
    for label, text in rows:
        for at, line in enumerate(text.wrap(target, width)):
            line.rstrip()
            target.print(Text.assemble(f"  {'' if at else label}".ljust(_INDENT), line))
    target.print()


def print_ledger(found: DemoResult) -> bool:
    """Print how many transactions NetSuite holds; whether they are those that it must hold."""
    count = len(found.transactions)
    is_sound = (
        all(found.by_case[scene.case].created == (not scene.must_fail) for scene in SCENES)
        and count == sum(result.created for result in found.by_case.values())
        and not any(record.fields["total"] for record in found.transactions)
    )
    words = (
        "each order once, and every one balances to 0.00"
        if is_sound
        else "not what these orders must become"
    )
    style = "bold green" if is_sound else "bold red"
    console().print(Text(f"the ledger holds {count} transactions: {words}", style=style))
    return is_sound


def _outcome_rows(outcome: Outcome) -> Iterator[Row]:
    if outcome.ok:
        records = ", ".join(f"{one.record} {one.external_id}" for one in outcome.payloads)
        yield "rendered", Text(clean(records))
    for proof in outcome.proofs:
        if len(proof.terms) > 1 and any(value for _, value in proof.terms):
            yield proof.check, _proof_text(proof)
    # The proof that does not hold says most; an order may have other findings beside it.
    findings = sorted(outcome.findings, key=lambda finding: finding.code != _OFF_BALANCE)
    for finding in findings[:1]:
        text = Text.assemble(*as_styled(replace(finding, subject=None)))
        text.rstrip()
        yield "refused", text
    if len(findings) > 1:
        yield "also", Text(f"{len(findings) - 1} more: `erpmap render` shows all findings")


def _proof_text(proof: Proof) -> Text:
    """The proof of a check on a line, without the terms that are 0."""
    terms = [
        f"{name} {format_amount(value, proof.currency)}" for name, value in proof.terms if value
    ]
    verdict, style = ("✓", "green") if proof.holds else ("✗", "red")
    sum_ = f"{format_amount(proof.sum, proof.currency)} {proof.currency or ''}".rstrip()
    return Text(clean(f"{', '.join(terms)}: sum {sum_} ") + verdict, style=style)


def _delivery_rows(result: SceneResult) -> Iterator[Row]:
    answers = ", then ".join(map(str, result.answers))
    times = "event sent" if len(result.answers) == 1 else f"event sent {len(result.answers)} times"
    yield "sent", Text(f"{times}, answered {answers}")
    if result.broken:
        lost = f"{result.broken} connection ended after NetSuite had stored the order"
        yield "fault", Text(lost, style="yellow")
    for one in result.deliveries:
        many = "attempt" if one.attempts == 1 else "attempts"
        end = _end_of(one, result)
        style = "green" if one.state is DeliveryState.DELIVERED else "yellow"
        yield str(one.state), Text(f"{end}, {one.attempts} {many}", style=style)


def _end_of(one: ListedDelivery, result: SceneResult) -> str:
    """What NetSuite holds after a delivery: nothing where it did not end well."""
    records = ", ".join(f"{it.kind.record} {it.id}" for it in result.transactions)
    if one.state is not DeliveryState.DELIVERED:
        return f"waiting for a person; NetSuite holds {records or 'nothing'} of it"
    times = "once" if result.created == 1 else f"{result.created} times"
    return f"{records} in NetSuite, created {times}"
