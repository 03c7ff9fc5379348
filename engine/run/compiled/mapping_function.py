"""A whole mapping becomes the source of one function: event → sources → … → payloads and proofs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from ...findings.errors import NotCompiledError
from ...language.budget import STEPS_PER_ORDER
from ...mapping.plan import Body, BodyList, BodyMap, Lines, Plan, Record
from ...mapping.record_schemas import Schema
from .body_code import Placing, body_value
from .check_code import compile_checks
from .field_code import compile_fields, compile_values
from .function import FunctionSource, function_of, tables_of
from .line_code import compile_lines
from .path_context import Here
from .prologue import Opening, all_opened
from .record_code import Written, compile_record, names_in, references_to
from .runtime.doubts import MAX_LEVELS
from .schema_fit_code import line_schema
from .shapes import MAP, WHOLE, KnownValue
from .source_writer import SourceWriter
from .template_environment import Environment


def write_function(plan: Plan, steps: int = STEPS_PER_ORDER) -> FunctionSource:
    """The function `run(inputs, budget)` of a plan, which gives an Outcome or raises.

    It takes at most as many steps as an order may cost, of which `budget` holds one in ten.
    Raise NotCompiledError for what is not worth writing out, or too large.
    """
    out, tables = SourceWriter(), tables_of(plan)
    opening = Opening(plan, out, partial(_returned, plan))
    roots = all_opened(opening)
    names = {"settings": roots["settings"], "tenant": roots["tenant"]}
    env = compile_fields(plan.fields, Here(None, roots), Environment(names, tables, out))
    env = compile_values(plan.values, env)
    env = replace(env, lines=_schema_of_lines(plan))
    env = env.with_names({"lines": compile_lines(plan, env, _times(plan))})
    _outcome(plan, env, opening)
    return function_of(out, tables, steps)


def _returned(plan: Plan, rest: str) -> str:
    """The statement that returns an outcome."""
    return f"return Outcome({plan.tenant!r}, {plan.name!r}, order_named_in(event), {rest})"


def _schema_of_lines(plan: Plan) -> tuple[Schema, Schema] | None:
    """The schema of a line and of its record, where all lines stand in one record that has one."""
    holding = [
        record for record in plan.records if any(p[0] == "lines" for p in names_in(record.body))
    ]
    if len(holding) != 1 or holding[0].schema is None:
        return None
    own = line_schema(holding[0])
    return None if own is None else (own, holding[0].schema.schema)


def _times(plan: Plan) -> int:
    """How often all of a line is looked at: when it is rendered, and in each body it stands in."""
    bodies = [body for record in plan.records for body in (record.body, record.confirm)]
    uses = sum(path[0] == "lines" for body in bodies for path in names_in(body))
    return 1 + uses * max(map(_depth, plan.lines), default=1)


def _depth(lines: Lines) -> int:
    return 1 + max(map(_depth, lines.after), default=0)


def _outcome(plan: Plan, env: Environment, opening: Opening) -> None:
    """The records, the checks, and what is returned."""
    if any(
        _levels(body) > MAX_LEVELS for each in plan.records for body in (each.body, each.confirm)
    ):
        raise NotCompiledError(f"a body is nested deeper than {MAX_LEVELS} levels")
    written: dict[str, Written] = {}
    references: dict[str, KnownValue] = {}
    for record in plan.records:
        before = KnownValue(WHOLE, MAP, parts=dict(references))
        is_used = _is_used(record, plan)
        inner = env.with_names({"records": before})
        written[record.name] = compile_record(record, inner, is_used=is_used)
        references[record.name] = references_to(record, env)
    _require_once(list(written.values()), env)
    checks, proofs = compile_checks(
        plan.checks, written, env.with_names({"records": KnownValue(WHOLE, MAP, parts=references)})
    )
    env = env.with_names({"records": KnownValue(WHOLE, MAP, parts=references), "checks": checks})
    payloads = "".join(_payloads(written, env))
    proofs_shown = "".join(f"{proof}, " for proof in proofs)
    opening.leave(f"RENDERED, None, None, ({payloads}), ({proofs_shown})")


def _is_used(record: Record, plan: Plan) -> bool:
    """Whether anything may refer to a record: it has to be written then."""
    named = any(
        path[:2] == ("records", record.name)
        for other in plan.records
        for path in names_in(other.confirm)
    )
    return named or record is not plan.records[-1]


def _require_once(written: list[Written], env: Environment) -> None:
    """No line stands twice in one payload, and every line stands in one."""
    out = env.out
    for each in written:
        if len(each.groups) > 1:
            codes = ", ".join(f"*{group.code}" for group in each.groups)
            lengths = " + ".join(f"len({group.code})" for group in each.groups)
            out.doubt_if(f"len(set(map(id, [{codes}]))) != {lengths}")
    groups = [group for each in written for group in each.groups]
    if not any(group.name == "all" for group in groups):
        codes = ", ".join(f"*{group.code}" for group in groups)
        out.doubt_if(f"len(all_lines) != len(set(map(id, [{codes}])))")


def _levels(body: Body | None) -> int:
    """How deeply a body is nested as it is written."""
    if isinstance(body, BodyMap):
        return 1 + max((_levels(entry) for _, entry in body.entries), default=0)
    if isinstance(body, BodyList):
        return 1 + max(map(_levels, body.items), default=0)
    return 0


def _payloads(written: dict[str, Written], env: Environment) -> Iterator[str]:
    """The code of each payload, as entries of a tuple."""
    out = env.out
    for name, each in written.items():
        payload = out.fresh()
        if not each.flag:
            out.put(f"{payload} = {_payload(each, env)}")
            yield f"{payload}, "
            continue
        out.note(f"records.{name}")
        out.put(f"{payload} = ()")
        with out.block(f"if {each.flag}"):
            out.put(f"{payload} = ({_payload(each, env)},)")
        yield f"*{payload}, "


def _payload(written: Written, env: Environment) -> str:
    details = dict(written.details)
    confirm = written.record.confirm
    shown = ", ".join(f"{name!r}: {code}" for name, code in details.items())
    code = env.out.let(f"{{{shown}}}")
    if confirm is not None:
        value = body_value(confirm, env, Placing())
        guard = f"if {value.code} is not OMIT: " if value.shape.omit else ""
        env.out.put(f"{guard}{code}['confirm'] = {value.code}")
    return f"Payload({written.arguments}, {code}, True)"
