"""Values on their way into an operation: null ruled out, made a number or a text, asked for truth."""

from __future__ import annotations

from ...language.functions import is_true
from ...language.functions.values import CHARACTERS_PER_STEP
from .shapes import LINES, NUMBER, NUMBERS, TEXT, GroupShape, KnownValue, Shape
from .template_environment import Environment

# Kinds whose values Python itself takes for true exactly when templates do.
_TRUE_AS_PYTHON = NUMBERS | {"text", "truth", "list", "map", "json", "null", "moment"}


def plainly(value: KnownValue, env: Environment) -> KnownValue:
    """The value as the interpreter has it: lines become a group of lines."""
    group = value.group
    if group is None:
        return value
    if group.every:
        outer = [each for each in group.every if each.is_outer]
        kept = f"({''.join(f'{kept_lines(each)}, ' for each in outer)})"
        return KnownValue(env.out.let(f"all_lines_group({group.code}, {kept})"), LINES)
    return KnownValue(env.out.let(f"line_group({kept_lines(group)})"), LINES)


def kept_lines(group: GroupShape, *, is_behind: bool = False) -> str:
    """The code of a group's lines with those behind them, as a Kept."""
    behind = "".join(f"{kept_lines(each, is_behind=True)}, " for each in group.behind)
    each = f", {group.code}_each" if is_behind else ""
    return f"Kept({group.name!r}, {group.sign}, {group.code}, ({behind}){each})"


def needed(value: KnownValue, env: Environment) -> KnownValue:
    """The value, once it is neither null nor what may only be a whole result."""
    shape, out = value.shape, env.out
    if (
        value.group is not None
        or shape.kind == "lines"
        or (shape.is_sure and shape.kind not in {"any", "reference"})
    ):
        return value
    if shape.kind in {"any", "reference", "omit", "null"}:
        out.put(f"needed({value.code})")
    elif shape.omit:
        out.put(f"if {value.code} is None or {value.code} is OMIT: raise unfit({value.code})")
    else:
        out.put(f"if {value.code} is None: raise NothingError")
    return value.sure()


def as_number(value: KnownValue, env: Environment) -> KnownValue:
    """The value, once it is a number that FAST holds."""
    shape = value.shape
    if shape.is_number:
        return value
    if shape.kind in {"decimal", "int", "number"}:
        return needed(value, env)
    known = env.out.known(("number", value.code))
    if not isinstance(known, KnownValue):
        env.out.put(f"number({value.code})")
        known = KnownValue(value.code, NUMBER)
        env.out.remember(("number", value.code), known)
    return known


def as_text(value: KnownValue, env: Environment) -> KnownValue:
    """The value, once it is a text."""
    if value.shape.is_a("text"):
        return value
    known = env.out.known(("text", value.code))
    if not isinstance(known, KnownValue):
        env.out.put(f"if {value.code}.__class__ is not str: raise unfit({value.code})")
        known = KnownValue(value.code, Shape("text", short=value.shape.short))
        env.out.remember(("text", value.code), known)
    return known


def text_form(value: KnownValue, env: Environment) -> KnownValue:
    """The value inside a text, and what looking at it costs."""
    value = needed(value, env)
    pay_for(value, env)
    form = _TEXT_FORMS.get(value.shape.kind)
    if value.shape.kind == "text":
        return value
    code = form.format(value.code) if form else f"text_of({value.code})"
    return KnownValue(env.out.let(code), TEXT)


def truth(value: KnownValue) -> str:
    """The condition that a value is true for templates."""
    if value.is_constant and value.shape.is_sure and value.shape.kind != "reference":
        return str(is_true(value.constant))
    if value.group is not None:
        return value.code
    if value.shape.kind in _TRUE_AS_PYTHON and not value.shape.omit:
        return value.code
    return f"is_true({value.code})"


def pay_for(value: KnownValue, env: Environment, times: int = 1) -> None:
    """Pay for looking at all of a value, once or several times, but not into its entries."""
    shape, out = value.shape, env.out
    if shape.kind in NUMBERS | {"truth", "null", "omit", "moment", "reference"} or shape.short:
        return
    factor = "" if times == 1 else f" * {times}"
    if value.is_constant:
        size = value.constant
        length = len(size) if isinstance(size, str | list | dict) else 0
        out.pay(times * (length // CHARACTERS_PER_STEP if isinstance(size, str) else length))
    elif shape.kind == "text":
        # The text it was made of is there for certain, and not shorter.
        is_there = bool(value.bound) or shape.is_sure
        out.pay_for_text(value.bound or value.code, times, is_text=is_there)
    elif value.group is not None or shape.is_a("list") or shape.is_a("map"):
        out.put(f"left -= len({value.code}){factor}")
    else:
        out.pay_for_text(value.code, times, is_text=False)
        out.put(f"if {value.code}.__class__ is not str: left -= size({value.code}){factor}")


_TEXT_FORMS = {
    "int": "str({0})",
    "decimal": "plain({0})",
    "number": "plain({0})",
    "truth": "'true' if {0} else 'false'",
}
