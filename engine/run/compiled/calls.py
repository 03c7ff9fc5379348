"""Compile filters, functions and tests: frequent ones to inline code, the others to calls."""

from __future__ import annotations

from collections.abc import Callable

from ...findings.errors import NotCompiledError
from ...language.functions import Function, Parameter
from ...language.templates import Node
from ...language.templates.nodes import Call
from .line_calls import compile_iso_money, compile_money, compile_stored, compile_taxed
from .operands import as_interpreted, pay_for_value, require_number, require_text, require_value
from .shapes import (
    ANY,
    DECIMAL,
    INT,
    TEXT,
    TRUTH,
    KnownValue,
    Shape,
    join_shapes,
    shape_of,
)
from .short_calls import SHORT_CALLS
from .table_calls import compile_lookup
from .template_environment import Environment

Visit = Callable[[Node, Environment], KnownValue]

# The shapes of results; the result of a function that is not here may be anything.
_RESULTS: dict[str, Shape] = {
    **dict.fromkeys(
        ("upper", "lower", "trim", "replace", "join", "string", "date", "datetime", "digest"), TEXT
    ),
    **dict.fromkeys(("cut", "cut_bytes", "plain", "email", "country", "state"), TEXT),
    **dict.fromkeys(("starts_with", "ends_with"), TRUTH),
    **dict.fromkeys(("round", "percent"), DECIMAL),
    "length": INT,
    "split": Shape("list", element=TEXT),
}


def compile_call(node: Call, env: Environment, visit: Visit, visit_optional: Visit) -> KnownValue:
    """Compile a call; `visit` compiles an argument, `visit_optional` one that may be absent."""
    function = node.function
    compiler = _COMPILERS.get((function.sort, function.name))
    if compiler is not None:
        return compiler(node, env, visit, visit_optional)
    if function.with_scope or any(p.kind == "expression" for p in function.parameters):
        raise NotCompiledError(f"this use of `{function.name}` cannot be compiled")
    arguments = [
        _compile_argument(parameter, argument, env, visit)
        for parameter, argument in zip(function.parameters, node.arguments, strict=True)
    ]
    short_call = SHORT_CALLS.get((function.sort, function.name))
    result = short_call(arguments, env) if short_call is not None else None
    return result or _call_function(function, arguments, env)


def _call_function(function: Function, arguments: list[KnownValue], env: Environment) -> KnownValue:
    """Compile a call of the function itself, with checked arguments."""
    codes = ", ".join(as_interpreted(argument, env).code for argument in arguments)
    if function.cost is not None:
        env.out.doubt_if(f"(left := left - {env.out.constant(function.cost)}({codes})) < 0")
    result = env.out.let(f"{env.out.constant(function.implementation)}({codes})")
    if function.sort == "test":
        return KnownValue(result, TRUTH)
    return KnownValue(result, _RESULTS.get(function.name, ANY))


def _compile_argument(
    parameter: Parameter, node: Node | None, env: Environment, visit: Visit
) -> KnownValue:
    if node is None:
        value = () if parameter.many else parameter.default
        return KnownValue(env.out.constant(value), shape_of(value), value)
    if parameter.many:
        raise NotCompiledError(f"`{parameter.name}` takes any number of arguments")
    value = visit(node, env)
    if not parameter.takes_null:
        value = _check_argument(parameter, value, env)
    pay_for_value(value, env)
    return value


def _check_argument(parameter: Parameter, value: KnownValue, env: Environment) -> KnownValue:
    """Compile the check that a parameter accepts a value; a constant is checked at once."""
    if value.is_constant and value.shape.is_sure and value.shape.kind != "any":
        if parameter.refusal(value.constant) is None:
            return value
        env.out.put("raise DoubtError")
        return value
    guard = _GUARDS.get(parameter.kind)
    if guard is not None:
        return guard(value, env)
    value = require_value(value, env)
    if parameter.kind == "any" or (parameter.kind == "scalar" and value.shape.is_scalar):
        return value
    env.out.put(f"check_argument({env.out.constant(parameter)}, {as_interpreted(value, env).code})")
    return value


def _require_some_text(value: KnownValue, env: Environment) -> KnownValue:
    found = require_text(value, env)
    env.out.doubt_if(f"not {found.code}")
    return found


def _require_list(value: KnownValue, env: Environment) -> KnownValue:
    if value.group is not None or value.shape.is_a("list"):
        return value
    if value.shape.kind == "list" and not value.shape.omit:
        return require_value(value, env)
    env.out.put(f"if {value.code}.__class__ is not list: raise misfit_error({value.code})")
    return KnownValue(value.code, Shape("list"))


def _require_moment(value: KnownValue, env: Environment) -> KnownValue:
    if value.shape.kind == "moment" and not value.shape.omit:
        return require_value(value, env)
    env.out.put(f"if {value.code}.__class__ is not datetime: raise misfit_error({value.code})")
    return value


_GUARDS: dict[str, Callable[[KnownValue, Environment], KnownValue]] = {
    "text": require_text,
    "some text": _require_some_text,
    "number": require_number,
    "list": _require_list,
    "moment": _require_moment,
}


def _compile_default(
    node: Call, env: Environment, visit: Visit, visit_optional: Visit
) -> KnownValue:
    value_node, default_node = node.arguments
    assert value_node is not None
    assert default_node is not None
    value = visit_optional(value_node, env)
    if value.group is not None or (value.shape.is_sure and value.shape.kind not in {"json", "any"}):
        return value
    result = env.out.let(value.code)
    with env.out.block(f"if {result} is None"):
        default = visit(default_node, env)
        env.out.put(f"{result} = {default.code}")
    # `default` replaces only null.
    found = value.shape.sure() if not value.shape.omit else value.shape
    return KnownValue(result, join_shapes(found, default.shape))


def _compile_defined(node: Call, env: Environment, _: Visit, visit_optional: Visit) -> KnownValue:
    (value_node,) = node.arguments
    assert value_node is not None
    value = visit_optional(value_node, env)
    if value.group is not None:
        return KnownValue("True", TRUTH, constant=True)
    return KnownValue(env.out.let(f"{value.code} is not None and {value.code} is not OMIT"), TRUTH)


_COMPILERS: dict[tuple[str, str], Callable[[Call, Environment, Visit, Visit], KnownValue]] = {
    ("filter", "default"): _compile_default,
    ("filter", "money"): compile_money,
    ("filter", "iso_money"): compile_iso_money,
    ("filter", "stored"): compile_stored,
    ("filter", "taxed"): compile_taxed,
    ("function", "lookup"): compile_lookup,
    ("test", "defined"): _compile_defined,
}
