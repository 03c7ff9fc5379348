"""Which parts of a plan an order reaches: line groups, branches, choices, defaults, rows, retry rules.

A copy of the plan notes what is evaluated: each branch of a template is wrapped in a call that notes and
passes on its value. The plan that orders run with stays as it is, so that coverage costs nothing when it
is not wanted. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, cast

from ..findings.diagnostics import Place
from ..findings.errors import ExpressionError
from ..findings.quote import shortened
from ..language.functions import Function, Parameter
from ..language.lines import LineGroup
from ..language.templates import Node, Template, child_nodes
from ..language.templates.nodes import Call, Conditional
from ..mapping.files.nodes import Scalar
from ..mapping.lookups import NO_DEFAULT, Row, Table, find_row, format_key
from ..mapping.plan import Entries, Field, FieldChoice, Lines, Literal, Plan, TemplateAt
from .envelope import evaluate_in, is_true_in_paths
from .inputs import Inputs
from .open_event import IgnoredEvent, open_event
from .outcome import RunState
from .run import run_in
from .run_context import begin_run
from .scope import FAILED, Lookup, RunContext
from .sources import NotReady

KINDS = ("line group", "branch", "choose option", "default", "lookup row", "retry rule")
_GROUP, _BRANCH, _OPTION, _DEFAULT, _ROW, _RULE = KINDS
_DEFAULT_FILTER = "default"
_LONGEST = 60
_PLAN_MODULE = Lines.__module__


@dataclass(frozen=True, slots=True)
class CoveragePoint:
    """A part of a mapping that an order may reach: its kind, file, line and column, and its text."""

    kind: str
    file: str
    line: int
    column: int
    text: str


@dataclass(slots=True)
class PlanCoverage:
    """The parts of a plan, and those that the orders added so far have reached."""

    plan: Plan
    points: dict[CoveragePoint, None] = field(default_factory=dict)
    reached: set[CoveragePoint] = field(default_factory=set)
    _copy: Plan | None = None
    _rows: dict[tuple[str, int], CoveragePoint] = field(default_factory=dict)
    _groups: dict[tuple[str, ...], CoveragePoint] = field(default_factory=dict)
    _options: dict[tuple[str, str], CoveragePoint] = field(default_factory=dict)
    _rules: dict[str, CoveragePoint] = field(default_factory=dict)
    _defaults: dict[str, CoveragePoint] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """List the points, and make the copy that notes them."""
        self._list_groups(self.plan.lines, ())
        self._copy = cast(Plan, self._rebuild(self.plan, None))
        for each in self.plan.fields:
            for option in each.options if isinstance(each, FieldChoice) else ():
                at = each.at if option.when is None else option.when.at
                text = f"{each.name}: {option.name}"
                self._options[each.name, option.name] = self._point(_OPTION, at.place, text)
        for table in self.plan.tables.values():
            self._list_rows(table)
        for condition in self.plan.conditions:
            text = f"{condition.name}: {condition.otherwise}"
            key = f"ready.{condition.name}"
            self._rules[key] = self._point(_RULE, condition.check.at.place, text)
        for source in self.plan.sources:
            if source.absent is not None:
                text = f"{source.name} is absent: {source.absent}"
                self._rules[f"sources.{source.name}"] = self._point(_RULE, source.at.place, text)

    def add_order(self, inputs: Inputs) -> None:
        """Run an order, and note what it reaches."""
        assert self._copy is not None
        context = begin_run(self._copy, inputs)
        context.lookup = self._note_rows(context.lookup)
        outcome = run_in(self._copy, context, inputs)
        if outcome.state is RunState.NOT_READY and outcome.detail in self._rules:
            self.reached.add(self._rules[outcome.detail])
        lines = context.names.peek("lines")
        if isinstance(lines, LineGroup):
            for path, point in self._groups.items():
                if _find_group(lines, path).lines:
                    self.reached.add(point)
        if self._options:
            self._note_options(inputs)

    def _point(self, kind: str, place: Place | None, text: str) -> CoveragePoint:
        point = CoveragePoint(
            kind=kind,
            file="" if place is None else place.text.name,
            line=0 if place is None else place.line,
            column=0 if place is None else place.column,
            text=shortened(text, _LONGEST),
        )
        self.points[point] = None
        return point

    def _list_groups(self, groups: tuple[Lines, ...], path: tuple[str, ...]) -> None:
        for lines in groups:
            whole = (*path, lines.name)
            self._groups[whole] = self._point(_GROUP, lines.at.place, ".".join(whole))
            self._list_groups(lines.after, whole)

    def _list_rows(self, table: Table) -> None:
        for row in table.rows:
            text = f"{table.name} {format_key(row.key)}"
            self._rows[table.name, id(row)] = self._point(
                _ROW, table.origin.place_at(row.number), text
            )
        if table.options.default is not NO_DEFAULT:
            text = f"{table.name}: default"
            self._defaults[table.name] = self._point(_DEFAULT, table.origin.place, text)

    def _note_rows(self, lookup: Lookup) -> Lookup:
        def look_up(name: str, keys: tuple[object, ...]) -> object:
            value = lookup(name, keys)
            table = self.plan.tables.get(name)
            if table is not None:
                self._note_row(table, find_row(table, keys))
            return value

        return look_up

    def _note_row(self, table: Table, row: Row | None) -> None:
        if row is None and table.name in self._defaults:
            self.reached.add(self._defaults[table.name])
        point = self._rows.get((table.name, id(row)))
        if point is not None:
            self.reached.add(point)

    def _note_options(self, inputs: Inputs) -> None:
        """Find the option of each field that the order takes."""
        context = begin_run(self.plan, inputs)
        try:
            roots = open_event(self.plan, context, inputs)
        except ExpressionError:
            return
        if roots is None or isinstance(roots, IgnoredEvent | NotReady):
            return
        for choice in self.plan.fields:
            if isinstance(choice, FieldChoice):
                name = _find_option(choice, context, roots)
                if name is not None:
                    self.reached.add(self._options[choice.name, name])

    def _rebuild(self, value: object, at: Scalar | None) -> Any:
        """Return a copy of a part of the plan that notes branches and defaults; other parts unchanged."""
        if isinstance(value, tuple):
            return tuple(self._rebuild(each, at) for each in value)
        if not is_dataclass(value) or type(value).__module__ != _PLAN_MODULE:
            return value
        if isinstance(value, TemplateAt):
            return replace(value, template=self._rebuild_template(value.template, value.at))
        changed: dict[str, object] = {
            each.name: self._rebuild(getattr(value, each.name), at)
            for each in fields(value)
            if isinstance(getattr(value, each.name), tuple) or each.name in _PARTS
        }
        if isinstance(value, Field | Entries) and value.default is not None:
            point = self._point(_DEFAULT, value.at.place, f"{value.name}: default")
            changed["default"] = _NotedLiteral(value.default, lambda: self.reached.add(point))
        return replace(cast(Any, value), **changed)

    def _rebuild_template(self, template: Template, at: Scalar) -> Template:
        parts = [
            part if isinstance(part, str) else self._rebuild_node(part, at)
            for part in template.parts
        ]
        return replace(template, parts=tuple(parts))

    def _rebuild_node(self, node: Node, at: Scalar) -> Node:
        """Return a copy of a node whose branches note that they are evaluated."""
        changed: dict[str, object] = {
            each.name: self._rebuild_inner(getattr(node, each.name), at) for each in fields(node)
        }
        copy: Node = replace(cast(Any, node), **changed)
        if isinstance(copy, Conditional):
            yes, no = self._note_branch(copy.yes, at), self._note_branch(copy.no, at)
            return replace(copy, yes=yes, no=no)
        if isinstance(copy, Call) and copy.function.name == _DEFAULT_FILTER:
            value, otherwise = copy.arguments
            noted = otherwise and self._note_branch(otherwise, at, kind=_DEFAULT)
            return replace(copy, arguments=(value, noted))
        return copy

    def _rebuild_inner(self, value: object, at: Scalar) -> object:
        if isinstance(value, tuple):
            return tuple(self._rebuild_inner(each, at) for each in value)
        is_node = is_dataclass(value) and type(value).__module__ == Call.__module__
        return self._rebuild_node(cast(Node, value), at) if is_node else value

    def _note_branch(self, node: Node, at: Scalar, kind: str = _BRANCH) -> Node:
        start, end = _close_brackets(at.text, *_find_span(node))
        point = self._point(kind, at.place_at(start, end - start), at.text[start:end])

        def note(value: Callable[[], object]) -> object:
            self.reached.add(point)
            return value()

        function = replace(_NOTE, implementation=note)
        return Call(function=function, arguments=(node,), offset=node.offset, length=node.length)


# The fields of a plan's parts that hold another part, in place of a tuple of parts.
_PARTS = frozenset(
    ("entries", "condition", "body", "template", "external_id", "landed", "serialize", "confirm")
) | frozenset(("find", "origin", "id", "sums_to", "holds", "field", "rest"))
_NOTE = Function(
    name="noted",
    sort="function",
    implementation=lambda value: value(),
    parameters=(Parameter("value", "expression"),),
    summary="The value; notes that it was needed.",
    examples=(),
)


class _NotedLiteral(Literal):
    """A default that notes when it is read."""

    __slots__ = ("_note", "_value")

    def __init__(self, literal: Literal, note: Callable[[], object]) -> None:
        object.__setattr__(self, "_value", literal.value)
        object.__setattr__(self, "_note", note)
        object.__setattr__(self, "at", literal.at)

    def __getattribute__(self, name: str) -> Any:
        if name == "value":
            object.__getattribute__(self, "_note")()
            return object.__getattribute__(self, "_value")
        return object.__getattribute__(self, name)


def _find_span(node: Node) -> tuple[int, int]:
    """Return where a node begins and ends in its text: a call stands at its name, after what it is applied to."""
    spans = [_find_span(inner) for inner in child_nodes(node)]
    start = min([node.offset, *(start for start, _ in spans)])
    return start, max([node.offset + node.length, *(end for _, end in spans)])


def _close_brackets(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span with the brackets that are closed after it, or opened before it."""
    part = text[start:end]
    for _ in range(part.count("(") - part.count(")")):
        gap = len(text[end:]) - len(text[end:].lstrip())
        end += gap + 1 if text[end + gap : end + gap + 1] == ")" else 0
    for _ in range(part.count(")") - part.count("(")):
        head = text[:start].rstrip()
        start = len(head) - 1 if head.endswith("(") else start
    return start, end


def _find_group(lines: LineGroup, path: tuple[str, ...]) -> LineGroup:
    for name in path:
        lines = lines.groups.get(name, LineGroup())
    return lines


def _find_option(
    choice: FieldChoice, context: RunContext, roots: Mapping[str, object]
) -> str | None:
    """Return the name of the option that is used; None where none holds."""
    for option in choice.options:
        holds = True if option.when is None else evaluate_in(context, option.when, roots, "")
        if holds is not FAILED and (option.when is None or is_true_in_paths(holds)):
            return option.name
    return None


def merge_coverage(parts: Iterator[PlanCoverage]) -> dict[CoveragePoint, bool]:
    """Return the points of several mappings, and whether any order of any of them reached each.

    A line that several mappings share is one point.
    """
    merged: dict[CoveragePoint, bool] = {}
    for part in parts:
        for point in part.points:
            merged[point] = merged.get(point, False) or point in part.reached
    return merged
