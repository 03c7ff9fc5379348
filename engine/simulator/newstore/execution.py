"""The execution of one GraphQL call: parsed, validated against the types, executed. No HTTP here.

All work is limited before it is done: characters, tokens, nesting levels, and fields read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import accumulate
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLResolveInfo,
    execute,
    get_named_type,
    parse,
    validate,
)
from graphql.execution import ExecutionResult

from ...documents import format_as_written, is_numeric
from .connections import build_page
from .lag import read_stored
from .moments import format_datetime
from .nodes import Node, build_root, find_child, list_entries, list_orders, read_scalar
from .schema import CONNECTION, find_node_type, load_schema
from .shop import SimulatedShop

MAX_CHARACTERS = 100_000
MAX_TOKENS = 4_000
MAX_LEVELS = 30
MAX_FIELDS = 100_000
_MAX_ERRORS = 20
_PIECE = re.compile(r'"""(?:\\"""|[^"]|"(?!""))*"""|"(?:\\.|[^"\\\n])*"|#[^\n]*|[{}()\[\]]')
_STEP = {"{": 1, "(": 1, "[": 1, "}": -1, ")": -1, "]": -1}

GraphqlResult = dict[str, Any]


@dataclass(slots=True)
class _Work:
    """One call in progress: the shop it reads, the form of its datetimes, and the fields read so far."""

    shop: SimulatedShop
    zoned: bool
    fields: int = 0

    def spend(self, fields: int = 1) -> None:
        """Count fields. Raise GraphQLError when there are too many."""
        self.fields += fields
        if self.fields > MAX_FIELDS:
            raise GraphQLError(_TOO_LARGE)


_TOO_LARGE = "the query is too large"


@dataclass(frozen=True, slots=True)
class GraphqlCall:
    """A client's query, its variables, and the name of the operation; `zoned` adds `Z` to datetimes."""

    query: str
    variables: Mapping[str, object]
    operation: str | None
    zoned: bool


def execute_call(shop: SimulatedShop, request: GraphqlCall) -> GraphqlResult:
    """Return GraphQL's result as JSON data: `data`, `errors` or both."""
    try:
        document, errors = _validate(request.query)
    except RecursionError:
        document, errors = None, [GraphQLError(_TOO_LARGE)]
    if document is None or errors:
        return {"errors": [error.formatted for error in errors]}
    work = _Work(shop, request.zoned)
    result = execute(
        load_schema(),
        document,
        context_value=work,
        variable_values=dict(request.variables),
        operation_name=request.operation,
        field_resolver=_resolve,
    )
    assert isinstance(result, ExecutionResult)
    if work.fields > MAX_FIELDS:
        return {"errors": [{"message": _TOO_LARGE}]}
    return dict(result.formatted)


@lru_cache(maxsize=64)
def _validate(query: str) -> tuple[DocumentNode | None, list[GraphQLError]]:
    if len(query) > MAX_CHARACTERS or _count_levels(query) > MAX_LEVELS:
        return None, [GraphQLError(_TOO_LARGE)]
    try:
        document = parse(query, max_tokens=MAX_TOKENS)
    except GraphQLError as error:
        return None, [error]
    return document, validate(load_schema(), document, max_errors=_MAX_ERRORS)


def _count_levels(query: str) -> int:
    steps = (_STEP.get(piece, 0) for piece in _PIECE.findall(query))
    return max(accumulate(steps), default=0)


def _resolve(source: object, info: GraphQLResolveInfo[_Work], **arguments: object) -> object:
    """Return the value of any field of any type."""
    work = info.context
    work.spend()
    name, kind = info.field_name, get_named_type(info.return_type)
    if isinstance(source, Mapping):
        return source[name]
    if not isinstance(source, Node):
        return _ROOTS[name](work, arguments)
    if not source.path and (words := work.shop.failing.get((source.root, name))):
        raise GraphQLError(words)
    if kind.name.endswith(CONNECTION):
        return _build_page(
            work, list_entries(work.shop, source, name, find_node_type(kind.name)), arguments
        )
    if isinstance(kind, GraphQLObjectType):
        return find_child(work.shop, source, name, kind.name)
    return _format_scalar(work, kind.name, read_scalar(work.shop, source, name))


def _build_page(
    work: _Work, nodes: list[Node], arguments: Mapping[str, object]
) -> dict[str, object]:
    work.spend(len(nodes))

    def read(node: Node, name: str) -> object:
        work.spend()
        return read_scalar(work.shop, node, name)

    return build_page(nodes, arguments, read, cap=work.shop.settings.page_cap)


def _format_scalar(work: _Work, kind: str, value: object) -> object:
    if kind == "Datetime":
        return format_datetime(value, zoned=work.zoned)
    if kind == "BigFloat":
        return _MONEY[work.shop.settings.money_as](value)
    return value


def _as_text(value: object) -> object:
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return format_as_written(value) if is_number else value  # type: ignore[arg-type] # is_number checked it


def _as_number(value: object) -> object:
    return Decimal(value) if isinstance(value, str) and is_numeric(value) else value


_MONEY: dict[str, Callable[[object], object]] = {
    "text": _as_text,
    "number": _as_number,
    "stored": lambda value: value,
}


def _find_order(work: _Work, arguments: Mapping[str, object]) -> Node | None:
    if arguments["tenant"] != work.shop.tenant:
        return None
    key = str(arguments["id"])
    return build_root("Order", read_stored(work.shop, work.shop.orders.get(key)), key)


def _find_return(work: _Work, arguments: Mapping[str, object]) -> Node | None:
    if arguments["tenant"] != work.shop.tenant:
        return None
    key = str(arguments["id"])
    return build_root("Return", read_stored(work.shop, work.shop.returns.get(key)), key)


def _find_fulfillment(work: _Work, arguments: Mapping[str, object]) -> Node | None:
    if arguments["tenant"] != work.shop.tenant:
        return None
    requests = _list_entries_of_all(work, "fulfillmentRequests", "FulfillmentRequest")
    matches = (node for node in requests if read_scalar(work.shop, node, "id") == arguments["id"])
    return next(matches, None)


def _list_entries_of_all(work: _Work, name: str, kind: str) -> list[Node]:
    """Return the entries of a connection, over all orders."""
    orders = list_orders(work.shop)
    return [entry for order in orders for entry in list_entries(work.shop, order, name, kind)]


_ROOTS: dict[str, Callable[[_Work, Mapping[str, object]], object]] = {
    "order": _find_order,
    "return": _find_return,
    "fulfillmentRequest": _find_fulfillment,
    "orders": lambda work, arguments: _build_page(work, list_orders(work.shop), arguments),
    "orderItems": lambda work, arguments: _build_page(
        work, _list_entries_of_all(work, "items", "OrderItem"), arguments
    ),
}
