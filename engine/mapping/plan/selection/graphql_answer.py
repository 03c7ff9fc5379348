"""Answers to GraphQL queries: whether they are whole, and their money made exact. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from ....documents import is_numeric
from ....documents.exact import Number, fits
from ....documents.numbers import parse_number
from ....findings.errors import ExpressionError
from ....findings.quote import quoted
from ....language.types import describe_value
from .selection_tree import Selection

_STEP = re.compile(r"[A-Za-z_]\w{0,60}|[0-9]{1,6}", re.ASCII)


def read_response(document: object, selection: Selection) -> object:
    """The `data` of a GraphQL answer, its money exact.

    An answer with any error is no success, whatever else it holds. Raise
    ExpressionError: E1005 the answer holds errors, E1006 it holds no data,
    E0510 an amount that is no number.
    """
    if not isinstance(document, Mapping):
        raise ExpressionError(
            "E1006",
            "the answer is not a GraphQL answer",
            hint='it is a map with the key data: {"data": …}',
        )
    problems = document.get("errors")
    if problems:
        raise _answered_with(problems)
    data = document.get("data")
    if not isinstance(data, Mapping):
        raise ExpressionError(
            "E1006", "the answer has no data", hint='a GraphQL answer is {"data": …}'
        )
    return exact_money(data, selection)


def exact_money(document: object, selection: Selection) -> object:
    """A copy of the answer's data in which every amount of money is int or Decimal.

    Amounts come as text or as number. What is not selected stays as it is, and
    so does null. Raise ExpressionError (E0510) naming the first amount that is
    no number, and how many more there are.
    """
    doubts: list[object] = []
    exact = _exact(document, selection, selection.lists, doubts)
    if doubts:
        raise _no_amounts(document, selection)
    return exact


def find_truncated(document: object, selection: Selection) -> tuple[str, ...]:
    """The paths of the connections that were cut short, e.g. `order.items`.

    Known from `pageInfo { hasNextPage }`, where the query asks for it: only a clear no counts as one.
    """
    return tuple(
        path.rpartition(".")[0].rpartition(".")[0]
        for path, value, inner in _walk(
            document, selection, selection.lists, "", leaf="hasNextPage"
        )
        if inner.name == "hasNextPage" and value is not False
    )


def _exact(value: object, selection: Selection, lists: int, doubts: list[object]) -> object:
    """The value with its money exact; `doubts` takes what is no amount."""
    if lists and isinstance(value, list):
        return [_exact(entry, selection, lists - 1, doubts) for entry in value]
    if selection.is_money:
        amount = _amount(value)
        if amount is None and value is not None:
            doubts.append(value)
        return amount
    if not selection.children or not isinstance(value, Mapping):
        return value
    exact = dict(value)
    for name in selection.children.keys() & exact.keys():
        child = selection.children[name]
        exact[name] = _exact(exact[name], child, child.lists, doubts)
    return exact


def _amount(value: object) -> Number | None:
    """The exact amount; None for null and for what is no amount."""
    if isinstance(value, str):
        return parse_number(value) if is_numeric(value) else None
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return value if fits(value) else None
    return None


def _walk(
    value: object, selection: Selection, lists: int, path: str, *, leaf: str | None = None
) -> Iterator[tuple[str, object, Selection]]:
    """Everything selected that the answer holds, with its path.

    With `leaf`, values that hold no others are left out unless they are of that name: most of an
    answer are such values, and a walk over it is taken for every order.
    """
    if lists and isinstance(value, list):
        for index, entry in enumerate(value):
            yield from _walk(entry, selection, lists - 1, f"{path}[{index}]", leaf=leaf)
        return
    yield path, value, selection
    if selection.name == "pageInfo" and not isinstance(value, Mapping):
        value = {}
    if isinstance(value, Mapping):
        for name, child in selection.children.items():
            if leaf is not None and not child.children and child.name != leaf:
                continue
            if name in value or child.name in ("pageInfo", "hasNextPage"):
                inner = f"{path}.{name}" if path else name
                yield from _walk(value.get(name), child, child.lists, inner, leaf=leaf)


def _no_amounts(document: object, selection: Selection) -> ExpressionError:
    (path, value), *others = (
        (path, value)
        for path, value, inner in _walk(document, selection, selection.lists, "")
        if inner.is_money and value is not None and _amount(value) is None
    )
    more = f", and {len(others):,} more like it" if others else ""
    return ExpressionError(
        "E0510",
        f"{path} is {describe_value(value)}, not an amount{more}",
        hint="an amount is a number, or a text such as 1234.50",
    )


def _answered_with(problems: object) -> ExpressionError:
    (first, *others) = problems if isinstance(problems, list) else [problems]
    # What the server says may quote a customer's data; where it failed is what the query asks for.
    where = first.get("path") if isinstance(first, Mapping) else None
    at = f" at {_dotted(where)}" if isinstance(where, list) else ""
    more = f", and {len(others):,} more" if others else ""
    return ExpressionError(
        "E1005",
        f"the answer reports an error{at}{more}",
        hint="an answer with errors is not used, even where it holds data",
    )


def _dotted(path: list[object]) -> str:
    steps = [str(step) for step in path[:20] if isinstance(step, str | int)]
    return quoted(".".join(step if _STEP.fullmatch(step) else "…" for step in steps))
