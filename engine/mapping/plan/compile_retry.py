"""The compiler of the retry rules; durations become seconds."""

from __future__ import annotations

from ..files.nodes import ListNode, MapNode, Node, Scalar, as_data, entries_of
from .plan import RetryRule

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def parse_duration(duration: str) -> int:
    """Return `90s`, `15m`, `24h` or `3d` in seconds; the form was checked before."""
    return int(duration[:-1]) * _SECONDS[duration[-1]]


def list_rule_names(node: Node | None) -> frozenset[str]:
    """Return the names of the retry rules."""
    return frozenset(node.keys()) if isinstance(node, MapNode) else frozenset()


def compile_retry(node: Node | None) -> dict[str, RetryRule]:
    """Compile the retry rules by name."""
    entries = entries_of(node)
    return {
        entry.name: _compile_rule(entry.name, entry.value)
        for entry in entries
        if isinstance(entry.value, MapNode)
    }


def _compile_rule(name: str, block: MapNode) -> RetryRule:
    limit = block.get("for")
    respond = block.get("respond")
    return RetryRule(
        name=name,
        on=tuple(str(item) for item in _read_list(block.get("on"))),
        respond=respond.value
        if isinstance(respond, Scalar) and isinstance(respond.value, int)
        else 200,
        wait=tuple(parse_duration(str(item)) for item in _read_list(block.get("wait"))),
        limit=parse_duration(str(limit.value)) if isinstance(limit, Scalar) else None,
        then="park",
    )


def _read_list(node: Node | None) -> list[object]:
    data = as_data(node) if isinstance(node, ListNode) else []
    return list(data) if isinstance(data, list) else []
