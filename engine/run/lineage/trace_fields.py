"""Extract fields and compute values with their causes, as `run.extract` does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from ...documents.exact import Number, format_plain
from ...language.paths.values import is_false
from ...language.types import convert_value
from ...mapping.files.nodes import Scalar
from ...mapping.plan import (
    AnyField,
    Entries,
    Field,
    FieldChoice,
    Join,
    Literal,
    PathAt,
    Value,
)
from .causes import NOTHING, Cause, LineageStep, Role, StepKind, add_step, join_causes
from .lineage_run import LineageRun
from .trace_path import trace_path
from .traced import ListBuilder, Traced, build_map, list_parts, step_through

_CURRENCY = "currency"


def trace_fields(run: LineageRun, roots: Traced) -> None:
    """Add every field and every value to the names of a run."""
    for field in run.plan.fields:
        found = _READERS[type(field)](run, field, roots, field.name)
        run.names[field.name] = found
        if field.name == _CURRENCY:
            run.currency = found
    for value in run.plan.values:
        run.names[value.name] = _compute_value(run, value, value.name, ("values", value.name))


def _read_field(
    run: LineageRun, field: Field, root: Traced, name: str, trail: tuple[str, ...] = ()
) -> Traced:
    found = trace_path(field.path.path, root, run.budget)
    if found.value is None and field.default is not None:
        found = _take_default(found, field.default, field.at)
    value = None if found.value is None else convert_value(found.value, field.type)
    step = LineageStep(
        kind=StepKind.FIELD,
        name=name,
        text=field.path.path.text,
        place=field.path.at.place,
        value=value,
        trail=trail or ("fields", field.name),
    )
    return step_through(step, found, value)


def _take_default(found: Traced, default: Literal, at: Scalar) -> Traced:
    place = at.place if default.at is None else default.at.place
    step = LineageStep(
        kind=StepKind.CONSTANT, name="default", text="", place=place, value=default.value
    )
    return Traced(default.value, add_step(step)).decided_by(found.truth())


def _read_choice(run: LineageRun, choice: FieldChoice, roots: Traced, name: str) -> Traced:
    decided: Cause = NOTHING
    for option in choice.options:
        if option.when is not None:
            holds = _condition(run, option.when, roots, f"{name}.{option.name}")
            decided = join_causes(decided, holds.own)
            if is_false(holds.value):
                continue
        return _READERS[type(option.field)](run, option.field, roots, name).decided_by(decided)
    return Traced(None, decided)


def _condition(run: LineageRun, path: PathAt, root: Traced, name: str) -> Traced:
    found = trace_path(path.path, root, run.budget)
    step = LineageStep(
        kind=StepKind.CONDITION,
        name=name,
        text=path.path.text,
        place=path.at.place,
        value=found.value,
    )
    return Traced(found.value, add_step(step, found.truth()))


def _read_entries(run: LineageRun, entries: Entries, roots: Traced, name: str) -> Traced:
    elements = trace_path(entries.each.path, roots, run.budget)
    if elements.value is None and entries.default is not None:
        elements = _take_default(elements, entries.default, entries.at)
    if elements.value is None:
        return elements
    indexes = {join.name: _index_join(run, join, roots) for join in entries.joins}
    built = ListBuilder()
    for number, element in enumerate(list_parts(elements)):
        full = f"{name}[{number}]"
        # What decides about the element is a cause of the whole entry, and so of each of its fields.
        joined = _join_element(run, entries, replace(element, own=NOTHING), indexes)
        if not isinstance(element.value, dict):
            joined = element
        chosen = _step_entry(entries, full, element.own)
        built.add(_read_entry(run, entries, joined, full).decided_by(chosen))
    # The causes of the list itself are among those of each of its elements.
    return built.build(join_causes(_step_entry(entries, name, elements.own), elements.extent))


def _step_entry(entries: Entries, name: str, cause: Cause) -> Cause:
    """Return what decides about an entry as a step: the path of the list."""
    if cause is NOTHING:
        return NOTHING
    step = LineageStep(
        kind=StepKind.CONDITION,
        name=name,
        text=entries.each.path.text,
        place=entries.each.at.place,
        value=None,
        trail=("fields", entries.name, "each"),
    )
    return add_step(step, cause)


def _read_entry(run: LineageRun, entries: Entries, element: Traced, name: str) -> Traced:
    own: dict[str, Traced] = {}
    for field in entries.fields:
        trail = ("fields", entries.name, "fields", field.name)
        own[field.name] = _read_field(run, field, element, f"{name}.{field.name}", trail)
    inner = run.with_names(own)
    for value in entries.values:
        trail = ("fields", entries.name, "values", value.name)
        found = _compute_value(inner, value, f"{name}.{value.name}", trail)
        own[value.name] = inner.names[value.name] = found
    return build_map(own)


# The elements of a joined list by key, each with what decided that it is the first of its key; and what
# decides that there is no other key.
_Index = tuple[Mapping[str, Traced], Cause]


def _index_join(run: LineageRun, join: Join, roots: Traced) -> _Index:
    elements = trace_path(join.source.path, roots, run.budget)
    index: dict[str, Traced] = {}
    decided = elements.truth()
    for element in list_parts(elements) if isinstance(elements.value, list) else ():
        key = trace_path(join.on.path, element, run.budget)
        decided = join_causes(decided, key.deep())
        shared = _join_key(key.value)
        if shared is not None and shared not in index:
            index[shared] = element.decided_by(key.deep()).decided_by(decided, Role.POSITION)
    return index, decided


def _join_element(
    run: LineageRun, entries: Entries, element: Traced, indexes: Mapping[str, _Index]
) -> Traced:
    if not entries.joins or not isinstance(element.value, dict):
        return element
    parts = {key: element.part(key) for key in element.value}
    for join in entries.joins:
        index, decided = indexes[join.name]
        key = trace_path(join.on.path, element, run.budget)
        shared = _join_key(key.value)
        found = None if shared is None else index.get(shared)
        partner = Traced(None) if found is None else found
        cause = key.deep() if found is not None else join_causes(key.deep(), decided)
        parts[join.name] = partner.decided_by(cause)
    value = {key: part.value for key, part in parts.items()}
    return Traced(value=value, own=element.own, extent=element.extent, parts=parts)


def _join_key(key: object) -> str | None:
    if isinstance(key, str):
        return key
    return format_plain(key) if isinstance(key, Number) and not isinstance(key, bool) else None


def _compute_value(run: LineageRun, value: Value, name: str, trail: tuple[str, ...]) -> Traced:
    found = run.evaluate(value.template)
    converted = None if found.value is None else convert_value(found.value, value.type)
    step = LineageStep(
        kind=StepKind.VALUE,
        name=name,
        text=value.template.template.text,
        place=value.template.at.place,
        value=converted,
        trail=trail,
    )
    return step_through(step, found, converted)


_READERS: dict[type[AnyField], Callable[..., Traced]] = {
    Field: _read_field,
    Entries: _read_entries,
    FieldChoice: _read_choice,
}
