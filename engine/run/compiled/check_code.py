"""Compile the checks of the finished payload; a check that does not hold raises doubt."""

from __future__ import annotations

from collections.abc import Mapping

from ...findings.errors import NotCompiledError
from ...mapping.plan import Check, Literal, TemplateAt
from .operands import truth_condition
from .record_code import RecordCode
from .shapes import INT, MAP, NUMBER, WHOLE, KnownValue, shape_of
from .template_code import compile_template
from .template_environment import Environment


def compile_checks(
    checks: tuple[Check, ...], records: Mapping[str, RecordCode], env: Environment
) -> tuple[KnownValue, list[str]]:
    """Compile all checks; return the value of `checks` and the code of every proof."""
    done: dict[str, KnownValue] = {}
    proofs: list[str] = []
    for check in checks:
        _compile_check(check, records, env, done, proofs)
    return KnownValue(WHOLE, MAP, parts=done), proofs


def _compile_check(
    check: Check,
    records: Mapping[str, RecordCode],
    env: Environment,
    done: dict[str, KnownValue],
    proofs: list[str],
) -> None:
    out = env.out
    out.note(f"checks.{check.name}")
    record = records[check.of or list(records)[-1]]
    if record.flag:
        out.doubt_if(f"not {record.flag}")
    out.pay(3 + env.steps_of_names)
    parts = {
        "body": KnownValue(record.body, MAP),
        "checks": KnownValue(WHOLE, MAP, parts=dict(done)),
    }
    env = env.with_names(parts)
    if check.holds is not None:
        out.doubt_if(f"not {truth_condition(compile_template(check.holds.template, env))}")
        return
    if check.reads_lines:
        _require_all_lines(record, env)
    terms = _compile_terms(check, env)
    total, expected = _compile_sides(check, terms, env)
    gap = out.let(f"{total.code} - {expected.code}")
    out.doubt_if(gap)
    done[check.name] = KnownValue(
        WHOLE, MAP, parts={"sum": total, "terms": KnownValue(WHOLE, MAP, parts=terms)}
    )
    shown = "".join(f"({name!r}, {term.code}), " for name, term in terms.items())
    proof = f"{check.name!r}, ({shown}), {total.code}, {expected.code}, {gap}, currency"
    proofs.append(f"Proof({proof})")


def _require_all_lines(record: RecordCode, env: Environment) -> None:
    """Raise doubt unless the record of a check holds all lines."""
    if any(group.name == "all" for group in record.groups):
        return
    codes = ", ".join(f"*{group.code}" for group in record.groups)
    env.out.doubt_if(f"len(all_lines) != len(set(map(id, [{codes}])))")


def _compile_terms(check: Check, env: Environment) -> dict[str, KnownValue]:
    if check.equal is None:
        return {name: _compile_number(term, env) for name, term in check.terms}
    return {check.name: _compile_number(check.equal[0], env)}


def _compile_sides(
    check: Check, terms: Mapping[str, KnownValue], env: Environment
) -> tuple[KnownValue, KnownValue]:
    """Compile the sum of the terms and the expected sum."""
    out = env.out
    if check.equal is not None:
        return terms[check.name], _compile_number(check.equal[1], env)
    total = out.let(" + ".join(["0", *(term.code for term in terms.values())]))
    out.put(f"if {total}.__class__ is int: require_whole({total})")
    return KnownValue(total, NUMBER if terms else INT), _compile_number(
        check.sums_to or Literal(0), env
    )


def _compile_number(term: TemplateAt | Literal, env: Environment) -> KnownValue:
    """Compile a term, which must be a number."""
    if isinstance(term, Literal):
        shape = shape_of(term.value)
        if not shape.is_number:
            raise NotCompiledError("a term is not a number")
        return KnownValue(env.out.constant(term.value), shape)
    value = compile_template(term.template, env)
    if value.group is not None:
        raise NotCompiledError("a term is a group of lines")
    if value.shape.is_number:
        return value
    env.out.doubt_if(f"not is_amount({value.code})")
    return KnownValue(value.code, NUMBER)
