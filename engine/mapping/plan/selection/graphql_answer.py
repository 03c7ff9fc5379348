"""Answers to GraphQL queries: checked for errors and truncation, with exact money. Pure."""

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
    """Return the `data` of a GraphQL answer with exact money.

    An answer with any error is a failure, even if it holds data. Raise
    ExpressionError: E1005 the answer holds errors, E1006 it holds no data,
    E0510 an amount that is not a number.
    """
    if not isinstance(document, Mapping):
        raise ExpressionError(
            "E1006",
            "the answer is not a GraphQL answer",
            hint='it is a map with the key data: {"data": …}',
        )
    problems = document.get("errors")
    if problems:
        raise _answer_error(problems)
    data = document.get("data")
    if not isinstance(data, Mapping):
        raise ExpressionError(
            "E1006", "the answer has no data", hint='a GraphQL answer is {"data": …}'
        )
    return exact_money(data, selection)


def exact_money(document: object, selection: Selection) -> object:
    """Return a copy of the answer's data in which every amount of money is int or Decimal.

    Amounts come as text or as number. Null and everything that is not selected
    stay unchanged. Raise ExpressionError (E0510) that names the first amount that
    is not a number, and the number of others.
    """
    doubts: list[object] = []
    exact = _make_exact(document, selection, selection.lists, doubts)
    if doubts:
        raise _amounts_error(document, selection)
    return exact


def find_truncated(document: object, selection: Selection) -> tuple[str, ...]:
    """Return the paths of the truncated connections, e.g. `order.items`.

    Read from `pageInfo { hasNextPage }`, where the query selects it: any value except false counts
    as truncated.
    """
    return tuple(
        path.rpartition(".")[0].rpartition(".")[0]
        for path, value, inner in _walk(
            document, selection, selection.lists, "", leaf="hasNextPage"
        )
        if inner.name == "hasNextPage" and value is not False
    )


def _make_exact(value: object, selection: Selection, lists: int, doubts: list[object]) -> object:
    """Return the value with exact money; `doubts` receives the values that are not amounts."""
    if lists and isinstance(value, list):
        return [_make_exact(entry, selection, lists - 1, doubts) for entry in value]
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
        exact[name] = _make_exact(exact[name], child, child.lists, doubts)
    return exact


def _amount(value: object) -> Number | None:
    """Return the exact amount; None for null and for anything that is not an amount."""
    if isinstance(value, str):
        return parse_number(value) if is_numeric(value) else None
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return value if fits(value) else None
    return None


def _walk(
    value: object, selection: Selection, lists: int, path: str, *, leaf: str | None = None
) -> Iterator[tuple[str, object, Selection]]:
    """Yield every selected value that the answer holds, with its path.

    With `leaf`, a value without children is skipped unless it has that name: most values of an
    answer have no children, and every order's answer is walked.
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


def _amounts_error(document: object, selection: Selection) -> ExpressionError:
    (path, value), *rest = (
        (path, value)
        for path, value, inner in _walk(document, selection, selection.lists, "")
        if inner.is_money and value is not None and _amount(value) is None
    )
    more = f", and {len(rest):,} more like it" if rest else ""
    return ExpressionError(
        "E0510",
        f"{path} is {describe_value(value)}, not an amount{more}",
        hint="an amount is a number, or a text such as 1234.50",
    )


def _answer_error(problems: object) -> ExpressionError:
    (first, *rest) = problems if isinstance(problems, list) else [problems]
    # The server's message may quote a customer's data; the path holds only names of the query.
    where = first.get("path") if isinstance(first, Mapping) else None
    at = f" at {_dotted(where)}" if isinstance(where, list) else ""
    more = f", and {len(rest):,} more" if rest else ""
    return ExpressionError(
        "E1005",
        f"the answer reports an error{at}{more}",
        hint="an answer with errors is not used, even where it holds data",
    )


def _dotted(path: list[object]) -> str:
    steps = [str(step) for step in path[:20] if isinstance(step, str | int)]
    return quoted(".".join(step if _STEP.fullmatch(step) else "…" for step in steps))
