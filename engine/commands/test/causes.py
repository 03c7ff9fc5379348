"""Groups failed cases by cause: their first new finding, or the first value of a payload that differs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from ...documents import read_json_bytes, write_json
from ...findings.diagnostics import Finding, SourceText
from ...findings.errors import ReadError
from ...mapping.plan import Plan
from ...mapping.systems import RECORDS
from ...orders.cases import CaseResult
from ...orders.order import build_inputs, read_order
from ...orders.report.findings import as_case_text
from ...run import list_line_groups
from ...service.shadow.field_rules import find_line_rule, find_record_rule

_VALUES = re.compile(r"'[^']*'|[0-9]+(?:[.,][0-9]+)*")
_LINES = f"body.{RECORDS.item}.{RECORDS.entries}[]"
_MISSING = object()


@dataclass(slots=True)
class FailureCause:
    """One cause, in words, with the file and line that it comes from, if known; and the cases it fails.

    Causes of one `kind` at one place are the same: the code of a finding, or the path of a value.
    """

    words: str
    at: str | None = None
    kind: str = ""
    cases: list[tuple[str, CaseResult]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class TenantPlans:
    """The plans of a tenant, and the recorded answers of live lookups that its cases share."""

    plans: tuple[Plan, ...]
    shared: Mapping[str, SourceText]


@dataclass(frozen=True, slots=True)
class ValueDifference:
    """The first value of a case's payloads that differs: its mapping, record, and path in the record.

    `line` is the entry of the item sublist that it is in.
    """

    mapping: str
    record: str
    path: str
    line: object = None


def group_failures(
    failed: Sequence[tuple[str, CaseResult]], tenants: Mapping[str, TenantPlans]
) -> list[FailureCause]:
    """Group failed cases by cause, those that fail most cases first."""
    causes: dict[object, FailureCause] = {}
    for tenant, result in failed:
        cause = _find_cause(tenants[tenant], result)
        own = (tenant, _VALUES.sub("…", cause.words))
        key = (cause.kind, own if cause.at is None else cause.at)
        causes.setdefault(key, cause).cases.append((tenant, result))
    return sorted(causes.values(), key=lambda cause: -len(cause.cases))


def _find_cause(tenant: TenantPlans, result: CaseResult) -> FailureCause:
    if result.unmet and result.is_as_expected:
        where, _, words = result.unmet[0].partition(": ")
        return FailureCause(f"predicate {words or where}")
    finding = _find_new_finding(result)
    if finding is not None:
        place = None if finding.place is None else f"{finding.place.text.name}:{finding.place.line}"
        return FailureCause(f"{finding.code} {finding.message}", place, kind=finding.code)
    found = _find_difference(result)
    if found is not None:
        return _describe_difference(found, tenant, result)
    lines = result.difference().splitlines()
    first = next((line for line in lines if line.startswith("+") and line[:3] != "+++"), "")
    return FailureCause(first[1:].strip() or f"{result.file} is not as expected")


def _find_new_finding(result: CaseResult) -> Finding | None:
    """Return the first finding that is not expected."""
    expected = result.expected or ""
    findings = (it for outcome in result.outcomes for it in outcome.findings)
    return next((it for it in findings if as_case_text([it]) not in expected), None)


def _find_difference(result: CaseResult) -> ValueDifference | None:
    """Return the first value that differs between two texts of payloads."""
    if result.expected is None or not result.file.endswith(".json"):
        return None
    try:
        before = read_json_bytes("expected", result.expected.encode())
        now = read_json_bytes("now", result.actual.encode())
    except ReadError:
        return None
    for old, new in zip_longest(_list_payloads(before), _list_payloads(now)):
        if old is None or new is None or old[:2] != new[:2]:
            there = new or old
            assert there is not None  # zip_longest ends with the longer one
            return ValueDifference(mapping=there[0], record=there[1], path="")
        for path, line in _compare(old[2], new[2], ""):
            return ValueDifference(mapping=new[0], record=new[1], path=path, line=line)
    return None


def _list_payloads(documents: object) -> Iterator[tuple[str, str, object]]:
    for document in documents if isinstance(documents, list) else ():
        if isinstance(document, dict):
            for payload in document.get("payloads") or ():
                if isinstance(payload, dict):
                    yield str(document.get("mapping")), str(payload.get("name")), payload


def _compare(old: object, new: object, path: str) -> Iterator[tuple[str, object]]:
    """Yield the path of each value that differs, with the entry of the item sublist that it is in."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*old, *new)):
            inner = f"{path}.{key}" if path else str(key)
            yield from _compare(old.get(key, _MISSING), new.get(key, _MISSING), inner)
    elif isinstance(old, list) and isinstance(new, list):
        for one, other in zip_longest(old, new, fillvalue=_MISSING):
            entry = one if other is _MISSING else other
            for inner, line in _compare(one, other, f"{path}[]"):
                yield inner, entry if f"{path}[]" == _LINES else line
    elif old is _MISSING or new is _MISSING or write_json(old) != write_json(new):
        yield path, None


def _describe_difference(
    found: ValueDifference, tenant: TenantPlans, result: CaseResult
) -> FailureCause:
    words = f"{found.mapping}: {found.record} {found.path}".rstrip()
    plan = next((plan for plan in tenant.plans if plan.name == found.mapping), None)
    if plan is None:
        return FailureCause(words, kind=found.path)
    group = _find_group(plan, found, result, tenant.shared)
    if group:
        rule = find_line_rule(plan, group, found.path.removeprefix(_LINES).lstrip("."))
    else:
        rule = find_record_rule(plan, found.record, found.path)
    words = f"{words} ({rule.path})" if group else words
    return FailureCause(words, rule.at, kind=found.path)


def _find_group(
    plan: Plan, found: ValueDifference, result: CaseResult, shared: Mapping[str, SourceText]
) -> str:
    """Return the group of the line that differs; empty outside of lines."""
    if found.line is None:
        return ""
    try:
        inputs = build_inputs(plan, read_order(result.folder), shared)
    except ReadError:
        return ""
    groups = list_line_groups(plan, inputs)
    return next(iter(groups.get(write_json(found.line), ())), "")
