"""The compiler of the inputs of an order: `on`, `sources` and `ready`."""

from __future__ import annotations

from ...findings.errors import ExpressionError
from ...findings.quote import quoted, suggest
from ..files.nodes import Entry, MapNode, Node, Scalar, entries_of
from .expressions import Expressions, MissingName
from .plan import Condition, PathAt, Source, TemplateAt, Trigger
from .selection import (
    Selection,
    check_page_sizes,
    check_query,
    read_query,
)

ALWAYS = ("event", "tenant", "settings")
Roots = list[str]


def compile_trigger(node: Node | None, expressions: Expressions) -> Trigger:
    """Compile which events a mapping accepts; without `on.event` none."""
    block = node if isinstance(node, MapNode) else None
    event = block.get("event") if block else None
    return Trigger(
        str(event.value) if isinstance(event, Scalar) else "",
        expressions.path(block.get("when"), _EVENT) if block else None,
        expressions.path(block.get("identity"), _EVENT) if block else None,
    )


def compile_sources(
    node: Node | None, expressions: Expressions, rules: frozenset[str]
) -> tuple[tuple[Source, ...], Roots]:
    """Compile the sources in order; return them, and every root that paths may begin with."""
    roots: Roots = list(ALWAYS)
    sources = []
    for entry in entries_of(node):
        if entry.name in roots:
            message = f"a source cannot be called {quoted(entry.name)}"
            expressions.report("E0219", message, entry.key.place, "choose another name")
        source = _compile_source(entry, expressions, roots, rules)
        roots.append(entry.name)
        sources.append(source)
    return tuple(sources), roots


def compile_ready(
    node: Node | None, expressions: Expressions, roots: Roots, rules: frozenset[str]
) -> tuple[Condition, ...]:
    """Compile the conditions to wait for."""
    conditions = []
    for entry in entries_of(node):
        block = entry.value
        assert isinstance(block, MapNode)
        check = expressions.path(block.get("check"), roots)
        rule = _check_rule_name(block.get("otherwise"), expressions, rules) or "not_ready"
        if check is not None:
            conditions.append(Condition(entry.name, check, rule))
    return tuple(conditions)


def _compile_source(
    entry: Entry, expressions: Expressions, roots: Roots, rules: frozenset[str]
) -> Source:
    block = entry.value
    assert isinstance(block, MapNode)
    graphql, rest = block.get("graphql"), block.get("rest")
    if (graphql is None) == (rest is None):
        message = f"source {quoted(entry.name)} needs exactly one of `graphql` and `rest`"
        hint = "use `graphql` for a query, `rest` for a path"
        expressions.report("E0206", message, entry.key.place, hint)
    selection = _compile_query(graphql, expressions)
    return Source(
        name=entry.name,
        at=entry.key,
        graphql=str(graphql.value) if isinstance(graphql, Scalar) else None,
        query_at=graphql if isinstance(graphql, Scalar) else None,
        selection=selection,
        rest=_compile_rest(rest, expressions, roots),
        variables=_compile_variables(block.get("variables"), expressions, roots),
        select=expressions.path(block.get("select"), None),
        when=expressions.path(block.get("when"), roots),
        absent=_check_rule_name(block.get("absent"), expressions, rules),
    )


def _compile_query(graphql: Node | None, expressions: Expressions) -> Selection | None:
    """Return the query's shape, checked against NewStore's types, if they can be read."""
    schemas = expressions.parsed.schemas
    if not isinstance(graphql, Scalar) or schemas.has_broken_newstore:
        return None
    query = str(graphql.value)
    errors = list(check_query(query, schemas.newstore))
    selection = None
    if not errors:
        try:
            selection = read_query(query, schemas.newstore)
        except ExpressionError as error:
            errors.append(error)
    for mistake in errors:
        expressions.report_error(mistake, graphql)
    if selection is not None:
        expressions.queries.append((graphql, selection))
        expressions.findings += check_page_sizes(selection, graphql.place_at)
    return selection


def _compile_rest(node: Node | None, expressions: Expressions, roots: Roots) -> TemplateAt | None:
    template = expressions.template(node, roots)
    if template is not None and not str(template.at.value).startswith("/"):
        message = "a REST path starts with a slash; the host comes from the tenant"
        hint = 'as in `"/v0/c/payments/accounts/{{ event.payload.id }}"`'
        expressions.report("E0205", message, template.at.place, hint)
    return template


def _compile_variables(
    node: Node | None, expressions: Expressions, roots: Roots
) -> tuple[tuple[str, PathAt], ...]:
    entries = entries_of(node)
    paths = ((entry.name, expressions.path(entry.value, roots)) for entry in entries)
    return tuple((name, path) for name, path in paths if path is not None)


def _check_rule_name(
    node: Node | None, expressions: Expressions, rules: frozenset[str]
) -> str | None:
    """Return the name of a retry rule, and check that the rule exists."""
    if not isinstance(node, Scalar):
        return None
    name = str(node.value)
    if name not in rules:
        suggestion = suggest(name, rules, otherwise="declare it under `retry:`")
        what = f"retry rule {quoted(name)}"
        missing = MissingName(role="retry rule", code="E0209", what=what, suggestion=suggestion)
        expressions.report_undefined(missing, node.place, ("retry", name))
    return name


_EVENT: Roots = ["event"]
