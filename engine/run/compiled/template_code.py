"""A template becomes Python: each node a few lines, in the order in which the interpreter visits them."""

from __future__ import annotations

from collections.abc import Callable

from ...language.functions.values import MAX_TEXT
from ...language.templates import OMIT, Node, Template
from ...language.templates.nodes import (
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
    Unary,
)
from .calls import call
from .comparison import comparison
from .members import at_key, item, lenient_key
from .operands import as_number, needed, pay_for, plainly, text_form, truth
from .shapes import (
    ANY,
    DECIMAL,
    INT,
    NEVER,
    NULL,
    NUMBER,
    SCALARS,
    TEXT,
    TRUTH,
    KnownValue,
    Shape,
    joined,
    shape_of,
)
from .template_environment import Environment


def template_value(template: Template, env: Environment) -> KnownValue:
    """The value of a template, computed."""
    if template.is_single:
        node = template.parts[0]
        assert not isinstance(node, str)
        return visit(node, env)
    parts = [
        KnownValue(repr(part), shape_of(part), part)
        if isinstance(part, str)
        else text_form(visit(part, env), env)
        for part in template.parts
    ]
    return _together(parts, env)


def visit(node: Node, env: Environment) -> KnownValue:
    """The value of one node."""
    env.out.pay(1)
    return _VISITS[type(node)](node, env)


def maybe(node: Node, env: Environment) -> KnownValue:
    """The value of a node, null where it is absent."""
    if isinstance(node, Name):
        return visit(node, env)
    if isinstance(node, Attribute):
        env.out.pay(1)
        return lenient_key(maybe(node.target, env), node.key, env)
    result = env.out.fresh()
    with env.out.attempt():
        found = visit(node, env.catching())
        env.out.put(f"{result} = {found.code}")
    env.out.put(f"except AbsentError: {result} = None")
    return KnownValue(result, joined(found.shape, NULL))


def _constant(node: Constant, env: Environment) -> KnownValue:
    return KnownValue(env.out.constant(node.value), shape_of(node.value), node.value)


def _name(node: Name, env: Environment) -> KnownValue:
    known = env.names.get(node.name)
    if known is not None:
        return known
    env.out.put("raise NothingError")
    return KnownValue("None", ANY)


def _attribute(node: Attribute, env: Environment) -> KnownValue:
    return at_key(visit(node.target, env), node.key, env)


def _item(node: Item, env: Environment) -> KnownValue:
    target = plainly(visit(node.target, env), env)
    key = needed(visit(node.key, env), env)
    if isinstance(key.constant, str):
        return at_key(target, key.constant, env)
    return item(target, key, env)


def _list(node: ListDisplay, env: Environment) -> KnownValue:
    values = [_contained(each, env) for each in node.items]
    element = NEVER
    for value in values:
        element = joined(element, value.shape)
    code = f"[{', '.join(value.code for value in values)}]"
    return KnownValue(env.out.let(code), Shape("list", element=element))


def _map(node: MapDisplay, env: Environment) -> KnownValue:
    values = {key: _contained(value, env) for key, value in node.entries}
    code = ", ".join(f"{key!r}: {value.code}" for key, value in values.items())
    members = {key: value.shape for key, value in values.items()}
    return KnownValue(env.out.let(f"{{{code}}}"), Shape("map", members=members))


def _contained(node: Node, env: Environment) -> KnownValue:
    """The value of an entry, charged for all it holds."""
    value = plainly(visit(node, env), env)
    shape = value.shape
    if shape.kind in SCALARS | {"null"} and not shape.omit:
        env.out.pay(1)
        pay_for(value, env)
    else:
        env.out.pay(1)
        env.out.pay_for_text(value.code, is_text=False)
        env.out.put(f"if {value.code}.__class__ is not str: contained({value.code}, budget)")
    return value


def _unary(node: Unary, env: Environment) -> KnownValue:
    if node.operator == "not":
        return KnownValue(env.out.once(f"not {truth(visit(node.operand, env))}"), TRUTH)
    value = as_number(visit(node.operand, env), env)
    if node.operator == "+":
        return value
    # Not the sign of Python: that keeps an exponent above zero.
    return _bounded(f"0 - {value.code}", value.shape, env)


def _binary(node: Binary, env: Environment) -> KnownValue:
    left, right = (plainly(visit(each, env), env) for each in (node.left, node.right))
    fits = left.shape.kind in _COMPUTABLE and right.shape.kind in _COMPUTABLE
    if node.operator not in _ARITHMETIC or not fits:
        left, right = needed(left, env), needed(right, env)
        code = f"calculate({node.operator!r}, {left.code}, {right.code}, budget)"
        return KnownValue(env.out.let(code), ANY)
    if node.operator == "+" and not (left.shape.is_number or right.shape.is_number):
        # Two texts or two lists are joined.
        code = f"calculate('+', {left.code}, {right.code}, budget)"
        return KnownValue(env.out.let(code), ANY)
    return _ARITHMETIC[node.operator](as_number(left, env), as_number(right, env), env)


def _sum(operator: str) -> Callable[[KnownValue, KnownValue, Environment], KnownValue]:
    def write(left: KnownValue, right: KnownValue, env: Environment) -> KnownValue:
        shape = _of_both(left, right)
        return _bounded(f"{left.code} {operator} {right.code}", shape, env)

    return write


def _bounded(code: str, shape: Shape, env: Environment) -> KnownValue:
    """A sum; a whole one stays small, however many of them are added up."""
    known = env.out.known(("code", code))
    if isinstance(known, str):
        return KnownValue(known, shape)
    result = env.out.once(code)
    if shape.kind != "decimal":
        env.out.put(f"if {result}.__class__ is int: whole({result})")
    return KnownValue(result, shape)


def _product(left: KnownValue, right: KnownValue, env: Environment) -> KnownValue:
    shape = _of_both(left, right)
    result = env.out.let(f"{left.code} * {right.code}")
    if shape.kind != "decimal":
        env.out.put(f"if {result}.__class__ is int: whole({result})")
    if shape.kind != "int":
        # A product, unlike a sum of what is not -0, can be -0.
        env.out.put(f"if not {result}: {result} = abs({result})")
    return KnownValue(result, shape)


def _quotient(left: KnownValue, right: KnownValue, env: Environment) -> KnownValue:
    return KnownValue(env.out.let(f"quotient({left.code}, {right.code})"), DECIMAL)


def _of_both(left: KnownValue, right: KnownValue) -> Shape:
    kinds = {left.shape.kind, right.shape.kind}
    if "decimal" in kinds:
        return DECIMAL
    return INT if kinds == {"int"} else NUMBER


def _logical(node: Logical, env: Environment) -> KnownValue:
    """The first operand that decides, or the last; its own value."""
    out = env.out
    result = out.fresh()
    first = plainly(visit(node.operands[0], env), env)
    shape = _operand(node, 0, result, env, first)
    bound = first.bound or first.code
    others = [each for each in node.operands[1:] if not _is_small(each)]
    # What stands in for an empty text is no longer than one that costs nothing.
    keeps = first.shape.is_a("text") and not others
    return KnownValue(result, shape, bound=bound if keeps else "")


def _is_small(node: Node) -> bool:
    return isinstance(node, Constant) and (shape_of(node.value).short or node.value is OMIT)


def _operand(
    node: Logical, index: int, result: str, env: Environment, first: KnownValue | None = None
) -> Shape:
    value = first or plainly(visit(node.operands[index], env), env)
    env.out.put(f"{result} = {value.code}")
    if index == len(node.operands) - 1:
        return value.shape
    holds = truth(value)
    header = f"if not {holds}" if node.operator == "or" else f"if {holds}"
    with env.out.block(header):
        rest = _operand(node, index + 1, result, env)
    return joined(_decided(value.shape, node.operator), rest)


def _decided(shape: Shape, operator: str) -> Shape:
    """The shape of an operand that decided: one that is true is there."""
    return shape.sure() if operator == "or" else shape


def _conditional(node: Conditional, env: Environment) -> KnownValue:
    condition = visit(node.condition, env)
    result = env.out.fresh()
    with env.out.block(f"if {truth(condition)}"):
        yes = plainly(visit(node.yes, env), env)
        env.out.put(f"{result} = {yes.code}")
    with env.out.block("else"):
        no = plainly(visit(node.no, env), env)
        env.out.put(f"{result} = {no.code}")
    return KnownValue(result, joined(yes.shape, no.shape))


def _concatenation(node: Concatenation, env: Environment) -> KnownValue:
    return _together([text_form(visit(part, env), env) for part in node.parts], env)


def _together(parts: list[KnownValue], env: Environment) -> KnownValue:
    """One text of several, not longer than a text may be."""
    if not parts:
        return KnownValue("''", shape_of(""), "")
    length = " + ".join(f"len({part.code})" for part in parts)
    env.out.doubt_if(f"{length} > {MAX_TEXT}")
    return KnownValue(
        env.out.let(f"''.join(({''.join(f'{part.code}, ' for part in parts)}))"), TEXT
    )


def _comparison(node: Comparison, env: Environment) -> KnownValue:
    return comparison(node, env, visit)


def _call(node: Call, env: Environment) -> KnownValue:
    return call(node, env, visit, maybe)


_COMPUTABLE = frozenset({"int", "decimal", "number", "json", "any"})
_ARITHMETIC: dict[str, Callable[[KnownValue, KnownValue, Environment], KnownValue]] = {
    "+": _sum("+"),
    "-": _sum("-"),
    "*": _product,
    "/": _quotient,
}

_VISITS: dict[type, Callable[..., KnownValue]] = {
    Constant: _constant,
    Name: _name,
    Attribute: _attribute,
    Item: _item,
    ListDisplay: _list,
    MapDisplay: _map,
    Unary: _unary,
    Binary: _binary,
    Logical: _logical,
    Comparison: _comparison,
    Conditional: _conditional,
    Concatenation: _concatenation,
    Call: _call,
}
