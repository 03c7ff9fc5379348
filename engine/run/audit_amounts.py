"""Audit the amounts of a finished payload, where the files do not show all that is to know of them.

Each amount of the payload that is not 0 must be counted exactly once by the record's check, and have the
decimal places that the ledger stores; a line must have a price; and the ledger may add nothing of itself.
See `mapping/plan/completeness.py` for what is decided when the files are loaded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from ..documents import write_json
from ..documents.exact import format_plain, round_half_up, to_decimal
from ..findings.diagnostics import Finding, Place
from ..findings.quote import quoted
from ..language.functions import is_true
from ..language.lines import LineGroup, RenderedLine
from ..language.templates import Node, Template, evaluate
from ..mapping.ledger_additions import (
    ADDITIONS,
    LINE_ADDITIONS,
    LedgerAddition,
    find_additions,
)
from ..mapping.plan import Audit, Plan, Record
from ..mapping.plan.completeness import (
    BARE,
    KNOWN_AMOUNTS,
    PLACES,
    CheckCounts,
    amount_hint,
    has_exact_places,
    judge_counts,
    list_checks,
    read_checks,
)
from ..mapping.plan.record_amounts import (
    PRODUCT,
    TAX,
    Amount,
    Group,
    RecordAmounts,
    index_groups,
    is_line,
    list_record_amounts,
    list_taxes,
    name_amount,
    record_form,
)
from ..mapping.posting_amounts import AmountForm, expected_factor
from ..mapping.systems import RECORDS
from .bodies import as_json
from .outcome import Payload
from .scope import RunContext

Path = tuple[str | int, ...]


@dataclass(slots=True)
class _Found:
    """What a payload holds: each amount with its value, entries without a price, additions of the ledger."""

    amounts: list[tuple[Amount, object]] = field(default_factory=list)
    bare: list[Amount] = field(default_factory=list)
    additions: dict[LedgerAddition, str] = field(default_factory=dict)


def audit_proofs(plan: Plan, context: RunContext, payloads: Mapping[str, Payload]) -> None:
    """Add a finding for whatever the audit of a record finds in its payload."""
    for audit in plan.audits:
        if audit.record in payloads:
            record = next(each for each in plan.records if each.name == audit.record)
            _audit_record(audit, record, plan, context, payloads[audit.record].body)


def _audit_record(
    audit: Audit, record: Record, plan: Plan, context: RunContext, body: Mapping[str, object]
) -> None:
    known = list_record_amounts(record, plan.lines)
    found = _list_payload(record, known, context, body)
    scope = replace(context, names=context.names.extended_with({"body": dict(body)})).scope()

    def decide(node: Node) -> bool:
        return is_true(evaluate(Template("", (node,)), scope, context.budget))

    checks, groups = list_checks(plan, record), index_groups(plan.lines)
    always = _find_proof(read_checks(checks, known.amounts, groups), audit)
    if record.write in KNOWN_AMOUNTS:
        found.bare.clear()
        found.additions.clear()
    found.amounts = [
        (amount, value)
        for amount, value in found.amounts
        if not _is_told(amount, record, known, always)
    ]
    amounts = [amount for amount, _ in found.amounts]
    own = _find_proof(read_checks(checks, amounts, groups, decide=decide), audit)
    place = None if own is None else own.check.at.place
    report = _Report(record=record, known=known, context=context, place=place)
    report.add_uncounted(found, own)
    report.add_rest(found, own)


def _find_proof(counted: list[CheckCounts], audit: Audit) -> CheckCounts | None:
    return next((each for each in counted if each.check.name == audit.check), None)


def _is_told(
    amount: Amount, record: Record, known: RecordAmounts, always: CheckCounts | None
) -> bool:
    """Return whether the load has already said all about an amount that no check counts."""
    if amount.is_tax and record.write in KNOWN_AMOUNTS:
        return True
    if amount not in known.amounts:
        return False
    return always is None or (amount.is_tax and not always.counts.get(amount))


@dataclass(frozen=True, slots=True)
class _Report:
    """The findings about one record; `place` is that of its check, None without one."""

    record: Record
    known: RecordAmounts
    context: RunContext
    place: Place | None

    def add_uncounted(self, found: _Found, own: CheckCounts | None) -> None:
        """Add a finding for each amount that the record's check does not count once."""
        values: dict[Amount, object] = {}
        for amount, value in found.amounts:
            values.setdefault(amount, value)
        name = "any check" if own is None else f"check {quoted(own.check.name)}"
        counts = {} if own is None else own.counts
        for amount, how in judge_counts(counts, values).items():
            message = (
                f"{quoted(str(amount))} of record {quoted(self.record.name)} "
                f"is {_show(values[amount])} and {how} by {name}"
            )
            self._add("E0821", message, amount, amount_hint(amount, how))

    def add_rest(self, found: _Found, own: CheckCounts | None) -> None:
        """Add the findings about prices, decimal places and what the ledger adds."""
        if own is None:
            return
        for entry in dict.fromkeys(found.bare):
            message = f"a line of {quoted(str(entry))} has neither `amount` nor `rate`"
            self._add("E0421", message, entry, BARE)
        for added, key in found.additions.items():
            self._add("E0821", added.describe(key), Amount((), (key,)), added.hint)
        places = self.context.places.get(
            self.context.currency or "", max(self.context.places.values())
        )
        for amount, value in found.amounts:
            number = to_decimal(value)
            if number is None or not has_exact_places(amount, own.exact):
                continue
            if round_half_up(number, places) != number:
                message = (
                    f"{quoted(str(amount))} of record {quoted(self.record.name)} is "
                    f"{_show(value)}, but the account keeps {places} decimal places"
                )
                self._add("E0823", message, amount, PLACES)

    def _add(self, code: str, message: str, amount: Amount, hint: str) -> None:
        at = self.known.amounts.get(amount)
        place = (
            self.place
            if code == "E0821" and self.place is not None
            else self.record.at.place
            if at is None
            else at.place
        )
        self.context.findings.add(Finding(code, message, place=place, hint=hint))


def _show(value: object) -> str:
    return format_plain(value) if isinstance(value, int | Decimal) else quoted(str(value)[:40])


def _list_payload(
    record: Record, known: RecordAmounts, context: RunContext, body: Mapping[str, object]
) -> _Found:
    """List the amounts of the payload that are not 0, and what else is to report of it."""
    found = _Found()
    lines = context.names.peek("lines")
    told = {each for _, each in known.additions}
    texts: Counter[str] = Counter()
    for path, (group, form) in known.groups.items():
        for line in _find_lines(lines, path):
            texts[write_json(as_json(line.body))] += 1
            _list_line(line, (path, group.sign), form, found)
            added = find_additions(line.body, LINE_ADDITIONS)
            found.additions |= {each: key for key, each in added.items() if each not in told}
    added = find_additions(body, ADDITIONS)
    found.additions |= {each: key for key, each in added.items() if each not in told}
    _walk_map(body, record_form(record), (), texts, found)
    return found


def _find_lines(lines: object, path: Group) -> list[RenderedLine]:
    """Return the lines of a group; a group that follows another is found at its lines."""
    group = lines.groups.get(path[0]) if isinstance(lines, LineGroup) else None
    found = [] if group is None else list(group.lines)
    for name in path[1:]:
        found = [after for line in found for after in line.after if after.group == name]
    return found


def _list_line(
    line: RenderedLine, group: tuple[Group, int], form: AmountForm, found: _Found
) -> None:
    """Add the amounts of one line."""
    path, sign = group
    own = _find_price(line.body)
    if _is_posted(own):
        found.amounts.append((Amount(path, ()), own))
    if own is None and is_line(line.body, form):
        found.bare.append(Amount(path, ()))
    if _is_taxed_by_code(line.body):
        found.amounts.append((Amount(path, TAX), _TAX_VALUE))
    inner = _Found()
    _walk_map(line.body, form, (), Counter(), inner)
    for amount, value in inner.amounts:
        if amount.path not in ((RECORDS.amount,), (RECORDS.rate,), (PRODUCT,)):
            found.amounts.append((Amount(path, amount.path, sign * amount.factor), value))
    found.bare += [Amount(path, each.path) for each in inner.bare]


def _find_price(body: Mapping[str, object]) -> object:
    """Return the amount of an entry, or else its rate."""
    amount = body.get(RECORDS.amount)
    return body.get(RECORDS.rate) if amount is None else amount


def _is_taxed_by_code(body: Mapping[str, object]) -> bool:
    """Return whether the ledger computes the tax of an entry by its code."""
    has_tax = any(body[key] is not None for key in list_taxes(body))
    return _is_posted(_find_price(body)) and body.get(RECORDS.tax_code) is not None and not has_tax


def _walk_map(
    body: Mapping[str, object], form: AmountForm, path: Path, lines: Counter[str], found: _Found
) -> None:
    """Add each amount that is not 0, except in entries that are `lines`."""
    if path and isinstance(path[-1], int):
        if _find_price(body) is None and is_line(body, form):
            found.bare.append(Amount((), path))
        if _is_taxed_by_code(body):
            found.amounts.append((Amount((), (*path, *TAX)), _TAX_VALUE))
    for key, value in body.items():
        name = name_amount(key, body)
        if name and form.is_amount(key) and _is_posted(value):
            found.amounts.append((Amount((), (*path, name), expected_factor(key)), value))
        inner = form.member(key)
        if inner is not None:
            _walk_inner(value, inner, (*path, key), lines, found)


def _walk_inner(
    value: object, form: AmountForm, path: Path, lines: Counter[str], found: _Found
) -> None:
    if isinstance(value, dict):
        _walk_map(value, form, path, lines, found)
    for index, entry in enumerate(value if isinstance(value, list) else ()):
        text = write_json(entry)
        if lines[text] > 0:
            lines[text] -= 1
        else:
            _walk_inner(entry, form.entry(), (*path, index), lines, found)


def _is_posted(value: object) -> bool:
    """Return whether a value is a number, also as a text, and not 0."""
    return not isinstance(value, bool) and bool(to_decimal(value))


_TAX_VALUE = "computed by its tax code"
