"""Filters, functions and tests: those that orders need much are written out, the others are called."""

from __future__ import annotations

from collections.abc import Callable

from ...findings.errors import NotCompiledError
from ...language.functions import Function, Parameter
from ...language.templates import Node
from ...language.templates.nodes import Call
from .line_calls import money, stored, taxed
from .operands import as_number, as_text, needed, pay_for, plainly
from .shapes import (
    ANY,
    DECIMAL,
    INT,
    TEXT,
    TRUTH,
    KnownValue,
    Shape,
    joined,
    shape_of,
)
from .short_calls import SHORTER
from .table_calls import lookup_answer
from .template_environment import Environment

Visit = Callable[[Node, Environment], KnownValue]

# What is called gives; what is not here may be anything.
_RESULTS: dict[str, Shape] = {
    **dict.fromkeys(
        ("upper", "lower", "trim", "replace", "join", "cut", "plain", "string", "date", "datetime"),
        TEXT,
    ),
    "digest": TEXT,
    **dict.fromkeys(("starts_with", "ends_with"), TRUTH),
    **dict.fromkeys(("round", "percent"), DECIMAL),
    "length": INT,
    "split": Shape("list", element=TEXT),
}


def call(node: Call, env: Environment, visit: Visit, maybe: Visit) -> KnownValue:
    """A call's value; `visit` compiles an argument, `maybe` one that may be absent."""
    function = node.function
    written = _BY_NODE.get((function.sort, function.name))
    if written is not None:
        return written(node, env, visit, maybe)
    if function.with_scope or any(p.kind == "expression" for p in function.parameters):
        raise NotCompiledError(f"`{function.name}` is called in a way that has no short form")
    arguments = [
        _argument(parameter, argument, env, visit)
        for parameter, argument in zip(function.parameters, node.arguments, strict=True)
    ]
    shortened = SHORTER.get((function.sort, function.name))
    result = shortened(arguments, env) if shortened is not None else None
    return result or _called(function, arguments, env)


def _called(function: Function, arguments: list[KnownValue], env: Environment) -> KnownValue:
    """The function itself, with checked arguments."""
    codes = ", ".join(plainly(argument, env).code for argument in arguments)
    result = env.out.let(f"{env.out.constant(function.implementation)}({codes})")
    if function.sort == "test":
        return KnownValue(result, TRUTH)
    return KnownValue(result, _RESULTS.get(function.name, ANY))


def _argument(
    parameter: Parameter, node: Node | None, env: Environment, visit: Visit
) -> KnownValue:
    if node is None:
        value = () if parameter.many else parameter.default
        return KnownValue(env.out.constant(value), shape_of(value), value)
    if parameter.many:
        raise NotCompiledError(f"`{parameter.name}` takes any number of arguments")
    value = visit(node, env)
    if not parameter.takes_null:
        value = _accepted(parameter, value, env)
    pay_for(value, env)
    return value


def _accepted(parameter: Parameter, value: KnownValue, env: Environment) -> KnownValue:
    """The value, once its parameter takes it; what is written out was checked when it was parsed."""
    if value.is_constant and value.shape.is_sure and value.shape.kind != "any":
        if parameter.refusal(value.constant) is None:
            return value
        env.out.put("raise DoubtError")
        return value
    guard = _GUARDS.get(parameter.kind)
    if guard is not None:
        return guard(value, env)
    value = needed(value, env)
    if parameter.kind == "any" or (parameter.kind == "scalar" and value.shape.is_scalar):
        return value
    env.out.put(f"accepted({env.out.constant(parameter)}, {plainly(value, env).code})")
    return value


def _some_text(value: KnownValue, env: Environment) -> KnownValue:
    found = as_text(value, env)
    env.out.doubt_if(f"not {found.code}")
    return found


def _a_list(value: KnownValue, env: Environment) -> KnownValue:
    if value.group is not None or value.shape.is_a("list"):
        return value
    if value.shape.kind == "list" and not value.shape.omit:
        return needed(value, env)
    env.out.put(f"if {value.code}.__class__ is not list: raise unfit({value.code})")
    return KnownValue(value.code, Shape("list"))


def _a_moment(value: KnownValue, env: Environment) -> KnownValue:
    if value.shape.kind == "moment" and not value.shape.omit:
        return needed(value, env)
    env.out.put(f"if {value.code}.__class__ is not datetime: raise unfit({value.code})")
    return value


_GUARDS: dict[str, Callable[[KnownValue, Environment], KnownValue]] = {
    "text": as_text,
    "some text": _some_text,
    "number": as_number,
    "list": _a_list,
    "moment": _a_moment,
}


def _default(node: Call, env: Environment, visit: Visit, maybe: Visit) -> KnownValue:
    value_node, other_node = node.arguments
    assert value_node is not None
    assert other_node is not None
    value = maybe(value_node, env)
    if value.group is not None or (value.shape.is_sure and value.shape.kind not in {"json", "any"}):
        return value
    result = env.out.let(value.code)
    with env.out.block(f"if {result} is None"):
        other = visit(other_node, env)
        env.out.put(f"{result} = {other.code}")
    # What was found is there: only null is replaced.
    found = value.shape.sure() if not value.shape.omit else value.shape
    return KnownValue(result, joined(found, other.shape))


def _defined(node: Call, env: Environment, _: Visit, maybe: Visit) -> KnownValue:
    (value_node,) = node.arguments
    assert value_node is not None
    value = maybe(value_node, env)
    if value.group is not None:
        return KnownValue("True", TRUTH, constant=True)
    return KnownValue(env.out.let(f"{value.code} is not None and {value.code} is not OMIT"), TRUTH)


_BY_NODE: dict[tuple[str, str], Callable[[Call, Environment, Visit, Visit], KnownValue]] = {
    ("filter", "default"): _default,
    ("filter", "money"): money,
    ("filter", "stored"): stored,
    ("filter", "taxed"): taxed,
    ("function", "lookup"): lookup_answer,
    ("test", "defined"): _defined,
}
