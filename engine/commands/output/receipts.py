"""What people and programs see of deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from rich.text import Text

from ...delivery import AttemptState, Delivery
from ...findings.diagnostics import select_errors
from ...orders.report.excerpt import clean
from ...orders.report.findings import as_document
from ...orders.report.outcomes import outcome_document
from ...run import Outcome
from ...run.ledger import Forecast
from .terminal import console, print_findings, print_json, print_outcomes, proof_table

_COLOURS = {
    AttemptState.DELIVERED: "green",
    AttemptState.IGNORED: "dim",
    AttemptState.WAITING: "yellow",
    AttemptState.PARKED: "red",
}


def print_deliveries(deliveries: Sequence[Delivery], form: str) -> None:
    """A line for each delivery and each of its records on stdout, findings on stderr; or JSON."""
    if form == "json":
        print_json([delivery_document(delivery) for delivery in deliveries])
        return
    for delivery in deliveries:
        console().print(Text(clean(describe_delivery(delivery)), style=_COLOURS[delivery.state]))
        for posted in delivery.posted:
            moved = f"  {posted.moved.words}, whose period is closed" if posted.moved else ""
            shown = (
                f"  {posted.record} {posted.id}  {posted.external_id or ''}  {posted.how}{moved}"
            )
            console().print(Text(clean(shown)))
        _print_remarks(delivery)
        print_findings(delivery.findings, stderr=True)


def _print_remarks(delivery: Delivery) -> None:
    """What to do about it, and the proofs of an order in which one does not hold, on stderr."""
    if delivery.wait is not None:
        words = f"not tried any more now: send it again after {delivery.wait:g} s"
        print_note(f"order {delivery.order}: {words}, or give it more --patience")
    if delivery.is_unsure:
        print_note(
            f"order {delivery.order}: something may have been written; sending it again looks first"
        )
    if not all(proof.holds for proof in delivery.proofs):
        for proof in delivery.proofs:
            console(stderr=True).print(proof_table(proof))


def print_prepared(
    prepared: Sequence[tuple[Outcome, Sequence[Forecast] | None]], form: str
) -> None:
    """Outcomes as `render` shows them, each with what writing its records would do, if foreseen."""
    if form == "human":
        print_outcomes([outcome for outcome, _ in prepared], form)
        for forecast in (forecast for _, forecasts in prepared for forecast in forecasts or ()):
            shown = forecast.payload.external_id or forecast.payload.name
            print_note(f"{forecast.payload.record} {shown}: {forecast.words}")
        return
    documents = []
    for outcome, forecasts in prepared:
        more = (
            {}
            if forecasts is None
            else {"foreseen": [forecast.document() for forecast in forecasts]}
        )
        documents.append(outcome_document(outcome) | more)
    print_json(documents)


def print_note(words: str) -> None:
    """A line for people, on stderr."""
    console(stderr=True).print(Text(clean(words)))


def describe_delivery(delivery: Delivery) -> str:
    """What became of a delivery, in a line."""
    tried = f" after {delivery.attempts} attempts" if delivery.attempts > 1 else ""
    why = ", ".join(part for part in (delivery.reason, _words_without_finding(delivery)) if part)
    head = f"order {delivery.order} · {delivery.mapping}: {delivery.state}{tried}"
    return f"{head}: {why}" if why else head


def delivery_document(delivery: Delivery) -> dict[str, object]:
    """A delivery as a JSON object; `wait` in seconds, null where it waits for nothing."""
    return {
        "tenant": delivery.tenant,
        "mapping": delivery.mapping,
        "order": delivery.order,
        "state": delivery.state.value,
        "reason": delivery.reason,
        "words": delivery.words,
        "attempts": delivery.attempts,
        "wait": None if delivery.wait is None else _format_seconds(delivery.wait),
        "is_unsure": delivery.is_unsure,
        "posted": [posted.document() for posted in delivery.posted],
        "proofs": [proof.document() for proof in delivery.proofs],
        "findings": [as_document(finding) for finding in delivery.findings],
    }


def _format_seconds(seconds: float) -> Decimal:
    """Seconds as JSON of ours holds numbers: whole milliseconds, without a trailing zero."""
    return Decimal(f"{seconds:.3f}".rstrip("0").rstrip("."))


def _words_without_finding(delivery: Delivery) -> str | None:
    """The words, where no finding says the same below."""
    return None if select_errors(delivery.findings) else delivery.words
