"""Connections: entries filtered, sorted and cut into pages, with cursors. Pure.

Arguments and fields are PostGraphile's, the dialect that NewStore was seen to use. As there, `last`
cannot be combined with `first` or `offset`.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from graphql import GraphQLError

from .filters import matches_conditions
from .moments import format_sortable
from .nodes import Node
from .stored_documents import PartialList

Read = Callable[[Node, str], object]
Arguments = Mapping[str, object]


def build_page(
    nodes: list[Node], arguments: Arguments, read: Read, *, cap: int | None
) -> dict[str, object]:
    """Return one page of a connection. Raise GraphQLError for arguments that cannot be combined."""
    conditions = arguments.get("filter")
    chosen = nodes
    if isinstance(conditions, Mapping):
        chosen = [node for node in nodes if matches_conditions(conditions, partial(read, node))]
    chosen = _sort(chosen, arguments.get("orderBy"), read)
    start, end = _compute_window(len(chosen), arguments, cap)
    shown = chosen[start:end]
    edges = [
        {"cursor": encode_cursor(start + at + 1), "node": node} for at, node in enumerate(shown)
    ]
    more = end < len(chosen) or isinstance(nodes, PartialList)
    return {
        "edges": edges,
        "nodes": shown,
        "totalCount": len(chosen) + isinstance(nodes, PartialList),
        "pageInfo": {
            "hasNextPage": more,
            "hasPreviousPage": start > 0,
            "startCursor": edges[0]["cursor"] if edges else None,
            "endCursor": edges[-1]["cursor"] if edges else None,
        },
    }


def encode_cursor(position: int) -> str:
    """Return the opaque cursor of an entry: its position, counted from 1."""
    text = json.dumps(["natural", position], separators=(",", ":"))
    return base64.b64encode(text.encode()).decode()


def _decode_cursor(text: object) -> int:
    try:
        word, position = json.loads(base64.b64decode(str(text), validate=True))
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise GraphQLError("Invalid cursor") from error
    if word != "natural" or type(position) is not int or not 0 < position < 1_000_000_000:
        raise GraphQLError("Invalid cursor")
    return position


def _compute_window(total: int, arguments: Arguments, cap: int | None) -> tuple[int, int]:
    """Return the page's first position, from 0, and the position after its last."""
    first, last, offset = (_read_count(arguments, name) for name in ("first", "last", "offset"))
    if last is not None and (first is not None or offset is not None):
        argument = "first" if first is not None else "offset"
        raise GraphQLError(f"{argument} and last cannot be used together")
    start, end = 0, total
    if arguments.get("after") is not None:
        start = min(total, _decode_cursor(arguments["after"]))
    if arguments.get("before") is not None:
        end = max(start, min(total, _decode_cursor(arguments["before"]) - 1))
    start = min(end, start + (offset or 0))
    if last is not None:
        return max(start, end - last), end
    most = first if first is not None else cap
    return start, end if most is None else min(end, start + most)


def _read_count(arguments: Arguments, name: str) -> int | None:
    value = arguments.get(name)
    if value is None:
        return None
    assert isinstance(value, int)
    if value < 0:
        raise GraphQLError(f"{name} must not be negative")
    return value


def _sort(nodes: list[Node], orders: object, read: Read) -> list[Node]:
    """Return the entries sorted by each `orderBy`, the first one foremost; nulls sort as the largest."""
    chosen = list(nodes)
    for order in reversed(orders if isinstance(orders, Sequence) else ()):
        name, _, direction = str(order).rpartition("_")
        if name:
            field = "id" if name == "PRIMARY_KEY" else _to_camel_case(name)
            chosen.sort(key=lambda node: _sort_key(read(node, field)), reverse=direction == "DESC")
    return chosen


def _to_camel_case(name: str) -> str:
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), name.lower())


def _sort_key(value: object) -> tuple[bool, int, str]:
    if isinstance(value, int):
        return (False, value, "")
    return (value is None, 0, format_sortable(value) or str(value))
