"""The check of constants and of entries of tables against the schemas of the records that they go into.

It follows what the files alone say: a literal of a body, a branch of a condition, the value of a lookup,
or a column of its row. What an order decides is checked when the order is rendered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from ...findings.diagnostics import Place
from ...language.functions import OMIT
from ...language.templates import find_names
from ...language.templates.nodes import (
    Attribute,
    Call,
    Conditional,
    Constant,
    ListDisplay,
    Logical,
    Name,
    Node,
)
from ..lookups import Table
from ..record_schemas import RecordSchema
from .expressions import Expressions
from .plan import Body, BodyList, BodyMap, Lines, Literal, Plan, Record, TemplateAt

Path = tuple[str | int, ...]

_MOST_ENTRIES = 10_000
_MOST_FINDINGS = 20
_DEEPEST = 20
# Values of these types are what their template gives.
_UNCHANGED = frozenset([None, "string", "table"])


@dataclass(frozen=True, slots=True)
class _Known:
    """A value that the files give, and its place; `place` is None for the place of the leaf."""

    value: object
    place: Place | None = None


def check_constants(plan: Plan, expressions: Expressions) -> None:
    """Report the constants and the entries of tables that the schema of a record refuses (E0810)."""
    flow = _Flow(
        plan.tables,
        {
            value.name: value.template.template.parts[0]
            for value in plan.values
            if value.template.template.is_single and value.type in _UNCHANGED
        },
    )
    reported: set[tuple[str, Place | None]] = set()
    for record in plan.records:
        for path, leaf in _list_leaves(record, plan.lines):
            if record.schema is not None:
                _check_leaf(record.schema, path, leaf, flow, expressions, reported)


def _list_leaves(
    record: Record, lines: tuple[Lines, ...]
) -> Iterator[tuple[Path, Literal | TemplateAt]]:
    """Yield the leaves of a record and of its lines, each with its path in the payload."""
    waiting: list[tuple[Path, Body]] = [((), record.body)]
    while waiting:
        path, body = waiting.pop()
        if isinstance(body, BodyMap):
            waiting += [((*path, key), entry) for key, entry in body.entries]
        elif isinstance(body, BodyList):
            waiting += [((*path, 0), each) for each in body.items]
        elif isinstance(body, TemplateAt) and any(
            name.name == "lines" for name in find_names(body.template)
        ):
            waiting += [((*path, 0), group.body) for group in _list_groups(lines)]
        else:
            yield path, body


def _list_groups(lines: tuple[Lines, ...]) -> Iterator[Lines]:
    for group in lines:
        yield group
        yield from _list_groups(group.after)


def _check_leaf(
    schema: RecordSchema,
    path: Path,
    leaf: Literal | TemplateAt,
    flow: _Flow,
    expressions: Expressions,
    reported: set[tuple[str, Place | None]],
) -> None:
    at = leaf.at
    if at is None:
        return
    refused = 0
    for known in flow.list_leaf_values(leaf):
        body = _wrap(path, known.value)
        if refused >= _MOST_FINDINGS or schema.accepts(body):
            continue
        place = known.place or at.place
        for mistake in schema.mistakes(body):
            is_of_value = mistake.path == path and mistake.about == "value"
            if is_of_value and (mistake.message, place) not in reported:
                reported.add((mistake.message, place))
                refused += 1
                expressions.report("E0810", mistake.message, place, mistake.hint)


def _wrap(path: Path, value: object) -> object:
    """Return the body that has only this value, at its path."""
    for step in reversed(path):
        value = [value] if isinstance(step, int) else {step: value}
    return value


@dataclass(frozen=True, slots=True)
class _Flow:
    """The tables, and the expressions of the values, by name."""

    tables: Mapping[str, Table]
    values: Mapping[str, str | Node]

    def list_leaf_values(self, leaf: Literal | TemplateAt) -> Iterator[_Known]:
        """Yield the different values that the files give a leaf."""
        if isinstance(leaf, Literal):
            yield _Known(leaf.value)
        elif leaf.template.is_single:
            seen: set[tuple[type, object]] = set()
            known = islice(self._list_values(leaf.template.parts[0], 0), _MOST_ENTRIES)
            for each in known:
                value = each.value
                if not isinstance(value, str | int) or (type(value), value) in seen:
                    continue
                seen.add((type(value), value))
                yield each

    def _list_values(self, node: str | Node, depth: int) -> Iterator[_Known]:
        """Yield the values that an expression may have, as far as the files tell."""
        if depth > _DEEPEST:
            return
        if isinstance(node, Constant):
            yield from () if node.value is None or node.value is OMIT else (_Known(node.value),)
        elif isinstance(node, Name) and node.name in self.values:
            yield from self._list_values(self.values[node.name], depth + 1)
        elif isinstance(node, Attribute):
            for row in self._list_values(node.target, depth + 1):
                cell = row.value.get(node.key) if isinstance(row.value, Mapping) else None
                yield from () if cell is None else (_Known(cell, row.place),)
        elif isinstance(node, Conditional):
            yield from self._list_values(node.yes, depth + 1)
            yield from self._list_values(node.no, depth + 1)
        elif isinstance(node, Logical) and node.operator == "or":
            *first, last = node.operands
            for operand in first:
                found = self._list_values(operand, depth + 1)
                yield from (each for each in found if each.value)
            yield from self._list_values(last, depth + 1)
        elif isinstance(node, Call):
            yield from self._list_call_values(node, depth)

    def _list_call_values(self, node: Call, depth: int) -> Iterator[_Known]:
        sort = (node.function.sort, node.function.name)
        if sort == ("filter", "default"):
            for argument in node.arguments:
                yield from () if argument is None else self._list_values(argument, depth + 1)
        elif sort == ("function", "lookup"):
            name, keys, default = node.arguments
            table = self.tables.get(str(name.value)) if isinstance(name, Constant) else None
            if table is not None and isinstance(keys, ListDisplay):
                patterns = table.patterns.get(len(keys.items), ())
                rows = (row for pattern in patterns for row in pattern.rows.values())
                yield from (_Known(row.value, table.origin.place_at(row.number)) for row in rows)
            yield from () if default is None else self._list_values(default, depth + 1)
