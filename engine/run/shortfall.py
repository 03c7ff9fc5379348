"""What a condition that does not hold yet has found: `found 0.00, >= 62.94 is needed`. Pure."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from ..documents.exact import Number, is_number
from ..findings.errors import ErpmapError
from ..language.budget import Budget
from ..language.paths import Node, Path, evaluate_path
from .envelope import is_true

_SIGNS = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
# Numbers with more digits than any amount has are not told.
_LONGEST = 40


def shortfall(path: Path, root: object) -> str | None:
    """The two numbers whose comparison keeps a path from holding; None where it is something else.

    Of alternatives (`||`) the last one is told: before it stand the exceptions. The path has been
    evaluated before over the same `root`, so this costs an order as much again at most.
    """
    try:
        return _told(path, path.tree, root)
    except ErpmapError:
        return None


def _told(path: Path, node: Node, root: object) -> str | None:
    kind = node["type"]
    if kind == "or_expression":
        return _told(path, node["children"][1], root)
    if kind == "and_expression":
        left, right = node["children"]
        return _told(path, right if is_true(_value(path, left, root)) else left, root)
    if kind != "comparator" or node["value"] not in _SIGNS:
        return None
    found, needed = (_value(path, child, root) for child in node["children"])
    if not (is_number(found) and is_number(needed)):
        return None
    places = max(_places(found), _places(needed))  # type: ignore[arg-type] # is_number says so
    shown = [f"{Decimal(number):.{places}f}" for number in (found, needed)]  # type: ignore[arg-type] # numbers, as above
    if max(map(len, shown)) > _LONGEST:
        return None
    return f"found {shown[0]}, {_SIGNS[node['value']]} {shown[1]} is needed"


def _places(number: Number) -> int:
    """The decimals of a number."""
    return 0 if isinstance(number, int) else max(0, -int(number.as_tuple().exponent))


def _value(path: Path, node: Node, root: object) -> object:
    return evaluate_path(replace(path, tree=node), root, Budget())
