"""What became of orders: payloads, proofs and outcomes, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable

from .. import exact
from ..run import Outcome, Proof, State
from .findings import as_document

Row = tuple[str, str, str]


def outcome_document(outcome: Outcome) -> dict[str, object]:
    """An outcome as a JSON object; payloads only when the order was rendered."""
    return {
        "tenant": outcome.tenant,
        "mapping": outcome.mapping,
        "order": outcome.order,
        "state": str(outcome.state),
        "reason": outcome.reason,
        "detail": outcome.detail,
        "payloads": payload_documents(outcome),
        "proofs": [proof.document() for proof in outcome.proofs],
        "findings": [as_document(finding) for finding in outcome.findings],
    }


def payload_documents(outcome: Outcome) -> list[dict[str, object]]:
    """The payloads as JSON objects, in the order of writing."""
    return [payload.document() for payload in outcome.payloads]


def sentence(outcome: Outcome) -> str:
    """One line about an outcome."""
    return _SENTENCES[outcome.state](outcome)


def proof_rows(proof: Proof) -> list[Row]:
    """The proof as rows (what, amount, remark): terms, their sum, what it had to be."""
    rows = [(name, amount(value), "") for name, value in proof.terms]
    if len(rows) > 1 or proof.expected == 0:
        rows.append(("sum", amount(proof.sum), ""))
    rows.append(("must be", amount(proof.expected), "" if proof.holds else "✗"))
    if proof.holds:
        return [*rows[:-1], (*rows[-1][:2], "✓")]
    remark = (
        "equals " + " and ".join(proof.suspects[:4]) if proof.suspects else "no amount equals it"
    )
    return [*rows, ("off by", amount(proof.gap), remark)]


def amount(number: exact.Number) -> str:
    """A number for reading: thousands separated, decimals as they are."""
    return f"{number:,d}" if isinstance(number, int) else f"{number:,f}"


def ignored_by_all(outcomes: Iterable[Outcome]) -> bool:
    """Whether no mapping wanted the event."""
    return all(outcome.state is State.IGNORED for outcome in outcomes)


def _rendered(outcome: Outcome) -> str:
    what = ", ".join(
        f"{payload.record} {payload.external_id or ''}".strip() for payload in outcome.payloads
    )
    return f"order {outcome.order} · {outcome.mapping}: rendered {what}"


def _ignored(outcome: Outcome) -> str:
    return f"order {outcome.order} · {outcome.mapping}: ignored ({outcome.reason})"


def _waiting(outcome: Outcome) -> str:
    return (
        f"order {outcome.order} · {outcome.mapping}: not ready, {outcome.detail} does not hold yet; "
        f"retry rule {outcome.reason}"
    )


def _failed(outcome: Outcome) -> str:
    count = len(outcome.findings)
    return f"order {outcome.order} · {outcome.mapping}: {count} finding{'s' if count != 1 else ''}"


_SENTENCES = {
    State.RENDERED: _rendered,
    State.IGNORED: _ignored,
    State.NOT_READY: _waiting,
    State.FAILED: _failed,
}
