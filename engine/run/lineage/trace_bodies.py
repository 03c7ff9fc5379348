"""Build the lines and the payloads of an order with their causes, as `run.order_lines` and `run.bodies` do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ...language.functions import as_text, is_true
from ...language.lines import LineGroup, Reference, RenderedLine
from ...language.templates import OMIT
from ...mapping.plan import Body, BodyList, BodyMap, Lines, Literal, Record, TemplateAt
from ...mapping.systems import RECORDS
from ..bodies import as_json
from .causes import NOTHING, Cause, LineageStep, StepKind, add_step, join_causes
from .lineage_run import LineageRun
from .traced import ListBuilder, Traced, build_map, list_parts, step_through

Trail = tuple[str, ...]
# The key of a line under which its `after` lines are: no body has it.
_AFTER = "\0after"


def trace_body(run: LineageRun, body: Body, name: str, trail: Trail) -> Traced:
    """Return the JSON value of a body; `omit` where nothing is left of it."""
    return _FILL[type(body)](run, body, name, trail)


def _fill_literal(_: LineageRun, body: Literal, name: str, trail: Trail) -> Traced:
    value = as_json(body.value)
    step = LineageStep(
        kind=StepKind.CONSTANT,
        name=name,
        text="",
        place=None if body.at is None else body.at.place,
        value=value,
        trail=trail,
    )
    return Traced(value, add_step(step))


def _fill_template(run: LineageRun, body: TemplateAt, name: str, trail: Trail) -> Traced:
    found = run.evaluate(body)
    if isinstance(found.value, LineGroup | RenderedLine):
        return _to_json(found)
    made = _to_json(found)
    step = LineageStep(
        kind=StepKind.TEMPLATE,
        name=name,
        text=body.template.text,
        place=body.at.place,
        value=made.value,
        trail=trail,
    )
    return step_through(step, made)


def _to_json(found: Traced) -> Traced:
    """Return a value as JSON: groups of lines become lists of their bodies."""
    if isinstance(found.value, LineGroup):
        parts = {number: _to_json(line) for number, line in enumerate(list_parts(found))}
        return Traced(
            value=[part.value for part in parts.values()],
            own=found.own,
            extent=found.extent,
            parts=parts,
        )
    if isinstance(found.value, RenderedLine):
        kept = {key: part for key, part in (found.parts or {}).items() if key != _AFTER}
        return Traced(value=found.value.body, own=found.own, extent=found.extent, parts=kept)
    if isinstance(found.value, Reference) or found.parts is None:
        return Traced(as_json(found.value), found.deep())
    inner = {key: _to_json(part) for key, part in found.parts.items()}
    return Traced(value=as_json(found.value), own=found.own, extent=found.extent, parts=inner)


def _fill_map(run: LineageRun, body: BodyMap, name: str, trail: Trail) -> Traced:
    parts = {
        key: trace_body(run, entry, f"{name}.{key}", (*trail, key)) for key, entry in body.entries
    }
    kept = {key: part.value for key, part in parts.items() if part.value is not OMIT}
    value = OMIT if parts and not kept else kept
    return Traced(value=value, own=NOTHING, extent=NOTHING, parts=dict(parts))


def _fill_list(run: LineageRun, body: BodyList, name: str, trail: Trail) -> Traced:
    built = ListBuilder()
    for number, item in enumerate(body.items):
        part = trace_body(run, item, f"{name}[{number}]", trail)
        if part.value is not OMIT:
            built.add(part)
        built.move(part.deep())
    listed = built.build()
    return listed if built.parts or not body.items else Traced(OMIT, listed.extent)


_FILL: dict[type, Callable[..., Traced]] = {
    Literal: _fill_literal,
    TemplateAt: _fill_template,
    BodyMap: _fill_map,
    BodyList: _fill_list,
}


@dataclass(frozen=True, slots=True)
class _Line:
    """A line, None where its condition does not hold, with what decided about it and its `after` lines."""

    line: Traced | None
    cause: Cause
    after: tuple[_Group, ...] = ()


@dataclass(frozen=True, slots=True)
class _Group:
    """The lines of one group, and the causes of their number."""

    name: str
    lines: tuple[_Line, ...]
    extent: Cause = NOTHING


def trace_lines(run: LineageRun) -> None:
    """Add `lines` to the names of a run."""
    groups = [_build_group(run, lines) for lines in run.plan.lines]
    everything = ListBuilder()
    for group in groups:
        _add_lines(everything, group)
    parts = {group.name: _to_group([group]) for group in groups}
    parts["all"] = _make_group(everything, {})
    value = LineGroup((), {name: part.value for name, part in parts.items()})
    run.names["lines"] = Traced(value=value, own=NOTHING, extent=NOTHING, parts=dict(parts))


def _build_group(run: LineageRun, lines: Lines) -> _Group:
    trail = ("lines", lines.name)
    if lines.entries is None:
        return _Group(lines.name, (_build_line(run, lines, lines.name, trail),))
    found = run.evaluate(lines.entries)
    built = []
    for number, entry in enumerate(list_parts(found)):
        inner = run if lines.variable is None else run.with_names({lines.variable: entry})
        line = _build_line(inner, lines, f"{lines.name}[{number}]", trail)
        if line.line is not None:
            line = _Line(line.line.decided_by(entry.own), line.cause, line.after)
        built.append(line)
    return _Group(lines.name, tuple(built), found.truth())


def _build_line(run: LineageRun, lines: Lines, name: str, trail: Trail) -> _Line:
    cause = NOTHING
    if lines.condition is not None:
        holds = run.condition(lines.condition, f"lines.{name}.if")
        cause = holds.own
        if not is_true(holds.value):
            return _Line(None, cause)
    body = trace_body(run, lines.body, f"lines.{name}", (*trail, "body"))
    after = tuple(
        _Group(
            each.name,
            (_build_line(run, each, f"{name}.{each.name}", (*trail, "after", each.name)),),
        )
        for each in lines.after
    )
    kept = [line.line for group in after for line in group.lines if line.line is not None]
    value = RenderedLine(
        body=body.value if isinstance(body.value, dict) else {},
        stored_sign=lines.sign,
        after=tuple(line.value for line in kept),
        group=lines.name,
    )
    causes = (each.cause for group in after for each in group.lines)
    behind = join_causes(*causes, *(line.deep() for line in kept))
    parts: dict[str, Traced] = {**(body.parts or {}), _AFTER: Traced(None, behind)}
    return _Line(
        Traced(value=value, own=body.own, extent=body.extent, parts=parts).decided_by(cause),
        cause,
        after,
    )


def _add_lines(built: ListBuilder, group: _Group) -> None:
    """Add the lines of a group, each followed by its `after` lines."""
    for line in group.lines:
        if line.line is not None:
            built.add(line.line)
        built.move(line.cause)
        for after in line.after:
            _add_lines(built, after)
    built.move(group.extent)


def _to_group(found: list[_Group]) -> Traced:
    """Return the lines of groups with one name as one group, with the groups inside it."""
    built = ListBuilder()
    inside: dict[str, list[_Group]] = {}
    for group in found:
        for line in group.lines:
            if line.line is not None:
                built.add(line.line)
            built.move(line.cause)
            for after in line.after:
                inside.setdefault(after.name, []).append(after)
        built.move(group.extent)
    return _make_group(built, {name: _to_group(groups) for name, groups in inside.items()})


def _make_group(built: ListBuilder, inner: dict[str, Traced]) -> Traced:
    listed = built.build()
    value = LineGroup(
        tuple(part.value for part in built.parts),
        {name: part.value for name, part in inner.items()},
    )
    return Traced(
        value=value, own=NOTHING, extent=listed.extent, parts={**(listed.parts or {}), **inner}
    )


def trace_payloads(run: LineageRun) -> Iterator[tuple[Record, Traced]]:
    """Yield the body of each record that is written, with its causes."""
    references: dict[str, Traced] = {}
    for record in run.plan.records:
        run.names["records"] = build_map(references)
        cause = NOTHING
        if record.condition is not None:
            holds = run.condition(record.condition, f"records.{record.name}.if")
            cause = holds.own
            if not is_true(holds.value):
                continue
        yield record, _trace_payload(run, record).decided_by(cause)
        ids = {name: Traced(Reference(record.name, name)) for name in ("id", "external_id")}
        references[record.name] = build_map(ids).decided_by(cause)


def _trace_payload(run: LineageRun, record: Record) -> Traced:
    trail = ("records", record.name)
    body = trace_body(run, record.body, record.name, (*trail, "body"))
    parts = dict(body.parts or {})
    value = body.value if isinstance(body.value, dict) else {}
    if record.external_id is not None and RECORDS.external_id not in value:
        found = run.evaluate(record.external_id)
        step = LineageStep(
            kind=StepKind.TEMPLATE,
            name=f"{record.name}.{RECORDS.external_id}",
            text=record.external_id.template.text,
            place=record.external_id.at.place,
            value=as_text(found.value),
            trail=(*trail, "external_id"),
        )
        identity = Traced(as_text(found.value), add_step(step, found.deep()))
        parts = {RECORDS.external_id: identity, **parts}
        value = {RECORDS.external_id: identity.value, **value}
    return Traced(value=value, own=body.own, extent=body.extent, parts=parts)
