"""Compile the records: bodies, ids, and the way each is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ...findings.errors import NotCompiledError
from ...language.invisible import is_clear_id
from ...language.lines import Reference
from ...language.templates import find_names
from ...mapping.plan import Body, BodyList, BodyMap, Record, TemplateAt
from ...mapping.record_schemas import RecordSchema
from ...mapping.systems import RECORDS
from .body_code import Placement, compile_body, compile_placed
from .operands import truth_condition
from .schema_fit_code import compile_signature
from .shapes import MAP, TEXT, WHOLE, GroupShape, KnownValue, shape_of
from .template_code import compile_template
from .template_environment import Environment


@dataclass(frozen=True, slots=True)
class RecordCode:
    """The code of a record: its body, the arguments of its payload, its groups of lines.

    `flag` is the variable that is true if the record is written, empty if it always is. The names in
    its code exist only if it is written.
    """

    record: Record
    body: str
    arguments: str
    details: dict[str, str]
    groups: tuple[GroupShape, ...]
    flag: str = ""


def compile_record(record: Record, env: Environment, *, is_used: bool) -> RecordCode:
    """Compile a record; with `is_used` others refer to it: a false `if` raises doubt."""
    out = env.out
    out.note(f"records.{record.name}")
    if record.condition is None:
        return _compile_payload(record, env)
    flag = truth_condition(compile_template(record.condition.template, env))
    flag = out.let(f"True if {flag} else False")
    if is_used or _may_hold_lines(record):
        out.doubt_if(f"not {flag}")
        return _compile_payload(record, env)
    with out.block(f"if {flag}"):
        written = _compile_payload(record, env)
    return replace(written, flag=flag)


def build_references(record: Record, env: Environment) -> KnownValue:
    """Return the references to a record's ids, for later records."""
    parts = {}
    for name in ("id", "external_id"):
        reference = Reference(record.name, name)
        parts[name] = KnownValue(env.out.constant(reference), shape_of(reference), reference)
    return KnownValue(WHOLE, MAP, parts=parts)


def _may_hold_lines(record: Record) -> bool:
    return any("lines" in name for name in list_names(record.body))


def _compile_payload(record: Record, env: Environment) -> RecordCode:
    placement = Placement()
    body = compile_body(record.body, env, placement)
    if body.shape.omit:
        env.out.put(f"if {body.code} is OMIT: {body.code} = {{}}")
    external_id = _compile_id_text(record.external_id, env)
    if external_id is not None:
        env.out.put(f"{body.code} = {{{RECORDS.external_id!r}: {external_id.code}, **{body.code}}}")
    if record.schema is not None:
        _require_fit(record.schema, body, external_id, placement, env)
    details = _compile_details(record, env)
    code = "None" if external_id is None else external_id.code
    head = f"{record.name!r}, {record.record!r}, {record.write!r}, {code}, {body.code}"
    return RecordCode(
        record=record,
        body=body.code,
        arguments=head,
        details=details,
        groups=tuple(placement.groups),
    )


def _require_fit(
    schema: RecordSchema,
    body: KnownValue,
    own_id: KnownValue | None,
    placement: Placement,
    env: Environment,
) -> None:
    """Raise doubt unless the body fits the schema of its record."""
    out = env.out
    accepts = out.constant(schema.accepts)
    parts = (
        dict(body.parts or {})
        if own_id is None
        else {RECORDS.external_id: own_id, **(body.parts or {})}
    )
    whole = KnownValue(body.code, MAP, parts=parts)
    signature = compile_signature(schema.schema, schema.schema, whole, out.constant)
    lines_are_known = not placement.groups or env.lines is not None
    if signature is None or not lines_are_known:
        out.doubt_if(f"not {accepts}({body.code})")
        return
    signature += ["frozenset(signatures)"] if placement.groups else []
    code = f"({''.join(f'{part}, ' for part in signature)})"
    out.doubt_if(f"not body_fits({out.constant(set())}, {accepts}, {body.code}, {code})")


def _compile_details(record: Record, env: Environment) -> dict[str, str]:
    """Compile the details that only some records have."""
    details: dict[str, str] = {}
    if record.find is not None:
        values = {name: _compile_present_value(at, env) for name, at in record.find.parameters}
        shown = ", ".join(f"{name!r}: {value.code}" for name, value in values.items())
        details["find"] = f"{{'query': {record.find.text!r}, 'values': {{{shown}}}}}"
    if record.origin is not None:
        details["from"] = _compile_origin(record, env)
    if record.match:
        details["match"] = repr(dict(record.match))
    if record.landed is not None:
        details["landed"] = repr(record.landed.template.text)
    serialize = _compile_id_text(record.serialize, env)
    if serialize is not None:
        details["serialize"] = serialize.code
    earlier = [(name, _compile_id_text(at, env)) for name, at in record.earlier]
    if earlier:
        shown = ", ".join(f"{name!r}: {found.code}" for name, found in earlier if found is not None)
        details["earlier"] = f"{{{shown}}}"
    return details


def _compile_present_value(at: TemplateAt, env: Environment) -> KnownValue:
    """Compile a value that must be neither null nor `omit`."""
    found = compile_template(at.template, env)
    if found.group is not None:
        raise NotCompiledError("a record is found by a group of lines")
    value = compile_placed(found, env, Placement())
    if value.shape.omit:
        env.out.doubt_if(f"{value.code} is OMIT")
    return value


def _compile_origin(record: Record, env: Environment) -> str:
    origin = record.origin
    assert origin is not None
    parts = [f"'record': {origin.record!r}"]
    if origin.id is not None:
        parts.append(f"'id': {_compile_present_value(origin.id, env).code}")
    external_id = _compile_id_text(origin.external_id, env)
    if external_id is not None:
        parts.append(f"'external_id': {external_id.code}")
    return f"{{{', '.join(parts)}}}"


def _compile_id_text(at: TemplateAt | None, env: Environment) -> KnownValue | None:
    """Compile an id: a text that must not be empty and has no character that nobody sees."""
    if at is None:
        return None
    value = compile_template(at.template, env)
    if value.group is not None:
        raise NotCompiledError("an id is a group of lines")
    if value.shape.is_a("text"):
        env.out.doubt_if(f"not {value.code}")
    else:
        value = KnownValue(env.out.let(f"require_id_text({value.code})"), TEXT)
    env.out.doubt_if(f"not {env.out.constant(is_clear_id)}({value.code})")
    return value


def list_names(body: Body | None) -> Iterator[tuple[str, ...]]:
    """List every name in the templates of a body, with the keys that follow it."""
    if isinstance(body, BodyMap):
        for _, entry in body.entries:
            yield from list_names(entry)
    elif isinstance(body, BodyList):
        for each in body.items:
            yield from list_names(each)
    elif isinstance(body, TemplateAt):
        yield from (name.path for name in find_names(body.template))
