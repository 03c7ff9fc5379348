"""Compiling what is read from the documents and computed from it: `fields` and `values`."""

from __future__ import annotations

from ...findings.quote import quoted
from ..files.nodes import MapNode, Node, Scalar, as_data, entries_of
from .expressions import Expressions
from .plan import AnyField, Choice, Entries, Field, Join, Literal, Option, Value
from .typed_paths import Here, element_shape, infer_shape


def compile_fields(
    node: Node | None, roots: Here, expressions: Expressions, names: set[str]
) -> tuple[AnyField, ...]:
    """All fields; each name is added to `names`, so that later templates may use it."""
    compiled = []
    for entry in entries_of(node):
        expressions.reserve(entry.key)
        field = _any_field(entry.key, entry.value, roots, expressions, names)
        names.add(entry.name)
        if field is not None:
            compiled.append(field)
    return tuple(compiled)


def compile_values(
    node: Node | None, expressions: Expressions, names: set[str]
) -> tuple[Value, ...]:
    """All values, in order; each may use the names before it."""
    compiled = []
    for entry in entries_of(node):
        block = entry.value
        text = block.get("is") if isinstance(block, MapNode) else block
        if text is None:
            expressions.complain(
                "E0203", f"value {quoted(entry.name)} has no `is`", entry.key.place, _IS
            )
        expressions.reserve(entry.key)
        if entry.name in names:
            message = f"{quoted(entry.name)} is both a field and a value"
            expressions.complain("E0219", message, entry.key.place, "rename one of them")
        template = expressions.template(text, names)
        names.add(entry.name)
        if template is not None:
            compiled.append(Value(entry.name, template, _type(block), _optional(block)))
    return tuple(compiled)


def has_money(fields: tuple[AnyField, ...], values: tuple[Value, ...]) -> bool:
    """Whether any field or value is money, so that a currency has to be known."""
    return any(_is_money(field) for field in fields) or any(v.type == "money" for v in values)


def _is_money(field: AnyField) -> bool:
    if isinstance(field, Choice):
        return any(_is_money(option.how) for option in field.options)
    if isinstance(field, Entries):
        return any(_is_money(inner) for inner in field.fields)
    return field.type == "money"


def _any_field(
    key: Scalar, node: Node, roots: Here, expressions: Expressions, names: set[str]
) -> AnyField | None:
    options = node.get("choose") if isinstance(node, MapNode) else None
    if not isinstance(options, MapNode):
        return _one_way(key, node, roots, expressions, names)
    compiled = []
    for entry in options.entries:
        how = _one_way(key, entry.value, roots, expressions, names)
        when = entry.value.get("when") if isinstance(entry.value, MapNode) else None
        if how is not None:
            compiled.append(Option(entry.name, expressions.path(when, roots), how))
    return Choice(key.text, key, tuple(compiled))


def _one_way(
    key: Scalar, node: Node, roots: Here, expressions: Expressions, names: set[str]
) -> Field | Entries | None:
    """A field by `path` or by `each`; exactly one of the two has to be there."""
    if not isinstance(node, MapNode):
        return _field(key, node, roots, expressions)
    ways = [way for way in ("path", "each") if node.get(way) is not None]
    if len(ways) != 1:
        message = f"field {quoted(key.text)} needs exactly one of `path`, `each` and `choose`"
        expressions.complain("E0206", message, key.place, _WAYS)
        return None
    if ways == ["path"]:
        return _field(key, node, roots, expressions)
    return _entries(key, node, roots, expressions, names)


def _field(key: Scalar, node: Node, roots: Here, expressions: Expressions) -> Field | None:
    text = node.get("path") if isinstance(node, MapNode) else node
    if text is None:
        expressions.complain("E0203", f"field {quoted(key.text)} has no `path`", key.place)
    path = expressions.path(text, roots)
    if path is None:
        return None
    return Field(key.text, path, _type(node), _optional(node), _default(node))


def _entries(
    key: Scalar, node: MapNode, roots: Here, expressions: Expressions, names: set[str]
) -> Entries | None:
    each = expressions.path(node.get("each"), roots)
    joined = frozenset(entry.name for entry in entries_of(node.get("join")))
    element = None if each is None else element_shape(infer_shape(each.path, roots), joined)
    fields = [
        _field(entry.key, entry.value, element, expressions)
        for entry in entries_of(node.get("fields"))
    ]
    for entry in (*entries_of(node.get("fields")), *entries_of(node.get("join"))):
        expressions.reserve(entry.key)
    own = names | {entry.name for entry in entries_of(node.get("fields"))}
    values = compile_values(node.get("values"), expressions, own)
    joins = _joins(node, roots, element, expressions)
    if each is None:
        return None
    kept = tuple(field for field in fields if field is not None)
    return Entries(key.text, each, joins, kept, values, _optional(node), _default(node))


def _joins(node: MapNode, roots: Here, element: Here, expressions: Expressions) -> tuple[Join, ...]:
    joins = []
    for entry in entries_of(node.get("join")):
        block = entry.value
        assert isinstance(block, MapNode)
        source = expressions.path(block.get("from"), roots)
        on = expressions.path(block.get("on"), element)
        if source is not None and on is not None:
            joins.append(Join(entry.name, source, on))
    return tuple(joins)


def _type(node: Node) -> str | None:
    kind = node.get("type") if isinstance(node, MapNode) else None
    return str(kind.value) if isinstance(kind, Scalar) else None


def _optional(node: Node) -> bool:
    flag = node.get("optional") if isinstance(node, MapNode) else None
    return isinstance(flag, Scalar) and flag.value is True


def _default(node: Node) -> Literal | None:
    default = node.get("default") if isinstance(node, MapNode) else None
    return None if default is None else Literal(as_data(default))


_IS = 'as in `is: "{{ number }}"`'
_WAYS = "`path` for one value, `each` for a list, `choose` between several ways"
