"""Audit a proof with the amounts of the finished payload, where the files do not show all of them.

Each amount of the payload that is not 0 must be counted exactly once by the record's check; any other
is a finding. See `mapping/plan/completeness.py` for what is decided when the files are loaded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from ..documents import write_json
from ..documents.exact import format_plain, to_decimal
from ..findings.diagnostics import Finding
from ..findings.quote import quoted
from ..language.functions import is_true
from ..language.lines import LineGroup, RenderedLine
from ..language.templates import Node, Template, evaluate
from ..mapping.plan import Audit, Plan, Record
from ..mapping.plan.completeness import amount_hint, judge_counts, list_checks, read_checks
from ..mapping.plan.record_amounts import (
    PRODUCT,
    Amount,
    Group,
    index_groups,
    list_record_amounts,
    name_amount,
    record_form,
)
from ..mapping.posting_amounts import AmountForm, expected_factor
from ..mapping.systems import RECORDS
from .bodies import as_json
from .outcome import Payload
from .scope import RunContext

Path = tuple[str | int, ...]
Found = dict[Amount, object]


def audit_proofs(plan: Plan, context: RunContext, payloads: Mapping[str, Payload]) -> None:
    """Add a finding for each amount of an audited record that its check does not count once."""
    for audit in plan.audits:
        if audit.record in payloads:
            record = next(each for each in plan.records if each.name == audit.record)
            _audit_record(audit, record, plan, context, payloads[audit.record].body)


def _audit_record(
    audit: Audit, record: Record, plan: Plan, context: RunContext, body: Mapping[str, object]
) -> None:
    found = _list_amounts(record, plan, context, body)
    scope = replace(context, names=context.names.extended_with({"body": dict(body)})).scope()

    def decide(node: Node) -> bool:
        return is_true(evaluate(Template("", (node,)), scope, context.budget))

    checks = list_checks(plan, record)
    counted = read_checks(checks, found, index_groups(plan.lines), decide)
    own = next(each for each in counted if each.check.name == audit.check)
    for amount, how in judge_counts(own.counts, found).items():
        message = (
            f"{quoted(str(amount))} of record {quoted(record.name)} is {_show(found[amount])} "
            f"and {how} by check {quoted(audit.check)}"
        )
        hint = amount_hint(amount, how)
        context.findings.add(Finding("E0821", message, place=own.check.at.place, hint=hint))


def _show(value: object) -> str:
    return format_plain(value) if isinstance(value, int | Decimal) else quoted(str(value)[:40])


def _list_amounts(
    record: Record, plan: Plan, context: RunContext, body: Mapping[str, object]
) -> Found:
    """List the amounts of the payload, each with one of its values that are not 0."""
    found: Found = {}
    lines = context.names.peek("lines")
    placed = list_record_amounts(record, plan.lines).groups
    texts: Counter[str] = Counter()
    for path, (group, form) in placed.items():
        for line in _find_lines(lines, path):
            texts[write_json(as_json(line.body))] += 1
            _list_line(line, (path, group.sign), form, found)
    for keys, key, value in _walk_map(body, record_form(record), (), texts):
        found.setdefault(Amount((), keys, expected_factor(key)), value)
    return found


def _find_lines(lines: object, path: Group) -> list[RenderedLine]:
    """Return the lines of a group; a group that follows another is found at its lines."""
    group = lines.groups.get(path[0]) if isinstance(lines, LineGroup) else None
    found = [] if group is None else list(group.lines)
    for name in path[1:]:
        found = [after for line in found for after in line.after if after.group == name]
    return found


def _list_line(
    line: RenderedLine, group: tuple[Group, int], form: AmountForm, found: Found
) -> None:
    """Add the amounts of one line."""
    path, sign = group
    own = line.body.get(RECORDS.amount, line.body.get(RECORDS.rate))
    if _is_posted(own):
        found.setdefault(Amount(path, ()), own)
    for keys, key, value in _walk_map(line.body, form, (), Counter()):
        if keys not in ((RECORDS.amount,), (RECORDS.rate,), (PRODUCT,)):
            found.setdefault(Amount(path, keys, sign * expected_factor(key)), value)


def _walk_map(
    body: Mapping[str, object], form: AmountForm, path: Path, lines: Counter[str]
) -> Iterator[tuple[Path, str, object]]:
    """Yield each amount that is not 0 with its path and key, except in entries that are `lines`."""
    for key, value in body.items():
        name = name_amount(key, body)
        if name and form.is_amount(key) and _is_posted(value):
            yield (*path, name), key, value
        inner = form.member(key)
        if inner is not None:
            yield from _walk_inner(value, inner, (*path, key), lines)


def _walk_inner(
    value: object, form: AmountForm, path: Path, lines: Counter[str]
) -> Iterator[tuple[Path, str, object]]:
    if isinstance(value, dict):
        yield from _walk_map(value, form, path, lines)
    for index, entry in enumerate(value if isinstance(value, list) else ()):
        text = write_json(entry)
        if lines[text] > 0:
            lines[text] -= 1
        else:
            yield from _walk_inner(entry, form.entry(), (*path, index), lines)


def _is_posted(value: object) -> bool:
    """Return whether a value is a number, also as a text, and not 0."""
    return not isinstance(value, bool) and bool(to_decimal(value))
