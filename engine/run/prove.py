"""The checks: computed from the finished payload, with every term shown.

When a sum is off, the amounts of the order are searched for one that equals the
gap, because that is nearly always the term that was forgotten or counted twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from .. import exact
from ..diagnostics import Finding
from ..errors import ExpressionError
from ..exact import Number
from ..language.templates import evaluate
from ..plan import Check, Field, Literal, Plan, TemplateAt
from ..wording import quoted, shortened
from .bodies import fill
from .extract import Lookup, scope_of
from .names import FAILED, Work
from .outcome import Payload, Proof
from .sublist import condition_holds


def prove(
    plan: Plan, work: Work, lookup: Lookup, payloads: Mapping[str, Payload]
) -> tuple[Proof, ...]:
    """Carry out every check; one that does not hold is a finding."""
    proofs: list[Proof] = []
    done: dict[str, object] = {}
    for check in plan.checks:
        if check.of not in payloads:
            continue
        names = {"body": dict(payloads[check.of].body), "checks": done}
        inner = Work(work.budget, work.trouble, work.names.and_also(names))
        if check.holds is not None:
            _require(check, check.holds, inner, lookup)
            continue
        proof = _carry_out(check, inner, lookup)
        if proof is None:
            done[check.name] = FAILED
            continue
        done[check.name] = {"sum": proof.sum, "terms": dict(proof.terms)}
        proofs.append(_judged(proof, check, plan, work))
    work.names["checks"] = done
    return tuple(proofs)


def confirmed(
    plan: Plan, work: Work, lookup: Lookup, payloads: Mapping[str, Payload]
) -> tuple[Payload, ...]:
    """The payloads with what is to be read back after writing."""
    finished = []
    for record in plan.records:
        payload = payloads.get(record.name)
        if payload is None:
            continue
        if record.confirm is not None:
            confirm = fill(record.confirm, work, lookup, f"records.{record.name}.confirm")
            payload = replace(payload, details={**payload.details, "confirm": confirm})
        finished.append(payload)
    return tuple(finished)


def _require(check: Check, condition: TemplateAt, work: Work, lookup: Lookup) -> None:
    """A finding unless the condition holds."""
    if condition_holds(condition, work, lookup, f"checks.{check.name}") is False:
        message = f"check {quoted(check.name)} does not hold"
        place, subject = condition.at.place, work.trouble.subject
        work.trouble.add(
            Finding("E0803", message, place=place, hint=check.summary or _SUMMARY, subject=subject)
        )


def _carry_out(check: Check, work: Work, lookup: Lookup) -> Proof | None:
    currency = dict.get(work.names, "currency")
    shown = currency if isinstance(currency, str) else None
    trail = f"checks.{check.name}"
    if check.equal is not None:
        left, right = (_number(side, check, work, lookup, trail) for side in check.equal)
        if left is None or right is None:
            return None
        return Proof(check.name, ((check.name, left),), left, right, shown)
    terms = [
        (name, _number(term, check, work, lookup, f"{trail}.{name}")) for name, term in check.terms
    ]
    expected = _number(check.sums_to or Literal(0), check, work, lookup, f"{trail}.sums_to")
    known = [(name, amount) for name, amount in terms if amount is not None]
    if expected is None or len(known) < len(terms):
        return None
    total = work.attempt(lambda: _sum(amount for _, amount in known), check.at, trail)
    return None if total is FAILED else Proof(check.name, tuple(known), total, expected, shown)


def _number(
    term: TemplateAt | Literal, check: Check, work: Work, lookup: Lookup, trail: str
) -> Number | None:
    at = check.at if isinstance(term, Literal) else term.at

    def step() -> Number:
        value = (
            term.value
            if isinstance(term, Literal)
            else evaluate(term.template, scope_of(work, lookup), work.budget)
        )
        if isinstance(value, bool) or not isinstance(value, exact.Number):
            raise ExpressionError(
                "E0802",
                f"{shortened(trail, 80)} is not a number",
                hint="a text becomes one by `| number`",
                length=len(at.text),
            )
        return value

    value = work.attempt(step, at, trail)
    return None if value is FAILED else value


def _sum(amounts: Iterator[Number]) -> Number:
    total: Number = 0
    for amount in amounts:
        total = exact.add(total, amount)
    return total


def _judged(proof: Proof, check: Check, plan: Plan, work: Work) -> Proof:
    """The proof as it is when it holds; else with suspects, and a finding made."""
    if proof.holds:
        return proof
    suspects = tuple(
        dict.fromkeys(
            name
            for name, amount in _amounts(plan, work)
            if amount and abs(amount) == abs(proof.gap)
        )
    )
    hint = f"the gap equals {' or '.join(suspects[:4])}" if suspects else _NO_SUSPECT
    shown = f" {proof.currency}" if proof.currency else ""
    message = (
        f"check {quoted(check.name)}: {exact.plain(proof.sum)} is not {exact.plain(proof.expected)}, "
        f"off by {exact.plain(proof.gap)}{shown}"
    )
    work.trouble.add(
        Finding("E0801", message, place=check.at.place, hint=hint, subject=work.trouble.subject)
    )
    return replace(proof, suspects=suspects)


def _amounts(plan: Plan, work: Work) -> Iterator[tuple[str, Number]]:
    """Every amount of money the order has: fields, values, sums over lists, entries of lists."""
    for field in plan.fields:
        value = dict.get(work.names, field.name)
        if isinstance(value, list):
            yield from _amounts_in(field.name, value)
        elif isinstance(field, Field) and field.type == "money":
            yield from _if_number(field.name, value)
    for computed in plan.values:
        yield from _if_number(computed.name, dict.get(work.names, computed.name))


def _amounts_in(name: str, entries: list[object]) -> Iterator[tuple[str, Number]]:
    maps = [entry for entry in entries if isinstance(entry, dict)]
    for key in dict.fromkeys(key for entry in maps for key in entry):
        amounts = [amount for entry in maps for _, amount in _if_number(key, entry.get(key))]
        if amounts:
            yield f"the sum of {name}.{key}", _sum(iter(amounts))
    for index, entry in enumerate(maps):
        for key, value in entry.items():
            for _, amount in _if_number(key, value):
                yield f"{name}[{index}].{key}", amount


def _if_number(name: str, value: object) -> Iterator[tuple[str, Number]]:
    if isinstance(value, exact.Number) and not isinstance(value, bool):
        yield name, value


_SUMMARY = "give the check a `summary:`, which is then shown here"
_NO_SUSPECT = "no single amount of the order equals the gap: compare the terms of the proof"
