"""What people and programs see of deliveries."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from .delivery import Delivery, State
from .diagnostics import errors
from .report.excerpts import clean
from .report.findings import as_document
from .terminal import console, print_findings, print_json

_COLOURS = {
    State.DELIVERED: "green",
    State.IGNORED: "dim",
    State.WAITING: "yellow",
    State.PARKED: "red",
}


def print_deliveries(deliveries: Sequence[Delivery], form: str) -> None:
    """A line for each delivery and each of its records on stdout, findings on stderr; or JSON."""
    if form == "json":
        print_json([delivery_document(delivery) for delivery in deliveries])
        return
    for delivery in deliveries:
        console().print(Text(clean(sentence(delivery)), style=_COLOURS[delivery.state]))
        for posted in delivery.posted:
            shown = f"  {posted.record} {posted.id}  {posted.external_id or ''}  {posted.how}"
            console().print(Text(clean(shown)))
        print_findings(delivery.findings, stderr=True)


def print_words(words: str) -> None:
    """A line for people, on stderr."""
    console(stderr=True).print(Text(clean(words)))


def sentence(delivery: Delivery) -> str:
    """What became of a delivery, in a line."""
    tried = f" after {delivery.attempts} attempts" if delivery.attempts > 1 else ""
    why = ", ".join(part for part in (delivery.reason, _said(delivery)) if part)
    head = f"order {delivery.order} · {delivery.mapping}: {delivery.state}{tried}"
    return f"{head}: {why}" if why else head


def delivery_document(delivery: Delivery) -> dict[str, object]:
    """A delivery as a JSON object."""
    return {
        "tenant": delivery.tenant,
        "mapping": delivery.mapping,
        "order": delivery.order,
        "state": delivery.state.value,
        "reason": delivery.reason,
        "words": delivery.words,
        "attempts": delivery.attempts,
        "posted": [posted.document() for posted in delivery.posted],
        "findings": [as_document(finding) for finding in delivery.findings],
    }


def _said(delivery: Delivery) -> str | None:
    """The words, where no finding says the same below."""
    return None if errors(delivery.findings) else delivery.words
