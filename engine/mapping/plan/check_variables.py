"""The check of a source's variables against those that its query declares."""

from __future__ import annotations

from ...findings.quote import did_you_mean, quoted
from ..files.nodes import Entry, MapNode, Node, entries_of
from .expressions import Expressions
from .plan import Plan, Source
from .selection import list_variables


def check_variables(node: Node | None, plan: Plan, expressions: Expressions) -> None:
    """Report variables that are missing or that the query does not declare (E0247), or that none reads (E0206)."""
    entries = {entry.name: entry for entry in entries_of(node)}
    for source in plan.sources:
        entry = entries.get(source.name)
        if entry is not None and isinstance(entry.value, MapNode):
            _check_source(source, entry, entry.value, expressions)


def _check_source(source: Source, entry: Entry, block: MapNode, expressions: Expressions) -> None:
    given = block.get("variables")
    if source.rest is not None and given is not None:
        message = f"source {quoted(entry.name)} has `variables` beside `rest`, which reads none"
        hint = "write the value into the path: `{{ event.payload.id }}`"
        expressions.report("E0206", message, given.place, hint)
    if source.selection is None or source.graphql is None:
        return
    declared = list_variables(source.graphql)
    for variable in entries_of(given):
        if variable.name not in declared:
            message = f"the query declares no variable ${variable.name}"
            listed = ", ".join(f"${name}" for name in declared) or "none"
            near = did_you_mean(variable.name, declared, otherwise=f"it declares {listed}")
            expressions.report("E0247", message, variable.key.place, near)
    names = {variable.name for variable in entries_of(given)}
    for name, is_required in declared.items():
        if is_required and name not in names:
            message = f"the variable ${name}, which the query requires, has no value"
            place = entry.key.place if given is None else given.place
            hint = f"as in `variables: {{{name}: event.payload.id}}`"
            expressions.report("E0247", message, place, hint)
