"""Summarize very many orders, in memory that does not grow with their number.

Outcomes are counted by state, mapping and rule. Findings are grouped by code and place: the first
one in full, the messages of the others counted. Beyond the limits, findings are counted by code.
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

MAX_MESSAGES = 50
_MAX_GROUPS, _MAX_KINDS = 500, 500
_MAX_MESSAGE_LENGTH = 300

_WORST_FIRST = (RunState.FAILED, RunState.NOT_READY, RunState.RENDERED, RunState.IGNORED)

# The state, the mapping, and the rule that ignored the order or will fetch it again.
Kind = tuple[RunState, str, str]
# The code, and the place in a mapping; empty for a finding about an order's own files.
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
    """The counts of all orders added so far.

    `states` counts each order once, `kinds` the outcome of each mapping; `refused` counts orders
    with findings, `unlisted` the codes beyond the limits.
    """

    orders: int = 0
    refused: int = 0
    states: Counter[RunState] = field(default_factory=Counter)
    kinds: Counter[Kind] = field(default_factory=Counter)
    groups: dict[Key, OutcomeGroup] = field(default_factory=dict)
    unlisted: Counter[str] = field(default_factory=Counter)

    def add(self, name: str, path: str, outcomes: Sequence[Outcome]) -> None:
        """Count one order: its name, the path of its folder, and its outcome in each mapping."""
        self.orders += 1
        # An order that several mappings want counts once, with its worst state.
        self.states[min((outcome.state for outcome in outcomes), key=_WORST_FIRST.index)] += 1
        for outcome in select_outcomes(outcomes):
            self._count_kind(_kind_of(outcome), 1)
        found = _group_findings(
            path, (finding for outcome in outcomes for finding in outcome.findings)
        )
        self.refused += bool(found)
        for key, findings in found.items():
            messages = Counter(dict.fromkeys(_list_messages(path, findings), 1))
            self._merge_group(
                key,
                OutcomeGroup(first=name, shown=as_styled(findings[0]), orders=1, messages=messages),
            )

    def merge(self, other: OutcomeSummary) -> None:
        """Add the counts of another summary, of later orders."""
        self.orders += other.orders
        self.refused += other.refused
        self.states.update(other.states)
        for kind, count in other.kinds.items():
            self._count_kind(kind, count)
        for key, group in other.groups.items():
            self._merge_group(key, group)
        self.unlisted.update(other.unlisted)

    def _count_kind(self, kind: Kind, orders: int) -> None:
        known = kind in self.kinds or len(self.kinds) < _MAX_KINDS
        self.kinds[kind if known else (kind[0], "", "other rules")] += orders

    def _merge_group(self, key: Key, group: OutcomeGroup) -> None:
        known = self.groups.get(key)
        if known is not None:
            messages = known.messages
            for message, count in group.messages.items():
                if message in messages or len(messages) < MAX_MESSAGES:
                    messages[message] += count
            self.groups[key] = replace(known, orders=known.orders + group.orders)
        elif len(self.groups) < _MAX_GROUPS:
            self.groups[key] = group
        else:
            self.unlisted[key[0]] += group.orders


def _kind_of(outcome: Outcome) -> Kind:
    mapping = "" if outcome.state is RunState.IGNORED else outcome.mapping
    return outcome.state, mapping, outcome.reason or ""


def _group_findings(path: str, findings: Iterable[Finding]) -> dict[Key, list[Finding]]:
    grouped: dict[Key, list[Finding]] = {}
    for finding in findings:
        place = finding.place
        is_order_file = place is None or place.text.name.startswith(f"{path}/")
        grouped.setdefault((finding.code, "" if is_order_file else str(place)), []).append(finding)
    return grouped


def _list_messages(path: str, findings: Iterable[Finding]) -> Iterable[str]:
    """Yield the messages without the order's folder, so that those of many orders are equal."""
    for finding in findings:
        yield clean(finding.message.replace(f"{path}/", "")[:_MAX_MESSAGE_LENGTH])
