"""What a term of a check counts: the amounts of the record that it adds up, each with a factor.

Sums, differences and signs are followed, and choices between them. What a term reads in any other way
cannot be followed: it is kept for a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from ...documents.exact import Number, add, is_number, multiply
from ...language.templates import Node, Template, child_nodes
from ...language.templates.nodes import Binary, Call, Conditional, Constant, Logical, Unary
from ..posting_amounts import may_hold_tax_rate
from ..systems import RECORDS
from .plan import BodyMap, Lines
from .record_amounts import TAX, Amount, Group, read_path

Counts = dict[Amount, Number]
# Whether a node is true for one order: it decides which branch of a choice is taken.
Decide = Callable[[Node], bool]

# The filters that leave an amount as the ledger stores it; `money` only in the order's currency.
_PASSED = frozenset(("money", "number"))
# The functions that read lines, but not their amounts.
_HARMLESS = frozenset(("length", "defined", "none"))
_NONE: Counts = {}
UNFOLLOWED, SURPLUS, RATELESS = "unfollowed", "surplus", "rateless"


@dataclass(slots=True)
class TermReader:
    """Reads what the terms of one check count.

    `amounts` are those of its record, `others` its single values that are no amounts, `groups` all groups
    of lines. `earlier` holds what the earlier
    checks count, by their names: their `sum`, and their terms. With `decide` choices are made as
    for one order; without it both sides of a choice count, and `depends` becomes true if they differ.
    """

    amounts: tuple[Amount, ...]
    groups: Mapping[Group, Lines]
    earlier: Mapping[tuple[str, ...], Counts]
    others: AbstractSet[Amount] = frozenset()
    decide: Decide | None = None
    depends: bool = False
    noted: list[tuple[str, Node]] = field(default_factory=list)
    exact: set[Amount] = field(default_factory=set)

    def read(self, template: Template) -> Counts:
        """Return what a template counts."""
        part = template.parts[0] if template.is_single else ""
        return _NONE if isinstance(part, str) else self.visit(part)

    def visit(self, node: Node) -> Counts:
        """Return what a node counts."""
        path = read_path(node)
        if path:
            return self._visit_path(path, node)
        visit = _VISITORS.get(type(node))
        if visit is None:
            return self.refuse_amounts(node, child_nodes(node))
        return visit(self, node)

    def _visit_path(self, path: tuple[str | int, ...], node: Node) -> Counts:
        if path[0] == "checks":
            return self.earlier.get(tuple(map(str, path[1:])), _NONE)
        if path[0] == "body":
            found = [each for each in self.amounts if not each.group and each.path == path[1:]]
            if found:
                return {found[0]: 1}
            self.note_surplus(Amount((), path[1:]), node)
            within = any(not a.group and a.path[: len(path) - 1] == path[1:] for a in self.amounts)
            return self.refuse(node) if within else _NONE
        return self.refuse(node) if path[0] == "lines" else _NONE

    def refuse(self, node: Node) -> Counts:
        """Keep a node that cannot be followed; it counts nothing."""
        self.noted.append((UNFOLLOWED, node))
        return _NONE

    def note_surplus(self, counted: Amount, node: Node) -> None:
        """Keep a node that counts a single value that is no amount."""
        if counted in self.others:
            self.noted.append((SURPLUS, node))

    def refuse_amounts(self, node: Node, inner: tuple[Node, ...]) -> Counts:
        """Visit nodes whose amounts cannot be followed further."""
        if any(tuple(map(self.visit, inner))):
            self.refuse(node)
        return _NONE

    def choose(self, nodes: tuple[Node, ...]) -> Counts:
        """Return what any of the nodes counts; only one of them is used for an order."""
        found = [self.visit(each) for each in nodes]
        self.depends = self.depends or any(each != found[0] for each in found)
        merged: Counts = {}
        for each in reversed(found):
            merged |= each
        return merged

    def find_groups(self, path: tuple[str | int, ...]) -> tuple[Group, ...]:
        """Return the groups of lines that a path names; none if it names no group."""
        if path == ("lines", "all"):
            return tuple(self.groups)
        group = tuple(map(str, path[1:]))
        return (group,) if path[0] == "lines" and group in self.groups else ()


def _read_unary(reader: TermReader, node: Unary) -> Counts:
    if node.operator == "not":
        return reader.refuse_amounts(node, (node.operand,))
    return scale_counts(reader.visit(node.operand), -1 if node.operator == "-" else 1)


def _read_binary(reader: TermReader, node: Binary) -> Counts:
    if node.operator in ("+", "-"):
        left, right = reader.visit(node.left), reader.visit(node.right)
        return add_counts(left, scale_counts(right, 1 if node.operator == "+" else -1))
    for one, other in ((node.left, node.right), (node.right, node.left)):
        factor = _read_constant(one)
        if node.operator == "*" and factor is not None:
            return scale_counts(reader.visit(other), factor)
    return reader.refuse_amounts(node, (node.left, node.right))


def _read_conditional(reader: TermReader, node: Conditional) -> Counts:
    if reader.decide is not None:
        return reader.visit(node.yes if reader.decide(node.condition) else node.no)
    return reader.choose((node.yes, node.no))


def _read_logical(reader: TermReader, node: Logical) -> Counts:
    """Follow `amount or 0`, which is the amount, and choices of amounts."""
    first, *others = node.operands
    if node.operator == "or" and all(_read_constant(each) == 0 for each in others):
        return reader.visit(first)
    if reader.decide is not None:
        for operand in node.operands[:-1]:
            if reader.decide(operand) is (node.operator == "or"):
                return reader.visit(operand)
        return reader.visit(node.operands[-1])
    return reader.choose(node.operands)


def _read_call(reader: TermReader, node: Call) -> Counts:
    name, first = node.function.name, node.arguments[0] if node.arguments else None
    if name in _HARMLESS or first is None:
        return _NONE
    if name in _PASSED and all(argument is None for argument in node.arguments[1:]):
        return reader.visit(first)
    if name == "default":
        other = node.arguments[1]
        counts = reader.visit(first)
        if other is None or not reader.visit(other):
            return counts
        return reader.choose((first, other))
    path = read_path(first)
    if name in _FILTERS and path[:1] in (("lines",), ("body",)):
        return _FILTERS[name](reader, path, node)
    return reader.refuse_amounts(node, child_nodes(node))


def _read_stored(reader: TermReader, path: tuple[str | int, ...], node: Node) -> Counts:
    groups = reader.find_groups(path)
    if not groups:
        return reader.refuse(node)
    if len(groups) == 1:
        reader.note_surplus(Amount(groups[0], ()), node)
    return {Amount(group, ()): 1 for group in groups}


def _read_taxed(reader: TermReader, path: tuple[str | int, ...], node: Call) -> Counts:
    groups = reader.find_groups(path)
    if len(groups) != 1:
        return reader.refuse(node)
    reader.note_surplus(Amount(groups[0], TAX), node)
    column = node.arguments[1]
    name = column.value if isinstance(column, Constant) else None
    if not isinstance(name, str) or not any(map(may_hold_tax_rate, name.split("."))):
        reader.noted.append((RATELESS, node))
    inner = [(*groups[0], after.name) for after in reader.groups[groups[0]].after]
    return {Amount(group, TAX): 1 for group in (*groups, *inner)}


def _read_total(reader: TermReader, path: tuple[str | int, ...], node: Call) -> Counts:
    key, default = node.arguments[1:]
    if not isinstance(key, Constant) or not isinstance(key.value, str):
        return reader.refuse(node)
    if default is not None and _read_constant(default) != 0:
        return reader.refuse(node)
    keys = tuple(key.value.split("."))
    if path[0] == "body":
        return _total_entries(reader, path[1:], keys, node)
    groups = reader.find_groups(path)
    if not groups:
        return reader.refuse(node)
    counts: Counts = {}
    for group in groups:
        whole = Amount(group, ())
        body = reader.groups[group].body
        # With a default a line that is sent as a rate would count as 0.
        has_rate = isinstance(body, BodyMap) and RECORDS.rate in dict(body.entries)
        if keys == (RECORDS.rate,) and whole in reader.amounts:
            reader.refuse(node)
        elif keys == (RECORDS.amount,) and whole in reader.amounts:
            if default is not None and has_rate:
                reader.refuse(node)
            counts[whole] = reader.groups[group].sign
            reader.exact.add(whole)
        elif Amount(group, keys) in reader.amounts:
            counts[Amount(group, keys)] = 1
        else:
            reader.note_surplus(Amount(group, keys), node)
    return counts


def _total_entries(
    reader: TermReader, path: tuple[str | int, ...], keys: tuple[str, ...], node: Node
) -> Counts:
    """Return the amounts of the entries of a list that is written in the body."""

    def is_counted(each: Amount) -> bool:
        return (
            not each.group
            and each.path[: len(path)] == path
            and any(isinstance(step, int) for step in each.path[len(path) : len(path) + 1])
            and each.path[len(path) + 1 :] == keys
        )

    counts: Counts = {each: 1 for each in reader.amounts if is_counted(each)}
    if not counts:
        surplus = next((each for each in reader.others if is_counted(each)), None)
        if surplus is not None:
            reader.note_surplus(surplus, node)
    return counts


_VISITORS: dict[type, Callable[..., Counts]] = {
    Unary: _read_unary,
    Binary: _read_binary,
    Conditional: _read_conditional,
    Logical: _read_logical,
    Call: _read_call,
}
_FILTERS: dict[str, Callable[..., Counts]] = {
    "stored": _read_stored,
    "taxed": _read_taxed,
    "total": _read_total,
}


def add_counts(*all_counts: Counts) -> Counts:
    """Return the sum of counts; what comes to 0 is kept, because it was read."""
    total: Counts = {}
    for counts in all_counts:
        for amount, factor in counts.items():
            total[amount] = add(total.get(amount, 0), factor)
    return total


def scale_counts(counts: Counts, factor: Number) -> Counts:
    """Return the counts, each multiplied by a factor."""
    return {amount: multiply(count, factor) for amount, count in counts.items()}


def _read_constant(node: Node) -> Number | None:
    """Return the number that a node is in every order."""
    if isinstance(node, Unary) and node.operator == "-":
        inner = _read_constant(node.operand)
        return None if inner is None else multiply(inner, -1)
    value = node.value if isinstance(node, Constant) else None
    return value if is_number(value) else None
