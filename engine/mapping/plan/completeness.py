"""The completeness of proofs: a check that adds up amounts of a record counts each of them exactly once.

What the files show is decided when they are loaded. What only an order can show becomes an audit, which
runs with each order: see `run/audit_amounts.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from ...documents.exact import round_half_up, to_decimal
from ...findings.diagnostics import Finding, Severity
from ...findings.quote import quoted, shortened
from ...language.templates import Node
from ..files.changes import Change
from ..files.nodes import MapNode, Scalar
from ..systems import RECORDS
from .expressions import Expressions
from .plan import Audit, BodyMap, Check, Lines, Literal, Plan, Record, TemplateAt
from .record_amounts import Amount, Group, RecordAmounts, index_groups, list_record_amounts
from .template_results import is_rounded
from .term_counts import (
    RATELESS,
    SURPLUS,
    UNFOLLOWED,
    Counts,
    Decide,
    TermReader,
    add_counts,
    scale_counts,
)

# The ways of writing in which the ledger knows amount and tax of a line that does not name them.
KNOWN_AMOUNTS = frozenset(("transform", "update"))
_MOST_NAMES = 6


@dataclass(frozen=True, slots=True)
class CheckCounts:
    """What one check counts of a record: the difference of its sides.

    `noted` are the parts of its terms that count nothing a proof can use, each with what it is: see
    TermReader. `exact` are the amounts of lines that it counts
    as they are sent. `depends` is true if it counts other amounts for other orders.
    """

    check: Check
    counts: Counts
    noted: tuple[tuple[str, TemplateAt, Node], ...]
    exact: frozenset[Amount]
    depends: bool

    @property
    def is_unfollowed(self) -> bool:
        """Whether a part of it cannot be followed."""
        return any(kind == UNFOLLOWED for kind, _, _ in self.noted)


def check_completeness(plan: Plan, expressions: Expressions) -> tuple[Audit, ...]:
    """Report amounts that a proof does not count exactly once; return what has to be audited."""
    audits: list[Audit] = []
    _require_names(plan, expressions)
    for record in plan.records:
        amounts = list_record_amounts(record, plan.lines)
        if not (
            amounts.amounts or amounts.groups or amounts.leaves or amounts.bare or amounts.is_open
        ):
            continue
        own = list_checks(plan, record)
        found = read_checks(own, amounts.amounts, index_groups(plan.lines), others=amounts.others)
        proofs = [each for each in found if each.counts or each.is_unfollowed]
        if not proofs:
            _warn_of_no_proof(record, amounts, expressions)
            if found:
                _report_prices(record, amounts, expressions)
            if found and (amounts.is_open or amounts.leaves):
                audits.append(_make_audit(record, amounts))
            continue
        best = min(proofs, key=lambda each: len(_list_problems(each, amounts)))
        _report_problems(best, record, amounts, expressions)
        _report_places(plan, record, amounts, expressions)
        audit = _make_audit(record, amounts, best)
        if audit.is_open or audit.leaves or audit.exact:
            audits.append(audit)
    return tuple(audits)


def _make_audit(record: Record, amounts: RecordAmounts, proof: CheckCounts | None = None) -> Audit:
    """Return what has to be audited of a record, with the check that proves it or without one."""
    exact: list[TemplateAt | Literal] = []
    is_open = amounts.is_open
    if proof is not None:
        is_bare = any(each.group in amounts.open_prices for each in proof.exact)
        is_open = is_open or proof.depends or is_bare
        exact = [
            value
            for amount, value in amounts.values.items()
            if isinstance(value, TemplateAt | Literal)
            and has_exact_places(amount, proof.exact)
            and not is_rounded(value)
        ]
    return Audit(
        record=record.name,
        check=None if proof is None else proof.check.name,
        leaves=tuple(amounts.leaves),
        exact=tuple(exact),
        is_open=is_open,
    )


def has_exact_places(amount: Amount, exact: AbstractSet[Amount]) -> bool:
    """Return whether an amount must have the decimal places that the ledger stores.

    The filter `stored` rounds the amounts of lines as the ledger does, and the ledger computes taxes and
    products of rate and quantity itself.
    """
    is_computed = amount.is_tax or amount.is_product or (amount.group and not amount.path)
    return amount in exact or not is_computed


def _report_places(
    plan: Plan, record: Record, amounts: RecordAmounts, expressions: Expressions
) -> None:
    """Report literal amounts with more decimal places than any currency of the account has."""
    most = max(plan.places.values())
    for amount, value in amounts.values.items():
        number = to_decimal(value.value) if isinstance(value, Literal) else None
        if number is None or not has_exact_places(amount, frozenset()):
            continue
        if round_half_up(number, most) != number:
            place = amounts.amounts[amount].place
            message = f"{quoted(str(amount))} of record {quoted(record.name)} is {number}, but the account keeps {most} decimal places"
            expressions.report("E0823", message, place, PLACES)


def _require_names(plan: Plan, expressions: Expressions) -> None:
    """Report checks that are about one record or another, whichever the order writes last."""
    if len(plan.records) < 2 or plan.records[-1].condition is None:
        return
    for check in plan.checks:
        if check.of is None and check.holds is None:
            message = f"check {quoted(check.name)} does not name its record, and the last record is not always written"
            hint = f"as in `of: {plan.records[0].name}`"
            last = ((plan.records[-1].at.place, "the last record is here"),)
            expressions.report("E0236", message, check.at.place, hint, related=last)


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
    *,
    others: AbstractSet[Amount] = frozenset(),
    decide: Decide | None = None,
) -> list[CheckCounts]:
    """Read what the checks count of a record, in order; each may use the checks before it."""
    earlier: dict[tuple[str, ...], Counts] = {}
    reader = TermReader(
        amounts=tuple(amounts),
        others=others,
        groups=groups,
        earlier=earlier,
        decide=decide,
    )
    return [_read_check(check, reader, earlier) for check in checks if check.holds is None]


def _read_check(
    check: Check, reader: TermReader, earlier: dict[tuple[str, ...], Counts]
) -> CheckCounts:
    noted: list[tuple[str, TemplateAt, Node]] = []
    reader.depends = False
    reader.exact.clear()

    def read(side: TemplateAt | Literal | None) -> Counts:
        if not isinstance(side, TemplateAt):
            return {}
        counts = reader.read(side.template)
        noted.extend((kind, side, node) for kind, node in reader.noted)
        reader.noted.clear()
        return counts

    terms = check.terms if check.equal is None else ((check.name, check.equal[0]),)
    counted = {name: read(term) for name, term in terms}
    total = add_counts(*counted.values())
    # What the terms add up to may be any number of the record: a sum in a custom field.
    kept = [each for each in noted if check.equal is None or each[0] != SURPLUS]
    noted.clear()
    other = read(check.sums_to if check.equal is None else check.equal[1])
    earlier[check.name, "sum"] = total
    earlier.update({(check.name, "terms", name): counts for name, counts in counted.items()})
    return CheckCounts(
        check=check,
        counts=add_counts(total, scale_counts(other, -1)),
        noted=(*kept, *(each for each in noted if each[0] != SURPLUS)),
        exact=frozenset(reader.exact),
        depends=reader.depends,
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
    return [*judge_counts(found.counts, amounts.amounts), *found.noted]


def _report_problems(
    found: CheckCounts, record: Record, amounts: RecordAmounts, expressions: Expressions
) -> None:
    for kind, at, node in found.noted:
        code, words, hint = _NOTED[kind]
        text = at.template.text[node.offset : node.offset + node.length]
        message = f"{quoted(shortened(text, 60))} {words}"
        expressions.report(code, message, at.at.place_at(node.offset, node.length), hint)
    if found.is_unfollowed:
        return
    for amount, how in judge_counts(found.counts, amounts.amounts).items():
        _report_count((amount, how), found.check, record, amounts, expressions)
    for key, right in amounts.misspelled:
        message = f"{quoted(key.text)} is a key that NetSuite reads as {quoted(right)}"
        hint = f"write `{right}`: checks read keys as they are written"
        expressions.report("E0239", message, key.place, hint)
    _report_prices(record, amounts, expressions)


def _report_prices(record: Record, amounts: RecordAmounts, expressions: Expressions) -> None:
    """Report lines without a price, and what the ledger would add of itself."""
    if record.write in KNOWN_AMOUNTS:
        return
    _report_bare_lines(record, amounts, expressions)
    for key, added in amounts.additions:
        expressions.report("W0238", added.describe(key.text), key.place, added.hint)


def _report_count(
    counted: tuple[Amount, str],
    check: Check,
    record: Record,
    amounts: RecordAmounts,
    expressions: Expressions,
) -> None:
    """Report an amount that a check does not count once; a tax that no term counts is a warning."""
    amount, how = counted
    name, place = f"check {quoted(check.name)}", amounts.amounts[amount].place
    if amount.is_tax and how == _name_count(0):
        if record.write not in KNOWN_AMOUNTS:
            taxed = quoted(str(replace(amount, path=amount.path[:-1])))
            hint = _TAXED if amount.group else _TAXED_ENTRY
            expressions.report(
                "W0235", f"the tax of {taxed} is counted by no term of {name}", place, hint
            )
        return
    message = f"the amount {quoted(str(amount))} {how} by {name} of record {quoted(record.name)}"
    finding = Finding(
        code="E0231",
        message=message,
        place=place,
        hint=amount_hint(amount, how),
        related=((check.at.place, "the check is here"),),
    )
    removed = _find_removed_term(amount, check, expressions)
    message = f"a term of {name} is removed here, but {quoted(str(amount))} is still an amount of its record"
    expressions.report_absence(finding, removed, message, "the amount is here")


def _find_removed_term(amount: Amount, check: Check, expressions: Expressions) -> Change | None:
    """Return the change by which an overlay removed the term of an amount."""
    mention = f"lines.{'.'.join(amount.group)}" if amount.group else str(amount)
    removals = expressions.changes.removals.get(("checks", check.name, "terms"), ())
    terms = ((change, change.before and change.before.value) for change in removals)
    return next(
        (change for change, term in terms if isinstance(term, Scalar) and mention in term.text),
        None,
    )


def amount_hint(amount: Amount, how: str) -> str:
    """Return what to write to have an amount counted once."""
    if how != _name_count(0):
        return "count it in exactly one term, as NetSuite stores it"
    if amount.is_product:
        return "move this entry to `lines:`, and count it with `| stored`"
    return f'add a term to the check: `{amount.term_name}: "{amount.term}"`'


def _report_bare_lines(record: Record, amounts: RecordAmounts, expressions: Expressions) -> None:
    """Report groups of lines for which the ledger would use the price of the item."""
    for entry, at in amounts.bare.items():
        message = (
            f"{quoted(str(entry))} of record {quoted(record.name)} has neither `amount` nor `rate`"
        )
        expressions.report("E0233", message, at.place, BARE)
    for path, (group, form) in amounts.groups.items():
        keys = dict(group.body.entries) if isinstance(group.body, BodyMap) else None
        is_priced = form.has(RECORDS.amount) and form.has(RECORDS.rate)
        if keys is None or not is_priced or RECORDS.amount in keys or RECORDS.rate in keys:
            continue
        message = f"the lines {quoted('.'.join(path))} of record {quoted(record.name)} have neither `amount` nor `rate`"
        expressions.report("E0233", message, group.at.place, BARE)


_FOLLOWED = (
    "add and subtract whole groups and keys: `lines.item | stored`, `lines.item | total('tax1Amt')`, "
    "`body.shippingCost | default(0)`"
)
_TAXED = "NetSuite computes it by the tax code: add a term with `| taxed(…)`, or send the tax as an amount"
PLACES = "NetSuite rounds it when it is stored: round it with `| money`, and have a line carry what rounding changes"
BARE = (
    "without them NetSuite uses the item's own price: send one of them; 0 for a line without value"
)


_NOTED = {
    UNFOLLOWED: ("E0232", "reads amounts in a way that a proof cannot follow", _FOLLOWED),
    SURPLUS: (
        "E0237",
        "counts what is no amount of the record",
        "leave the term out, or write it under `sums_to` if the amounts add up to it",
    ),
    RATELESS: (
        "E0237",
        "taxes by a column that is no rate",
        "name the column with the line's per cent, as in `taxed('taxRate1')` or `taxed('custcol_rate')`",
    ),
}
_TAXED_ENTRY = (
    "move the entry to `lines:` and count its tax with `| taxed(…)`, or send the tax as an amount"
)
_PROOF = (
    "add a check `of: {}` whose `terms` are the amounts that NetSuite will store and add up to 0"
)


def _warn_of_no_proof(record: Record, amounts: RecordAmounts, expressions: Expressions) -> None:
    if not amounts.amounts:
        if amounts.is_open:
            message = f"no check proves what record {quoted(record.name)} holds: its amounts are known for an order only"
            _report_no_proof(message, record, expressions)
        return
    names = [quoted(str(amount)) for amount in amounts.amounts]
    shown = ", ".join(names[:_MOST_NAMES]) + (" …" if len(names) > _MOST_NAMES else "")
    message = f"no check proves the amounts of record {quoted(record.name)}: {shown}"
    _report_no_proof(message, record, expressions)


def _report_no_proof(message: str, record: Record, expressions: Expressions) -> None:
    """Warn that no check proves a record; the removal of the last one is blamed on the overlay."""
    finding = Finding(
        code="W0223",
        message=message,
        place=record.at.place,
        hint=_PROOF.format(record.name),
        severity=Severity.WARNING,
    )
    removals = expressions.changes.removals.get(("checks",), ())
    removed = next((change for change in removals if _counts_amounts(change)), None)
    name = "" if removed is None else f"check {quoted(removed.path[-1])}"
    message = (
        f"{name} is removed here, and no other proves the amounts of record {quoted(record.name)}"
    )
    expressions.report_absence(finding, removed, message, "the record is here")


def _counts_amounts(change: Change) -> bool:
    """Return whether a removed check was a sum or a comparison."""
    check = None if change.before is None else change.before.value
    return isinstance(check, MapNode) and any(check.get(key) for key in ("terms", "equal"))
