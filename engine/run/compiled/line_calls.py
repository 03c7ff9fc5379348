"""Compile the filters `money`, `iso_money`, `stored` and `taxed`: amounts in the currency of the order."""

from __future__ import annotations

from collections.abc import Callable

from ...findings.errors import NotCompiledError
from ...language.functions.amounts import STEPS_OF_A_TAX
from ...language.functions.values import CHARACTERS_PER_STEP
from ...language.templates import Node
from ...language.templates.nodes import Call, Constant
from .operands import kept_lines_code, require_number
from .shapes import DECIMAL, NUMBER, GroupShape, KnownValue
from .template_environment import Environment

Visit = Callable[[Node, Environment], KnownValue]


def compile_money(node: Call, env: Environment, visit: Visit, _: Visit) -> KnownValue:
    """Compile the rounding to the minor unit of the order's currency, or of a constant one."""
    amount_node, currency_node = node.arguments
    assert amount_node is not None
    if currency_node is not None and not isinstance(currency_node, Constant):
        raise NotCompiledError("the currency of `money` is computed")
    amount = require_number(visit(amount_node, env), env)
    unit = env.unit
    if currency_node is not None:
        env.out.pay(1)
        unit = f"{env.units}[{currency_node.value!r}]"
    if not unit:
        env.out.put("raise DoubtError")
    return KnownValue(_round_amount(amount.code, unit or "None", env), DECIMAL)


def compile_iso_money(node: Call, env: Environment, visit: Visit, _: Visit) -> KnownValue:
    """Compile the rounding to the smaller of the minor units of the account and of ISO 4217."""
    (amount_node,) = node.arguments
    assert amount_node is not None
    amount = require_number(visit(amount_node, env), env)
    if not env.unit:
        env.out.put("raise DoubtError")
        return KnownValue("None", DECIMAL)
    return KnownValue(
        _round_amount(amount.code, f"find_iso_unit({env.unit}, currency)", env), DECIMAL
    )


def _round_amount(code: str, unit: str, env: Environment) -> str:
    """Round a number to the minor unit, half up; zero loses its sign."""
    rounded = f"quantize({code}, {unit})"
    known = env.out.known(("code", rounded))
    if isinstance(known, str):
        return known
    result = env.out.once(rounded)
    env.out.put(f"if not {result}: {result} = {result}.copy_abs()")
    return result


def compile_stored(node: Call, env: Environment, visit: Visit, _: Visit) -> KnownValue:
    """Compile the sum of the amounts that the ledger will store for the lines of a group."""
    group = _compile_group(node, env, visit)
    env.out.pay(1)
    groups = group.every or (group,)
    codes = [f"sum_stored({each.code}, {each.sign}, {env.unit or None})" for each in groups]
    for each in groups:
        env.out.put(f"left -= len({each.code})")
    return KnownValue(env.out.let(" + ".join(codes) or "0"), NUMBER)


def compile_taxed(node: Call, env: Environment, visit: Visit, _: Visit) -> KnownValue:
    """Compile the tax on the lines of a group, each with its `after` lines."""
    group = _compile_group(node, env, visit)
    rate, codes_node = node.arguments[1:]
    if group.every or not isinstance(rate, Constant) or not isinstance(rate.value, str):
        raise NotCompiledError("the rate of `taxed` is computed, or for all lines")
    if not rate.value or "." in rate.value:
        raise NotCompiledError("the rate of `taxed` is not a plain key")
    env.out.pay(2 + len(rate.value) // CHARACTERS_PER_STEP)
    after_lines = "".join(f" + len({each.code})" for each in group.after_groups)
    env.out.put(f"left -= {1 + STEPS_OF_A_TAX} * len({group.code}){after_lines}")
    codes = "None" if codes_node is None else _compile_rates(codes_node, env, visit)
    code = f"sum_taxes({kept_lines_code(group)}, {rate.value!r}, {env.unit or None}, {codes})"
    return KnownValue(env.out.let(code), NUMBER)


def _compile_rates(node: Node, env: Environment, visit: Visit) -> str:
    """Compile a map of tax codes to rates."""
    rates = visit(node, env)
    members = rates.shape.members if rates.shape.is_a("map") else None
    if members is None or rates.shape.partial or not all(m.is_number for m in members.values()):
        raise NotCompiledError("the rates by tax code may be something else than numbers")
    env.out.put(f"left -= len({rates.code})")
    return rates.code


def _compile_group(node: Call, env: Environment, visit: Visit) -> GroupShape:
    assert node.arguments[0] is not None
    value = visit(node.arguments[0], env)
    if value.group is None:
        raise NotCompiledError("the value to add up is not a group of lines")
    return value.group
