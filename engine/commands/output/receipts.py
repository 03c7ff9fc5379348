"""Prints deliveries, and the predictions of a dry run."""

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
from .outcomes import print_outcomes, proof_table
from .terminal import console, print_findings, print_json

_COLOURS = {
    AttemptState.DELIVERED: "green",
    AttemptState.IGNORED: "dim",
    AttemptState.WAITING: "yellow",
    AttemptState.PARKED: "red",
}


def print_deliveries(deliveries: Sequence[Delivery], form: str) -> None:
    """Print a line for each delivery and record on stdout, and findings on stderr; or JSON."""
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
    """Print what to do next, and all proofs of an order if one of them fails, on stderr."""
    if delivery.wait is not None:
        words = f"no more attempts now: send it again after {delivery.wait:g} s"
        print_note(f"order {delivery.order}: {words}, or with a longer --patience")
    if delivery.is_unsure:
        print_note(
            f"order {delivery.order}: a record may have been written; sending it again looks it up first"
        )
    if not all(proof.holds for proof in delivery.proofs):
        for proof in delivery.proofs:
            console(stderr=True).print(proof_table(proof))


def print_prepared(
    prepared: Sequence[tuple[Outcome, Sequence[Forecast] | None]], form: str
) -> None:
    """Print outcomes as `render` does, each with the predicted effect of writing its records."""
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
    """Print a line on stderr."""
    console(stderr=True).print(Text(clean(words)))


def describe_delivery(delivery: Delivery) -> str:
    """Return one line on how a delivery ended."""
    tried = f" after {delivery.attempts} attempts" if delivery.attempts > 1 else ""
    why = ", ".join(part for part in (delivery.reason, _words_without_finding(delivery)) if part)
    head = f"order {delivery.order} · {delivery.mapping}: {delivery.state}{tried}"
    return f"{head}: {why}" if why else head


def delivery_document(delivery: Delivery) -> dict[str, object]:
    """Return a delivery as a JSON object; `wait` is in seconds, null when it does not wait."""
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
    """Return seconds as a JSON number: rounded to milliseconds, without trailing zeros."""
    return Decimal(f"{seconds:.3f}".rstrip("0").rstrip("."))


def _words_without_finding(delivery: Delivery) -> str | None:
    """Return the delivery's words, or None when the findings below say the same."""
    return None if select_errors(delivery.findings) else delivery.words
