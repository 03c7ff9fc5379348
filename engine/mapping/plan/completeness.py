"""The completeness of proofs: a check that adds up amounts of a record counts each of them exactly once.

What the files show is decided when they are loaded. What only an order can show becomes an audit, which
runs with each order: see `run/audit_amounts.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ...findings.quote import quoted, shortened
from ...language.templates import Node
from ..systems import RECORDS
from .expressions import Expressions
from .plan import Audit, BodyMap, Check, Lines, Literal, Plan, Record, TemplateAt
from .record_amounts import TAX, Amount, Group, RecordAmounts, index_groups, list_record_amounts
from .term_counts import Counts, Decide, TermReader, add_counts, scale_counts

# The ways of writing in which the ledger knows amount and tax of a line that does not name them.
_KNOWN_AMOUNTS = frozenset(("transform", "update"))
_MOST_NAMES = 6


@dataclass(frozen=True, slots=True)
class CheckCounts:
    """What one check counts of a record: the difference of its sides.

    `unfollowed` are the parts of its terms that cannot be followed, `depends` is true if it counts other
    amounts for other orders.
    """

    check: Check
    counts: Counts
    unfollowed: tuple[tuple[TemplateAt, Node], ...]
    depends: bool


def check_completeness(plan: Plan, expressions: Expressions) -> tuple[Audit, ...]:
    """Report amounts that a proof does not count exactly once; return what has to be audited."""
    audits: list[Audit] = []
    _require_names(plan, expressions)
    for record in plan.records:
        amounts = list_record_amounts(record, plan.lines)
        if not (amounts.amounts or amounts.groups or amounts.leaves or amounts.is_open):
            continue
        own = list_checks(plan, record)
        found = read_checks(own, amounts.amounts, index_groups(plan.lines))
        proofs = [each for each in found if each.counts or each.unfollowed]
        if not proofs:
            _warn_of_no_proof(record, amounts, expressions)
            continue
        best = min(proofs, key=lambda each: len(_list_problems(each, amounts)))
        _report_problems(best, record, amounts, expressions)
        if best.depends or amounts.is_open or amounts.leaves:
            is_open = best.depends or amounts.is_open
            audits.append(
                Audit(
                    record=record.name,
                    check=best.check.name,
                    leaves=tuple(amounts.leaves),
                    is_open=is_open,
                )
            )
    return tuple(audits)


def _require_names(plan: Plan, expressions: Expressions) -> None:
    """Report checks that are about one record or another, whichever the order writes last."""
    if len(plan.records) < 2 or plan.records[-1].condition is None:
        return
    for check in plan.checks:
        if check.of is None and check.holds is None:
            message = f"check {quoted(check.name)} does not name its record, and the last record is not always written"
            hint = f"as in `of: {plan.records[0].name}`"
            expressions.report("E0236", message, check.at.place, hint)


def list_checks(plan: Plan, record: Record) -> tuple[Check, ...]:
    """List the checks that may be about a record: it is named, or the last that is written."""
    names = [each.name for each in plan.records]
    later = plan.records[names.index(record.name) + 1 :]
    may_be_last = all(each.condition is not None for each in later)
    return tuple(
        check
        for check in plan.checks
        if check.of == record.name or (check.of is None and may_be_last)
    )


def read_checks(
    checks: tuple[Check, ...],
    amounts: Iterable[Amount],
    groups: Mapping[Group, Lines],
    decide: Decide | None = None,
) -> list[CheckCounts]:
    """Read what the checks count of a record, in order; each may use the checks before it."""
    earlier: dict[tuple[str, ...], Counts] = {}
    reader = TermReader(amounts=tuple(amounts), groups=groups, earlier=earlier, decide=decide)
    return [_read_check(check, reader, earlier) for check in checks if check.holds is None]


def _read_check(
    check: Check, reader: TermReader, earlier: dict[tuple[str, ...], Counts]
) -> CheckCounts:
    unfollowed: list[tuple[TemplateAt, Node]] = []
    reader.depends = False

    def read(side: TemplateAt | Literal | None) -> Counts:
        if not isinstance(side, TemplateAt):
            return {}
        counts = reader.read(side.template)
        unfollowed.extend((side, node) for node in reader.unfollowed)
        reader.unfollowed.clear()
        return counts

    terms = check.terms if check.equal is None else ((check.name, check.equal[0]),)
    counted = {name: read(term) for name, term in terms}
    total = add_counts(*counted.values())
    other = read(check.sums_to if check.equal is None else check.equal[1])
    earlier[check.name, "sum"] = total
    earlier.update({(check.name, "terms", name): counts for name, counts in counted.items()})
    gap = add_counts(total, scale_counts(other, -1))
    return CheckCounts(
        check=check, counts=gap, unfollowed=tuple(unfollowed), depends=reader.depends
    )


def judge_counts(counts: Counts, amounts: Iterable[Amount]) -> dict[Amount, str]:
    """Return the amounts that are not counted exactly once, each with how it is counted instead."""
    judged = [
        {
            amount: _name_count(counts.get(amount, 0) * sign * amount.factor)
            for amount in amounts
            if counts.get(amount, 0) * sign != amount.factor
        }
        for sign in (1, -1)
    ]
    return min(judged, key=len)


def _name_count(factor: object) -> str:
    if factor == 0:
        return "is not counted"
    return "is subtracted" if factor == -1 else f"is counted {factor} times"


def _list_problems(found: CheckCounts, amounts: RecordAmounts) -> list[object]:
    return [*judge_counts(found.counts, amounts.amounts), *found.unfollowed]


def _report_problems(
    found: CheckCounts, record: Record, amounts: RecordAmounts, expressions: Expressions
) -> None:
    check = found.check
    for at, node in found.unfollowed:
        text = at.template.text[node.offset : node.offset + node.length]
        message = f"{quoted(shortened(text, 60))} reads amounts in a way that a proof cannot follow"
        expressions.report("E0232", message, at.at.place_at(node.offset, node.length), _FOLLOWED)
    if found.unfollowed:
        return
    for amount, how in judge_counts(found.counts, amounts.amounts).items():
        name, place = f"check {quoted(check.name)}", amounts.amounts[amount].place
        if amount.path == TAX and how == _name_count(0):
            if record.write not in _KNOWN_AMOUNTS:
                lines = quoted(f"lines.{'.'.join(amount.group)}")
                message = f"the tax of {lines} is counted by no term of {name}"
                expressions.report("W0235", message, place, _TAXED)
            continue
        message = (
            f"the amount {quoted(str(amount))} {how} by {name} of record {quoted(record.name)}"
        )
        expressions.report("E0231", message, place, amount_hint(amount, how))
    if record.write not in _KNOWN_AMOUNTS:
        _report_bare_lines(record, amounts, expressions)


def amount_hint(amount: Amount, how: str) -> str:
    """Return what to write to have an amount counted once."""
    if how != _name_count(0):
        return "count it in exactly one term, as NetSuite stores it"
    if amount.is_product:
        return "move this entry to `lines:`, and count it with `| stored`"
    return f'add a term to the check: `{amount.term_name}: "{amount.term}"`'


def _report_bare_lines(record: Record, amounts: RecordAmounts, expressions: Expressions) -> None:
    """Report groups of lines for which the ledger would use the price of the item."""
    for path, (group, form) in amounts.groups.items():
        keys = dict(group.body.entries) if isinstance(group.body, BodyMap) else None
        is_priced = form.has(RECORDS.amount) and form.has(RECORDS.rate)
        if keys is None or not is_priced or RECORDS.amount in keys or RECORDS.rate in keys:
            continue
        message = f"the lines {quoted('.'.join(path))} of record {quoted(record.name)} have neither `amount` nor `rate`"
        expressions.report("E0233", message, group.at.place, _BARE)


_FOLLOWED = (
    "add and subtract whole groups and keys: `lines.item | stored`, `lines.item | total('tax1Amt')`, "
    "`body.shippingCost | default(0)`"
)
_TAXED = "NetSuite computes it by the tax code: add a term with `| taxed(…)`, or send the tax as an amount"
_BARE = (
    "without them NetSuite uses the item's own price: send one of them; 0 for a line without value"
)


_PROOF = (
    "add a check `of: {}` whose `terms` are the amounts that NetSuite will store and add up to 0"
)


def _warn_of_no_proof(record: Record, amounts: RecordAmounts, expressions: Expressions) -> None:
    if not amounts.amounts:
        if amounts.is_open:
            message = f"no check proves what record {quoted(record.name)} holds: its amounts are known for an order only"
            expressions.report("W0223", message, record.at.place, _PROOF.format(record.name))
        return
    names = [quoted(str(amount)) for amount in amounts.amounts]
    shown = ", ".join(names[:_MOST_NAMES]) + (" …" if len(names) > _MOST_NAMES else "")
    message = f"no check proves the amounts of record {quoted(record.name)}: {shown}"
    expressions.report("W0223", message, record.at.place, _PROOF.format(record.name))
