"""Compiling what an order starts from: `on`, `sources` and `ready`."""

from __future__ import annotations

from ..errors import ExpressionError
from ..spec.nodes import Entry, MapNode, Node, Scalar
from .expressions import Expressions, did_you_mean
from .plan import Condition, PathAt, Source, TemplateAt, Trigger
from .selection import Selection, read_query

ALWAYS = ("event", "tenant", "settings")


def compile_trigger(node: Node | None, expressions: Expressions) -> Trigger:
    """The events a mapping wants; without `on.event` none at all."""
    block = node if isinstance(node, MapNode) else None
    event = block.get("event") if block else None
    return Trigger(
        str(event.value) if isinstance(event, Scalar) else "",
        expressions.path(block.get("when"), ("event",)) if block else None,
        expressions.path(block.get("identity"), ("event",)) if block else None,
    )


def compile_sources(
    node: Node | None, expressions: Expressions, rules: frozenset[str]
) -> tuple[tuple[Source, ...], dict[str, Selection | None]]:
    """The sources in order, and every root's shape where a query tells it."""
    roots: dict[str, Selection | None] = dict.fromkeys(ALWAYS)
    sources = []
    for entry in node.entries if isinstance(node, MapNode) else ():
        if entry.name in roots:
            message = f"a source cannot be called {entry.name!r}"
            expressions.complain("E0219", message, entry.key.place, "choose another name")
        source = _source(entry, expressions, tuple(roots), rules)
        roots[entry.name] = source.selection
        sources.append(source)
    return tuple(sources), roots


def compile_ready(
    node: Node | None, expressions: Expressions, roots: tuple[str, ...], rules: frozenset[str]
) -> tuple[Condition, ...]:
    """The conditions to wait for."""
    conditions = []
    for entry in node.entries if isinstance(node, MapNode) else ():
        block = entry.value
        assert isinstance(block, MapNode)
        check = expressions.path(block.get("check"), roots)
        rule = _rule(block.get("otherwise"), expressions, rules) or "not_ready"
        if check is not None:
            conditions.append(Condition(entry.name, check, rule))
    return tuple(conditions)


def _source(
    entry: Entry, expressions: Expressions, roots: tuple[str, ...], rules: frozenset[str]
) -> Source:
    block = entry.value
    assert isinstance(block, MapNode)
    graphql, rest = block.get("graphql"), block.get("rest")
    if (graphql is None) == (rest is None):
        message = f"source {entry.name!r} needs exactly one of `graphql` and `rest`"
        expressions.complain("E0206", message, entry.key.place)
    select = block.get("select")
    return Source(
        entry.name,
        entry.key,
        str(graphql.value) if isinstance(graphql, Scalar) else None,
        _selection(graphql, expressions),
        _rest(rest, expressions, roots),
        _variables(block.get("variables"), expressions, roots),
        expressions.path(select, None),
        expressions.path(block.get("when"), roots),
        _rule(block.get("absent"), expressions, rules),
    )


def _selection(graphql: Node | None, expressions: Expressions) -> Selection | None:
    """The query's shape, checked against NewStore's types."""
    if not isinstance(graphql, Scalar):
        return None
    try:
        return read_query(str(graphql.value))
    except ExpressionError as error:
        place = graphql.place_at(error.offset, error.length)
        expressions.complain(error.code, error.message, place, error.hint)
        return None


def _rest(node: Node | None, expressions: Expressions, roots: tuple[str, ...]) -> TemplateAt | None:
    template = expressions.template(node, roots)
    if template is not None and not str(template.at.value).startswith("/"):
        message = "a REST path starts with a slash; the host comes from the tenant"
        expressions.complain("E0205", message, template.at.place)
    return template


def _variables(
    node: Node | None, expressions: Expressions, roots: tuple[str, ...]
) -> tuple[tuple[str, PathAt], ...]:
    entries = node.entries if isinstance(node, MapNode) else ()
    paths = ((entry.name, expressions.path(entry.value, roots)) for entry in entries)
    return tuple((name, path) for name, path in paths if path is not None)


def _rule(node: Node | None, expressions: Expressions, rules: frozenset[str]) -> str | None:
    """The name of a retry rule, which has to exist."""
    if not isinstance(node, Scalar):
        return None
    name = str(node.value)
    if name not in rules:
        hint = did_you_mean(name, rules) or "declare it under `retry:`"
        expressions.complain("E0209", f"there is no retry rule {name!r}", node.place, hint)
    return name
