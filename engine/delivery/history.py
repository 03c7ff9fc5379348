"""The earlier attempts of a delivery: what stands, what may stand, and what is therefore pinned. Pure.

A record *stands* when the ledger reported it. A record *may stand* (doubt) when a request that could have
written it was sent and not answered; a read that fails leaves no doubt. As soon as a record other than one
of `ensure` stands or may stand, later attempts repeat with the inputs and the mapping of the attempt that
sent it: an edit in between would give the record another external id, and a second one would be written.
docs/how-a-mapping-works.md draws the states.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from ..journal.states import EVERY_RECORD
from ..mapping.plan import RetryRule
from ..mapping.systems import ENSURE
from ..run import Inputs, Payload
from ..run.ledger import WrittenRecord


@dataclass(frozen=True, slots=True)
class AttemptHistory:
    """The earlier attempts of a delivery.

    `waited` is the seconds since the first attempt. `by_rule` holds attempts and seconds of each retry
    rule: an order that was throttled in between does not wait longer for its payments. Without it, all
    attempts count. `doubts` are the names of the records that may stand, `written` the records that
    stand, by name. `inputs` are those of a pinned delivery. `sent` are the payloads of the attempt before,
    where an operator requested new inputs: what it may have written is looked up under its own id.
    """

    attempts: int = 0
    waited: float = 0.0
    by_rule: Mapping[str, tuple[int, float]] | None = None
    doubts: frozenset[str] = frozenset()
    inputs: Inputs | None = None
    written: Mapping[str, WrittenRecord] = field(default_factory=dict)
    sent: tuple[Payload, ...] = ()

    def may_stand(self, name: str) -> bool:
        """Whether an earlier attempt may have written the record of this name."""
        return name in self.doubts or EVERY_RECORD in self.doubts

    def waits_under(self, rule: RetryRule) -> tuple[int, float]:
        """Return how many attempts ended in waiting by a rule, and the seconds since the first."""
        if self.by_rule is None:
            return self.attempts, self.waited
        return self.by_rule.get(rule.name, (0, 0.0))


FIRST_ATTEMPT = AttemptHistory()


def is_pinned(ways: Mapping[str, str], doubts: Collection[str], standing: Iterable[str]) -> bool:
    """Whether a delivery repeats with its inputs and its mapping.

    `ways` are the records that an attempt was about to write, by name with their `write`; `doubts` and
    `standing` are the names of records that may stand and that stand.
    """
    # A shared record is found again by its query, whatever is edited.
    own = {name for name, way in ways.items() if way != ENSURE}
    return bool(own) and (EVERY_RECORD in doubts or not own.isdisjoint({*doubts, *standing}))


def ways_of(payloads: Iterable[Payload]) -> dict[str, str]:
    """Return the way in which each payload is written, by its name."""
    return {payload.name: payload.write for payload in payloads}


def remaining_doubts(
    past: AttemptHistory, payloads: Iterable[Payload], standing: Collection[str]
) -> frozenset[str]:
    """Return the doubts of earlier attempts without the records that stand now."""
    names = {payload.name for payload in payloads}
    known = names if EVERY_RECORD in past.doubts else past.doubts
    return frozenset(known) - frozenset(standing)
