"""What became of a delivery, and of each of its records. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ..findings.diagnostics import Finding
from ..run import Proof
from ..run.ledger import Answer, MovedDate, WrittenRecord
from .prepare import Prepared


class AttemptState(StrEnum):
    """Where a delivery stands after an attempt."""

    DELIVERED = "delivered"
    IGNORED = "ignored"
    WAITING = "waiting"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class RecordAnswers:
    """What the ledger answered about one record, and what it came to: nothing of the customer's.

    `answers` are those to requests that write, in order; none where a look-up decided. `posted` is
    the record as it stands, `stopped` the reason why it does not. `moved` is the date that was sent, or
    stands there, in place of one whose period was closed.
    """

    name: str
    record: str
    answers: tuple[Answer, ...]
    posted: WrittenRecord | None = None
    stopped: str | None = None
    moved: MovedDate | None = None

    def document(self) -> dict[str, object]:
        """As a JSON object."""
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
    """What an attempt came to.

    `reason` is the rule that ignored it, the retry rule it waits by, or why it is parked; `words`
    say it for people. `posted` are the records that stand in NetSuite, in order; `answered` tells of
    each record that this attempt came to. `is_unsure` as in
    Stopped. `wait` are the seconds until the next attempt, of one that waits. `prepared` is what the
    mapping was given and made of it; None where a system did not give what was needed.
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
    is_unsure: bool = False
    wait: float | None = None
    attempts: int = 1
    prepared: Prepared | None = None
