"""The evaluation of a parsed path on a document: pure, exact, within the budget.

Every visited node of the tree costs a step, and an operation that builds a list
is charged for its length first. Recursion follows the tree, whose depth is bounded
when it is parsed, never the document.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection
from typing import Any

from ...documents.exact import is_number
from ...findings.errors import ExpressionError
from ..budget import Budget
from .functions import Expression, call_function
from .parse import Node, Path
from .values import allow_entries, equal, is_false, weigh


def evaluate_path(path: Path, root: object, budget: Budget) -> object:
    """Return the value that a path finds in `root`, or None.

    `root` is JSON with int and Decimal for numbers, and is never changed; the result may share
    parts with it. Raise ExpressionError (E0304 a value of the wrong kind, E0902 a number, E0904
    a text, E0905 a list out of bounds) and BudgetError, each with the place of the function.
    """
    result = _visit(path.tree, root, budget)
    if path.repeats:
        weigh(result, budget)
    return result


def _visit(node: Node, value: object, budget: Budget) -> object:
    budget.charge()
    return _VISITS[node["type"]](node, value, budget)


def _itself(_: Node, value: object, __: Budget) -> object:
    return value


def _literal(node: Node, _: object, __: Budget) -> object:
    return node["value"]


def _field(node: Node, value: object, _: Budget) -> object:
    return value.get(node["value"]) if isinstance(value, dict) else None


def _index(node: Node, value: object, _: Budget) -> object:
    index = node["value"]
    if not isinstance(value, list) or not -len(value) <= index < len(value):
        return None
    return value[index]


def _slice(node: Node, value: object, budget: Budget) -> object:
    if not isinstance(value, list):
        return None
    part = slice(*node["children"])
    allow_entries(len(range(*part.indices(len(value)))), budget)
    return value[part]


def _chain(node: Node, value: object, budget: Budget) -> object:
    for child in node["children"]:
        value = _visit(child, value, budget)
    return value


def _projection(node: Node, value: object, budget: Budget) -> object:
    base = _visit(node["children"][0], value, budget)
    return _project(node["children"][1], base, budget) if isinstance(base, list) else None


def _value_projection(node: Node, value: object, budget: Budget) -> object:
    base = _visit(node["children"][0], value, budget)
    return _project(node["children"][1], base.values(), budget) if isinstance(base, dict) else None


def _project(node: Node, entries: Collection[object], budget: Budget) -> list[object]:
    allow_entries(len(entries), budget)
    found: list[object] = []
    for entry in entries:
        result = _visit(node, entry, budget)
        if result is not None:
            found.append(result)
    return found


def _filter_projection(node: Node, value: object, budget: Budget) -> object:
    left, right, condition = node["children"]
    base = _visit(left, value, budget)
    if not isinstance(base, list):
        return None
    budget.charge(len(base))
    kept = [entry for entry in base if not is_false(_visit(condition, entry, budget))]
    return _project(right, kept, budget)


def _flatten(node: Node, value: object, budget: Budget) -> object:
    base = _visit(node["children"][0], value, budget)
    if not isinstance(base, list):
        return None
    budget.charge(len(base))
    allow_entries(sum(len(entry) if isinstance(entry, list) else 1 for entry in base), budget)
    flat: list[object] = []
    for entry in base:
        if isinstance(entry, list):
            flat.extend(entry)
        else:
            flat.append(entry)
    return flat


def _multi_select_list(node: Node, value: object, budget: Budget) -> object:
    if value is None:
        return None
    return [_visit(child, value, budget) for child in node["children"]]


def _multi_select_dict(node: Node, value: object, budget: Budget) -> object:
    if value is None:
        return None
    return {pair["value"]: _visit(pair, value, budget) for pair in node["children"]}


def _or(node: Node, value: object, budget: Budget) -> object:
    left, right = node["children"]
    found = _visit(left, value, budget)
    return _visit(right, value, budget) if is_false(found) else found


def _and(node: Node, value: object, budget: Budget) -> object:
    left, right = node["children"]
    found = _visit(left, value, budget)
    return found if is_false(found) else _visit(right, value, budget)


def _not(node: Node, value: object, budget: Budget) -> object:
    return is_false(_visit(node["children"][0], value, budget))


def _comparator(node: Node, value: object, budget: Budget) -> object:
    left, right = (_visit(child, value, budget) for child in node["children"])
    compare = _ORDERINGS.get(node["value"])
    if compare is None:
        return equal(left, right, budget) is (node["value"] == "eq")
    return compare(left, right) if is_number(left) and is_number(right) else None


def _expression(node: Node, _: object, budget: Budget) -> object:
    inner = node["children"][0]
    return Expression(lambda entry: _visit(inner, entry, budget))


def _function(node: Node, value: object, budget: Budget) -> object:
    arguments = [_visit(child, value, budget) for child in node["children"]]
    try:
        return call_function(node["value"], arguments, budget)
    except ExpressionError as error:
        # The place is that of the innermost function that failed.
        if (error.offset, error.length) == (0, 1):
            error.offset, error.length = node["offset"], node["length"]
        raise


_ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}

_VISITS: dict[str, Callable[[Node, object, Budget], object]] = {
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
