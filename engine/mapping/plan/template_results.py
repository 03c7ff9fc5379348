"""What a template certainly gives, for every order: a single value, a rounded amount, or something at all."""

from __future__ import annotations

from decimal import Decimal

from ...language.functions import OMIT
from ...language.templates import Node, Template, walk_nodes
from ...language.templates.nodes import (
    Binary,
    Call,
    Comparison,
    Concatenation,
    Conditional,
    Constant,
    Logical,
    Unary,
)
from .plan import Body, BodyMap, Literal, TemplateAt

# The filters and functions whose result is a single value, never a map or a list.
_SINGLE = frozenset(
    [
        "money",
        "stored",
        "taxed",
        "total",
        "round",
        "abs",
        "sum",
        "number",
        "integer",
        "percent",
        "date",
        "datetime",
        "length",
        "upper",
        "lower",
        "digest",
        "trim",
        "replace",
        "join",
        "cut",
        "plain",
        "phone",
        "string",
    ]
)
# The filters whose result has no more decimal places than the currency of the order.
_ROUNDED = frozenset(["stored", "taxed", "integer", "length"])


def is_single(template: Template) -> bool:
    """Return whether a template certainly gives a single value, never a map or a list."""
    part = template.parts[0] if template.is_single else ""
    return isinstance(part, str) or _is_single_node(part)


def _is_single_node(node: Node) -> bool:
    if isinstance(node, Conditional):
        return _is_single_node(node.yes) and _is_single_node(node.no)
    if isinstance(node, Logical):
        return all(map(_is_single_node, node.operands))
    if isinstance(node, Call):
        if node.function.name == "default":
            return all(_is_single_node(each) for each in node.arguments if each is not None)
        return node.function.name in _SINGLE or node.function.sort == "test"
    if isinstance(node, Binary):
        return node.operator != "+" or _is_single_node(node.left) or _is_single_node(node.right)
    return isinstance(node, Constant | Concatenation | Comparison | Unary)


def is_rounded(body: Body) -> bool:
    """Return whether an amount certainly has no more decimal places than its currency."""
    if isinstance(body, Literal):
        return _is_whole(body.value)
    if not isinstance(body, TemplateAt) or not body.template.is_single:
        return not isinstance(body, TemplateAt)
    part = body.template.parts[0]
    return not isinstance(part, str) and _is_rounded_node(part)


def _is_rounded_node(node: Node) -> bool:
    if isinstance(node, Constant):
        return _is_whole(node.value)
    if isinstance(node, Conditional):
        return _is_rounded_node(node.yes) and _is_rounded_node(node.no)
    if isinstance(node, Logical):
        return all(map(_is_rounded_node, node.operands))
    if isinstance(node, Unary):
        return _is_rounded_node(node.operand)
    if isinstance(node, Binary):
        is_sum = node.operator in ("+", "-")
        return is_sum and _is_rounded_node(node.left) and _is_rounded_node(node.right)
    if isinstance(node, Call):
        given = [each for each in node.arguments if each is not None]
        if node.function.name in ("default", "abs"):
            return all(map(_is_rounded_node, given))
        return node.function.name in _ROUNDED or (node.function.name == "money" and len(given) == 1)
    return False


def _is_whole(value: object) -> bool:
    if isinstance(value, Decimal):
        return value == value.to_integral_value()
    return isinstance(value, int) or value is None or value is OMIT


def may_be_omitted(body: Body | None) -> bool:
    """Return whether a value may be missing from a payload; an absent or null one always is."""
    if isinstance(body, TemplateAt):
        nodes = walk_nodes(body.template)
        return any(isinstance(node, Constant) and node.value is OMIT for node in nodes)
    if isinstance(body, BodyMap):
        return all(may_be_omitted(entry) for _, entry in body.entries)
    return body is None or (isinstance(body, Literal) and body.value is None)
