"""Build the records of one order: body, external id and way of writing."""

from __future__ import annotations

from ..findings.diagnostics import Finding
from ..findings.errors import AbsentError, ExpressionError
from ..findings.quote import quoted
from ..language.functions import as_text
from ..language.invisible import CLEAN, explain_unclear
from ..language.lines import LineGroup, Reference
from ..language.templates import OMIT, evaluate
from ..mapping.plan import Plan, Record, TemplateAt
from ..mapping.systems import RECORDS
from .bodies import fill_body, fill_template
from .order_lines import condition_holds
from .outcome import Payload
from .schema_fit import report_misfits, walk_groups
from .scope import FAILED, RunContext


def build_payloads(plan: Plan, context: RunContext) -> dict[str, Payload] | None:
    """Return the payloads by name, without `confirm`, or None if any failed."""
    references: dict[str, object] = {}
    context.names["records"] = references
    payloads: dict[str, Payload] = {}
    failed = False
    for record in plan.records:
        holds = condition_holds(record.condition, context, f"records.{record.name}.if")
        if holds is False:
            continue
        context.placements.clear()
        payload = None if holds is FAILED else _build_payload(record, context)
        fits = payload is not None and not report_misfits(record, payload, plan, context)
        failed = failed or not fits or _report_repeated_lines(record, context)
        context.placed_lines[record.name] = frozenset(context.placements)
        # Only a written record has an id: a later record cannot refer to one that is not written.
        references[record.name] = _build_references(record)
        if payload is not None:
            payloads[record.name] = payload
    if failed or report_lost_lines(
        plan, context, frozenset().union(*context.placed_lines.values())
    ):
        return None
    return payloads


def _report_repeated_lines(record: Record, context: RunContext) -> bool:
    """Add a finding if a payload holds a line more than once; return whether it does."""
    if max(context.placements.values(), default=0) < 2:
        return False
    message = f"record {quoted(record.name)} holds the same line twice"
    hint = "`lines.all` holds the lines of all groups"
    context.findings.add(Finding("E0804", message, place=record.at.place, hint=hint))
    return True


def report_lost_lines(plan: Plan, context: RunContext, placed: frozenset[int]) -> bool:
    """Add a finding for lines that are not among `placed`; return whether there are any.

    The checks count all lines, so every line must stand in a payload.
    """
    lines = context.names.peek("lines")
    if not isinstance(lines, LineGroup):
        return True  # a line failed and has its finding
    lost = {line.group for line in lines.groups["all"].lines if id(line) not in placed}
    for name in sorted(lost):
        at = next(group.at for group in walk_groups(plan.lines) if group.name == name)
        message = f"the lines {quoted(name)} are in no payload"
        hint = 'put them into one: `item: {items: "{{ lines.all }}"}`'
        context.findings.add(Finding("E0804", message, place=at.place, hint=hint))
    return bool(lost)


def _build_references(record: Record) -> dict[str, object]:
    return {field: Reference(record.name, field) for field in ("id", "external_id")}


def _build_payload(record: Record, context: RunContext) -> Payload | None:
    trail = f"records.{record.name}"
    body = fill_body(record.body, context, record.name)
    external_id = _require_external_id(record.external_id, context, f"{trail}.external_id")
    details = {
        "find": _build_find(record, context),
        "from": _build_origin(record, context),
        "match": dict(record.match) or None,
        "landed": record.landed.template.text if record.landed else None,
        "serialize": _require_text(record.serialize, context, f"{trail}.serialize"),
        "earlier": _build_earlier_ids(record, context),
    }
    if FAILED in (body, external_id, *details.values()):
        return None
    assert external_id is None or isinstance(external_id, str)
    own_id = {} if external_id is None else {RECORDS.external_id: external_id}
    return Payload(
        name=record.name,
        record=record.record,
        write=record.write,
        external_id=external_id,
        body=own_id | (body if isinstance(body, dict) else {}),
        details={name: detail for name, detail in details.items() if detail is not None},
    )


def _require_external_id(template: TemplateAt | None, context: RunContext, trail: str) -> object:
    """Return an external id, which the ledger compares character by character."""
    text = _require_text(template, context, trail)
    if template is None or not isinstance(text, str):
        return text

    def step() -> object:
        unclear = explain_unclear(text)
        if unclear is not None:
            raise ExpressionError("E0710", f"{trail} {unclear}", hint=CLEAN)
        return text

    return context.attempt(step, template.at, trail)


def _require_text(template: TemplateAt | None, context: RunContext, trail: str) -> object:
    if template is None:
        return None

    def step() -> object:
        value = evaluate(template.template, context.scope(), context.budget)
        if value is None or value is OMIT or value == "":
            hint = "this key needs a value: correct the path, or give a default other than `omit`"
            raise AbsentError("E0707", f"{trail} has no value", hint=hint)
        return as_text(value)

    return context.attempt(step, template.at, trail)


def _build_earlier_ids(record: Record, context: RunContext) -> object:
    """Return the external ids of earlier integrations by name; each must have a value."""
    trail = f"records.{record.name}.earlier"
    ids = {
        name: _require_external_id(at, context, f"{trail}.{name}") for name, at in record.earlier
    }
    return FAILED if FAILED in ids.values() else ids or None


def _build_find(record: Record, context: RunContext) -> object:
    """Return the query and its values separately: values never become part of the query's text."""
    if record.find is None:
        return None
    values = {
        name: fill_template(template, context, f"records.{record.name}.find")
        for name, template in record.find.parameters
    }
    if OMIT in values.values():
        message = f"`find` of record {quoted(record.name)} has a value that is left out"
        place = record.find.parameters[0][1].at.place
        context.findings.add(
            Finding("E0707", message, place=place, hint="give a default other than `omit`")
        )
        return FAILED
    if FAILED in values.values():
        return FAILED
    return {"query": record.find.text, "values": values}


def _require_id(template: TemplateAt, context: RunContext, trail: str) -> object:
    """Return an id that must exist: a value, or a reference to a record written before."""
    value = fill_template(template, context, trail)
    if value is OMIT:
        hint = "this key needs a value: give a default other than `omit`"
        finding = Finding("E0707", f"{trail} has no value", place=template.at.place, hint=hint)
        context.findings.add(finding)
        return FAILED
    return value


def _build_origin(record: Record, context: RunContext) -> object:
    origin = record.origin
    if origin is None:
        return None
    trail = f"records.{record.name}.from"
    ids = {
        "id": _require_id(origin.id, context, trail) if origin.id else None,
        "external_id": _require_external_id(origin.external_id, context, trail),
    }
    if FAILED in ids.values():
        return FAILED
    return {"record": origin.record} | {
        key: value for key, value in ids.items() if value is not None
    }
