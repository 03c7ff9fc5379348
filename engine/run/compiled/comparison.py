"""Comparisons of templates: Python's own where it says the same, else the interpreter's."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from ...language.functions.values import CHARACTERS_PER_STEP
from ...language.templates import Node
from ...language.templates.nodes import Comparison
from .operands import needed, pay_for, plainly
from .shapes import NUMBERS, TRUTH, KnownValue, Shape
from .template_environment import Environment

Visit = Callable[[Node, Environment], KnownValue]

_FAMILIES = dict.fromkeys(NUMBERS, "number") | {
    "text": "text",
    "truth": "truth",
    "null": "null",
}
_ORDERED = frozenset({"number", "text"})


def comparison(node: Comparison, env: Environment, visit: Visit) -> KnownValue:
    """A chain of comparisons, of which the first that does not hold decides."""
    result = env.out.fresh()
    left = plainly(visit(node.first, env), env)
    with ExitStack() as blocks:
        for index, (operator, right_node) in enumerate(node.rest):
            if index:
                blocks.enter_context(env.out.block(f"if {result}"))
            right = plainly(visit(right_node, env), env)
            compared = _compared(operator, left, right, env)
            pure = env.out.once(compared) if "budget" not in compared else compared
            env.out.put(f"{result} = {pure}")
            left = right
    return KnownValue(result, TRUTH)


def _compared(operator: str, left: KnownValue, right: KnownValue, env: Environment) -> str:
    """The condition; what it costs is paid."""
    write = _WRITTEN.get(operator, _generic)
    code = write(operator, left, right, env)
    return code or _generic(operator, left, right, env)


def _generic(operator: str, left: KnownValue, right: KnownValue, _: Environment) -> str:
    return f"compare({operator!r}, {left.code}, {right.code}, budget)"


def _equality(operator: str, left: KnownValue, right: KnownValue, env: Environment) -> str:
    """Equal for Python and for templates, where kinds cannot be mixed up."""
    same = f"{left.code} {operator} {right.code}"
    if _agrees(left.shape, right.shape):
        _pay(left, env)
        return same
    kinds = {left.shape.kind, right.shape.kind}
    if kinds <= {"text", "json"} and not (left.shape.omit or right.shape.omit):
        _pay(left, env)
        unsure = [side.code for side in (left, right) if not side.shape.is_a("text")]
        guard = " and ".join(f"{code}.__class__ is str" for code in unsure)
        return f"{same} if {guard} else {_generic(operator, left, right, env)}"
    return ""


def _agrees(left: Shape, right: Shape) -> bool:
    """Whether Python's equality is that of templates: true is not 1, and all else is plain."""
    if left.omit or right.omit:
        return False
    families = {_FAMILIES.get(left.kind, ""), _FAMILIES.get(right.kind, "")}
    return "" not in families and families != {"number", "truth"}


def _ordering(operator: str, left: KnownValue, right: KnownValue, env: Environment) -> str:
    """Smaller or larger: two numbers or two texts, both there."""
    family = _FAMILIES.get(left.shape.kind, "")
    if family not in _ORDERED or family != _FAMILIES.get(right.shape.kind):
        return ""
    left, right = needed(left, env), needed(right, env)
    _pay(left, env)
    return f"{left.code} {operator} {right.code}"


def _membership(operator: str, left: KnownValue, right: KnownValue, env: Environment) -> str:
    """A text among texts, or a list among lists of texts."""
    element = right.shape.element if right.shape.is_a("list") else None
    if element is None or left.shape.omit:
        return ""
    env.out.pay(1)
    if left.shape.kind in {"json", "text"} and _is_plain(element):
        _pay_for_entries(right, env)
        among = f"{left.code} {operator} {right.code}"
        if left.shape.is_a("text"):
            return among
        return (
            f"{among} if {left.code}.__class__ is str else {_generic(operator, left, right, env)}"
        )
    if left.shape.null:
        return ""
    if left.shape.kind == "list" and element.kind in {"list", "never"}:
        # Each comparison looks at all of both.
        return f"among({operator!r}, {left.code}, {right.code}, budget)"
    return ""


def _pay_for_entries(values: KnownValue, env: Environment) -> None:
    """Pay for comparing every text of a list; a null among them is a matter of doubt."""
    if isinstance(values.constant, list):
        texts = [value for value in values.constant if isinstance(value, str)]
        env.out.pay(2 * len(values.constant) + sum(map(len, texts)) // CHARACTERS_PER_STEP)
        return
    code = values.code
    cost = f"sum(map(len, {code})) // {CHARACTERS_PER_STEP} + 2 * len({code})"
    env.out.put(f"if (left := left - ({cost})) < 0: raise DoubtError")


def _is_plain(shape: Shape) -> bool:
    """Texts and nulls: Python never takes anything else for equal to them."""
    return shape.kind in {"text", "null", "never"} and not shape.omit


def _pay(left: KnownValue, env: Environment) -> None:
    if left.is_constant or not (left.shape.kind == "json" or left.shape.null):
        pay_for(left, env)
    elif left.shape.kind in {"json", "text"} and not left.shape.short:
        env.out.pay_for_text(left.code, is_text=False)


_WRITTEN: dict[str, Callable[[str, KnownValue, KnownValue, Environment], str]] = {
    "==": _equality,
    "!=": _equality,
    "<": _ordering,
    "<=": _ordering,
    ">": _ordering,
    ">=": _ordering,
    "in": _membership,
    "not in": _membership,
}
