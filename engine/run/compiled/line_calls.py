"""The filters `money`, `stored` and `taxed`: amounts in the currency of the order."""

from __future__ import annotations

from collections.abc import Callable

from ...findings.errors import NotCompiledError
from ...language.functions.values import CHARACTERS_PER_STEP
from ...language.templates import Node
from ...language.templates.nodes import Call, Constant
from .operands import as_number, kept_lines
from .shapes import DECIMAL, NUMBER, GroupShape, KnownValue
from .template_environment import Environment

Visit = Callable[[Node, Environment], KnownValue]


def money(node: Call, env: Environment, visit: Visit, _: Visit) -> KnownValue:
    """An amount to the minor unit of the order's currency, or of one written out."""
    amount_node, currency_node = node.arguments
    assert amount_node is not None
    if currency_node is not None and not isinstance(currency_node, Constant):
        raise NotCompiledError("the currency of `money` is computed")
    amount = as_number(visit(amount_node, env), env)
    unit = env.unit
    if currency_node is not None:
        env.out.pay(1)
        unit = f"CURRENCY_UNITS[{currency_node.value!r}]"
    if not unit:
        env.out.put("raise DoubtError")
    return KnownValue(_rounded(amount.code, unit or "None", env), DECIMAL)


def _rounded(code: str, unit: str, env: Environment) -> str:
    """A number to the minor unit, half up; no zero keeps a sign."""
    rounded = f"quantize({code}, {unit})"
    known = env.out.known(("code", rounded))
    if isinstance(known, str):
        return known
    result = env.out.once(rounded)
    env.out.put(f"if not {result}: {result} = {result}.copy_abs()")
    return result


def stored(node: Call, env: Environment, visit: Visit, _: Visit) -> KnownValue:
    """What NetSuite will hold for the lines of a group."""
    group = _group_of(node, env, visit)
    env.out.pay(1)
    groups = group.every or (group,)
    codes = [f"stored({each.code}, {each.sign}, {env.unit or None})" for each in groups]
    for each in groups:
        env.out.put(f"left -= len({each.code})")
    return KnownValue(env.out.let(" + ".join(codes) or "0"), NUMBER)


def taxed(node: Call, env: Environment, visit: Visit, _: Visit) -> KnownValue:
    """The tax on the lines of a group, each with those behind it."""
    group = _group_of(node, env, visit)
    rate = node.arguments[1]
    if group.every or not isinstance(rate, Constant) or not isinstance(rate.value, str):
        raise NotCompiledError("the rate of `taxed` is computed, or asked of all lines")
    if not rate.value or "." in rate.value:
        raise NotCompiledError("the rate of `taxed` is no plain key")
    env.out.pay(2 + len(rate.value) // CHARACTERS_PER_STEP)
    env.out.put(f"left -= len({group.code})")
    code = f"taxed({kept_lines(group)}, {rate.value!r}, {env.unit or None})"
    return KnownValue(env.out.let(code), NUMBER)


def _group_of(node: Call, env: Environment, visit: Visit) -> GroupShape:
    assert node.arguments[0] is not None
    value = visit(node.arguments[0], env)
    if value.group is None:
        raise NotCompiledError("what is no group of lines is added up")
    return value.group
