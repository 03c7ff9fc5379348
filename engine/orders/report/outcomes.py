"""Format the outcomes of orders, with payloads and proofs, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from ...documents import exact, write_json_bytes
from ...documents.money import MINOR_UNITS
from ...run import Outcome, Proof, RunState
from .findings import as_document

Row = tuple[str, str, str]


def outcome_document(outcome: Outcome) -> dict[str, object]:
    """Return an outcome as a JSON object; payloads only if the order was rendered."""
    return {
        "tenant": outcome.tenant,
        "mapping": outcome.mapping,
        "order": outcome.order,
        "state": str(outcome.state),
        "reason": outcome.reason,
        "detail": outcome.detail,
        "found": outcome.found,
        "payloads": payload_documents(outcome),
        "proofs": [proof.document() for proof in outcome.proofs],
        "findings": [as_document(finding) for finding in outcome.findings],
    }


def outcome_line(name: str, outcome: Outcome) -> bytes:
    """Return an outcome as one line of JSON, with the name of its order."""
    return _write_document({"name": name} | outcome_document(outcome), outcome) + b"\n"


def payloads_text(outcome: Outcome) -> bytes:
    """Return the payloads as one compact JSON text."""
    return _write_document(payload_documents(outcome), outcome)


def _write_document(document: object, outcome: Outcome) -> bytes:
    is_plain = not outcome.findings and all(payload.is_plain for payload in outcome.payloads)
    return write_json_bytes(document, is_plain=is_plain)


def payload_documents(outcome: Outcome) -> list[dict[str, object]]:
    """Return the payloads as JSON objects, in the order of writing."""
    return [payload.document() for payload in outcome.payloads]


def describe_outcome(outcome: Outcome) -> str:
    """Return one line about an outcome."""
    return _SENTENCES[outcome.state](outcome)


def proof_rows(proof: Proof) -> list[Row]:
    """Return the proof as rows (name, amount, remark): terms, their sum, the expected sum."""
    rows = [(name, format_amount(value, proof.currency), "") for name, value in proof.terms]
    if len(rows) > 1:
        rows.append(("sum", format_amount(proof.sum, proof.currency), ""))
    rows.append(
        ("must be", format_amount(proof.expected, proof.currency), "✓" if proof.holds else "✗")
    )
    if proof.holds:
        return rows
    remark = (
        "equals " + " or ".join(proof.suspects[:4]) if proof.suspects else "no amount equals it"
    )
    return [*rows, ("off by", format_amount(proof.gap, proof.currency), remark)]


def format_amount(number: exact.Number, currency: str | None = None) -> str:
    """Format a number: thousands separated, with at least the decimals of its currency."""
    places = MINOR_UNITS.get(currency or "", 0)
    if isinstance(number, int):
        return f"{Decimal(number):,.{places}f}"
    own = -int(number.as_tuple().exponent)
    return f"{number:,.{max(own, places, 0)}f}"


def is_ignored_by_all(outcomes: Iterable[Outcome]) -> bool:
    """Whether every mapping ignored the event."""
    return all(outcome.state is RunState.IGNORED for outcome in outcomes)


def select_outcomes(outcomes: Sequence[Outcome]) -> Sequence[Outcome]:
    """Return the outcomes of one order that are not ignored; the first one if all are."""
    if is_ignored_by_all(outcomes):
        return outcomes[:1]
    return [outcome for outcome in outcomes if outcome.state is not RunState.IGNORED]


def _rendered(outcome: Outcome) -> str:
    records = ", ".join(
        f"{payload.record} {payload.external_id or ''}".strip() for payload in outcome.payloads
    )
    return f"order {outcome.order} · {outcome.mapping}: rendered {records}"


def _ignored(outcome: Outcome) -> str:
    return f"order {outcome.order} · {outcome.mapping}: ignored ({outcome.reason})"


def _waiting(outcome: Outcome) -> str:
    missing = outcome.detail or ""
    state = "is not there yet" if missing.startswith("sources.") else "does not hold yet"
    found = f" ({outcome.found})" if outcome.found else ""
    return (
        f"order {outcome.order} · {outcome.mapping}: not ready, {missing} {state}{found}; "
        f"retry rule {outcome.reason}"
    )


def _failed(outcome: Outcome) -> str:
    count = len(outcome.findings)
    return f"order {outcome.order} · {outcome.mapping}: {count} finding{'s' if count != 1 else ''}"


_SENTENCES = {
    RunState.RENDERED: _rendered,
    RunState.IGNORED: _ignored,
    RunState.NOT_READY: _waiting,
    RunState.FAILED: _failed,
}
