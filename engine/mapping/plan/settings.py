"""A tenant's settings, checked against the settings that its mappings declare."""

from __future__ import annotations

from collections.abc import Collection

from ...findings.errors import ExpressionError
from ...findings.quote import quoted, shortened, suggest
from ...language.types import convert_value
from ..files.nodes import Entry, MapNode, Node, Scalar, as_data, entries_of
from .expressions import Expressions

# Settings that the service itself reads: they are of this type, whatever a mapping declares.
_RUNTIME_TYPES = {"timezone": "timezone"}


def compile_settings(
    declared: Node | None, given: MapNode | None, expressions: Expressions
) -> dict[str, object]:
    """Return every declared setting's value: the tenant's, else the default, else null if optional."""
    entries = entries_of(declared)
    return {entry.name: _compile_setting(entry, given, expressions) for entry in entries}


def check_unknown_settings(
    given: MapNode | None, declared: Collection[str], expressions: Expressions
) -> None:
    """Report settings that no mapping of the tenant declares."""
    for entry in given.entries if given is not None else ():
        if entry.name not in declared:
            message = f"no mapping of this tenant declares the setting {quoted(entry.name)}"
            known = shortened(", ".join(sorted(declared)), 200)
            otherwise = f"they declare: {known}" if known else "delete it"
            suggestion = suggest(entry.name, declared, otherwise=otherwise)
            expressions.report_word("E0213", message, entry.key.place, suggestion)


def _compile_setting(entry: Entry, given: MapNode | None, expressions: Expressions) -> object:
    block = entry.value
    assert isinstance(block, MapNode)
    node = given.get(entry.name) if given is not None else None
    if node is None or _is_null(node):
        node = block.get("default")
    if node is None:
        optional = block.get("optional")
        if not (isinstance(optional, Scalar) and optional.value is True):
            place = given.place if given is not None else entry.key.place
            message = f"the setting {quoted(entry.name)} is missing"
            hint = f"set it in tenant.yaml under `settings:`{_summary(block)}"
            expressions.report("E0214", message, place, hint)
        return None
    return _convert_setting(entry.name, node, block, expressions)


def _convert_setting(name: str, node: Node, block: MapNode, expressions: Expressions) -> object:
    kind = block.get("type")
    value = as_data(node)
    if not isinstance(kind, Scalar) and name not in _RUNTIME_TYPES:
        return value
    try:
        if name in _RUNTIME_TYPES and value is not None:
            convert_value(value, _RUNTIME_TYPES[name])
        return convert_value(value, str(kind.value)) if isinstance(kind, Scalar) else value
    except ExpressionError as error:
        message = f"the setting {quoted(name)}: {error.message}"
        is_list = isinstance(kind, Scalar) and kind.value == "list"
        hint = f"write [{value}]" if is_list else error.hint
        expressions.report(error.code, message, node.place, hint)
        return None


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


def _summary(block: MapNode) -> str:
    summary = block.get("summary")
    return f"; it is {summary.value}" if isinstance(summary, Scalar) else ""
