"""The records of one order: each with its body, its external id and how it is written."""

from __future__ import annotations

from ..language.lines import Reference
from ..language.templates import OMIT
from ..plan import Plan, Record, TemplateAt
from .bodies import fill, written
from .extract import Lookup
from .names import FAILED, Work
from .outcome import Payload
from .sublist import condition_holds


def build_payloads(plan: Plan, work: Work, lookup: Lookup) -> dict[str, Payload] | None:
    """The payloads by name, without `confirm`, or None when any failed."""
    work.names["records"] = {record.name: _references(record) for record in plan.records}
    payloads: dict[str, Payload] = {}
    failed = False
    for record in plan.records:
        holds = condition_holds(record.condition, work, lookup, f"records.{record.name}.if")
        if holds is False:
            continue
        payload = None if holds is FAILED else _payload(record, work, lookup)
        failed = failed or payload is None
        if payload is not None:
            payloads[record.name] = payload
    return None if failed else payloads


def _references(record: Record) -> dict[str, object]:
    return {field: Reference(record.name, field) for field in ("id", "external_id")}


def _payload(record: Record, work: Work, lookup: Lookup) -> Payload | None:
    trail = f"records.{record.name}"
    body = fill(record.body, work, lookup, record.name)
    external_id = _text(record.external_id, work, lookup, f"{trail}.external_id")
    details = {
        "find": _find(record, work, lookup),
        "from": _origin(record, work, lookup),
        "match": dict(record.match) or None,
        "landed": record.landed.template.text if record.landed else None,
        "serialize": _text(record.serialize, work, lookup, f"{trail}.serialize"),
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


def _text(template: TemplateAt | None, work: Work, lookup: Lookup, trail: str) -> object:
    if template is None:
        return None
    value = written(template, work, lookup, trail)
    return value if value is FAILED else None if value is OMIT else str(value)


def _find(record: Record, work: Work, lookup: Lookup) -> object:
    """The query and its values, kept apart: values never become part of the query's text here."""
    if record.find is None:
        return None
    values = {
        name: written(template, work, lookup, f"records.{record.name}.find")
        for name, template in record.find.parameters
    }
    if FAILED in values.values():
        return FAILED
    return {"query": record.find.text, "values": values}


def _origin(record: Record, work: Work, lookup: Lookup) -> object:
    origin = record.origin
    if origin is None:
        return None
    trail = f"records.{record.name}.from"
    ids = {
        "id": written(origin.id, work, lookup, trail) if origin.id else None,
        "external_id": _text(origin.external_id, work, lookup, trail),
    }
    if FAILED in ids.values():
        return FAILED
    return {"record": origin.record} | {
        key: value for key, value in ids.items() if value is not None
    }
