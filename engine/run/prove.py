"""The checks: computed from the finished payload, with every term shown.

When a sum is off, the amounts of the order are searched for one that equals the
gap, because that is nearly always the term that was forgotten or counted twice.
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
from ..mapping.plan import Check, Field, Literal, Plan, TemplateAt
from .bodies import fill
from .outcome import Payload, Proof
from .payloads import lines_lost
from .scope import FAILED, RunContext, ScopeNames
from .sublist import condition_holds


def prove(plan: Plan, work: RunContext, payloads: Mapping[str, Payload]) -> tuple[Proof, ...]:
    """Carry out every check; one that does not hold is a finding."""
    proofs: list[Proof] = []
    done = ScopeNames()
    for check in plan.checks:
        of = check.of or next(reversed(list(payloads)), None)
        if of is None or of not in payloads:
            continue
        inner = work.inside({"body": dict(payloads[of].body), "checks": done})
        if check.holds is not None:
            _require(check, check.holds, inner)
            continue
        if lines_lost(plan, work, work.placed[of]):
            done[check.name] = FAILED
            continue
        proof = _carry_out(check, inner)
        if proof is None:
            done[check.name] = FAILED
            continue
        done[check.name] = {"sum": proof.sum, "terms": dict(proof.terms)}
        proofs.append(_judged(proof, check, plan, work))
    work.names["checks"] = done
    _require_proof(plan, work, proofs)
    return tuple(proofs)


def _require_proof(plan: Plan, work: RunContext, proofs: list[Proof]) -> None:
    """A finding when lines are sent and every check was about a record that is not."""
    checks = [check for check in plan.checks if check.holds is None]
    if checks and not proofs and not work.trouble.found and any(work.placed.values()):
        message = "no check was carried out: each is `of` a record that is not written"
        hint = "leave `of` out: a check is then about the last record that is written"
        work.trouble.add(Finding("E0805", message, place=checks[0].at.place, hint=hint))


def confirmed(plan: Plan, work: RunContext, payloads: Mapping[str, Payload]) -> tuple[Payload, ...]:
    """The payloads with what is to be read back after writing."""
    finished = []
    for record in plan.records:
        payload = payloads.get(record.name)
        if payload is None:
            continue
        if record.confirm is not None:
            confirm = fill(record.confirm, work, f"records.{record.name}.confirm")
            if confirm is not OMIT:
                payload = replace(payload, details={**payload.details, "confirm": confirm})
        finished.append(payload)
    return tuple(finished)


def _require(check: Check, condition: TemplateAt, work: RunContext) -> None:
    """A finding unless the condition holds."""
    if condition_holds(condition, work, f"checks.{check.name}") is False:
        message = f"check {quoted(check.name)} does not hold"
        place = condition.at.place
        work.trouble.add(Finding("E0803", message, place=place, hint=check.summary or _SUMMARY))


def _carry_out(check: Check, work: RunContext) -> Proof | None:
    trail = f"checks.{check.name}"
    if check.equal is not None:
        left, right = (_number(side, check, work, trail) for side in check.equal)
        if left is None or right is None:
            return None
        return _proof(check, ((check.name, left),), (left, right), work)
    terms = [(name, _number(term, check, work, f"{trail}.{name}")) for name, term in check.terms]
    expected = _number(check.sums_to or Literal(0), check, work, f"{trail}.sums_to")
    known = [(name, amount) for name, amount in terms if amount is not None]
    if expected is None or len(known) < len(terms):
        return None
    total = work.attempt(lambda: _sum(amount for _, amount in known), check.at, trail)
    return None if total is FAILED else _proof(check, tuple(known), (total, expected), work)


def _proof(
    check: Check,
    terms: tuple[tuple[str, Number], ...],
    compared: tuple[Number, Number],
    work: RunContext,
) -> Proof | None:
    """The comparison carried out exactly, in no ambient context."""
    total, expected = compared
    gap = work.attempt(lambda: exact.subtract(total, expected), check.at, f"checks.{check.name}")
    if gap is FAILED:
        return None
    return Proof(check.name, terms, total, expected, gap, work.currency)


def _number(
    term: TemplateAt | Literal, check: Check, work: RunContext, trail: str
) -> Number | None:
    at = check.at if isinstance(term, Literal) else term.at

    def step() -> Number:
        value = (
            term.value
            if isinstance(term, Literal)
            else evaluate(term.template, work.scope(), work.budget)
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


def _judged(proof: Proof, check: Check, plan: Plan, work: RunContext) -> Proof:
    """The proof as it is when it holds; else with suspects, and a finding made."""
    if proof.holds:
        return proof
    suspects = tuple(
        dict.fromkeys(
            name
            for name, amount in _amounts(plan, work)
            if amount and amount in (proof.gap, exact.subtract(0, proof.gap))
        )
    )
    hint = f"the gap equals {' or '.join(suspects[:4])}" if suspects else _NO_SUSPECT
    shown = f" {proof.currency}" if proof.currency else ""
    message = (
        f"check {quoted(check.name)}: {exact.plain(proof.sum)} is not {exact.plain(proof.expected)}, "
        f"off by {exact.plain(proof.gap)}{shown}"
    )
    work.trouble.add(Finding("E0801", message, place=check.at.place, hint=hint))
    return replace(proof, suspects=suspects)


def _amounts(plan: Plan, work: RunContext) -> Iterator[tuple[str, Number]]:
    """Every amount of money the order has: fields, values, sums over lists, entries of lists."""
    for field in plan.fields:
        value = work.names.known(field.name)
        if isinstance(value, list):
            yield from _amounts_in(field.name, value)
        elif isinstance(field, Field) and field.type == "money":
            yield from _if_number(field.name, value)
    for computed in plan.values:
        yield from _if_number(computed.name, work.names.known(computed.name))


def _amounts_in(name: str, entries: list[object]) -> Iterator[tuple[str, Number]]:
    """The sums over the entries first: they explain more."""
    single: list[tuple[str, Number]] = []
    sums: dict[str, list[Number]] = {}
    for index, entry in enumerate(entries):
        for key, value in entry.items() if isinstance(entry, dict) else ():
            for _, amount in _if_number(key, value):
                single.append((f"{name}[{index}].{key}", amount))
                sums.setdefault(key, []).append(amount)
    for key, amounts in sums.items():
        with suppress(ExpressionError):  # a sum too long to be exact explains nothing
            yield f"the sum of {name}.{key}", _sum(iter(amounts))
    yield from single


def _if_number(name: str, value: object) -> Iterator[tuple[str, Number]]:
    if isinstance(value, exact.Number) and not isinstance(value, bool):
        yield name, value


_SUMMARY = "give the check a `summary:`, which is then shown here"
_NO_SUSPECT = "no single amount of the order equals the gap: compare the terms of the proof"
