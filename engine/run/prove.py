"""Prove payloads: compute every check from the finished payload, with every term shown.

If a sum is wrong, search the order for an amount that equals the gap: it is nearly always the term
that was forgotten or counted twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

from ..documents import exact
from ..documents.exact import Number
from ..findings.diagnostics import Finding
from ..findings.errors import ExpressionError
from ..findings.quote import quoted, shortened
from ..language.templates import OMIT, evaluate
from ..mapping.plan import Check, Entries, Field, FieldChoice, Literal, Plan, TemplateAt
from .audit_amounts import audit_proofs
from .bodies import fill_body
from .order_lines import condition_holds
from .outcome import Payload, Proof
from .payloads import report_lost_lines
from .scope import FAILED, RunContext, ScopeNames


def prove_payloads(
    plan: Plan, context: RunContext, payloads: Mapping[str, Payload]
) -> tuple[Proof, ...]:
    """Compute every check; a check that does not hold is a finding."""
    proofs: list[Proof] = []
    done = ScopeNames()
    for check in plan.checks:
        record_name = check.of or next(reversed(list(payloads)), None)
        if record_name is None or record_name not in payloads:
            continue
        inner = context.with_names({"body": dict(payloads[record_name].body), "checks": done})
        if check.holds is not None:
            _require_condition(check, check.holds, inner)
            continue
        if check.reads_lines and report_lost_lines(
            plan, context, context.placed_lines[record_name]
        ):
            done[check.name] = FAILED
            continue
        proof = _prove_check(check, inner)
        if proof is None:
            done[check.name] = FAILED
            continue
        done[check.name] = {"sum": proof.sum, "terms": dict(proof.terms)}
        proofs.append(_judge_proof(proof, check, plan, context))
    context.names["checks"] = done
    if plan.audits and not context.findings.unique:
        audit_proofs(plan, context, payloads)
    _require_proof(plan, context, proofs)
    return tuple(proofs)


def _require_proof(plan: Plan, context: RunContext, proofs: list[Proof]) -> None:
    """Add a finding if lines are written but every check is about a record that is not."""
    checks = [check for check in plan.checks if check.holds is None]
    if checks and not proofs and not context.findings.unique and any(context.placed_lines.values()):
        message = "no check was computed: every check is `of` a record that is not written"
        hint = "leave `of` out: the check is then about the last record that is written"
        context.findings.add(Finding("E0805", message, place=checks[0].at.place, hint=hint))


def add_confirmations(
    plan: Plan, context: RunContext, payloads: Mapping[str, Payload]
) -> tuple[Payload, ...]:
    """Add to the payloads the values to read back after writing."""
    finished = []
    for record in plan.records:
        payload = payloads.get(record.name)
        if payload is None:
            continue
        if record.confirm is not None:
            confirm = fill_body(record.confirm, context, f"records.{record.name}.confirm")
            if confirm is not OMIT:
                payload = replace(payload, details={**payload.details, "confirm": confirm})
        finished.append(payload)
    return tuple(finished)


def _require_condition(check: Check, condition: TemplateAt, context: RunContext) -> None:
    """Add a finding unless the condition holds."""
    if condition_holds(condition, context, f"checks.{check.name}") is False:
        message = f"check {quoted(check.name)} does not hold"
        place = condition.at.place
        context.findings.add(Finding("E0803", message, place=place, hint=check.summary or _SUMMARY))


def _prove_check(check: Check, context: RunContext) -> Proof | None:
    trail = f"checks.{check.name}"
    if check.equal is not None:
        left, right = (_evaluate_number(side, check, context, trail) for side in check.equal)
        if left is None or right is None:
            return None
        return _compare(check, ((check.name, left),), (left, right), context)
    terms = [
        (name, _evaluate_number(term, check, context, f"{trail}.{name}"))
        for name, term in check.terms
    ]
    expected = _evaluate_number(check.sums_to or Literal(0), check, context, f"{trail}.sums_to")
    known = [(name, amount) for name, amount in terms if amount is not None]
    if expected is None or len(known) < len(terms):
        return None
    total = context.attempt(lambda: _add_up(amount for _, amount in known), check.at, trail)
    return None if total is FAILED else _compare(check, tuple(known), (total, expected), context)


def _compare(
    check: Check,
    terms: tuple[tuple[str, Number], ...],
    compared: tuple[Number, Number],
    context: RunContext,
) -> Proof | None:
    """Compare exactly, without an ambient decimal context."""
    total, expected = compared
    gap = context.attempt(lambda: exact.subtract(total, expected), check.at, f"checks.{check.name}")
    if gap is FAILED:
        return None
    return Proof(
        check=check.name,
        terms=terms,
        sum=total,
        expected=expected,
        gap=gap,
        currency=context.currency,
    )


def _evaluate_number(
    term: TemplateAt | Literal, check: Check, context: RunContext, trail: str
) -> Number | None:
    at = check.at if isinstance(term, Literal) else term.at

    def step() -> Number:
        value = (
            term.value
            if isinstance(term, Literal)
            else evaluate(term.template, context.scope(), context.budget)
        )
        if isinstance(value, bool) or not isinstance(value, exact.Number):
            raise ExpressionError(
                "E0802",
                f"{shortened(trail, 80)} is not a number",
                hint="convert a text with `| number`",
                length=len(at.text),
            )
        return value

    value = context.attempt(step, at, trail)
    return None if value is FAILED else value


def _add_up(amounts: Iterator[Number]) -> Number:
    total: Number = 0
    for amount in amounts:
        total = exact.add(total, amount)
    return total


def _judge_proof(proof: Proof, check: Check, plan: Plan, context: RunContext) -> Proof:
    """Return a proof that holds unchanged; add suspects and a finding to any other."""
    if proof.holds:
        return proof
    suspects = tuple(
        dict.fromkeys(
            name
            for name, amount in _list_amounts(plan, context)
            if amount and amount in (proof.gap, exact.subtract(0, proof.gap))
        )
    )
    hint = f"the gap equals {' or '.join(suspects[:4])}" if suspects else None
    hint = hint or _explain_rounding(plan, context) or _NO_SUSPECT
    shown = f" {proof.currency}" if proof.currency else ""
    message = (
        f"check {quoted(check.name)}: {exact.format_plain(proof.sum)} is not {exact.format_plain(proof.expected)}, "
        f"off by {exact.format_plain(proof.gap)}{shown}"
    )
    context.findings.add(Finding("E0801", message, place=check.at.place, hint=hint))
    return replace(proof, suspects=suspects)


def _explain_rounding(plan: Plan, context: RunContext) -> str:
    """Name an amount with more decimal places than the ledger's account keeps; empty without one."""
    places = context.places.get(context.currency or "")
    for name, amount in _list_money(plan, context):
        if places is not None and exact.round_half_up(amount, places) != amount:
            return (
                f"{name} is {exact.format_plain(amount)}, but the account keeps {places} decimal "
                f"places of {context.currency}: a line has to carry what rounding changes"
            )
    return ""


def _list_money(plan: Plan, context: RunContext) -> Iterator[tuple[str, Number]]:
    """Yield every amount that the order itself gives: fields and fields of entries that are money."""
    for field in plan.fields:
        value = context.names.peek(field.name)
        options = field.options if isinstance(field, FieldChoice) else ()
        for each in (field, *(option.field for option in options)):
            if isinstance(each, Field) and each.type == "money":
                yield from _keep_number(field.name, value)
            inner = each.fields if isinstance(each, Entries) else ()
            names = {one.name for one in inner if one.type == "money"}
            for index, entry in enumerate(value if isinstance(value, list) and names else ()):
                for name in sorted(names & entry.keys()):
                    yield from _keep_number(f"{field.name}[{index}].{name}", entry[name])


def _list_amounts(plan: Plan, context: RunContext) -> Iterator[tuple[str, Number]]:
    """Yield every amount of the order: fields, values, sums over lists, entries of lists."""
    for field in plan.fields:
        value = context.names.peek(field.name)
        if isinstance(value, list):
            yield from _list_entry_amounts(field.name, value)
        elif isinstance(field, Field) and field.type == "money":
            yield from _keep_number(field.name, value)
    for computed in plan.values:
        yield from _keep_number(computed.name, context.names.peek(computed.name))


def _list_entry_amounts(name: str, entries: list[object]) -> Iterator[tuple[str, Number]]:
    """Yield the sums over the entries first: they explain more than single amounts."""
    single: list[tuple[str, Number]] = []
    sums: dict[str, list[Number]] = {}
    for index, entry in enumerate(entries):
        for key, value in entry.items() if isinstance(entry, dict) else ():
            for _, amount in _keep_number(key, value):
                single.append((f"{name}[{index}].{key}", amount))
                sums.setdefault(key, []).append(amount)
    for key, amounts in sums.items():
        with suppress(ExpressionError):  # a sum that cannot be exact explains nothing
            yield f"the sum of {name}.{key}", _add_up(iter(amounts))
    yield from single


def _keep_number(name: str, value: object) -> Iterator[tuple[str, Number]]:
    if isinstance(value, exact.Number) and not isinstance(value, bool):
        yield name, value


_SUMMARY = "give the check a `summary:`; it is shown here"
_NO_SUSPECT = "no single amount of the order equals the gap: compare the terms of the proof"
