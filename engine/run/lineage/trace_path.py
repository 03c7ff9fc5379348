"""Evaluate a parsed path on values that carry their causes: as `language.paths.evaluate` does, node by node."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import Any

from ...documents.exact import is_number
from ...language.budget import Budget
from ...language.paths import Node, Path
from ...language.paths.values import equal, is_false
from .causes import Role, join_causes
from .path_functions import TracedExpression, call_traced
from .traced import ListBuilder, Traced, build_map, list_parts


def trace_path(path: Path, root: Traced, budget: Budget) -> Traced:
    """Return the value that a path finds in `root`, with its causes; null where it finds nothing."""
    return _visit(path.tree, root, budget)


def _visit(node: Node, value: Traced, budget: Budget) -> Traced:
    budget.charge()
    return _VISITS[node["type"]](node, value, budget)


def _itself(_: Node, value: Traced, __: Budget) -> Traced:
    return value


def _literal(node: Node, _: Traced, __: Budget) -> Traced:
    return Traced(node["value"])


def _field(node: Node, value: Traced, _: Budget) -> Traced:
    if not isinstance(value.value, dict):
        return Traced(None, value.own)
    key = node["value"]
    return value.part(key) if key in value.value else value.absent(key)


def _index(node: Node, value: Traced, _: Budget) -> Traced:
    index = node["value"]
    if not isinstance(value.value, list):
        return Traced(None, value.own)
    if not -len(value.value) <= index < len(value.value):
        return Traced(None, value.truth())
    if index < 0:
        return value.part(len(value.value) + index).decided_by(value.extent, Role.POSITION)
    return value.part(index)


def _slice(node: Node, value: Traced, _: Budget) -> Traced:
    if not isinstance(value.value, list):
        return Traced(None, value.own)
    chosen = range(len(value.value))[slice(*node["children"])]
    built = ListBuilder(value.own)
    built.move(value.extent)
    for index in chosen:
        built.add(value.part(index))
    return built.build()


def _chain(node: Node, value: Traced, budget: Budget) -> Traced:
    for child in node["children"]:
        value = _visit(child, value, budget)
    return value


def _projection(node: Node, value: Traced, budget: Budget) -> Traced:
    base = _visit(node["children"][0], value, budget)
    if not isinstance(base.value, list):
        return Traced(None, base.own)
    return _project(node["children"][1], base, list_parts(base), budget)


def _value_projection(node: Node, value: Traced, budget: Budget) -> Traced:
    base = _visit(node["children"][0], value, budget)
    if not isinstance(base.value, dict):
        return Traced(None, base.own)
    return _project(node["children"][1], base, [base.part(key) for key in base.value], budget)


def _project(node: Node, base: Traced, entries: Iterable[Traced], budget: Budget) -> Traced:
    """Evaluate a node on each entry; those that are null are left out."""
    built = ListBuilder(base.own)
    for entry in entries:
        found = _visit(node, entry, budget)
        if found.value is not None:
            built.add(found)
        built.move(found.own)
    return built.build(base.extent)


def _filter_projection(node: Node, value: Traced, budget: Budget) -> Traced:
    left, right, condition = node["children"]
    base = _visit(left, value, budget)
    if not isinstance(base.value, list):
        return Traced(None, base.own)
    kept = ListBuilder(base.own)
    for entry in list_parts(base):
        holds = _visit(condition, entry, budget)
        if not is_false(holds.value):
            kept.add(entry.decided_by(holds.truth()))
        kept.move(holds.truth())
    filtered = kept.build(base.extent)
    return _project(right, filtered, list_parts(filtered), budget)


def _flatten(node: Node, value: Traced, budget: Budget) -> Traced:
    base = _visit(node["children"][0], value, budget)
    if not isinstance(base.value, list):
        return Traced(None, base.own)
    built = ListBuilder(base.own)
    for entry in list_parts(base):
        if isinstance(entry.value, list):
            built.add_all(entry)
        else:
            built.add(entry)
    return built.build(base.extent)


def _multi_select_list(node: Node, value: Traced, budget: Budget) -> Traced:
    if value.value is None:
        return value
    built = ListBuilder()
    for child in node["children"]:
        built.add(_visit(child, value, budget))
    return built.build().decided_by(value.own)


def _multi_select_dict(node: Node, value: Traced, budget: Budget) -> Traced:
    if value.value is None:
        return value
    entries = {pair["value"]: _visit(pair, value, budget) for pair in node["children"]}
    return build_map(entries).decided_by(value.own)


def _or(node: Node, value: Traced, budget: Budget) -> Traced:
    left, right = node["children"]
    found = _visit(left, value, budget)
    chosen = _visit(right, value, budget) if is_false(found.value) else found
    return chosen.decided_by(found.truth())


def _and(node: Node, value: Traced, budget: Budget) -> Traced:
    left, right = node["children"]
    found = _visit(left, value, budget)
    chosen = found if is_false(found.value) else _visit(right, value, budget)
    return chosen.decided_by(found.truth())


def _not(node: Node, value: Traced, budget: Budget) -> Traced:
    found = _visit(node["children"][0], value, budget)
    return Traced(is_false(found.value), found.truth())


def _comparator(node: Node, value: Traced, budget: Budget) -> Traced:
    left, right = (_visit(child, value, budget) for child in node["children"])
    cause = join_causes(left.deep(), right.deep())
    compare = _ORDERINGS.get(node["value"])
    if compare is None:
        return Traced(equal(left.value, right.value, budget) is (node["value"] == "eq"), cause)
    fits = is_number(left.value) and is_number(right.value)
    return Traced(compare(left.value, right.value) if fits else None, cause)


def _expression(node: Node, _: Traced, budget: Budget) -> Traced:
    inner = node["children"][0]
    return Traced(TracedExpression(lambda entry: _visit(inner, entry, budget)))


def _function(node: Node, value: Traced, budget: Budget) -> Traced:
    arguments = [_visit(child, value, budget) for child in node["children"]]
    return call_traced(node["value"], arguments, budget)


_ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}

_VISITS: dict[str, Callable[[Node, Traced, Budget], Traced]] = {
    "and_expression": _and,
    "comparator": _comparator,
    "current": _itself,
    "expref": _expression,
    "field": _field,
    "filter_projection": _filter_projection,
    "flatten": _flatten,
    "function_expression": _function,
    "identity": _itself,
    "index": _index,
    "index_expression": _chain,
    "key_val_pair": _chain,
    "literal": _literal,
    "multi_select_dict": _multi_select_dict,
    "multi_select_list": _multi_select_list,
    "not_expression": _not,
    "or_expression": _or,
    "pipe": _chain,
    "projection": _projection,
    "slice": _slice,
    "subexpression": _chain,
    "value_projection": _value_projection,
}
