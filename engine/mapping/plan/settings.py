"""A tenant's settings, checked against the settings that its mappings declare."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from ...findings.diagnostics import Place
from ...findings.errors import ExpressionError
from ...findings.quote import quoted, shortened, suggest
from ...language.types import convert_value
from ..files.nodes import Entry, MapNode, Node, Scalar, as_data, entries_of
from ..files.tenant import Tenant
from .expressions import Expressions

# Settings that the service itself reads: they are of this type, whatever a mapping declares.
_RUNTIME_TYPES = {"timezone": "timezone"}


def compile_settings(
    declared: Node | None, tenant: Tenant, expressions: Expressions
) -> dict[str, object]:
    """Return every declared setting's value: the tenant's, else the default, else null if optional."""
    entries = entries_of(declared)
    return {entry.name: _compile_setting(entry, tenant, expressions) for entry in entries}


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


def _compile_setting(entry: Entry, tenant: Tenant, expressions: Expressions) -> object:
    block, given = entry.value, tenant.settings
    assert isinstance(block, MapNode)
    node = given.get(entry.name) if given is not None else None
    if node is None or _is_null(node):
        node = block.get("default")
    if node is None:
        optional = block.get("optional")
        if not (isinstance(optional, Scalar) and optional.value is True):
            place = given.place if given is not None else tenant.node.place
            message = f"the setting {quoted(entry.name)} is missing"
            hint = f"set it in tenant.yaml under `settings:`{_summary(block)}"
            related = ((entry.key.place, "it is declared here"),)
            expressions.report("E0214", message, place, hint, related=related)
        return None
    expressions.settings[entry.name] = node.place
    _check_has_type(entry, node, expressions)
    return _convert_setting(entry.name, node, block, expressions)


def _check_has_type(entry: Entry, given: Node, expressions: Expressions) -> None:
    """Warn of a number for a setting without a type: it is sent as a number, where most ids are texts."""
    is_number = isinstance(as_data(given), int | Decimal) and not isinstance(as_data(given), bool)
    is_silent = isinstance(entry.value, MapNode) and entry.value.get("type") is None
    if is_number and is_silent and not expressions.is_accepted:
        message = f"the setting {quoted(entry.name)} is a number and has no type: it stays a number in payloads"
        hint = "declare its `type`: id for an id, or integer, decimal or money"
        related = ((given.place, "its value is here"),)
        expressions.report("W0250", message, entry.key.place, hint, related=related)


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
        at = kind.place if isinstance(kind, Scalar) else block.place
        _report_value(error.code, message, hint, (node.place, at), expressions)
        return None


def _report_value(
    code: str, message: str, hint: str | None, places: tuple[Place, Place], expressions: Expressions
) -> None:
    """Report a value that does not fit its type; `places` are those of both.

    A default of an earlier file whose type an overlay changed is blamed on the overlay.
    """
    value, kind = places
    if expressions.changes.is_later(kind, value):
        related = ((value, "the default is here"),)
        expressions.report(code, message, kind, hint, related=related)
    else:
        related = ((kind, "it is declared here"),)
        expressions.report(code, message, value, hint, related=related)


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


def _summary(block: MapNode) -> str:
    summary = block.get("summary")
    return f"; it is {summary.value}" if isinstance(summary, Scalar) else ""
