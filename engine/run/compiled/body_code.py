"""Compile payload trees: displays for certain values, statements for values that may be omitted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ...documents import is_plain
from ...findings.errors import NotCompiledError
from ...language.lines import Reference
from ...mapping.plan import Body, BodyList, BodyMap, Literal, TemplateAt
from ..bodies import as_json
from .operands import pay_for_value
from .runtime.doubts import MAX_LEVELS
from .shapes import LIST, SCALARS, GroupShape, KnownValue, Shape, shape_of
from .template_code import compile_template
from .template_environment import Environment


@dataclass(slots=True)
class Placement:
    """The groups of lines that a body holds.

    Each value in the body is charged `times` times: once, and again with the lines it is part of.
    """

    times: int = 1
    groups: list[GroupShape] = field(default_factory=list)


def compile_body(body: Body, env: Environment, placement: Placement) -> KnownValue:
    """Compile the JSON value of a body; `omit` if nothing is left of it."""
    return _COMPILERS[type(body)](body, env, placement)


def compile_placed(value: KnownValue, env: Environment, placement: Placement) -> KnownValue:
    """Compile a template's value as it stands in a payload."""
    out, shape = env.out, value.shape
    if value.group is not None:
        return _place_lines(value, value.group, env, placement)
    if shape.null and shape.kind in SCALARS:
        out.doubt_if(f"{value.code} is None")
        value, shape = value.sure() if not shape.omit else value, value.shape
    if shape.kind == "reference" and isinstance(value.constant, Reference):
        out.pay(placement.times)
        shown = as_json(value.constant)
        return KnownValue(out.let(repr(shown)), Shape("json"), shown)
    if shape.kind in SCALARS:
        _charge_value(value, env, placement)
        kept = Shape(shape.kind, omit=shape.omit, short=shape.short)
        return KnownValue(code=value.code, shape=kept, constant=value.constant, is_day=value.is_day)
    out.pay(placement.times)
    out.pay_for_text(value.code, placement.times, is_text=False)
    times = "" if placement.times == 1 else f", {placement.times}"
    placed = f"place_value({value.code}, budget{times})"
    result = out.let(f"{value.code} if {value.code}.__class__ is str else {placed}")
    may_be_omitted = shape.omit or shape.kind in {"any", "omit"}
    return KnownValue(result, Shape("json", omit=may_be_omitted))


def _charge_value(value: KnownValue, env: Environment, placement: Placement) -> None:
    """Charge a step for a scalar value, and its characters."""
    env.out.pay(placement.times)
    shape = value.shape
    if shape.kind == "text" and not shape.short:
        pay_for_value(value, env, placement.times)


def _place_lines(
    value: KnownValue, group: GroupShape, env: Environment, placement: Placement
) -> KnownValue:
    if placement.times != 1:
        raise NotCompiledError("a line holds lines")
    placement.groups.append(group)
    env.out.pay(1)
    env.out.put(f"left -= {1 + _group_depth(group)} * len({value.code})")
    return KnownValue(value.code, LIST, group=group)


def _group_depth(group: GroupShape) -> int:
    """Return how often a line of a group may be visited: on its own, and among `after` lines."""
    return 1 + max(map(_group_depth, (*group.after_groups, *group.every)), default=0)


def _compile_template(at: TemplateAt, env: Environment, placement: Placement) -> KnownValue:
    value = compile_placed(compile_template(at.template, env), env, placement)
    if id(at) in env.single and value.shape.kind not in SCALARS | {"reference", "omit"}:
        _require_single(value, env)
    if id(at) in env.exact:
        _require_places(value, env)
    return value


def _require_places(value: KnownValue, env: Environment) -> None:
    """Raise doubt unless an amount has at most the decimal places of the currency."""
    if not env.unit:
        raise NotCompiledError("an amount has no currency whose decimal places it must have")
    env.out.doubt_if(f"not has_places({value.code}, {env.unit})")


def _require_single(value: KnownValue, env: Environment) -> None:
    """Raise doubt if a value is a map or a list: it might hold amounts that no check counts."""
    if value.shape.kind in {"map", "list", "lines"}:
        raise NotCompiledError("a map or list may hold amounts that no check counts")
    env.out.doubt_if(f"{value.code}.__class__ is dict or {value.code}.__class__ is list")


def _compile_literal(body: Literal, env: Environment, placement: Placement) -> KnownValue:
    value = body.value
    shape = shape_of(value)
    if id(body) in env.exact:
        _require_places(KnownValue(env.out.constant(value), shape, value), env)
    if shape.kind in SCALARS | {"null"}:
        known = KnownValue(env.out.constant(value), shape, value)
        env.out.pay(placement.times)
        if shape.kind == "text":
            pay_for_value(known, env, placement.times)
        return known
    if not is_plain(as_json(value), MAX_LEVELS):
        raise NotCompiledError("a literal holds a value that JSON cannot hold")
    code = env.out.constant(value)
    for _ in range(placement.times):
        env.out.put(f"weigh({code}, budget)")
    return KnownValue(env.out.let(f"as_json({code})"), Shape("json"))


def _compile_map(body: BodyMap, env: Environment, placement: Placement) -> KnownValue:
    out = env.out
    env.out.pay(placement.times * (1 + len(body.entries)))
    entries = [(key, compile_body(entry, env, placement)) for key, entry in body.entries]
    sure = next((i for i, (_, value) in enumerate(entries) if value.shape.omit), len(entries))
    display = ", ".join(f"{key!r}: {value.code}" for key, value in entries[:sure])
    result = out.let(f"{{{display}}}")
    for key, value in entries[sure:]:
        guard = f"if {value.code} is not OMIT: " if value.shape.omit else ""
        out.put(f"{guard}{result}[{key!r}] = {value.code}")
    may_be_empty = bool(entries) and all(value.shape.omit for _, value in entries)
    if may_be_empty:
        out.put(f"if not {result}: {result} = OMIT")
    return KnownValue(result, Shape("map", omit=may_be_empty), parts=dict(entries))


def _compile_list(body: BodyList, env: Environment, placement: Placement) -> KnownValue:
    out = env.out
    env.out.pay(placement.times * (1 + len(body.items)))
    items = [compile_body(item, env, placement) for item in body.items]
    if all(not item.shape.omit for item in items):
        return KnownValue(out.let(f"[{', '.join(item.code for item in items)}]"), LIST)
    display = ", ".join(item.code for item in items)
    result = out.let(f"[each for each in [{display}] if each is not OMIT]")
    may_be_empty = all(item.shape.omit for item in items)
    if may_be_empty:
        out.put(f"if not {result}: {result} = OMIT")
    return KnownValue(result, Shape("list", omit=may_be_empty))


_COMPILERS: dict[type, Callable[..., KnownValue]] = {
    Literal: _compile_literal,
    TemplateAt: _compile_template,
    BodyMap: _compile_map,
    BodyList: _compile_list,
}
