"""The outcome of one event in one mapping: payloads and their proof, or the reasons why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ..documents.exact import Number
from ..findings.diagnostics import Finding


class RunState(StrEnum):
    """How a run ended."""

    RENDERED = "rendered"
    IGNORED = "ignored"
    NOT_READY = "not_ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Payload:
    """One ledger record to write; `body` is its JSON, `write` the way it is written.

    `details` holds the keys that only some records have: find, serialize, earlier, confirm, match,
    landed, from. `is_plain` is set if every value is of a JSON type, so that no value needs to be
    converted before it is written.
    """

    name: str
    record: str
    write: str
    external_id: str | None
    body: Mapping[str, object]
    details: Mapping[str, object]
    is_plain: bool = field(default=False, compare=False, repr=False)

    def document(self) -> dict[str, object]:
        """Return the payload as a JSON object, in the order people read it."""
        head: dict[str, object] = {"name": self.name, "record": self.record, "write": self.write}
        if self.external_id is not None:
            head["external_id"] = self.external_id
        return head | dict(self.details) | {"body": dict(self.body)}


def payload_of(document: Mapping[str, Any]) -> Payload:
    """Return the payload of a JSON object, as `Payload.document` writes it."""
    details = {name: value for name, value in document.items() if name not in _HEAD}
    return Payload(
        name=document["name"],
        record=document["record"],
        write=document["write"],
        external_id=document.get("external_id"),
        body=document["body"],
        details=details,
    )


_HEAD = frozenset(("name", "record", "write", "external_id", "body"))


@dataclass(frozen=True, slots=True)
class Proof:
    """The result of one check: the terms with their amounts, their sum, and the expected sum.

    `gap` is the difference between sum and expected sum, zero if the check holds; `suspects` names
    the amounts of the order that equal the gap.
    """

    check: str
    terms: tuple[tuple[str, Number], ...]
    sum: Number
    expected: Number
    gap: Number
    currency: str | None
    suspects: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the sum equals the expected sum exactly."""
        return self.gap == 0

    def document(self) -> dict[str, object]:
        """Return the proof as a JSON object."""
        return {
            "check": self.check,
            "terms": dict(self.terms),
            "sum": self.sum,
            "expected": self.expected,
            "gap": self.gap,
            "holds": self.holds,
            "suspects": list(self.suspects),
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one run. Payloads are complete and proved, or there are none.

    For an order that is not ready, `reason` is the retry rule, `detail` the missing source or
    condition, and `found` the two numbers that were compared, if any. For an ignored order,
    `reason` is the rule that ignored it.
    """

    tenant: str
    mapping: str
    order: str
    state: RunState
    reason: str | None = None
    detail: str | None = None
    payloads: tuple[Payload, ...] = ()
    proofs: tuple[Proof, ...] = ()
    findings: tuple[Finding, ...] = ()
    found: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the order ended without findings."""
        return self.state is not RunState.FAILED
