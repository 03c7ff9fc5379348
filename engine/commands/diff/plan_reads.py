"""What each part of a plan reads: from an expression to the values, fields, tables and settings. Pure.

A part is named by its path in the mapping, as `("values", "tax")`. Names that several lists have are
taken to mean each of them: rather one part too many than one too few.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass

from ...language.templates import find_literal_calls, find_names
from ...language.templates.nodes import Constant, walk_nodes
from ...mapping.plan import (
    AnyField,
    Body,
    BodyList,
    BodyMap,
    Entries,
    FieldChoice,
    Lines,
    PathAt,
    Plan,
    Record,
    TemplateAt,
)

Part = tuple[str, ...]
_WORD = re.compile(r"[A-Za-z_]\w*")
# Of a record, beside its condition, its external id and its bodies.
_OTHER_KEYS = ("find", "serialize", "origin", "landed", "earlier")
_OWN_ROOTS = ("settings", "lines", "checks", "records", "tenant")


@dataclass(slots=True)
class _Names:
    """What a name may mean: values and fields by name, and the columns of each list field."""

    parts: dict[str, Part] = field(default_factory=dict)
    columns: dict[str, dict[str, list[Part]]] = field(default_factory=dict)
    sources: frozenset[str] = frozenset()
    records: tuple[str, ...] = ()

    def find_columns(self, name: str, lists: Sequence[str]) -> Iterator[Part]:
        """Yield the columns of a name in these lists, or in all lists where none of them is named."""
        for each in lists or self.columns:
            yield from self.columns[each].get(name, ())


def list_reads(plan: Plan) -> dict[Part, frozenset[Part]]:
    """Return the parts of a plan, each with the parts that it reads."""
    names = _collect_names(plan)
    reads: dict[Part, set[Part]] = {}
    for part, scope, expressions in _list_parts(plan):
        found = reads.setdefault(part, set())
        for expression in expressions:
            found |= set(_read_expression(expression, scope, names))
    return {part: frozenset(found) for part, found in reads.items()}


def list_reached(reads: Mapping[Part, frozenset[Part]], start: Iterable[Part]) -> frozenset[Part]:
    """Return the parts that these parts read, directly or through others; themselves included."""
    waiting, reached = deque(start), set[Part]()
    while waiting:
        part = waiting.popleft()
        if part not in reached:
            reached.add(part)
            for known, read in reads.items():
                if is_within(known, part) or is_within(part, known):
                    waiting += read
    return frozenset(reached)


def is_within(part: Part, outer: Part) -> bool:
    """Whether a part is another one, or below it."""
    return part[: len(outer)] == outer


def _collect_names(plan: Plan) -> _Names:
    names = _Names(
        sources=frozenset(source.name for source in plan.sources),
        records=tuple(record.name for record in plan.records),
    )
    for each in plan.fields:
        names.parts[each.name] = ("fields", each.name)
        for entries in _list_entries(each):
            columns = names.columns.setdefault(each.name, {})
            for kind, inner in (("fields", entries.fields), ("values", entries.values)):
                for column in inner:
                    part = ("fields", each.name, kind, column.name)
                    columns.setdefault(column.name, []).append(part)
    for value in plan.values:
        names.parts[value.name] = ("values", value.name)
    return names


def _list_entries(each: AnyField) -> Iterator[Entries]:
    if isinstance(each, Entries):
        yield each
    elif isinstance(each, FieldChoice):
        yield from (option.field for option in each.options if isinstance(option.field, Entries))


_Parts = Iterator[tuple[Part, str | None, Iterable[TemplateAt | PathAt]]]


def _list_parts(plan: Plan) -> _Parts:
    """Yield each part, the list field within which its names are read, and its expressions."""
    yield from _list_field_parts(plan)
    for group in plan.lines:
        yield from _list_line_parts(group, ("lines", group.name))
    for record in plan.records:
        yield from _list_record_parts(record)
    for kind, parts in (
        ("values", plan.values),
        ("checks", plan.checks),
        ("sources", plan.sources),
        ("ready", plan.conditions),
    ):
        for part in parts:
            yield (kind, part.name), None, _walk_expressions(part)


def _list_field_parts(plan: Plan) -> _Parts:
    for each in plan.fields:
        head = ("fields", each.name)
        entries = [*_list_entries(each)]
        if not entries:
            yield head, None, _walk_expressions(each)
        for one in entries:
            yield (*head, "each"), None, [one.each, *_walk_expressions(one.joins)]
            for inner in one.fields:
                yield (*head, "fields", inner.name), each.name, _walk_expressions(inner)
            for value in one.values:
                yield (*head, "values", value.name), each.name, _walk_expressions(value)


def _list_record_parts(record: Record) -> _Parts:
    head = ("records", record.name)
    yield (*head, "if"), None, _walk_expressions(record.condition)
    yield (*head, "external_id"), None, _walk_expressions(record.external_id)
    for name in _OTHER_KEYS:
        yield (*head, name), None, _walk_expressions(getattr(record, name))
    yield from _list_body_parts(record.body, (*head, "body"))
    yield from _list_body_parts(record.confirm, (*head, "confirm"))


def _list_line_parts(group: Lines, head: Part) -> _Parts:
    yield (*head, "for"), None, _walk_expressions(group.entries)
    yield (*head, "if"), None, _walk_expressions(group.condition)
    yield from _list_body_parts(group.body, (*head, "body"))
    for after in group.after:
        yield from _list_line_parts(after, (*head, "after", after.name))


def _list_body_parts(body: Body | None, head: Part) -> _Parts:
    if isinstance(body, BodyMap):
        for key, inner in body.entries:
            yield from _list_body_parts(inner, (*head, key))
    elif isinstance(body, BodyList):
        for inner in body.items:
            yield from _list_body_parts(inner, head)
    else:
        yield head, None, _walk_expressions(body)


def _walk_expressions(part: object) -> Iterator[TemplateAt | PathAt]:
    """Yield every expression within a part of a plan."""
    if isinstance(part, TemplateAt | PathAt):
        yield part
    elif isinstance(part, tuple):
        for inner in part:
            yield from _walk_expressions(inner)
    elif is_dataclass(part) and type(part).__module__ == Plan.__module__:
        for each in fields(part):
            yield from _walk_expressions(getattr(part, each.name))


def _read_expression(
    expression: TemplateAt | PathAt, scope: str | None, names: _Names
) -> Iterator[Part]:
    if isinstance(expression, PathAt):
        for word in set(_WORD.findall(expression.at.text)) & names.sources:
            yield "sources", word
        return
    template = expression.template
    found = find_names(template)
    for call in find_literal_calls(template, "lookup"):
        yield "lookups", call.argument
    lists = [name.name for name in found if name.name in names.columns]
    for name in found:
        yield from _read_name(name.path, scope, lists, names)
    for node in walk_nodes(template):
        if isinstance(node, Constant) and isinstance(node.value, str):
            yield from names.find_columns(node.value, lists)


def _read_name(
    path: Part, scope: str | None, lists: Sequence[str], names: _Names
) -> Iterator[Part]:
    first, *inner = path
    own = names.columns[scope].get(first, ()) if scope is not None else ()
    if own:
        yield from own
    elif first in _OWN_ROOTS:
        yield path[:2]
    elif first == "body":
        yield from (("records", record, *path[:2]) for record in names.records)
    elif first in names.columns:
        yield "fields", first, "each"
    elif first in names.parts:
        yield names.parts[first]
    for key in inner:
        yield from names.find_columns(key, lists)
