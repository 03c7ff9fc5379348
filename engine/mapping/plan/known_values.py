"""The values that the files alone give an expression: constants, settings, defaults and rows of tables.

Pure filters are applied to them. What an order decides gives nothing. A row counts only where no condition
on the same table, or on the key of the lookup, could leave it out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from ...findings.diagnostics import Place
from ...findings.errors import ExpressionError
from ...findings.quote import quoted
from ...language.budget import Budget
from ...language.functions import OMIT, Scope, is_true
from ...language.templates import Template, child_nodes, evaluate
from ...language.templates.nodes import (
    Attribute,
    Call,
    Conditional,
    Constant,
    Item,
    ListDisplay,
    Logical,
    Name,
    Node,
    Unary,
)
from ...language.types import convert_value
from ..lookups import Table
from .plan import Field, Literal, Plan, TemplateAt, Value

# A name with the member after it, or a table: what decides whether a value is used.
Mention = tuple[str, ...]
Mentions = frozenset[Mention]

NOTHING: Mentions = frozenset()
_MOST_ENTRIES = 10_000
_DEEPEST = 20
_TABLE = "lookup()"
_ANY_TABLE: Mention = (_TABLE,)
_CONSTANT_NAMES = frozenset(["settings", "tenant"])


@dataclass(frozen=True, slots=True)
class Known:
    """A value that the files give; `place` and `row` (table and number) where it is an entry of a table."""

    value: object
    place: Place | None = None
    row: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """What expressions may take: tables, computed values and fields by name, and the names that never change."""

    tables: Mapping[str, Table]
    values: Mapping[str, Value]
    fields: Mapping[str, Field]
    scope: Scope
    behind: dict[tuple[str, int], Mentions] = field(default_factory=dict)

    @staticmethod
    def of(plan: Plan) -> Flow:
        """Return the flow of a plan."""
        names = {"settings": plan.settings, "tenant": plan.tenant_facts}
        return Flow(
            tables=plan.tables,
            values={value.name: value for value in plan.values},
            fields={field.name: field for field in plan.fields if isinstance(field, Field)},
            scope=Scope(names=names, lookup=_no_lookup, places=plan.places),
        )

    def list_leaf_values(self, leaf: Literal | TemplateAt, barred: Mentions) -> Iterator[Known]:
        """Yield the different single values that the files give a leaf, at most some thousands."""
        seen: set[tuple[type, object]] = set()
        for index, known in enumerate(self._list_all(leaf, barred)):
            if index >= _MOST_ENTRIES:
                return
            value = known.value.isoformat() if isinstance(known.value, date) else known.value
            if isinstance(value, str | int | Decimal) and (type(value), value) not in seen:
                seen.add((type(value), value))
                yield replace(known, value=value)

    def find_constant(self, leaf: Literal | TemplateAt) -> object:
        """Return the only value that a leaf can have; None if an order decides."""
        if isinstance(leaf, Literal):
            return leaf.value
        known = self._evaluate_constant(leaf.template)
        return None if known is None else known.value

    def decides_against(self, condition: TemplateAt | None) -> bool:
        """Return whether a condition is false for every order, by the settings."""
        if condition is None or not self._is_constant_template(condition.template):
            return False
        found = self._evaluate_constant(condition.template)
        return found is not None and not is_true(found.value)

    def list_mentions(self, template: TemplateAt | None) -> Mentions:
        """Return the names and tables by which a condition tells one row from another, also through values."""
        if template is None:
            return NOTHING
        parts = [part for part in template.template.parts if not isinstance(part, str)]
        return frozenset(mention for part in parts for mention in self._truth_mentions(part, 0))

    def list_foreign(self, template: TemplateAt) -> tuple[str, ...]:
        """Return what a template depends on beside the order, also through values: settings and lookups."""
        parts = [part for part in template.template.parts if not isinstance(part, str)]
        found = {mention for part in parts for mention in self._mentions(part, 0)}
        tables = (
            f"the lookup {quoted(each[1])}" for each in found if each[0] == _TABLE and each[1:]
        )
        settings = (f"settings.{each[1]}" for each in found if each[0] == "settings" and each[1:])
        return tuple(sorted((*tables, *settings)))

    def _list_all(self, leaf: Literal | TemplateAt, barred: Mentions) -> Iterator[Known]:
        if isinstance(leaf, Literal):
            yield Known(leaf.value)
        elif leaf.template.is_single:
            node = leaf.template.parts[0]
            assert not isinstance(node, str)
            yield from self._list_values(node, barred, 0)
        else:
            known = self._evaluate_constant(leaf.template)
            yield from () if known is None else (known,)

    def _list_values(self, node: Node, barred: Mentions, depth: int) -> Iterator[Known]:
        """Yield the values that an expression may have, as far as the files tell."""
        if depth > _DEEPEST:
            return
        template = Template("", (node,))
        if self._is_constant_template(template):
            known = self._evaluate_constant(template)
            yield from () if known is None else (known,)
        elif isinstance(node, Name):
            yield from self._list_name_values(node.name, barred, depth)
        elif isinstance(node, Attribute | Item):
            yield from self._list_cells(node, barred, depth)
        elif isinstance(node, Conditional):
            yield from self._list_branches(node, barred, depth)
        elif isinstance(node, Logical):
            yield from self._list_operands(node, barred, depth)
        elif isinstance(node, Call):
            yield from self._list_call_values(node, barred, depth)

    def _list_name_values(self, name: str, barred: Mentions, depth: int) -> Iterator[Known]:
        value, field = self.values.get(name), self.fields.get(name)
        if value is not None and value.template.template.is_single:
            node = value.template.template.parts[0]
            assert not isinstance(node, str)
            for known in self._list_values(node, barred, depth + 1):
                yield from _convert(known, value.type)
        elif field is not None and field.default is not None and not _meets(barred, {(name,)}):
            yield from _convert(Known(field.default.value), field.type)

    def _list_cells(self, node: Attribute | Item, barred: Mentions, depth: int) -> Iterator[Known]:
        key = node.key if isinstance(node, Attribute) else _constant_key(node.key)
        for row in self._list_values(node.target, barred, depth + 1) if key is not None else ():
            cell = row.value.get(key) if isinstance(row.value, Mapping) else None
            if cell is not None:
                yield replace(row, value=cell)

    def _list_branches(self, node: Conditional, barred: Mentions, depth: int) -> Iterator[Known]:
        condition = Template("", (node.condition,))
        if self._is_constant_template(condition):
            known = self._evaluate_constant(condition)
            if known is not None:
                branch = node.yes if is_true(known.value) else node.no
                yield from self._list_values(branch, barred, depth + 1)
            return
        barred |= frozenset(self._truth_mentions(node.condition, depth))
        yield from self._list_values(node.yes, barred, depth + 1)
        yield from self._list_values(node.no, barred, depth + 1)

    def _list_operands(self, node: Logical, barred: Mentions, depth: int) -> Iterator[Known]:
        *first, last = node.operands
        for operand in first:
            for known in self._list_values(operand, barred, depth + 1):
                if bool(known.value) is (node.operator == "or"):
                    yield known
            barred |= frozenset(self._truth_mentions(operand, depth))
        yield from self._list_values(last, barred, depth + 1)

    def _list_call_values(self, node: Call, barred: Mentions, depth: int) -> Iterator[Known]:
        sort = (node.function.sort, node.function.name)
        if sort == ("function", "lookup"):
            yield from self._list_rows(node, barred)
            default = node.arguments[2]
            yield from () if default is None else self._list_values(default, barred, depth + 1)
        elif sort == ("filter", "default"):
            for argument in child_nodes(node):
                yield from self._list_values(argument, barred, depth + 1)
                barred |= frozenset(self._truth_mentions(argument, depth))
        elif node.function.sort == "filter" and self._is_pure(node):
            value, *others = node.arguments
            assert value is not None  # a filter has a value
            for known in self._list_values(value, barred, depth + 1):
                constant = Constant(known.value, 0, 0)
                call = replace(node, arguments=(constant, *others))
                found = self._evaluate_constant(Template("", (call,)))
                if found is not None:
                    yield replace(known, value=found.value)

    def _list_rows(self, node: Call, barred: Mentions) -> Iterator[Known]:
        name, keys, _ = node.arguments
        table = self.tables.get(str(name.value)) if isinstance(name, Constant) else None
        if table is None or not isinstance(keys, ListDisplay):
            return
        if _meets(barred, self._mentions(node, 0)):
            return  # a condition may leave out this row, or this key
        for pattern in table.patterns.get(len(keys.items), ()):
            for row in pattern.rows.values():
                place = table.origin.place_at(row.number)
                yield Known(row.value, place, (table.name, row.number))

    def _truth_mentions(self, node: Node, depth: int) -> Iterator[Mention]:
        """Yield the mentions of a condition; whether a key is there at all leaves out no row."""
        if isinstance(node, Unary | Logical):
            for child in child_nodes(node):
                yield from self._truth_mentions(child, depth)
        elif isinstance(node, Name | Attribute):
            yield from (each for each in self._mentions(node, depth) if each[0] == _TABLE)
        else:
            yield from self._mentions(node, depth)

    def _mentions(self, node: Node, depth: int) -> Iterator[Mention]:
        """Yield the names with their members, and the tables, that an expression depends on."""
        if depth > _DEEPEST:
            yield _ANY_TABLE
        elif isinstance(node, Attribute) and isinstance(node.target, Name):
            yield (node.target.name, node.key)
            yield from self._mentions_behind(node.target.name, depth)
        elif isinstance(node, Name):
            yield (node.name,)
            yield from self._mentions_behind(node.name, depth)
        else:
            if isinstance(node, Call) and node.function.name == "lookup":
                table = node.arguments[0]
                known = isinstance(table, Constant)
                yield (_TABLE, str(table.value)) if known else _ANY_TABLE  # type: ignore[union-attr] # is a Constant
            for child in child_nodes(node):
                yield from self._mentions(child, depth)

    def _mentions_behind(self, name: str, depth: int) -> Mentions:
        """Return the mentions of a value's template, found once for each depth: values build upon each other."""
        known = self.behind.get((name, depth))
        if known is None:
            value = self.values.get(name)
            parts = () if value is None else value.template.template.parts
            nodes = [part for part in parts if not isinstance(part, str)]
            known = frozenset(each for node in nodes for each in self._mentions(node, depth + 1))
            self.behind[name, depth] = known
        return known

    def _is_pure(self, node: Call) -> bool:
        """Return whether a filter depends only on its value: its arguments are constants."""
        lazy = any(parameter.kind == "expression" for parameter in node.function.parameters)
        rest = [argument for argument in node.arguments[1:] if argument is not None]
        is_pure = not lazy and not node.function.with_scope
        return is_pure and all(self._is_constant_template(Template("", (each,))) for each in rest)

    def _is_constant_template(self, template: Template) -> bool:
        waiting = [part for part in template.parts if not isinstance(part, str)]
        while waiting:
            node = waiting.pop()
            if isinstance(node, Name) and node.name not in _CONSTANT_NAMES:
                return False
            if isinstance(node, Call) and node.function.with_scope:
                return False
            waiting += child_nodes(node)
        return True

    def _evaluate_constant(self, template: Template) -> Known | None:
        """Return the value of an expression without anything of an order; None for no value."""
        if not self._is_constant_template(template):
            return None
        try:
            value = evaluate(template, self.scope, Budget())
        except ExpressionError:
            return None  # rendering reports it
        return None if value is None or value is OMIT else Known(value)


def _no_lookup(table: str, _: tuple[object, ...]) -> object:
    raise ExpressionError("E0603", f"{table} is not asked here")


def _constant_key(node: Node) -> str | None:
    return node.value if isinstance(node, Constant) and isinstance(node.value, str) else None


def _convert(known: Known, type_name: str | None) -> Iterator[Known]:
    try:
        yield replace(known, value=convert_value(known.value, type_name))
    except ExpressionError:
        return  # rendering reports it


def _meets(barred: Mentions, mentions: Iterator[Mention] | set[Mention]) -> bool:
    """Return whether one of the mentions is among the barred: the same name, with the same member or with none."""
    short = {mention[:1] for mention in barred if len(mention) == 1}
    roots = {mention[:1] for mention in barred}
    return any(
        mention in barred or mention[:1] in (short if len(mention) > 1 else roots)
        for mention in (mentions if barred else ())
    )
