"""The compiler of `fields`, which are read from documents, and `values`, which are computed from them."""

from __future__ import annotations

from collections.abc import Collection

from ...findings.errors import ExpressionError
from ...findings.quote import quoted
from ...language.types import TYPES, convert_value
from ..files.nodes import MapNode, Node, Scalar, as_data, entries_of
from .expressions import Expressions
from .plan import AnyField, Entries, Field, FieldChoice, Join, Literal, Option, Value

# The names that a path may begin with; None where it is read on an entry of a list.
Roots = Collection[str] | None


def compile_fields(
    node: Node | None, roots: Roots, expressions: Expressions, names: set[str]
) -> tuple[AnyField, ...]:
    """Compile all fields; each name is added to `names`, so that later templates may use it."""
    compiled = []
    for entry in entries_of(node):
        expressions.reserve(entry.key)
        expressions.declared[entry.name] = entry.key
        field = _compile_any_field(entry.key, entry.value, roots, expressions, names)
        names.add(entry.name)
        if field is not None:
            compiled.append(field)
    return tuple(compiled)


def compile_values(
    node: Node | None, expressions: Expressions, names: set[str]
) -> tuple[Value, ...]:
    """Compile all values, in order; each may use the names before it."""
    compiled = []
    for entry in entries_of(node):
        block = entry.value
        text = block.get("is") if isinstance(block, MapNode) else block
        if text is None:
            expressions.report(
                "E0203", f"value {quoted(entry.name)} has no `is`", entry.key.place, _IS
            )
        expressions.reserve(entry.key)
        if entry.name in names:
            _report_twin(entry.key, expressions)
        template = expressions.template(text, names)
        names.add(entry.name)
        if template is not None:
            compiled.append(
                Value(
                    name=entry.name,
                    at=entry.key,
                    template=template,
                    type=_read_type(block),
                    optional=_read_optional(block),
                    type_at=_find_type(block),
                )
            )
    return tuple(compiled)


def _report_twin(key: Scalar, expressions: Expressions) -> None:
    """Report a name with two meanings, in the file that was applied last."""
    message = f"{quoted(key.text)} is the name of a field and of a value"
    places = [key.place]
    if key.text in expressions.declared:
        places.append(expressions.declared[key.text].place)
        places.sort(key=lambda place: -expressions.changes.order.get(place.text.name, 0))
    related = tuple((place, "the other one is here") for place in places[1:])
    expressions.report("E0219", message, places[0], "rename one of them", related=related)


def has_money(fields: tuple[AnyField, ...], values: tuple[Value, ...]) -> bool:
    """Return whether any field or value is money, so that a currency is required."""
    return any(_is_money(field) for field in fields) or any(v.type == "money" for v in values)


def _is_money(field: AnyField) -> bool:
    if isinstance(field, FieldChoice):
        return any(_is_money(option.field) for option in field.options)
    if isinstance(field, Entries):
        return any(_is_money(inner) for inner in field.fields)
    return field.type == "money"


def _compile_any_field(
    key: Scalar, node: Node, roots: Roots, expressions: Expressions, names: set[str]
) -> AnyField | None:
    options = node.get("choose") if isinstance(node, MapNode) else None
    if not isinstance(options, MapNode):
        return _compile_option(key, node, roots, expressions, names)
    compiled = []
    for entry in options.entries:
        field = _compile_option(key, entry.value, roots, expressions, names)
        when = entry.value.get("when") if isinstance(entry.value, MapNode) else None
        if field is not None:
            compiled.append(Option(entry.name, expressions.path(when, roots), field))
    return FieldChoice(key.text, key, tuple(compiled))


def _compile_option(
    key: Scalar, node: Node, roots: Roots, expressions: Expressions, names: set[str]
) -> Field | Entries | None:
    """Compile a field by `path` or by `each`; exactly one of the two is required."""
    if not isinstance(node, MapNode):
        return _compile_field(key, node, roots, expressions)
    ways = [way for way in ("path", "each") if node.get(way) is not None]
    if len(ways) != 1:
        message = f"field {quoted(key.text)} needs exactly one of `path`, `each` and `choose`"
        expressions.report("E0206", message, key.place, _WAYS)
        return None
    if ways == ["path"]:
        return _compile_field(key, node, roots, expressions)
    return _compile_entries(key, node, roots, expressions, names)


def _compile_field(key: Scalar, node: Node, roots: Roots, expressions: Expressions) -> Field | None:
    text = node.get("path") if isinstance(node, MapNode) else node
    if text is None:
        expressions.report("E0203", f"field {quoted(key.text)} has no `path`", key.place)
    path = expressions.path(text, roots)
    _check_default(node, expressions)
    if path is None:
        return None
    return Field(
        name=key.text,
        at=key,
        path=path,
        type=_read_type(node),
        optional=_read_optional(node),
        default=_read_default(node),
        type_at=_find_type(node),
    )


def _check_default(node: Node, expressions: Expressions) -> None:
    """Report a default that the declared type does not take (E0510 to E0515)."""
    default = node.get("default") if isinstance(node, MapNode) else None
    kind = _read_type(node)
    if default is None or kind not in TYPES or expressions.is_accepted:
        return
    value = as_data(default)
    try:
        _ = None if value is None else convert_value(value, kind)
    except ExpressionError as error:
        message = f"the default does not have the type {kind}: {error.message}"
        expressions.report(error.code, message, default.place, error.hint)


def _compile_entries(
    key: Scalar, node: MapNode, roots: Roots, expressions: Expressions, names: set[str]
) -> Entries | None:
    each = expressions.path(node.get("each"), roots)
    fields = [
        _compile_field(entry.key, entry.value, None, expressions)
        for entry in entries_of(node.get("fields"))
    ]
    for entry in (*entries_of(node.get("fields")), *entries_of(node.get("join"))):
        expressions.reserve(entry.key)
    own = names | {entry.name for entry in entries_of(node.get("fields"))}
    values = compile_values(node.get("values"), expressions, own)
    joins = _compile_joins(node, roots, expressions)
    if each is None:
        return None
    kept = tuple(field for field in fields if field is not None)
    return Entries(
        name=key.text,
        at=key,
        each=each,
        joins=joins,
        fields=kept,
        values=values,
        optional=_read_optional(node),
        default=_read_default(node),
    )


def _compile_joins(node: MapNode, roots: Roots, expressions: Expressions) -> tuple[Join, ...]:
    joins = []
    for entry in entries_of(node.get("join")):
        block = entry.value
        assert isinstance(block, MapNode)
        source = expressions.path(block.get("from"), roots)
        on = expressions.path(block.get("on"), None)
        if source is not None and on is not None:
            joins.append(Join(entry.name, source, on))
    return tuple(joins)


def _read_type(node: Node) -> str | None:
    kind = _find_type(node)
    return None if kind is None else str(kind.value)


def _find_type(node: Node) -> Scalar | None:
    kind = node.get("type") if isinstance(node, MapNode) else None
    return kind if isinstance(kind, Scalar) else None


def _read_optional(node: Node) -> bool:
    flag = node.get("optional") if isinstance(node, MapNode) else None
    return isinstance(flag, Scalar) and flag.value is True


def _read_default(node: Node) -> Literal | None:
    default = node.get("default") if isinstance(node, MapNode) else None
    return None if default is None else Literal(as_data(default))


_IS = 'as in `is: "{{ number }}"`'
_WAYS = "use `path` for one value, `each` for a list, `choose` for several options"
