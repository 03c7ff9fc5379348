"""Where the values of a plan come from: a graph from sources, tables and settings to the fields of records. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ...language.paths.root_names import find_root_names
from ...language.templates import Template, find_literal_calls, find_names
from ...mapping.plan import Plan
from ...mapping.plan.plan import (
    AnyField,
    Body,
    BodyList,
    BodyMap,
    Entries,
    Field,
    FieldChoice,
    Lines,
    PathAt,
    Record,
    TemplateAt,
    Value,
)

# The columns of a drawing, from left to right.
COLUMNS = ("source", "field", "value", "line", "key")
_LOOKUP = "lookup"


@dataclass(frozen=True, slots=True)
class LineageNode:
    """One thing that has a value: `column` is one of COLUMNS, `name` is unique in it."""

    column: str
    name: str


@dataclass(slots=True)
class Lineage:
    """What each thing is made of, in the order of the mapping."""

    made_of: dict[LineageNode, tuple[LineageNode, ...]] = field(default_factory=dict)

    def add(self, made: LineageNode, parts: Iterable[LineageNode]) -> None:
        """Add what a thing is made of."""
        known = self.made_of.get(made, ())
        self.made_of[made] = tuple(dict.fromkeys((*known, *parts)))

    def list_behind(
        self, things: Iterable[LineageNode]
    ) -> dict[LineageNode, tuple[LineageNode, ...]]:
        """Return everything that some things are made of, they themselves first."""
        found: dict[LineageNode, tuple[LineageNode, ...]] = {}
        waiting = list(things)
        while waiting:
            each = waiting.pop(0)
            if each not in found:
                found[each] = self.made_of.get(each, ())
                waiting += found[each]
        return found


def trace_plan(plan: Plan) -> Lineage:
    """Return the lineage of a plan."""
    lineage = Lineage()
    names = {
        name: LineageNode("source", name) for name in ("event", "tenant", "settings", "records")
    }
    names |= {source.name: LineageNode("source", source.name) for source in plan.sources}
    for each in plan.fields:
        _add_field(each, names, lineage)
        names[each.name] = LineageNode("field", each.name)
    _add_values(plan.values, names, "", lineage)
    for group in plan.lines:
        _add_group(group, names, "", lineage)
    lineage.add(
        LineageNode("line", "all"), (LineageNode("line", group.name) for group in plan.lines)
    )
    for record in plan.records:
        for path, leaf in list_leaves(record.body):
            parts = _list_parts(leaf.template, names) if isinstance(leaf, TemplateAt) else ()
            lineage.add(key_of(record, path), parts)
    return lineage


def key_of(record: Record, path: str) -> LineageNode:
    """Return the thing that a field of a record is."""
    return LineageNode("key", f"{record.name}.{path}")


def list_leaves(body: Body, path: str = "") -> Iterator[tuple[str, Body]]:
    """Yield the single values of a body with their paths, such as `billingAddress.city`."""
    if isinstance(body, BodyMap):
        for name, inner in body.entries:
            yield from list_leaves(inner, f"{path}.{name}" if path else name)
    elif isinstance(body, BodyList):
        for index, item in enumerate(body.items):
            yield from list_leaves(item, f"{path}[{index}]")
    else:
        yield path, body


def _add_field(each: AnyField, names: Mapping[str, LineageNode], lineage: Lineage) -> None:
    made = LineageNode("field", each.name)
    if isinstance(each, FieldChoice):
        for option in each.options:
            lineage.add(made, _list_roots(option.when, names))
            _add_field(option.field, names, lineage)
            lineage.add(made, lineage.made_of.get(LineageNode("field", option.field.name), ()))
    elif isinstance(each, Field):
        lineage.add(made, _list_roots(each.path, names))
    else:
        _add_entries(each, names, lineage)


def _add_entries(each: Entries, names: Mapping[str, LineageNode], lineage: Lineage) -> None:
    made, roots = LineageNode("field", each.name), _list_roots(each.each, names)
    lineage.add(made, roots)
    own = dict(names)
    for inner in each.fields:
        name = f"{each.name}[].{inner.name}"
        lineage.add(LineageNode("field", name), roots)
        own[inner.name] = LineageNode("field", name)
    _add_values(each.values, own, f"{each.name}[].", lineage)
    for name in (*(inner.name for inner in each.fields), *(value.name for value in each.values)):
        lineage.add(made, [own[name]])


def _add_values(
    values: Iterable[Value], names: dict[str, LineageNode], prefix: str, lineage: Lineage
) -> None:
    for value in values:
        made = LineageNode("value", f"{prefix}{value.name}")
        lineage.add(made, _list_parts(value.template.template, names))
        names[value.name] = made


def _add_group(
    group: Lines, names: Mapping[str, LineageNode], prefix: str, lineage: Lineage
) -> None:
    made, own = LineageNode("line", f"{prefix}{group.name}"), dict(names)
    if group.entries is not None:
        lineage.add(made, _list_parts(group.entries.template, names))
        listed = find_names(group.entries.template)
        if group.variable is not None and listed:
            own[group.variable] = names.get(listed[0].name, LineageNode("field", listed[0].name))
    if group.condition is not None:
        lineage.add(made, _list_parts(group.condition.template, own))
    for _, leaf in list_leaves(group.body):
        if isinstance(leaf, TemplateAt):
            lineage.add(made, _list_parts(leaf.template, own))
    for after in group.after:
        _add_group(after, own, f"{prefix}{group.name}.", lineage)
        lineage.add(made, [LineageNode("line", f"{prefix}{group.name}.{after.name}")])


def _list_roots(path: PathAt | None, names: Mapping[str, LineageNode]) -> list[LineageNode]:
    if path is None:
        return []
    roots = (each.name for each in find_root_names(path.path))
    return [names.get(name, LineageNode("source", name)) for name in roots]


def _list_parts(template: Template, names: Mapping[str, LineageNode]) -> list[LineageNode]:
    """Return what a template names: fields, values, lines, settings, tables, records."""
    found: list[LineageNode] = []
    for each in find_names(template):
        if each.name == "lines":
            found.append(LineageNode("line", each.path[1] if len(each.path) > 1 else "all"))
        elif each.name in ("settings", "records", "tenant"):
            found.append(LineageNode("source", ".".join(each.path[:2])))
        else:
            found.append(names.get(each.name, LineageNode("source", each.name)))
    found += [
        LineageNode("source", f"{_LOOKUP} {call.argument}")
        for call in find_literal_calls(template, _LOOKUP)
    ]
    return list(dict.fromkeys(found))
