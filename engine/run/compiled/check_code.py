"""The checks become Python: carried out on the finished payload, in doubt when one does not hold."""

from __future__ import annotations

from collections.abc import Mapping

from ...findings.errors import NotCompiledError
from ...mapping.plan import Check, Literal, TemplateAt
from .operands import truth
from .record_code import Written
from .shapes import INT, MAP, NUMBER, WHOLE, KnownValue, shape_of
from .template_code import template_value
from .template_environment import Environment


def compile_checks(
    checks: tuple[Check, ...], written: Mapping[str, Written], env: Environment
) -> tuple[KnownValue, list[str]]:
    """The value of `checks`, and the code of every proof."""
    done: dict[str, KnownValue] = {}
    proofs: list[str] = []
    for check in checks:
        _check(check, written, env, done, proofs)
    return KnownValue(WHOLE, MAP, parts=done), proofs


def _check(
    check: Check,
    written: Mapping[str, Written],
    env: Environment,
    done: dict[str, KnownValue],
    proofs: list[str],
) -> None:
    out = env.out
    out.note(f"checks.{check.name}")
    about = written[check.of or list(written)[-1]]
    if about.flag:
        out.doubt_if(f"not {about.flag}")
    out.pay(3)
    parts = {
        "body": KnownValue(about.body, MAP),
        "checks": KnownValue(WHOLE, MAP, parts=dict(done)),
    }
    env = env.with_names(parts)
    if check.holds is not None:
        out.doubt_if(f"not {truth(template_value(check.holds.template, env))}")
        return
    _require_all_lines(about, env)
    terms = _terms(check, env)
    total, expected = _compared(check, terms, env)
    gap = out.let(f"{total.code} - {expected.code}")
    out.doubt_if(gap)
    done[check.name] = KnownValue(
        WHOLE, MAP, parts={"sum": total, "terms": KnownValue(WHOLE, MAP, parts=terms)}
    )
    shown = "".join(f"({name!r}, {term.code}), " for name, term in terms.items())
    proof = f"{check.name!r}, ({shown}), {total.code}, {expected.code}, {gap}, currency"
    proofs.append(f"Proof({proof})")


def _require_all_lines(about: Written, env: Environment) -> None:
    """The lines that are proved are those that are sent."""
    if any(group.name == "all" for group in about.groups):
        return
    codes = ", ".join(f"*{group.code}" for group in about.groups)
    env.out.doubt_if(f"len(all_lines) != len(set(map(id, [{codes}])))")


def _terms(check: Check, env: Environment) -> dict[str, KnownValue]:
    if check.equal is None:
        return {name: _number(term, env) for name, term in check.terms}
    return {check.name: _number(check.equal[0], env)}


def _compared(
    check: Check, terms: Mapping[str, KnownValue], env: Environment
) -> tuple[KnownValue, KnownValue]:
    """What the terms come to, and what they have to."""
    out = env.out
    if check.equal is not None:
        return terms[check.name], _number(check.equal[1], env)
    total = out.let(" + ".join(["0", *(term.code for term in terms.values())]))
    out.put(f"if {total}.__class__ is int: whole({total})")
    return KnownValue(total, NUMBER if terms else INT), _number(check.sums_to or Literal(0), env)


def _number(term: TemplateAt | Literal, env: Environment) -> KnownValue:
    """A term, which has to be a number."""
    if isinstance(term, Literal):
        shape = shape_of(term.value)
        if not shape.is_number:
            raise NotCompiledError("a term is no number")
        return KnownValue(env.out.constant(term.value), shape)
    value = template_value(term.template, env)
    if value.group is not None:
        raise NotCompiledError("a term is a group of lines")
    if value.shape.is_number:
        return value
    env.out.doubt_if(f"not is_amount({value.code})")
    return KnownValue(value.code, NUMBER)
