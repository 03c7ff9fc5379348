"""The records become Python: bodies, ids, and how each is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ...findings.errors import NotCompiledError
from ...language.lines import Reference
from ...language.templates import template_names
from ...mapping.plan import Body, BodyList, BodyMap, Record, TemplateAt
from ...mapping.record_schemas import RecordSchema
from .body_code import Placing, body_value, placed_value
from .operands import truth
from .schema_fit_code import make_of
from .shapes import MAP, TEXT, WHOLE, GroupShape, KnownValue, shape_of
from .template_code import template_value
from .template_environment import Environment


@dataclass(frozen=True, slots=True)
class Written:
    """A record in the source: its body, the arguments of its payload, the lines in it.

    `flag` is the name that tells whether it is written, empty where that is certain. What its code
    names is only there where it is written.
    """

    record: Record
    body: str
    arguments: str
    details: dict[str, str]
    groups: tuple[GroupShape, ...]
    flag: str = ""


def compile_record(record: Record, env: Environment, *, is_used: bool) -> Written:
    """The record; with `is_used` others depend on it, and it is in doubt when it is not written."""
    out = env.out
    out.note(f"records.{record.name}")
    if record.condition is None:
        return _payload(record, env)
    flag = truth(template_value(record.condition.template, env))
    flag = out.let(f"True if {flag} else False")
    if is_used or _may_hold_lines(record):
        out.doubt_if(f"not {flag}")
        return _payload(record, env)
    with out.block(f"if {flag}"):
        written = _payload(record, env)
    return replace(written, flag=flag)


def references_to(record: Record, env: Environment) -> KnownValue:
    """The ids that a later record may refer to."""
    parts = {}
    for name in ("id", "external_id"):
        reference = Reference(record.name, name)
        parts[name] = KnownValue(env.out.constant(reference), shape_of(reference), reference)
    return KnownValue(WHOLE, MAP, parts=parts)


def _may_hold_lines(record: Record) -> bool:
    return any("lines" in name for name in names_in(record.body))


def _payload(record: Record, env: Environment) -> Written:
    placing = Placing()
    body = body_value(record.body, env, placing)
    if body.shape.omit:
        env.out.put(f"if {body.code} is OMIT: {body.code} = {{}}")
    external_id = _text(record.external_id, env)
    if external_id is not None:
        env.out.put(f"{body.code} = {{'externalId': {external_id.code}, **{body.code}}}")
    if record.schema is not None:
        _require_fitting(record.schema, body, external_id, placing, env)
    details = _details(record, env)
    code = "None" if external_id is None else external_id.code
    head = f"{record.name!r}, {record.record!r}, {record.write!r}, {code}, {body.code}"
    return Written(record, body.code, head, details, tuple(placing.groups))


def _require_fitting(
    schema: RecordSchema,
    body: KnownValue,
    own_id: KnownValue | None,
    placing: Placing,
    env: Environment,
) -> None:
    """The body is what NetSuite takes for the record."""
    out = env.out
    accepts = out.constant(schema.accepts)
    parts = (
        dict(body.parts or {}) if own_id is None else {"externalId": own_id, **(body.parts or {})}
    )
    whole = KnownValue(body.code, MAP, parts=parts)
    make = make_of(schema.schema, schema.schema, whole)
    lines_are_known = not placing.groups or env.lines is not None
    if make is None or not lines_are_known:
        out.doubt_if(f"not {accepts}({body.code})")
        return
    make += ["frozenset(makes)"] if placing.groups else []
    code = f"({''.join(f'{part}, ' for part in make)})"
    out.doubt_if(f"not fits({out.constant(set())}, {accepts}, {body.code}, {code})")


def _details(record: Record, env: Environment) -> dict[str, str]:
    """What only some records have, as code."""
    details: dict[str, str] = {}
    if record.find is not None:
        values = {name: _found_by(at, env) for name, at in record.find.parameters}
        shown = ", ".join(f"{name!r}: {value.code}" for name, value in values.items())
        details["find"] = f"{{'query': {record.find.text!r}, 'values': {{{shown}}}}}"
    if record.origin is not None:
        details["from"] = _origin(record, env)
    if record.match:
        details["match"] = repr(dict(record.match))
    if record.landed is not None:
        details["landed"] = repr(record.landed.template.text)
    serialize = _text(record.serialize, env)
    if serialize is not None:
        details["serialize"] = serialize.code
    earlier = [(name, _text(at, env)) for name, at in record.earlier]
    if earlier:
        shown = ", ".join(f"{name!r}: {found.code}" for name, found in earlier if found is not None)
        details["earlier"] = f"{{{shown}}}"
    return details


def _found_by(at: TemplateAt, env: Environment) -> KnownValue:
    """A value that is there: neither null nor left out."""
    found = template_value(at.template, env)
    if found.group is not None:
        raise NotCompiledError("a record is found by a group of lines")
    value = placed_value(found, env, Placing())
    if value.shape.omit:
        env.out.doubt_if(f"{value.code} is OMIT")
    return value


def _origin(record: Record, env: Environment) -> str:
    origin = record.origin
    assert origin is not None
    parts = [f"'record': {origin.record!r}"]
    if origin.id is not None:
        parts.append(f"'id': {_found_by(origin.id, env).code}")
    external_id = _text(origin.external_id, env)
    if external_id is not None:
        parts.append(f"'external_id': {external_id.code}")
    return f"{{{', '.join(parts)}}}"


def _text(at: TemplateAt | None, env: Environment) -> KnownValue | None:
    """A text that identifies something; it is not empty."""
    if at is None:
        return None
    value = template_value(at.template, env)
    if value.group is not None:
        raise NotCompiledError("an id is a group of lines")
    if value.shape.is_a("text"):
        env.out.doubt_if(f"not {value.code}")
        return value
    return KnownValue(env.out.let(f"identifying({value.code})"), TEXT)


def names_in(body: Body | None) -> Iterator[tuple[str, ...]]:
    """Every name with the keys that follow it, in all templates of a body."""
    if isinstance(body, BodyMap):
        for _, entry in body.entries:
            yield from names_in(entry)
    elif isinstance(body, BodyList):
        for each in body.items:
            yield from names_in(each)
    elif isinstance(body, TemplateAt):
        yield from (name.path for name in template_names(body.template))
