"""What is told: a kind of trouble, of which tenant, how often, and why. Pure.

Nothing in it is a customer's: words are ours, reasons are names of rules and states.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

PARKED, STREAM_STOPPED = "parked", "stream_stopped"
CERTIFICATE_EXPIRING = "certificate_expiring"
KINDS = (PARKED, STREAM_STOPPED, CERTIFICATE_EXPIRING)
# So many reasons are told apart in one message; the rest of them is counted together.
_MOST_REASONS = 20
_OTHER = "other"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that happened, `counts` times for each reason. `at` is in UTC."""

    kind: str
    tenant: str
    words: str
    at: datetime
    counts: Mapping[str, int] = field(default_factory=dict)
    since: datetime | None = None

    def and_then(self, later: Notice) -> Notice:
        """Both as one: the later words, all counts."""
        counts = Counter(self.counts)
        for reason, count in later.counts.items():
            is_told = reason in counts or len(counts) < _MOST_REASONS
            counts[reason if is_told else _OTHER] += count
        since = self.since or self.at
        return Notice(self.kind, self.tenant, later.words, later.at, dict(counts), since)

    def document(self) -> dict[str, object]:
        """The message, as JSON."""
        return {
            "kind": self.kind,
            "tenant": self.tenant,
            "words": self.words,
            "count": sum(self.counts.values()),
            "counts": dict(self.counts),
            "from": _told(self.since or self.at),
            "to": _told(self.at),
        }


def _told(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
