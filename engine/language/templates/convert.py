"""Jinja's tree becomes our own: a whitelist. A node without an entry here is not part of the language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from jinja2 import nodes as jinja

from ...findings.errors import ExpressionError
from ...findings.quote import quoted
from ..functions import OMIT
from .arguments import bind_arguments, check_constants, find_function
from .nodes import (
    Attribute,
    Binary,
    Call,
    Comparison,
    Concatenation,
    Conditional,
    Constant,
    Item,
    ListDisplay,
    Logical,
    MapDisplay,
    Name,
    Node,
    Unary,
)
from .template_tokens import TemplateSource


def convert_node(source: TemplateSource, node: jinja.Node) -> Node:
    """Return our node for a node of Jinja.

    `node` must not be deep: this function recurses. Raise ExpressionError (E0403 to
    E0407, E0420, E0424) with the place of the part that is not allowed.
    """
    converter = _CONVERTERS.get(type(node))
    if converter is None:
        raise _not_allowed_error(_FOREIGN.get(type(node), type(node).__name__.lower()), node.lineno)
    return converter(source, node)


def _convert_all(source: TemplateSource, nodes: list[jinja.Expr]) -> tuple[Node, ...]:
    return tuple([convert_node(source, node) for node in nodes])


def _not_allowed_error(
    construct: str, offset: int, *, length: int = 1, hint: str | None = None
) -> ExpressionError:
    message = f"{construct} is not part of the language"
    return ExpressionError("E0403", message, hint=hint, offset=offset, length=length)


@dataclass(frozen=True, slots=True)
class _Span:
    """The offset and length of a node, computed from its outermost parts."""

    offset: int
    length: int

    @classmethod
    def over(cls, first: Node, last: Node) -> _Span:
        end = max(last.offset + last.length, first.offset + first.length)
        return cls(first.offset, end - first.offset)


def _constant(source: TemplateSource, node: jinja.Const) -> Constant:
    return Constant(node.value, node.lineno, source.ends[node.lineno] - node.lineno)


def _name(source: TemplateSource, node: jinja.Name) -> Node:
    length = source.ends[node.lineno] - node.lineno
    if node.name == "omit":
        return Constant(OMIT, node.lineno, length)
    return Name(node.name, node.lineno, length)


def _attribute(source: TemplateSource, node: jinja.Getattr) -> Attribute:
    target = convert_node(source, node.node)
    return Attribute(
        target=target,
        key=node.attr,
        offset=target.offset,
        length=source.next_ends[node.lineno] - target.offset,
    )


def _item(source: TemplateSource, node: jinja.Getitem) -> Item:
    target = convert_node(source, node.node)
    if isinstance(node.arg, jinja.Tuple):
        raise _not_allowed_error("a list of keys in one `[ ]`", node.lineno)
    end = source.closings.get(node.lineno, source.next_ends[node.lineno])
    return Item(
        target=target,
        key=convert_node(source, node.arg),
        offset=target.offset,
        length=end - target.offset,
    )


def _list(source: TemplateSource, node: jinja.List | jinja.Tuple) -> ListDisplay:
    items = _convert_all(source, node.items)
    end = source.closings.get(node.lineno, source.ends[node.lineno])
    offset = min([node.lineno, *(item.offset for item in items)])
    return ListDisplay(items, offset, max(1, end - offset))


def _map(source: TemplateSource, node: jinja.Dict) -> MapDisplay:
    pairs = [(_text_key(source, pair.key), convert_node(source, pair.value)) for pair in node.items]
    return MapDisplay(tuple(pairs), node.lineno, source.closings[node.lineno] - node.lineno)


def _text_key(source: TemplateSource, node: jinja.Expr) -> str:
    key = convert_node(source, node)
    if isinstance(key, Constant) and isinstance(key.value, str):
        return key.value
    raise _not_allowed_error(
        "a key that is not a quoted text", key.offset, hint="write `{'key': value}`"
    )


def _unary(operator: str) -> Callable[[TemplateSource, jinja.UnaryExpr], Unary]:
    def converter(source: TemplateSource, node: jinja.UnaryExpr) -> Unary:
        operand = convert_node(source, node.node)
        start = min(node.lineno, operand.offset)
        return Unary(
            operator=operator,
            operand=operand,
            offset=start,
            length=operand.offset + operand.length - start,
        )

    return converter


def _binary(source: TemplateSource, node: jinja.BinExpr) -> Binary:
    left, right = convert_node(source, node.left), convert_node(source, node.right)
    span = _Span.over(left, right)
    return Binary(
        operator=node.operator, left=left, right=right, offset=span.offset, length=span.length
    )


def _logical(source: TemplateSource, node: jinja.And | jinja.Or) -> Logical:
    operands = _convert_all(source, list(_flatten_operands(node)))
    span = _Span.over(operands[0], operands[-1])
    return Logical(
        operator=node.operator, operands=operands, offset=span.offset, length=span.length
    )


def _flatten_operands(node: jinja.And | jinja.Or) -> Iterator[jinja.Expr]:
    """Yield the operands of a chain of one operator, in order."""
    waiting: list[jinja.Expr] = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, jinja.And | jinja.Or) and type(each) is type(node):
            waiting += (each.right, each.left)
        else:
            yield each


def _comparison(source: TemplateSource, node: jinja.Compare) -> Comparison:
    first = convert_node(source, node.expr)
    rest = tuple([(_COMPARISONS[each.op], convert_node(source, each.expr)) for each in node.ops])
    span = _Span.over(first, rest[-1][1])
    return Comparison(first=first, rest=rest, offset=span.offset, length=span.length)


def _conditional(source: TemplateSource, node: jinja.CondExpr) -> Conditional:
    if node.expr2 is None:
        raise _not_allowed_error(
            "`if` without `else`", node.lineno, hint="add an `else`: `… else omit`"
        )
    condition, yes, no = _convert_all(source, [node.test, node.expr1, node.expr2])
    span = _Span.over(yes, no)
    return Conditional(condition=condition, yes=yes, no=no, offset=span.offset, length=span.length)


def _concatenation(source: TemplateSource, node: jinja.Concat) -> Concatenation:
    parts = _convert_all(source, node.nodes)
    span = _Span.over(parts[0], parts[-1])
    return Concatenation(parts, span.offset, span.length)


def _filter(source: TemplateSource, node: jinja.Filter) -> Call:
    assert node.node is not None
    inputs = (convert_node(source, node.node),)
    return _call(source, node, "filter", inputs, offset=node.lineno)


def _test(source: TemplateSource, node: jinja.Test) -> Call:
    inputs = (convert_node(source, node.node),)
    return _call(source, node, "test", inputs, offset=node.lineno)


def _function(source: TemplateSource, node: jinja.Call) -> Call:
    if not isinstance(node.node, jinja.Name):
        raise _not_allowed_error(
            "calling anything but a function by its name",
            node.lineno,
            hint="apply a filter: `value | upper`",
        )
    return _call(source, node, "function", (), offset=node.node.lineno)


def _call(
    source: TemplateSource,
    node: jinja.Filter | jinja.Test | jinja.Call,
    sort: str,
    inputs: tuple[Node, ...],
    *,
    offset: int,
) -> Call:
    name = node.node.name if isinstance(node, jinja.Call) else node.name  # type: ignore[attr-defined] # is a Name
    end = source.next_ends[offset] if sort == "test" else source.ends[offset]
    if node.dyn_args is not None or node.dyn_kwargs is not None:
        raise _not_allowed_error("`*` before an argument", offset, length=end - offset)
    given, named = inputs + _convert_all(source, node.args), _keywords(source, node)
    try:
        call = bind_arguments(
            find_function(sort, name), given, named, offset=offset, length=end - offset
        )
    except ExpressionError as error:
        error.offset, error.length = offset, end - offset
        raise
    check_constants(call)
    return call


def _keywords(
    source: TemplateSource, node: jinja.Filter | jinja.Test | jinja.Call
) -> dict[str, Node]:
    named: dict[str, Node] = {}
    for each in node.kwargs:
        assert isinstance(each, jinja.Keyword)
        if each.key in named:
            message = f"the argument {quoted(each.key)} appears twice"
            raise ExpressionError("E0407", message, offset=each.lineno)
        named[each.key] = convert_node(source, each.value)
    return named


_COMPARISONS = {
    "eq": "==",
    "ne": "!=",
    "lt": "<",
    "lteq": "<=",
    "gt": ">",
    "gteq": ">=",
    "in": "in",
    "notin": "not in",
}

_CONVERTERS: dict[type[jinja.Node], Callable[..., Node]] = {
    jinja.Const: _constant,
    jinja.Name: _name,
    jinja.Getattr: _attribute,
    jinja.Getitem: _item,
    jinja.List: _list,
    jinja.Tuple: _list,
    jinja.Dict: _map,
    jinja.Neg: _unary("-"),
    jinja.Pos: _unary("+"),
    jinja.Not: _unary("not"),
    jinja.And: _logical,
    jinja.Or: _logical,
    jinja.Compare: _comparison,
    jinja.CondExpr: _conditional,
    jinja.Concat: _concatenation,
    jinja.Filter: _filter,
    jinja.Test: _test,
    jinja.Call: _function,
    jinja.Add: _binary,
    jinja.Sub: _binary,
    jinja.Mul: _binary,
    jinja.Div: _binary,
    jinja.FloorDiv: _binary,
    jinja.Mod: _binary,
    jinja.Pow: _binary,
}

_FOREIGN: dict[type[jinja.Node], str] = {jinja.Slice: "a slice `[a:b]`"}
