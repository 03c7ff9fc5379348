"""Compile operands: rule out null, require a number or a text, test for truth, charge the cost."""

from __future__ import annotations

from ...language.functions import is_true
from ...language.functions.values import CHARACTERS_PER_STEP
from .shapes import LINES, NUMBER, NUMBERS, TEXT, GroupShape, KnownValue, Shape
from .template_environment import Environment

# Kinds whose values are true in Python exactly if they are true in templates.
_TRUE_AS_PYTHON = NUMBERS | {"text", "truth", "list", "map", "json", "null", "moment"}


def as_interpreted(value: KnownValue, env: Environment) -> KnownValue:
    """Compile the interpreter's form of a value: lines become a LineGroup."""
    group = value.group
    if group is None:
        return value
    if group.every:
        outer = [each for each in group.every if each.is_outer]
        kept = f"({''.join(f'{kept_lines_code(each)}, ' for each in outer)})"
        return KnownValue(env.out.let(f"build_all_lines_group({group.code}, {kept})"), LINES)
    return KnownValue(env.out.let(f"build_line_group({kept_lines_code(group)})"), LINES)


def kept_lines_code(group: GroupShape, *, is_after: bool = False) -> str:
    """Return the code of a KeptLines: a group's lines with their `after` lines."""
    after_groups = "".join(
        f"{kept_lines_code(each, is_after=True)}, " for each in group.after_groups
    )
    each = f", {group.code}_each" if is_after else ""
    return f"KeptLines({group.name!r}, {group.sign}, {group.code}, ({after_groups}){each})"


def require_value(value: KnownValue, env: Environment) -> KnownValue:
    """Compile the check that a value is neither null, `omit` nor a reference."""
    shape, out = value.shape, env.out
    if (
        value.group is not None
        or shape.kind == "lines"
        or (shape.is_sure and shape.kind not in {"any", "reference"})
    ):
        return value
    if shape.kind in {"any", "reference", "omit", "null"}:
        out.put(f"require_value({value.code})")
    elif shape.omit:
        out.put(
            f"if {value.code} is None or {value.code} is OMIT: raise misfit_error({value.code})"
        )
    else:
        out.put(f"if {value.code} is None: raise NothingError")
    return value.sure()


def require_number(value: KnownValue, env: Environment) -> KnownValue:
    """Compile the check that a value is a number that FAST can hold."""
    shape = value.shape
    if shape.is_number:
        return value
    if shape.kind in {"decimal", "int", "number"}:
        return require_value(value, env)
    known = env.out.known(("number", value.code))
    if not isinstance(known, KnownValue):
        env.out.put(f"require_number({value.code})")
        known = KnownValue(value.code, NUMBER)
        env.out.remember(("number", value.code), known)
    return known


def require_text(value: KnownValue, env: Environment) -> KnownValue:
    """Compile the check that a value is a text."""
    if value.shape.is_a("text"):
        return value
    known = env.out.known(("text", value.code))
    if not isinstance(known, KnownValue):
        env.out.put(f"if {value.code}.__class__ is not str: raise misfit_error({value.code})")
        known = KnownValue(value.code, Shape("text", short=value.shape.short))
        env.out.remember(("text", value.code), known)
    return known


def compile_text_form(value: KnownValue, env: Environment) -> KnownValue:
    """Compile the value's form inside a text, and charge its cost."""
    value = require_value(value, env)
    pay_for_value(value, env)
    form = _TEXT_FORMS.get(value.shape.kind)
    if value.shape.kind == "text":
        return value
    code = form.format(value.code) if form else f"format_text({value.code})"
    return KnownValue(env.out.let(code), TEXT)


def truth_condition(value: KnownValue) -> str:
    """Return the condition that a value is true in templates."""
    if value.is_constant and value.shape.is_sure and value.shape.kind != "reference":
        return str(is_true(value.constant))
    if value.group is not None:
        return value.code
    if value.shape.kind in _TRUE_AS_PYTHON and not value.shape.omit:
        return value.code
    return f"is_true({value.code})"


def pay_for_value(value: KnownValue, env: Environment, times: int = 1) -> None:
    """Charge `times` readings of a value, without the contents of its entries."""
    shape, out = value.shape, env.out
    if shape.kind in NUMBERS | {"truth", "null", "omit", "moment", "reference"} or shape.short:
        return
    factor = "" if times == 1 else f" * {times}"
    if value.is_constant:
        size = value.constant
        length = len(size) if isinstance(size, str | list | dict) else 0
        out.pay(times * (length // CHARACTERS_PER_STEP if isinstance(size, str) else length))
    elif shape.kind == "text":
        # The text it was made of exists for certain, and is not shorter.
        is_there = bool(value.bound) or shape.is_sure
        out.pay_for_text(value.bound or value.code, times, is_text=is_there)
    elif value.group is not None or shape.is_a("list") or shape.is_a("map"):
        out.put(f"left -= len({value.code}){factor}")
    else:
        out.pay_for_text(value.code, times, is_text=False)
        out.put(f"if {value.code}.__class__ is not str: left -= size({value.code}){factor}")


_TEXT_FORMS = {
    "int": "str({0})",
    "decimal": "format_plain({0})",
    "number": "format_plain({0})",
    "truth": "'true' if {0} else 'false'",
}
