"""A spec becomes a plan, or a list of every reason why not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from ...documents.money import LEDGER_PLACES
from ...findings.diagnostics import Finding, Place, select_errors
from ...findings.quote import nearest, quoted
from ..files.changes import Changes
from ..files.extend import LoadedMapping
from ..files.nodes import MapNode, Scalar, as_data
from ..files.tenant import Tenant
from ..lookups import Table
from ..value_types.definitions import Definition, blame_definitions
from ..value_types.known_sources import list_event_names
from ..value_types.plan_types import PlanTypes, infer_types
from .check_constants import check_constants
from .check_external_ids import check_external_ids
from .check_variables import check_variables
from .check_written import check_retry_words, check_written
from .compile_fields import compile_fields, compile_values, has_money
from .compile_inputs import compile_ready, compile_sources, compile_trigger
from .compile_lookups import ReadFile, compile_lookups
from .compile_outputs import compile_checks, compile_confirm, compile_lines, compile_records
from .compile_retry import compile_retry, list_rule_names
from .completeness import check_completeness
from .expressions import Expressions
from .parse_cache import ParseCache
from .plan import Plan, Record, Retyped, Source
from .settings import compile_settings
from .table_homes import name_homes


@dataclass(frozen=True, slots=True)
class Compiled:
    """The plan of a mapping, None when there are errors; the findings, and what the mapping defines.

    `draft` is the plan as far as it could be compiled, `types` are the types of its values: an editor shows
    them while the mapping still has errors. `unfilled` are the cells of tables that a person still has to
    fill in: findings that do not keep the plan from being compiled, but from being used.
    """

    plan: Plan | None
    findings: tuple[Finding, ...]
    definitions: tuple[Definition, ...]
    draft: Plan
    types: PlanTypes
    unfilled: tuple[Finding, ...] = ()


def compile_plan(
    loaded: LoadedMapping,
    tenant: Tenant,
    read: ReadFile,
    *,
    mapping: Scalar,
    parsed: ParseCache,
    is_accepted: bool = False,
) -> Compiled:
    """Compile a merged mapping that matches the schema.

    `read` reads a lookup's file; `mapping` is the scalar in which the tenant names this mapping;
    all mappings of a tenant share `parsed`. A mapping that was live once (`is_accepted`) is not judged
    again: neither its types and constants nor the completeness of its proofs. Its checks are compiled as
    ever.
    """
    node = loaded.node
    lookups = node.get("lookups")
    expressions = Expressions(
        lookups=frozenset(lookups.keys() if isinstance(lookups, MapNode) else ()),
        parsed=parsed,
        changes=loaded.changes,
        is_accepted=is_accepted,
    )
    plan = _compile(node, tenant, read, expressions, str(mapping.value))
    plan = replace(
        plan,
        places=_list_places(tenant, expressions),
        tables=name_homes(plan.tables, lookups, loaded, tenant),
        retyped=dict(_list_retyped(loaded.changes)),
    )
    _check_runnable(node, plan, mapping, expressions)
    if is_accepted:
        return _conclude(plan, expressions)
    definitions, types = _judge(node, plan, expressions)
    if not select_errors(expressions.findings):
        plan = replace(plan, audits=check_completeness(plan, expressions))
    return _conclude(plan, expressions, definitions, types)


def _conclude(
    plan: Plan,
    expressions: Expressions,
    definitions: tuple[Definition, ...] = (),
    types: PlanTypes | None = None,
) -> Compiled:
    findings = tuple(expressions.findings)
    return Compiled(
        plan=None if select_errors(findings) else plan,
        findings=findings,
        definitions=definitions,
        draft=plan,
        types=types or PlanTypes(),
        unfilled=tuple(expressions.unfilled),
    )


def _judge(
    node: MapNode, plan: Plan, expressions: Expressions
) -> tuple[tuple[Definition, ...], PlanTypes]:
    """Report all that the files tell of a mapping beyond its form; return what it defines, and its types."""
    _check_event(node, plan, expressions)
    check_written(node, expressions)
    check_retry_words(node.get("retry"), expressions)
    check_variables(node.get("sources"), plan, expressions)
    types = infer_types(plan, node.get("settings"), expressions)
    definitions = blame_definitions(node, plan, types, expressions)
    check_external_ids(plan, expressions)
    check_constants(plan, types, expressions)
    return definitions, types


def _compile(
    node: MapNode,
    tenant: Tenant,
    read: ReadFile,
    expressions: Expressions,
    name: str,
) -> Plan:
    settings = compile_settings(node.get("settings"), tenant, expressions)
    rules = list_rule_names(node.get("retry"))
    sources, roots = compile_sources(node.get("sources"), expressions, rules)
    names: set[str] = {"settings", "tenant"}
    fields = compile_fields(node.get("fields"), roots, expressions, names)
    values = compile_values(node.get("values"), expressions, names)
    tables, live = compile_lookups(node.get("lookups"), read, expressions, names)
    lines = compile_lines(node.get("lines"), expressions, names)
    records = compile_records(node.get("records"), expressions, names)
    written = tuple(record.name for record in records)
    checks = compile_checks(node.get("checks"), expressions, names, written)
    confirms = compile_confirm(node.get("records"), expressions, names)
    facts = _list_facts(name, tenant, settings, sources, records, expressions)
    return Plan(
        tenant=tenant.name,
        name=name,
        trigger=compile_trigger(node.get("on"), expressions),
        settings=settings,
        tenant_facts=tenant.facts(),
        sources=sources,
        conditions=compile_ready(node.get("ready"), expressions, roots, rules),
        fields=fields,
        values=values,
        tables=tables,
        live_lookups=live,
        lines=lines,
        records=tuple(replace(record, confirm=confirms.get(record.name)) for record in records),
        checks=checks,
        retry=compile_retry(node.get("retry")),
        version=compute_version(facts, node, tables),
    )


def _list_facts(
    name: str,
    tenant: Tenant,
    settings: Mapping[str, object],
    sources: tuple[Source, ...],
    records: tuple[Record, ...],
    expressions: Expressions,
) -> object:
    """Return what belongs to the mapping's version beside its text: types and schemas in use, and more."""
    in_use = (
        [(source.name, source.selection) for source in sources],
        [(record.name, record.schema and record.schema.digest) for record in records],
    )
    places = _list_places(tenant, expressions)
    changed = sorted(places.items() - LEDGER_PLACES.items())
    return (tenant.name, name, settings, tenant.facts(), in_use, changed)


def _list_places(tenant: Tenant, expressions: Expressions) -> dict[str, int]:
    """Return the decimal places of each currency: the tenant's word, else the account's snapshot."""
    return LEDGER_PLACES | dict(expressions.parsed.schemas.precision) | tenant.precision


def _list_retyped(changes: Changes) -> Iterator[tuple[str, Retyped]]:
    """Yield the names that have another type by an overlay."""
    for name, change in changes.types.items():
        kind = change.after.get("type") if isinstance(change.after, MapNode) else change.after
        if isinstance(kind, Scalar):
            number = changes.order.get(kind.place.text.name, 0)
            earlier = frozenset(text for text, at in changes.order.items() if at < number)
            yield name, Retyped(kind.place, str(kind.value), earlier)


_NOT_LIVE = "extend a mapping that has one"
# A similarity at which order.opend is a misspelling of order.opened, but order.shipped is another event.
_ALIKE = 0.9
_CURRENCY = "declare it under `fields:`, as in `currency: order.currency`"


def _check_runnable(node: MapNode, plan: Plan, mapping: Scalar, expressions: Expressions) -> None:
    """Check that a live mapping has an event and a record, and that money has a currency."""
    there = ((node.place, "the mapping is here"),)
    if not plan.trigger.event:
        message = (
            f"the mapping {quoted(plan.name)} has no `on.event`, so no event would ever reach it"
        )
        finding = Finding("E0217", message, mapping.place, hint=_NOT_LIVE, related=there)
        expressions.report_unknown(finding, "the event", ("on", "event"))
    if not plan.records:
        message = f"the mapping {quoted(plan.name)} writes no record"
        expressions.report("E0217", message, mapping.place, _NOT_LIVE, related=there)
    named = {field.name for field in plan.fields}
    if has_money(plan.fields, plan.values) and "currency" not in named:
        message = "a field or value is money, but there is no field `currency`"
        finding = Finding("E0218", message, _block_place(node, "fields"), hint=_CURRENCY)
        expressions.report_unknown(finding, "the field `currency`", ("fields", "currency"))


def _check_event(node: MapNode, plan: Plan, expressions: Expressions) -> None:
    """Warn of an event that is nearly, but not quite, one whose payload is documented."""
    block = node.get("on")
    event = block.get("event") if isinstance(block, MapNode) else None
    known = list_event_names()
    if event is not None and plan.trigger.event not in known:
        near = nearest(plan.trigger.event, known)
        if near is not None and SequenceMatcher(None, near, plan.trigger.event).ratio() > _ALIKE:
            message = f"{quoted(plan.trigger.event)} is no event that is documented"
            expressions.report("W0242", message, event.place, f"did you mean {near}?")


def _block_place(node: MapNode, block: str) -> Place:
    found = node.get(block)
    return node.place if found is None else found.place


def compute_version(facts: object, node: MapNode, tables: Mapping[str, Table]) -> str:
    """Return the version of a merged mapping with the tenant's `facts` and its tables: 64 digits of SHA-256.

    The facts contain what its queries select and the schemas of its records, so that another snapshot
    gives another version exactly where it matters to the mapping. The order of keys counts, as it
    does in a mapping.
    """
    digest = hashlib.sha256(repr((facts, as_data(node))).encode("utf-8", "surrogatepass"))
    for name, table in tables.items():
        rows = [(row.key, row.value) for row in table.rows]
        table_text = repr((name, table.keys, table.options, rows))
        digest.update(table_text.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
