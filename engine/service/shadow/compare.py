"""The differences between two renderings of an order: each with its field, and the rule that gives it.

Lines are compared within their group, equal lines first: a new line does not make all lines below it
different. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import chain, zip_longest
from typing import Final

from ...documents import write_json
from ...mapping.plan import Plan
from ...mapping.systems import RECORDS
from ...run import Inputs, Outcome, list_line_groups
from .field_rules import FieldRule, find_line_rule, find_record_rule, is_list_of_lines
from .line_shapes import find_only_group

MISSING: Final = object()
# The group of lines that are equal on both sides.
_EQUAL = "="
_Groups = dict[str, list[object]]
# Beyond this many pairs, lists are compared by position.
_MOST_PAIRS = 250_000


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """One field of a record, such as `body.item.items[].rate`, with the live value and the shadow's.

    A value is a JSON value, or MISSING. `field` is empty for a record that only one of them writes.
    """

    record: str
    field: str
    rule: FieldRule
    live: object
    shadow: object

    def document(self) -> dict[str, object]:
        """Return a JSON object; a missing value has no key."""
        values = {"live": self.live, "shadow": self.shadow}
        head = {"record": self.record, "field": self.field, "rule": self.rule.path}
        present = {name: value for name, value in values.items() if value is not MISSING}
        return {**head, "at": self.rule.at, **present}


@dataclass(slots=True)
class RenderedSide:
    """The outcome of one plan with its inputs; the groups of its lines are computed at first use."""

    plan: Plan
    outcome: Outcome
    inputs: Inputs
    _groups: dict[str, list[str]] | None = None

    def group(self, line: object) -> str:
        """Return the group of a line; a line that is equal in two groups gets them in turn."""
        if self._groups is None:
            self._groups = list_line_groups(self.plan, self.inputs)
        names = self._groups.get(write_json(line), [])
        if not names:
            return ""
        return names[0] if len(names) == 1 else names.pop(0)

    def payloads(self) -> dict[str, dict[str, object]]:
        """Return the payloads by record name, with the external id in one place only."""
        found = {payload.name: payload.document() for payload in self.outcome.payloads}
        for payload in found.values():
            body = payload["body"]
            assert isinstance(body, dict)
            body.pop(RECORDS.external_id, None)
        return found


def list_differences(live: RenderedSide, shadow: RenderedSide) -> Iterator[FieldDifference]:
    """Yield all differences, record by record."""
    before, now = live.payloads(), shadow.payloads()
    for name in dict.fromkeys(chain(before, now)):
        if name in before and name in now:
            yield from _Record(name, live, shadow).compare(before[name], now[name], "", None)
        else:
            side = live if name in before else shadow
            yield FieldDifference(
                record=name,
                field="",
                rule=find_record_rule(side.plan, name, ""),
                live=_named(before.get(name)),
                shadow=_named(now.get(name)),
            )
    if sorted(before) == sorted(now) and list(before) != list(now):
        yield FieldDifference(
            record="",
            field="order of records",
            rule=FieldRule("records", None),
            live=list(before),
            shadow=list(now),
        )


def _named(payload: Mapping[str, object] | None) -> object:
    if payload is None:
        return MISSING
    return {name: payload[name] for name in ("record", "external_id") if name in payload}


@dataclass(frozen=True, slots=True)
class _Record:
    """One record on both sides."""

    name: str
    live: RenderedSide
    shadow: RenderedSide

    def compare(
        self, before: object, now: object, path: str, group: tuple[str, str] | None
    ) -> Iterator[FieldDifference]:
        """Yield where two values differ; `group` is the group of their line, and the path of that line."""
        if isinstance(before, Mapping) and isinstance(now, Mapping):
            for key in dict.fromkeys(chain(before, now)):
                inner = f"{path}.{key}" if path else str(key)
                values = before.get(key, MISSING), now.get(key, MISSING)
                yield from self.compare(*values, inner, group)
        elif isinstance(before, list) and isinstance(now, list):
            yield from self._lists(before, now, f"{path}[]", group)
        elif _text(before) != _text(now):
            rule = self._rule(path, group, is_gone=now is MISSING)
            yield FieldDifference(record=self.name, field=path, rule=rule, live=before, shadow=now)

    def _lists(
        self,
        before: Sequence[object],
        now: Sequence[object],
        path: str,
        group: tuple[str, str] | None,
    ) -> Iterator[FieldDifference]:
        if _text(before) == _text(now):
            return
        old, new = self._group(before, now, path)
        found = False
        for name in dict.fromkeys(chain(old, new)):
            inner = (name, path) if name else group
            for pair in _pairs(old.get(name, []), new.get(name, [])):
                for difference in self.compare(*pair, path, inner):
                    found = True
                    yield difference
        if not found:
            rule = self._rule(path, group, is_gone=False)
            yield FieldDifference(
                record=self.name,
                field=f"{path} (their order)",
                rule=rule,
                live=list(old),
                shadow=list(new),
            )

    def _group(
        self, before: Sequence[object], now: Sequence[object], path: str
    ) -> tuple[_Groups, _Groups]:
        """Return the entries of both sides by group, from their looks alone where these tell enough."""
        sides = self.live, self.shadow
        if all(is_list_of_lines(side.plan, self.name, path) for side in sides):
            common = Counter(map(_text, before)) & Counter(map(_text, now))
            old, new = (
                _group_by_looks(self.live, before, common),
                _group_by_looks(self.shadow, now, common),
            )
            if old is not None and new is not None and old.get(_EQUAL) == new.get(_EQUAL):
                return old, new
        return _grouped(self.live, before), _grouped(self.shadow, now)

    def _rule(self, path: str, group: tuple[str, str] | None, *, is_gone: bool) -> FieldRule:
        plan = (self.live if is_gone else self.shadow).plan
        if group is None:
            return find_record_rule(plan, self.name, path)
        name, line = group
        return find_line_rule(plan, name, path[len(line) :].lstrip("."))


def _grouped(side: RenderedSide, entries: Sequence[object]) -> _Groups:
    found = _Groups()
    for entry in entries:
        name = side.group(entry) if isinstance(entry, Mapping) else ""
        found.setdefault(name, []).append(entry)
    return found


def _group_by_looks(
    side: RenderedSide, entries: Sequence[object], common: Mapping[str | None, int]
) -> _Groups | None:
    """Return the lines by group, those that both sides have in one of their own; None where looks deceive."""
    left, found = Counter(common), _Groups()
    for entry in entries:
        text = _text(entry)
        name: str | None = _EQUAL
        if left[text]:
            left[text] -= 1
        else:
            name = find_only_group(side.plan, entry) if isinstance(entry, Mapping) else None
        if name is None:
            return None
        found.setdefault(name, []).append(entry)
    return found


def _pairs(before: list[object], now: list[object]) -> Iterator[tuple[object, object]]:
    """Pair the entries that belong together, without those that are equal on both sides."""
    if len(before) * len(now) > _MOST_PAIRS or len(before) == len(now) == 1:
        yield from zip_longest(before, now, fillvalue=MISSING)
        return
    texts = [*map(_text, before)], [*map(_text, now)]
    for kind, a, b, c, d in SequenceMatcher(None, *texts, autojunk=False).get_opcodes():
        if kind != "equal":
            yield from zip_longest(before[a:b], now[c:d], fillvalue=MISSING)


def _text(value: object) -> str | None:
    return None if value is MISSING else write_json(value)
