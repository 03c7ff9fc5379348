"""Trace an order: run its plan with values that carry their causes, and list every leaf of every payload."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import reduce

from ...documents import exact
from ...documents.exact import Number
from ...findings.diagnostics import Place
from ...findings.errors import ExpressionError
from ...language.paths import walk_nodes
from ...language.templates import OMIT
from ...mapping.plan import Check, Literal, Plan, Source, TemplateAt
from ..inputs import Inputs
from ..outcome import Outcome, RunState
from ..run import run as run_plan
from ..run_context import begin_run
from ..scope import RunContext, ScopeNames
from ..sources import read_source, select_document
from .causes import NOTHING, Cause, Role, join_causes
from .lineage_run import LineageRun, begin_lineage
from .trace_bodies import trace_lines, trace_payloads
from .trace_fields import trace_fields
from .trace_path import trace_path
from .traced import Key, Traced, build_map, join_path, list_keys, open_document

_CHAIN = frozenset(("field", "subexpression"))


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value of a payload, by the name of its record and its path in the body, with its causes.

    `is_left_out` is true for a key whose template gave `omit`.
    """

    record: str
    path: str
    value: object
    cause: Cause
    is_left_out: bool = False


@dataclass(frozen=True, slots=True)
class CheckLineage:
    """A check of the payloads, or a condition that the order waits for, with its causes."""

    name: str
    place: Place
    cause: Cause


@dataclass(frozen=True, slots=True)
class OrderLineage:
    """The lineage of one order in one mapping; `types` has the record type of each record's name.

    `documents` are the event and the sources, by the names with which paths begin.
    """

    outcome: Outcome
    bodies: Mapping[str, object]
    types: Mapping[str, str]
    leaves: tuple[Leaf, ...]
    checks: tuple[CheckLineage, ...]
    documents: Mapping[str, object]


def trace_order(
    plan: Plan, inputs: Inputs, places: Mapping[str, Place] | None = None
) -> OrderLineage | Outcome:
    """Return the lineage of an order, or its outcome where it has no payloads.

    Payloads that do not pass their checks, or do not fit their schemas, have a lineage too. `places` has
    the places of settings, by `settings.NAME`.
    """
    outcome = run_plan(plan, inputs)
    if outcome.state is not RunState.RENDERED and not _has_payloads(plan, inputs):
        return outcome
    lineage = begin_lineage(plan, inputs, places or {})
    roots = _trace_sources(lineage, begin_run(plan, inputs), inputs)
    trace_fields(lineage, roots)
    trace_lines(lineage)
    payloads = list(trace_payloads(lineage))
    bodies = {record.name: body for record, body in payloads}
    return OrderLineage(
        outcome=outcome,
        bodies={name: body.value for name, body in bodies.items()},
        types={record.name: record.record for record, _ in payloads},
        leaves=tuple(
            leaf for name, body in bodies.items() for leaf in _list_leaves(name, "", body)
        ),
        checks=(*_trace_conditions(lineage, roots), *_trace_checks(lineage, bodies)),
        documents={
            name: part.value
            for name, part in (roots.parts or {}).items()
            if isinstance(name, str) and name not in ("settings", "tenant")
        },
    )


def _has_payloads(plan: Plan, inputs: Inputs) -> bool:
    """Whether an order has payloads when nothing checks them."""
    records = tuple(replace(record, confirm=None, schema=None) for record in plan.records)
    unchecked = replace(plan, checks=(), audits=(), records=records)
    return run_plan(unchecked, inputs).state is RunState.RENDERED


def _trace_sources(lineage: LineageRun, context: RunContext, inputs: Inputs) -> Traced:
    """Return the roots of all paths."""
    plan = lineage.plan
    plain = ScopeNames(event=inputs.event, tenant=plan.tenant_facts, settings=plan.settings)
    roots = {**lineage.names, "event": open_document("event", inputs.event)}
    for source in plan.sources:
        document = read_source(source, context, inputs, plain)
        plain[source.name] = document
        when = source.when
        cause = NOTHING
        if when is not None:
            cause = trace_path(when.path, build_map(roots), lineage.budget).truth()
        found = _open_source(source, context, inputs, document, lineage)
        roots[source.name] = found.decided_by(cause)
    return build_map(roots)


def _open_source(
    source: Source, context: RunContext, inputs: Inputs, document: object, lineage: LineageRun
) -> Traced:
    """Return the document of a source; what a `select` chooses is traced in the whole answer."""
    select = source.select
    if select is None or document is None:
        return open_document(source.name, document)
    if all(node["type"] in _CHAIN for node in walk_nodes(select.path.tree)):
        return open_document(source.name, document)
    answer = select_document(replace(source, select=None), context, inputs.sources[source.name])
    return trace_path(select.path, open_document(f"{source.name}:answer", answer), lineage.budget)


def _list_leaves(record: str, path: str, found: Traced) -> Iterator[Leaf]:
    """Yield every scalar and every empty list or map of a payload, and the keys that were left out."""
    value = found.value
    keys = list(list_keys(value))
    if isinstance(value, dict) and "$record" in value:
        keys = []
    left_out = [key for key, part in (found.parts or {}).items() if part.value is OMIT]
    if not keys and not left_out:
        cause = found.deep()
        yield Leaf(record=record, path=path, value=value, cause=cause, is_left_out=value is OMIT)
        return
    for key in (*left_out, *keys):
        yield from _list_leaves(record, join_path(path, key), _take(found, key))


def _take(found: Traced, key: Key) -> Traced:
    if found.value is OMIT or key not in list_keys(found.value):
        assert found.parts is not None
        return found.parts[key].decided_by(found.own, Role.VALUE)
    return found.part(key)


def _trace_conditions(lineage: LineageRun, roots: Traced) -> Iterator[CheckLineage]:
    plan = lineage.plan
    when = plan.trigger.when
    named = [] if when is None else [("on.when", when)]
    named += [(f"ready.{each.name}", each.check) for each in plan.conditions]
    for name, path in named:
        found = trace_path(path.path, roots, lineage.budget)
        yield CheckLineage(name, path.at.place, found.truth())


def _trace_checks(lineage: LineageRun, bodies: Mapping[str, Traced]) -> Iterator[CheckLineage]:
    done: dict[str, Traced] = {}
    for check in lineage.plan.checks:
        record = check.of or next(reversed(list(bodies)), None)
        if record is None or record not in bodies:
            continue
        run = lineage.with_names({"body": bodies[record], "checks": build_map(done)})
        try:
            cause = _trace_check(run, check, done)
        except ExpressionError:
            continue  # the outcome has its finding
        yield CheckLineage(f"checks.{check.name}", check.at.place, cause)


def _trace_check(run: LineageRun, check: Check, done: dict[str, Traced]) -> Cause:
    """Return the causes of a check, and add its sum and terms to those that are done."""
    if check.holds is not None:
        return run.condition(check.holds, f"checks.{check.name}").own
    if check.equal is not None:
        left, right = (_trace_number(run, side) for side in check.equal)
        terms = {check.name: left}
        expected = right
    else:
        terms = {name: _trace_number(run, term) for name, term in check.terms}
        expected = Traced(0) if check.sums_to is None else _trace_number(run, check.sums_to)
    zero: Number = 0
    total = reduce(exact.add, (term.value for term in terms.values()), zero)
    summed = Traced(total, join_causes(*(term.deep() for term in terms.values())))
    done[check.name] = build_map({"sum": summed, "terms": build_map(terms)})
    return join_causes(summed.own, expected.deep())


def _trace_number(run: LineageRun, term: TemplateAt | Literal) -> Traced:
    return Traced(term.value) if isinstance(term, Literal) else run.evaluate(term)
