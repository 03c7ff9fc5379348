"""Compile comparisons of templates: Python's where the result is the same, else the interpreter's."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from ...language.functions.values import CHARACTERS_PER_STEP
from ...language.templates import Node
from ...language.templates.nodes import Comparison
from .operands import as_interpreted, pay_for_value, require_value
from .shapes import NUMBERS, TRUTH, KnownValue, Shape
from .template_environment import Environment

Visit = Callable[[Node, Environment], KnownValue]

_FAMILIES = dict.fromkeys(NUMBERS, "number") | {
    "text": "text",
    "truth": "truth",
    "null": "null",
}
_ORDERED = frozenset({"number", "text"})


def compile_comparison(node: Comparison, env: Environment, visit: Visit) -> KnownValue:
    """Compile a chain of comparisons; the first that does not hold decides."""
    result = env.out.new_name()
    left = as_interpreted(visit(node.first, env), env)
    with ExitStack() as blocks:
        for index, (operator, right_node) in enumerate(node.rest):
            if index:
                blocks.enter_context(env.out.block(f"if {result}"))
            right = as_interpreted(visit(right_node, env), env)
            compared = _compile_operator(operator, left, right, env)
            pure = env.out.once(compared) if "budget" not in compared else compared
            env.out.put(f"{result} = {pure}")
            left = right
    return KnownValue(result, TRUTH)


def _compile_operator(operator: str, left: KnownValue, right: KnownValue, env: Environment) -> str:
    """Return the condition and charge its cost."""
    write = _COMPILERS.get(operator, _call_compare)
    code = write(operator, left, right, env)
    return code or _call_compare(operator, left, right, env)


def _call_compare(operator: str, left: KnownValue, right: KnownValue, _: Environment) -> str:
    return f"compare({operator!r}, {left.code}, {right.code}, budget)"


def _compile_equality(operator: str, left: KnownValue, right: KnownValue, env: Environment) -> str:
    """Return Python's equality where the kinds of both sides allow it."""
    same = f"{left.code} {operator} {right.code}"
    if _python_agrees(left.shape, right.shape):
        _pay_for_side(left, env)
        return same
    kinds = {left.shape.kind, right.shape.kind}
    if kinds <= {"text", "json"} and not (left.shape.omit or right.shape.omit):
        _pay_for_side(left, env)
        unsure = [side.code for side in (left, right) if not side.shape.is_a("text")]
        guard = " and ".join(f"{code}.__class__ is str" for code in unsure)
        return f"{same} if {guard} else {_call_compare(operator, left, right, env)}"
    return ""


def _python_agrees(left: Shape, right: Shape) -> bool:
    """Whether Python's equality is that of templates, where true does not equal 1."""
    if left.omit or right.omit:
        return False
    families = {_FAMILIES.get(left.kind, ""), _FAMILIES.get(right.kind, "")}
    return "" not in families and families != {"number", "truth"}


def _compile_ordering(operator: str, left: KnownValue, right: KnownValue, env: Environment) -> str:
    """Return Python's ordering of two numbers or two texts, neither null."""
    family = _FAMILIES.get(left.shape.kind, "")
    if family not in _ORDERED or family != _FAMILIES.get(right.shape.kind):
        return ""
    left, right = require_value(left, env), require_value(right, env)
    _pay_for_side(left, env)
    return f"{left.code} {operator} {right.code}"


def _compile_membership(
    operator: str, left: KnownValue, right: KnownValue, env: Environment
) -> str:
    """Return Python's membership of a text in texts, or of a list in lists of texts."""
    element = right.shape.element if right.shape.is_a("list") else None
    if element is None or left.shape.omit:
        return ""
    env.out.pay(1)
    if left.shape.kind in {"json", "text"} and _is_plain(element):
        _pay_for_entries(right, env)
        among = f"{left.code} {operator} {right.code}"
        if left.shape.is_a("text"):
            return among
        return f"{among} if {left.code}.__class__ is str else {_call_compare(operator, left, right, env)}"
    if left.shape.null:
        return ""
    if left.shape.kind == "list" and element.kind in {"list", "never"}:
        # Each comparison reads both lists whole.
        return f"is_among({operator!r}, {left.code}, {right.code}, budget)"
    return ""


def _pay_for_entries(values: KnownValue, env: Environment) -> None:
    """Charge the comparison with every text of a list; a null among them raises doubt."""
    if isinstance(values.constant, list):
        texts = [value for value in values.constant if isinstance(value, str)]
        env.out.pay(2 * len(values.constant) + sum(map(len, texts)) // CHARACTERS_PER_STEP)
        return
    code = values.code
    cost = f"sum(map(len, {code})) // {CHARACTERS_PER_STEP} + 2 * len({code})"
    env.out.put(f"if (left := left - ({cost})) < 0: raise DoubtError")


def _is_plain(shape: Shape) -> bool:
    """Whether a shape is text or null, to which Python takes no other value as equal."""
    return shape.kind in {"text", "null", "never"} and not shape.omit


def _pay_for_side(left: KnownValue, env: Environment) -> None:
    if left.is_constant or not (left.shape.kind == "json" or left.shape.null):
        pay_for_value(left, env)
    elif left.shape.kind in {"json", "text"} and not left.shape.short:
        env.out.pay_for_text(left.code, is_text=False)


_COMPILERS: dict[str, Callable[[str, KnownValue, KnownValue, Environment], str]] = {
    "==": _compile_equality,
    "!=": _compile_equality,
    "<": _compile_ordering,
    "<=": _compile_ordering,
    ">": _compile_ordering,
    ">=": _compile_ordering,
    "in": _compile_membership,
    "not in": _compile_membership,
}
