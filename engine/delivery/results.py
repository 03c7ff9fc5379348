"""The result of an attempt and of each of its records. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ..findings.diagnostics import Finding
from ..run import Proof
from ..run.ledger import Answer, MovedDate, WrittenRecord
from .prepare import Prepared


class AttemptState(StrEnum):
    """The state of a delivery after an attempt."""

    DELIVERED = "delivered"
    IGNORED = "ignored"
    WAITING = "waiting"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class RecordAnswers:
    """The ledger's answers about one record, and their result; no data of customers.

    `answers` are those to requests that write, in order; none if a look-up decided. `posted` is the
    record in the ledger, `stopped` the reason why it was not written. `moved` is the date that was sent,
    or that the record has, in place of one whose period was closed.
    """

    name: str
    record: str
    answers: tuple[Answer, ...]
    posted: WrittenRecord | None = None
    stopped: str | None = None
    moved: MovedDate | None = None

    def document(self) -> dict[str, object]:
        """Return the answers as a JSON object."""
        return {
            "name": self.name,
            "record": self.record,
            "answers": [
                {
                    "verdict": answer.verdict.value,
                    "status": answer.status,
                    "class": answer.class_,
                    "codes": list(answer.codes),
                }
                for answer in self.answers
            ],
            "id": self.posted.id if self.posted else None,
            "how": self.posted.how if self.posted else None,
            "stopped": self.stopped,
            "moved": self.moved and self.moved.document(),
        }


@dataclass(frozen=True, slots=True)
class Delivery:
    """The result of an attempt.

    `reason` is the rule that ignored the event, the retry rule it waits by, or why it is parked;
    `words` are the same for people. `posted` are the records in the ledger, in order; `answered` has an
    entry for each record that this attempt reached. `doubts` are the names of the records that may stand,
    though no answer reported it. `wait` is the seconds until the next attempt of a delivery
    that waits. `prepared` holds inputs and outcome; None if a system did not deliver a source or a lookup.
    """

    tenant: str
    mapping: str
    order: str
    state: AttemptState
    reason: str | None = None
    words: str | None = None
    posted: tuple[WrittenRecord, ...] = ()
    answered: tuple[RecordAnswers, ...] = ()
    findings: tuple[Finding, ...] = ()
    proofs: tuple[Proof, ...] = ()
    doubts: frozenset[str] = frozenset()
    wait: float | None = None
    attempts: int = 1
    prepared: Prepared | None = None

    @property
    def is_unsure(self) -> bool:
        """Whether any record may stand."""
        return bool(self.doubts)
