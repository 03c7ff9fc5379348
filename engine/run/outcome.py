"""What became of one event in one mapping: payloads and their proof, or the reasons why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

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
    """One NetSuite record to write; `body` is its JSON, `write` says how.

    `details` holds what only some records have: find, serialize, earlier, confirm, match,
    landed, from.
    `is_plain` says that all in it is known to be of JSON's own kinds, so that it can be written as
    it is.
    """

    name: str
    record: str
    write: str
    external_id: str | None
    body: Mapping[str, object]
    details: Mapping[str, object]
    is_plain: bool = field(default=False, compare=False, repr=False)

    def document(self) -> dict[str, object]:
        """The payload as a JSON object, in the order people read it."""
        head: dict[str, object] = {"name": self.name, "record": self.record, "write": self.write}
        if self.external_id is not None:
            head["external_id"] = self.external_id
        return head | dict(self.details) | {"body": dict(self.body)}


@dataclass(frozen=True, slots=True)
class Proof:
    """One check, carried out: the terms with their amounts, their sum, and what it had to be.

    `gap` is by how much the sum is off, zero when the check holds; `suspects` names amounts of the order that equal the gap, when there is one.
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
        """Whether the sum is what it has to be, exactly."""
        return self.gap == 0

    def document(self) -> dict[str, object]:
        """The proof as a JSON object."""
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
    """The end of one run. Payloads are complete and proved, or there are none.

    `reason` is the retry rule of an order that is not ready, with `detail` saying what was missing
    and `found`, where two numbers were compared, which; or the rule that ignored it.
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
        """True unless the order ended in findings."""
        return self.state is not RunState.FAILED
