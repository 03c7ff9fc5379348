"""Compile a mapping to the source of one function: event → sources → … → payloads and proofs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from ...documents.exact import UNITS
from ...documents.money import LEDGER_PLACES
from ...findings.errors import NotCompiledError
from ...mapping.plan import Body, BodyList, BodyMap, Lines, Plan, Record
from ...mapping.record_schemas import Schema
from .body_code import Placement, compile_body
from .check_code import compile_checks
from .field_code import compile_fields, compile_values
from .function import FunctionSource, build_function, collect_tables
from .line_code import compile_lines
from .path_context import PathContext
from .prologue import Prologue, compile_ready_documents
from .record_code import RecordCode, build_references, compile_record, list_names
from .runtime.doubts import MAX_LEVELS
from .schema_fit_code import find_line_schema
from .shapes import MAP, WHOLE, KnownValue
from .source_writer import SourceWriter
from .template_environment import Environment


def write_function(plan: Plan) -> FunctionSource:
    """Write the function `run(inputs, budget, left)` of a plan, which returns an Outcome or raises.

    `left` are the steps of its own that it may take, `budget` those of the functions that it calls.
    Raise NotCompiledError for constructs that only the interpreter runs, and for a function too large.
    """
    out, tables = SourceWriter(), collect_tables(plan)
    prologue = Prologue(plan, out, partial(_return_statement, plan))
    roots = compile_ready_documents(prologue)
    names = {"settings": roots["settings"], "tenant": roots["tenant"]}
    env = replace(Environment(names, tables, out), units=_name_units(plan, out))
    env = compile_fields(plan.fields, PathContext(None, roots), env)
    env = compile_values(plan.values, env)
    env = replace(env, lines=_find_lines_schema(plan), single=_list_single_values(plan))
    env = replace(env, exact=_list_exact_values(plan))
    env = env.with_names({"lines": compile_lines(plan, env, _count_charges(plan))})
    _compile_outcome(plan, env, prologue)
    return build_function(out, tables)


def _list_single_values(plan: Plan) -> frozenset[int]:
    """List the templates that must give single values: then no proof has to be audited."""
    if any(audit.is_open for audit in plan.audits):
        raise NotCompiledError("only an order shows whether its proof counts every amount")
    return frozenset(id(leaf) for audit in plan.audits for leaf in audit.leaves)


def _list_exact_values(plan: Plan) -> frozenset[int]:
    """List the templates and literals whose amounts must have the places of the currency."""
    return frozenset(id(value) for audit in plan.audits for value in audit.exact)


def _name_units(plan: Plan, out: SourceWriter) -> str:
    """Return the variable that holds the minor unit of each currency in the ledger's account."""
    if plan.places == LEDGER_PLACES:
        return "CURRENCY_UNITS"
    return out.constant({code: UNITS[places] for code, places in plan.places.items()})


def _return_statement(plan: Plan, rest: str) -> str:
    """Return the statement that returns an outcome."""
    return f"return Outcome({plan.tenant!r}, {plan.name!r}, read_order_number(event), {rest})"


def _find_lines_schema(plan: Plan) -> tuple[Schema, Schema] | None:
    """Return the schemas of a line and of its record if one record with a schema holds all lines."""
    holding = [
        record for record in plan.records if any(p[0] == "lines" for p in list_names(record.body))
    ]
    if len(holding) != 1 or holding[0].schema is None:
        return None
    own = find_line_schema(holding[0])
    return None if own is None else (own, holding[0].schema.schema)


def _count_charges(plan: Plan) -> int:
    """Count how often a line is charged: when it is rendered, and in each body that holds it."""
    bodies = [body for record in plan.records for body in (record.body, record.confirm)]
    uses = sum(path[0] == "lines" for body in bodies for path in list_names(body))
    return 1 + uses * max(map(_lines_depth, plan.lines), default=1)


def _lines_depth(lines: Lines) -> int:
    return 1 + max(map(_lines_depth, lines.after), default=0)


def _compile_outcome(plan: Plan, env: Environment, prologue: Prologue) -> None:
    """Compile the records, the checks and the returned outcome."""
    if any(
        _count_levels(body) > MAX_LEVELS
        for record in plan.records
        for body in (record.body, record.confirm)
    ):
        raise NotCompiledError(f"a body is nested deeper than {MAX_LEVELS} levels")
    records: dict[str, RecordCode] = {}
    references: dict[str, KnownValue] = {}
    for record in plan.records:
        before = KnownValue(WHOLE, MAP, parts=dict(references))
        is_used = _is_used(record, plan)
        inner = env.with_names({"records": before})
        records[record.name] = compile_record(record, inner, is_used=is_used)
        references[record.name] = build_references(record, env)
    _require_lines_once(list(records.values()), env)
    checks, proofs = compile_checks(
        plan.checks, records, env.with_names({"records": KnownValue(WHOLE, MAP, parts=references)})
    )
    env = env.with_names({"records": KnownValue(WHOLE, MAP, parts=references), "checks": checks})
    payloads = "".join(_compile_payloads(records, env))
    proofs_shown = "".join(f"{proof}, " for proof in proofs)
    prologue.leave(f"RENDERED, None, None, ({payloads}), ({proofs_shown})")


def _is_used(record: Record, plan: Plan) -> bool:
    """Whether another record may refer to this record, which must be written then."""
    named = any(
        path[:2] == ("records", record.name)
        for other in plan.records
        for path in list_names(other.confirm)
    )
    return named or record is not plan.records[-1]


def _require_lines_once(records: list[RecordCode], env: Environment) -> None:
    """Raise doubt if a payload holds a line twice, or a line is in no payload."""
    out = env.out
    for record in records:
        if len(record.groups) > 1:
            codes = ", ".join(f"*{group.code}" for group in record.groups)
            lengths = " + ".join(f"len({group.code})" for group in record.groups)
            out.doubt_if(f"len(set(map(id, [{codes}]))) != {lengths}")
    groups = [group for record in records for group in record.groups]
    if not any(group.name == "all" for group in groups):
        codes = ", ".join(f"*{group.code}" for group in groups)
        out.doubt_if(f"len(all_lines) != len(set(map(id, [{codes}])))")


def _count_levels(body: Body | None) -> int:
    """Count the nested levels of a body as the author wrote it."""
    if isinstance(body, BodyMap):
        return 1 + max((_count_levels(entry) for _, entry in body.entries), default=0)
    if isinstance(body, BodyList):
        return 1 + max(map(_count_levels, body.items), default=0)
    return 0


def _compile_payloads(records: dict[str, RecordCode], env: Environment) -> Iterator[str]:
    """Yield the code of each payload, as an entry of a tuple."""
    out = env.out
    for name, record in records.items():
        payload = out.new_name()
        if not record.flag:
            out.put(f"{payload} = {_compile_payload(record, env)}")
            yield f"{payload}, "
            continue
        out.note(f"records.{name}")
        out.put(f"{payload} = ()")
        with out.block(f"if {record.flag}"):
            out.put(f"{payload} = ({_compile_payload(record, env)},)")
        yield f"*{payload}, "


def _compile_payload(records: RecordCode, env: Environment) -> str:
    details = dict(records.details)
    confirm = records.record.confirm
    shown = ", ".join(f"{name!r}: {code}" for name, code in details.items())
    code = env.out.let(f"{{{shown}}}")
    if confirm is not None:
        value = compile_body(confirm, env, Placement())
        guard = f"if {value.code} is not OMIT: " if value.shape.omit else ""
        env.out.put(f"{guard}{code}['confirm'] = {value.code}")
    return f"Payload({records.arguments}, {code}, True)"
