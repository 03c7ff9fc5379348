"""The records of one order: each with its body, its external id and how it is written."""

from __future__ import annotations

from ..findings.diagnostics import Finding
from ..findings.errors import AbsentError
from ..findings.quote import quoted
from ..language.functions import as_text
from ..language.lines import LineGroup, Reference
from ..language.templates import OMIT, evaluate
from ..mapping.plan import Plan, Record, TemplateAt
from .bodies import fill, written
from .outcome import Payload
from .schema_fit import every_group, misfits
from .scope import FAILED, RunContext
from .sublist import condition_holds


def build_payloads(plan: Plan, work: RunContext) -> dict[str, Payload] | None:
    """The payloads by name, without `confirm`, or None when any failed."""
    references: dict[str, object] = {}
    work.names["records"] = references
    payloads: dict[str, Payload] = {}
    failed = False
    for record in plan.records:
        holds = condition_holds(record.condition, work, f"records.{record.name}.if")
        if holds is False:
            continue
        work.written.clear()
        payload = None if holds is FAILED else _payload(record, work)
        fits = payload is not None and not misfits(record, payload, plan, work)
        failed = failed or not fits or _stand_twice(record, work)
        work.placed[record.name] = frozenset(work.written)
        # Only what is written has an id: a later record cannot refer to one that is not.
        references[record.name] = _references(record)
        if payload is not None:
            payloads[record.name] = payload
    if failed or lines_lost(plan, work, frozenset().union(*work.placed.values())):
        return None
    return payloads


def _stand_twice(record: Record, work: RunContext) -> bool:
    """A finding when a line was put into one payload more than once."""
    if max(work.written.values(), default=0) < 2:
        return False
    message = f"record {quoted(record.name)} holds the same line twice"
    hint = "`lines.all` holds the lines of all groups"
    work.trouble.add(Finding("E0804", message, place=record.at.place, hint=hint))
    return True


def lines_lost(plan: Plan, work: RunContext, placed: frozenset[int]) -> bool:
    """A finding when lines were made that are not among `placed`: the checks count them all."""
    lines = work.names.known("lines")
    if not isinstance(lines, LineGroup):
        return True  # they failed, and have their findings
    lost = {line.group for line in lines.groups["all"].lines if id(line) not in placed}
    for name in sorted(lost):
        at = next(group.at for group in every_group(plan.lines) if group.name == name)
        message = f"the lines {quoted(name)} stand in no payload"
        hint = 'put them into one: `item: {items: "{{ lines.all }}"}`'
        work.trouble.add(Finding("E0804", message, place=at.place, hint=hint))
    return bool(lost)


def _references(record: Record) -> dict[str, object]:
    return {field: Reference(record.name, field) for field in ("id", "external_id")}


def _payload(record: Record, work: RunContext) -> Payload | None:
    trail = f"records.{record.name}"
    body = fill(record.body, work, record.name)
    external_id = _text(record.external_id, work, f"{trail}.external_id")
    details = {
        "find": _find(record, work),
        "from": _origin(record, work),
        "match": dict(record.match) or None,
        "landed": record.landed.template.text if record.landed else None,
        "serialize": _text(record.serialize, work, f"{trail}.serialize"),
        "earlier": _earlier(record, work),
    }
    if FAILED in (body, external_id, *details.values()):
        return None
    assert external_id is None or isinstance(external_id, str)
    own_id = {} if external_id is None else {"externalId": external_id}
    return Payload(
        record.name,
        record.record,
        record.write,
        external_id,
        own_id | (body if isinstance(body, dict) else {}),
        {name: detail for name, detail in details.items() if detail is not None},
    )


def _text(template: TemplateAt | None, work: RunContext, trail: str) -> object:
    if template is None:
        return None

    def step() -> object:
        value = evaluate(template.template, work.scope(), work.budget)
        if value is None or value is OMIT or value == "":
            hint = "an id that is left out protects from nothing"
            raise AbsentError("E0707", f"{trail} has no value", hint=hint)
        return as_text(value)

    return work.attempt(step, template.at, trail)


def _earlier(record: Record, work: RunContext) -> object:
    """The external ids of earlier integrations, by their names; every one of them is there."""
    trail = f"records.{record.name}.earlier"
    ids = {name: _text(at, work, f"{trail}.{name}") for name, at in record.earlier}
    return FAILED if FAILED in ids.values() else ids or None


def _find(record: Record, work: RunContext) -> object:
    """The query and its values, kept apart: values never become part of the query's text here."""
    if record.find is None:
        return None
    values = {
        name: written(template, work, f"records.{record.name}.find")
        for name, template in record.find.parameters
    }
    if OMIT in values.values():
        message = f"a value that record {quoted(record.name)} is found by is left out"
        place = record.find.parameters[0][1].at.place
        work.trouble.add(Finding("E0707", message, place=place, hint="give it another default"))
        return FAILED
    if FAILED in values.values():
        return FAILED
    return {"query": record.find.text, "values": values}


def _id(template: TemplateAt, work: RunContext, trail: str) -> object:
    """An id that is there: a value, or the reference to a record written before."""
    value = written(template, work, trail)
    if value is OMIT:
        hint = "an id that is left out finds nothing"
        finding = Finding("E0707", f"{trail} has no value", place=template.at.place, hint=hint)
        work.trouble.add(finding)
        return FAILED
    return value


def _origin(record: Record, work: RunContext) -> object:
    origin = record.origin
    if origin is None:
        return None
    trail = f"records.{record.name}.from"
    ids = {
        "id": _id(origin.id, work, trail) if origin.id else None,
        "external_id": _text(origin.external_id, work, trail),
    }
    if FAILED in ids.values():
        return FAILED
    return {"record": origin.record} | {
        key: value for key, value in ids.items() if value is not None
    }
