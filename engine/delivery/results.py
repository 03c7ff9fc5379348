"""What became of a delivery, and of each of its records. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ..findings.diagnostics import Finding
from ..netsuite import Answer
from ..run import Proof
from .periods import MovedDate
from .prepare import Prepared


class AttemptState(StrEnum):
    """Where a delivery stands after an attempt."""

    DELIVERED = "delivered"
    IGNORED = "ignored"
    WAITING = "waiting"
    PARKED = "parked"


ALREADY_THERE = "already there"


@dataclass(frozen=True, slots=True)
class WrittenRecord:
    """A record that stands in NetSuite.

    `how` is `created`, `found` (of `ensure`), `already there` (an earlier attempt wrote it),
    `updated`, `upserted`, `transformed` or `posted earlier` (by an earlier integration, under the
    external id it has from there). `moved` is set when its tranDate is not the mapping's, whose
    period was closed.
    """

    name: str
    record: str
    external_id: str | None
    id: str
    how: str
    moved: MovedDate | None = None

    def document(self) -> dict[str, object]:
        """As a JSON object."""
        return {
            "name": self.name,
            "record": self.record,
            "external_id": self.external_id,
            "id": self.id,
            "how": self.how,
            "moved": self.moved and self.moved.document(),
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> WrittenRecord:
        """One of an earlier attempt, of its document."""
        moved = document.get("moved")
        return cls(
            document["name"],
            document["record"],
            document["external_id"],
            document["id"],
            ALREADY_THERE,
            None if moved is None else MovedDate.of(moved),
        )


@dataclass(frozen=True, slots=True)
class StoppedRecord:
    """A record that could not be written, or nobody knows.

    `reason` names why, for whoever waits or looks: `id_taken`, `not_confirmed`, `line_not_found`,
    `record_missing`, `period_closed`, or the verdict of NetSuite's `answer`. `is_unsure` says that something may
    have been written: look before sending again. `stands` is the record that was written and not
    confirmed.
    """

    reason: str
    words: str
    answer: Answer | None = None
    is_unsure: bool = False
    stands: WrittenRecord | None = None


@dataclass(frozen=True, slots=True)
class RecordAnswers:
    """What NetSuite answered about one record, and what it came to: nothing of the customer's.

    `answers` are those to requests that write, in order; none where a look-up decided. `posted` is
    the record as it stands, `stopped` the reason why it does not. `moved` is the tranDate that was sent, or
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
