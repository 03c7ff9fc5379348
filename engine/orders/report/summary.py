"""What became of very many orders, in a memory that does not grow with their number.

Outcomes are counted by what happened. Findings are grouped by code and place,
with the first one in full and the messages of the others counted. What is
beyond the limits is counted too, by its code alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from ...findings.diagnostics import Finding
from ...run import Outcome, RunState
from .excerpt import clean
from .findings import Styled, as_styled
from .outcomes import select_outcomes

MOST_MESSAGES = 50
_MOST_GROUPS, _MOST_KINDS = 500, 500
_LONGEST_MESSAGE = 300

_WORST = (RunState.FAILED, RunState.NOT_READY, RunState.RENDERED, RunState.IGNORED)

# The state, the mapping, and the rule that ignored the order or will fetch it again.
Kind = tuple[RunState, str, str]
# The code, and the place in a mapping; empty for what is wrong with an order's own files.
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class OutcomeGroup:
    """Findings of one code at one place: the first in full, how many orders have each message."""

    first: str
    shown: Styled
    orders: int
    messages: Counter[str]


@dataclass(slots=True)
class OutcomeSummary:
    """Counts that grow with each order that is added.

    `states` count each order once, `kinds` what each mapping made of it; `unlisted` are the codes
    beyond the limits.
    """

    orders: int = 0
    refused: int = 0
    states: Counter[RunState] = field(default_factory=Counter)
    kinds: Counter[Kind] = field(default_factory=Counter)
    groups: dict[Key, OutcomeGroup] = field(default_factory=dict)
    unlisted: Counter[str] = field(default_factory=Counter)

    def add(self, name: str, path: str, outcomes: Sequence[Outcome]) -> None:
        """Count one order: its name, the path of its folder, and what each mapping made of it."""
        self.orders += 1
        # An order that several mappings want is one order: what is worst of it counts.
        self.states[min((each.state for each in outcomes), key=_WORST.index)] += 1
        for outcome in select_outcomes(outcomes):
            self._count(_kind(outcome), 1)
        found = _by_key(path, (finding for each in outcomes for finding in each.findings))
        self.refused += bool(found)
        for key, findings in found.items():
            messages = Counter(dict.fromkeys(_messages(path, findings), 1))
            self._join(
                key,
                OutcomeGroup(first=name, shown=as_styled(findings[0]), orders=1, messages=messages),
            )

    def absorb(self, other: OutcomeSummary) -> None:
        """Count what another digest counted, of orders that come after these."""
        self.orders += other.orders
        self.refused += other.refused
        self.states.update(other.states)
        for kind, count in other.kinds.items():
            self._count(kind, count)
        for key, group in other.groups.items():
            self._join(key, group)
        self.unlisted.update(other.unlisted)

    def _count(self, kind: Kind, orders: int) -> None:
        known = kind in self.kinds or len(self.kinds) < _MOST_KINDS
        self.kinds[kind if known else (kind[0], "", "other rules")] += orders

    def _join(self, key: Key, group: OutcomeGroup) -> None:
        known = self.groups.get(key)
        if known is not None:
            messages = known.messages
            for message, count in group.messages.items():
                if message in messages or len(messages) < MOST_MESSAGES:
                    messages[message] += count
            self.groups[key] = replace(known, orders=known.orders + group.orders)
        elif len(self.groups) < _MOST_GROUPS:
            self.groups[key] = group
        else:
            self.unlisted[key[0]] += group.orders


def _kind(outcome: Outcome) -> Kind:
    mapping = "" if outcome.state is RunState.IGNORED else outcome.mapping
    return outcome.state, mapping, outcome.reason or ""


def _by_key(path: str, findings: Iterable[Finding]) -> dict[Key, list[Finding]]:
    grouped: dict[Key, list[Finding]] = {}
    for finding in findings:
        place = finding.place
        its_own = place is None or place.text.name.startswith(f"{path}/")
        grouped.setdefault((finding.code, "" if its_own else str(place)), []).append(finding)
    return grouped


def _messages(path: str, findings: Iterable[Finding]) -> Iterable[str]:
    """The messages without the order's folder, so that those of many orders are the same."""
    for finding in findings:
        yield clean(finding.message.replace(f"{path}/", "")[:_LONGEST_MESSAGE])
