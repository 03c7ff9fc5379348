"""A whole mapping becomes the source of one function: event → sources → … → payloads and proofs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..errors import NotCompiledError
from ..language.budget import STEPS_PER_ORDER
from ..plan import Body, BodyList, BodyMap, Lines, Plan, Record
from ..plan import Source as Document
from ..record_schemas import Schema
from .answers import answer_data
from .bodies import Placing, body_value
from .checks import compile_checks
from .environment import Environment, Tables
from .fields import compile_fields, compile_values
from .fitting import line_schema
from .here import Here, path_truth
from .lines import compile_lines
from .paths import path_value
from .peephole import shortened
from .records import Written, compile_record, names_in, references_to
from .runtime.doubts import MAX_LEVELS
from .shapes import JSON, MAP, NULL, TEXT, WHOLE, Known, Shape, joined, shape_of
from .slots import with_few_names, without_texts
from .source import Source

# What is charged by what the function calls comes from a purse of its own: one in so many steps.
CALLED_SHARE = 10
_EVENT = Known(
    "event",
    Shape("map", partial=True),
    parts={
        "tenant": Known("event['tenant']", TEXT),
        "name": Known("event['name']", TEXT),
        "published_at": Known("event['published_at']", TEXT),
        "payload": Known("payload", MAP),
    },
)


@dataclass(frozen=True, slots=True)
class FunctionSource:
    """The source of a mapping's function, and the constants it names."""

    source: str
    constants: dict[str, object]


def write_function(plan: Plan, steps: int = STEPS_PER_ORDER) -> FunctionSource:
    """The function `run(inputs, budget)` of a plan, which gives an Outcome or raises.

    It takes at most as many steps as an order may cost, of which `budget` holds one in ten.
    Raise NotCompiledError for what is not worth writing out, or too large.
    """
    out = Source()
    tables = Tables(plan.tables, frozenset(live.name for live in plan.live_lookups))
    _write(plan, out, tables)
    asked = [
        f" {code} = rows_of(tables.get({name!r}), {count})"
        for (name, count), code in tables.asked.items()
    ]
    own = out.constant(frozenset(plan.tables))
    head = [
        "def run(inputs, budget):",
        f" left = {steps - steps // CALLED_SHARE - out.paid}",
        " event, sources, tables = inputs.event, inputs.sources, inputs.tables",
        f" if not all_known(tables, {own}): raise DoubtError",
        " currency = None",
        *asked,
    ]
    body = with_few_names("\n".join(shortened(out.written())))
    source = "\n".join([*head, body, ""])
    if WHOLE in without_texts(source):
        raise NotCompiledError("all of the lines, records or checks are used as one value")
    return FunctionSource(source, out.constants)


def _write(plan: Plan, out: Source, tables: Tables) -> None:
    _event(plan, out)
    roots = {"event": _EVENT, "tenant": _constant(plan.tenant_facts, out)}
    roots["settings"] = _constant(plan.settings, out)
    for document in plan.sources:
        roots[document.name] = _document(document, Here(None, dict(roots)), plan, out)
    here = Here(None, roots)
    for condition in plan.conditions:
        out.note(f"ready.{condition.name}")
        holds = path_value(condition.check.path, here, out)
        # The interpreter says what was found, and what is needed.
        with out.block(f"if not {path_truth(holds)}"):
            out.put("raise DoubtError")
    names = {"settings": roots["settings"], "tenant": roots["tenant"]}
    env = compile_fields(plan.fields, here, Environment(names, tables, out))
    env = compile_values(plan.values, env)
    env = replace(env, lines=_schema_of_lines(plan))
    env = env.with_names({"lines": compile_lines(plan, env, _times(plan))})
    _outcome(plan, env)


def _constant(value: object, out: Source) -> Known:
    """What is the same for every order, as a plain map."""
    assert isinstance(value, dict)
    return Known(out.constant(value), shape_of(value), value)


def _event(plan: Plan, out: Source) -> None:
    """Whether it is an event, and one that this mapping wants."""
    out.doubt_if("event.__class__ is not dict")
    for member in ("tenant", "name", "published_at"):
        out.doubt_if(f"event[{member!r}].__class__ is not str")
    out.put("payload = event['payload']")
    out.doubt_if("payload.__class__ is not dict")
    trigger = plan.trigger
    with out.block(f"if event['name'] != {trigger.event!r}"):
        _return(plan, f"IGNORED, {f'on.event: this mapping wants {trigger.event}'!r}", out)
    if trigger.when is None:
        return
    out.note("on.when")
    wanted = path_value(trigger.when.path, Here(None, {"event": _EVENT}), out)
    with out.block(f"if not {path_truth(wanted)}"):
        _return(plan, "IGNORED, 'on.when: does not hold'", out)


def _return(plan: Plan, rest: str, out: Source) -> None:
    """Return an outcome, if what it took is within an order's budget."""
    out.doubt_if("left < 0")
    out.put(f"return Outcome({plan.tenant!r}, {plan.name!r}, order_named_in(event), {rest})")


def _not_ready(plan: Plan, rule: str, what: str, out: Source) -> None:
    _return(plan, f"NOT_READY, {rule!r}, {what!r}", out)


def _document(document: Document, roots: Here, plan: Plan, out: Source) -> Known:
    """What the name of a source stands for; null when it is not needed."""
    out.note(f"sources.{document.name}")
    if document.when is None:
        return _fetched(document, plan, out)
    needed = path_value(document.when.path, roots, out)
    result = out.let("None")
    with out.block(f"if {path_truth(needed)}"):
        found = _fetched(document, plan, out)
        out.put(f"{result} = {found.code}")
    return Known(result, joined(found.shape, NULL))


def _fetched(document: Document, plan: Plan, out: Source) -> Known:
    answer = out.let(f"sources[{document.name!r}]")
    with out.block(f"if {answer} is None or {answer} is ABSENT"):
        _absent(document, plan, out)
    found = Known(answer, JSON)
    if document.selection is not None:
        found = answer_data(answer, document.selection, out)
    if document.select is not None:
        found = path_value(document.select.path, Here(found), out)
    if found.shape.null or found.shape.kind == "json":
        with out.block(f"if {found.code} is None"):
            _absent(document, plan, out)
    return found.sure()


def _absent(document: Document, plan: Plan, out: Source) -> None:
    if document.absent is None:
        out.put("raise DoubtError")
    else:
        _not_ready(plan, document.absent, f"sources.{document.name}", out)


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


def _outcome(plan: Plan, env: Environment) -> None:
    """The records, the checks, and what is returned."""
    out = env.out
    if any(
        _levels(body) > MAX_LEVELS for each in plan.records for body in (each.body, each.confirm)
    ):
        raise NotCompiledError(f"a body is nested deeper than {MAX_LEVELS} levels")
    written: dict[str, Written] = {}
    references: dict[str, Known] = {}
    for record in plan.records:
        before = Known(WHOLE, MAP, parts=dict(references))
        is_used = _is_used(record, plan)
        inner = env.with_names({"records": before})
        written[record.name] = compile_record(record, inner, is_used=is_used)
        references[record.name] = references_to(record, env)
    _require_once(list(written.values()), env)
    checks, proofs = compile_checks(
        plan.checks, written, env.with_names({"records": Known(WHOLE, MAP, parts=references)})
    )
    env = env.with_names({"records": Known(WHOLE, MAP, parts=references), "checks": checks})
    payloads = "".join(_payloads(written, env))
    proofs_shown = "".join(f"{proof}, " for proof in proofs)
    _return(plan, f"RENDERED, None, None, ({payloads}), ({proofs_shown})", out)


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
