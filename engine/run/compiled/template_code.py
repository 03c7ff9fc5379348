"""Compile a template: a few lines for each node, in the interpreter's order."""

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
from .calls import compile_call
from .comparison import compile_comparison
from .members import compile_item, compile_key, compile_optional_key
from .operands import (
    as_interpreted,
    compile_text_form,
    pay_for_value,
    require_number,
    require_value,
    truth_condition,
)
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
    join_shapes,
    shape_of,
)
from .template_environment import Environment


def compile_template(template: Template, env: Environment) -> KnownValue:
    """Compile a template."""
    if template.is_single:
        node = template.parts[0]
        assert not isinstance(node, str)
        return compile_node(node, env)
    parts = [
        KnownValue(repr(part), shape_of(part), part)
        if isinstance(part, str)
        else compile_text_form(compile_node(part, env), env)
        for part in template.parts
    ]
    return _concatenate(parts, env)


def compile_node(node: Node, env: Environment) -> KnownValue:
    """Compile one node."""
    env.out.pay(1)
    return _COMPILERS[type(node)](node, env)


def compile_optional_node(node: Node, env: Environment) -> KnownValue:
    """Compile a node whose value is null if it is absent."""
    if isinstance(node, Name):
        return compile_node(node, env)
    if isinstance(node, Attribute):
        env.out.pay(1)
        return compile_optional_key(compile_optional_node(node.target, env), node.key, env)
    result = env.out.new_name()
    with env.out.try_block():
        found = compile_node(node, env.with_absence_caught())
        env.out.put(f"{result} = {found.code}")
    env.out.put(f"except AbsentError: {result} = None")
    return KnownValue(result, join_shapes(found.shape, NULL))


def _compile_constant(node: Constant, env: Environment) -> KnownValue:
    return KnownValue(env.out.constant(node.value), shape_of(node.value), node.value)


def _compile_name(node: Name, env: Environment) -> KnownValue:
    known = env.names.get(node.name)
    if known is not None:
        return known
    env.out.put("raise NothingError")
    return KnownValue("None", ANY)


def _compile_attribute(node: Attribute, env: Environment) -> KnownValue:
    return compile_key(compile_node(node.target, env), node.key, env)


def _compile_index(node: Item, env: Environment) -> KnownValue:
    target = as_interpreted(compile_node(node.target, env), env)
    key = require_value(compile_node(node.key, env), env)
    if isinstance(key.constant, str):
        return compile_key(target, key.constant, env)
    return compile_item(target, key, env)


def _compile_list(node: ListDisplay, env: Environment) -> KnownValue:
    values = [_compile_entry(each, env) for each in node.items]
    element = NEVER
    for value in values:
        element = join_shapes(element, value.shape)
    code = f"[{', '.join(value.code for value in values)}]"
    return KnownValue(env.out.let(code), Shape("list", element=element))


def _compile_map(node: MapDisplay, env: Environment) -> KnownValue:
    values = {key: _compile_entry(value, env) for key, value in node.entries}
    code = ", ".join(f"{key!r}: {value.code}" for key, value in values.items())
    members = {key: value.shape for key, value in values.items()}
    return KnownValue(env.out.let(f"{{{code}}}"), Shape("map", members=members))


def _compile_entry(node: Node, env: Environment) -> KnownValue:
    """Compile an entry and charge all its contents."""
    value = as_interpreted(compile_node(node, env), env)
    shape = value.shape
    if shape.kind in SCALARS | {"null"} and not shape.omit:
        env.out.pay(1)
        pay_for_value(value, env)
    else:
        env.out.pay(1)
        env.out.pay_for_text(value.code, is_text=False)
        env.out.put(f"if {value.code}.__class__ is not str: charge_entry({value.code}, budget)")
    return value


def _compile_unary(node: Unary, env: Environment) -> KnownValue:
    if node.operator == "not":
        return KnownValue(
            env.out.once(f"not {truth_condition(compile_node(node.operand, env))}"), TRUTH
        )
    value = require_number(compile_node(node.operand, env), env)
    if node.operator == "+":
        return value
    # Python's own sign operator keeps an exponent above zero.
    return _compile_bounded(f"0 - {value.code}", value.shape, env)


def _compile_binary(node: Binary, env: Environment) -> KnownValue:
    left, right = (as_interpreted(compile_node(each, env), env) for each in (node.left, node.right))
    fits = left.shape.kind in _COMPUTABLE and right.shape.kind in _COMPUTABLE
    if node.operator not in _ARITHMETIC or not fits:
        left, right = require_value(left, env), require_value(right, env)
        code = f"calculate({node.operator!r}, {left.code}, {right.code}, budget)"
        return KnownValue(env.out.let(code), ANY)
    if node.operator == "+" and not (left.shape.is_number or right.shape.is_number):
        # Both may be texts or lists, which `+` joins.
        code = f"calculate('+', {left.code}, {right.code}, budget)"
        return KnownValue(env.out.let(code), ANY)
    return _ARITHMETIC[node.operator](require_number(left, env), require_number(right, env), env)


def _make_sum(operator: str) -> Callable[[KnownValue, KnownValue, Environment], KnownValue]:
    def write(left: KnownValue, right: KnownValue, env: Environment) -> KnownValue:
        shape = _common_shape(left, right)
        return _compile_bounded(f"{left.code} {operator} {right.code}", shape, env)

    return write


def _compile_bounded(code: str, shape: Shape, env: Environment) -> KnownValue:
    """Compile a sum; an integer is checked to stay small."""
    known = env.out.known(("code", code))
    if isinstance(known, str):
        return KnownValue(known, shape)
    result = env.out.once(code)
    if shape.kind != "decimal":
        env.out.put(f"if {result}.__class__ is int: require_whole({result})")
    return KnownValue(result, shape)


def _compile_product(left: KnownValue, right: KnownValue, env: Environment) -> KnownValue:
    shape = _common_shape(left, right)
    result = env.out.let(f"{left.code} * {right.code}")
    if shape.kind != "decimal":
        env.out.put(f"if {result}.__class__ is int: require_whole({result})")
    if shape.kind != "int":
        # A product can be -0; a sum of numbers that are not -0 cannot.
        env.out.put(f"if not {result}: {result} = abs({result})")
    return KnownValue(result, shape)


def _compile_quotient(left: KnownValue, right: KnownValue, env: Environment) -> KnownValue:
    return KnownValue(env.out.let(f"compute_quotient({left.code}, {right.code})"), DECIMAL)


def _common_shape(left: KnownValue, right: KnownValue) -> Shape:
    kinds = {left.shape.kind, right.shape.kind}
    if "decimal" in kinds:
        return DECIMAL
    return INT if kinds == {"int"} else NUMBER


def _compile_logical(node: Logical, env: Environment) -> KnownValue:
    """Compile the value of the first operand that decides, or of the last."""
    out = env.out
    result = out.new_name()
    first = as_interpreted(compile_node(node.operands[0], env), env)
    shape = _compile_operand(node, 0, result, env, first)
    bound = first.bound or first.code
    longer = [each for each in node.operands[1:] if not _is_small(each)]
    # A short text replaces an empty one: the result costs no more than `bound`.
    keeps = first.shape.is_a("text") and not longer
    return KnownValue(result, shape, bound=bound if keeps else "")


def _is_small(node: Node) -> bool:
    return isinstance(node, Constant) and (shape_of(node.value).short or node.value is OMIT)


def _compile_operand(
    node: Logical, index: int, result: str, env: Environment, first: KnownValue | None = None
) -> Shape:
    value = first or as_interpreted(compile_node(node.operands[index], env), env)
    env.out.put(f"{result} = {value.code}")
    if index == len(node.operands) - 1:
        return value.shape
    holds = truth_condition(value)
    header = f"if not {holds}" if node.operator == "or" else f"if {holds}"
    with env.out.block(header):
        rest = _compile_operand(node, index + 1, result, env)
    return join_shapes(_deciding_shape(value.shape, node.operator), rest)


def _deciding_shape(shape: Shape, operator: str) -> Shape:
    """Return the shape of an operand that decided: a true one is not null."""
    return shape.sure() if operator == "or" else shape


def _compile_conditional(node: Conditional, env: Environment) -> KnownValue:
    condition = compile_node(node.condition, env)
    result = env.out.new_name()
    with env.out.block(f"if {truth_condition(condition)}"):
        yes = as_interpreted(compile_node(node.yes, env), env)
        env.out.put(f"{result} = {yes.code}")
    with env.out.block("else"):
        no = as_interpreted(compile_node(node.no, env), env)
        env.out.put(f"{result} = {no.code}")
    return KnownValue(result, join_shapes(yes.shape, no.shape))


def _compile_concatenation(node: Concatenation, env: Environment) -> KnownValue:
    return _concatenate(
        [compile_text_form(compile_node(part, env), env) for part in node.parts], env
    )


def _concatenate(parts: list[KnownValue], env: Environment) -> KnownValue:
    """Compile the concatenation of texts, bounded in length."""
    if not parts:
        return KnownValue("''", shape_of(""), "")
    length = " + ".join(f"len({part.code})" for part in parts)
    env.out.doubt_if(f"{length} > {MAX_TEXT}")
    return KnownValue(
        env.out.let(f"''.join(({''.join(f'{part.code}, ' for part in parts)}))"), TEXT
    )


def _compile_comparison_node(node: Comparison, env: Environment) -> KnownValue:
    return compile_comparison(node, env, compile_node)


def _compile_call_node(node: Call, env: Environment) -> KnownValue:
    return compile_call(node, env, compile_node, compile_optional_node)


_COMPUTABLE = frozenset({"int", "decimal", "number", "json", "any"})
_ARITHMETIC: dict[str, Callable[[KnownValue, KnownValue, Environment], KnownValue]] = {
    "+": _make_sum("+"),
    "-": _make_sum("-"),
    "*": _compile_product,
    "/": _compile_quotient,
}

_COMPILERS: dict[type, Callable[..., KnownValue]] = {
    Constant: _compile_constant,
    Name: _compile_name,
    Attribute: _compile_attribute,
    Item: _compile_index,
    ListDisplay: _compile_list,
    MapDisplay: _compile_map,
    Unary: _compile_unary,
    Binary: _compile_binary,
    Logical: _compile_logical,
    Comparison: _compile_comparison_node,
    Conditional: _compile_conditional,
    Concatenation: _compile_concatenation,
    Call: _compile_call_node,
}
