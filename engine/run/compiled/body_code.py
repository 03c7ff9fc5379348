"""Payload trees become Python: displays of what is there for certain, statements for what may be omitted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ...documents import is_plain
from ...findings.errors import NotCompiledError
from ...language.lines import Reference
from ...mapping.plan import Body, BodyList, BodyMap, Literal, TemplateAt
from ..bodies import as_json
from .operands import pay_for
from .runtime.doubts import MAX_LEVELS
from .shapes import LIST, SCALARS, GroupShape, KnownValue, Shape, shape_of
from .template_code import template_value
from .template_environment import Environment


@dataclass(slots=True)
class Placing:
    """What is noted while a body is written: which lines stand in it.

    Everything in a body is looked at `times` over: once, and again with the lines it is part of.
    """

    times: int = 1
    groups: list[GroupShape] = field(default_factory=list)


def body_value(body: Body, env: Environment, placing: Placing) -> KnownValue:
    """The JSON value of a body; `omit` when nothing is left of it."""
    return _WRITE[type(body)](body, env, placing)


def placed_value(value: KnownValue, env: Environment, placing: Placing) -> KnownValue:
    """A template's value as it stands in a payload."""
    out, shape = env.out, value.shape
    if value.group is not None:
        return _placed_lines(value, value.group, env, placing)
    if shape.null and shape.kind in SCALARS:
        out.doubt_if(f"{value.code} is None")
        value, shape = value.sure() if not shape.omit else value, value.shape
    if shape.kind == "reference" and isinstance(value.constant, Reference):
        out.pay(placing.times)
        shown = as_json(value.constant)
        return KnownValue(out.let(repr(shown)), Shape("json"), shown)
    if shape.kind in SCALARS:
        _weigh(value, env, placing)
        kept = Shape(shape.kind, omit=shape.omit, short=shape.short)
        return KnownValue(value.code, kept, value.constant, is_day=value.is_day)
    out.pay(placing.times)
    out.pay_for_text(value.code, placing.times, is_text=False)
    times = "" if placing.times == 1 else f", {placing.times}"
    placed = f"placed({value.code}, budget{times})"
    result = out.let(f"{value.code} if {value.code}.__class__ is str else {placed}")
    may_be_omitted = shape.omit or shape.kind in {"any", "omit"}
    return KnownValue(result, Shape("json", omit=may_be_omitted))


def _weigh(value: KnownValue, env: Environment, placing: Placing) -> None:
    """A single value costs a step, and its characters."""
    env.out.pay(placing.times)
    shape = value.shape
    if shape.kind == "text" and not shape.short:
        pay_for(value, env, placing.times)


def _placed_lines(
    value: KnownValue, group: GroupShape, env: Environment, placing: Placing
) -> KnownValue:
    if placing.times != 1:
        raise NotCompiledError("lines stand in a line")
    placing.groups.append(group)
    env.out.pay(1)
    env.out.put(f"left -= {1 + _depth(group)} * len({value.code})")
    return KnownValue(value.code, LIST, group=group)


def _depth(group: GroupShape) -> int:
    """How often a line may be met on the way through a group: on its own, and behind others."""
    return 1 + max(map(_depth, (*group.behind, *group.every)), default=0)


def _template(at: TemplateAt, env: Environment, placing: Placing) -> KnownValue:
    return placed_value(template_value(at.template, env), env, placing)


def _literal(body: Literal, env: Environment, placing: Placing) -> KnownValue:
    value = body.value
    shape = shape_of(value)
    if shape.kind in SCALARS | {"null"}:
        known = KnownValue(env.out.constant(value), shape, value)
        env.out.pay(placing.times)
        if shape.kind == "text":
            pay_for(known, env, placing.times)
        return known
    if not is_plain(as_json(value), MAX_LEVELS):
        raise NotCompiledError("a literal holds what JSON does not have")
    code = env.out.constant(value)
    for _ in range(placing.times):
        env.out.put(f"weigh({code}, budget)")
    return KnownValue(env.out.let(f"as_json({code})"), Shape("json"))


def _map(body: BodyMap, env: Environment, placing: Placing) -> KnownValue:
    out = env.out
    env.out.pay(placing.times * (1 + len(body.entries)))
    entries = [(key, body_value(entry, env, placing)) for key, entry in body.entries]
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


def _list(body: BodyList, env: Environment, placing: Placing) -> KnownValue:
    out = env.out
    env.out.pay(placing.times * (1 + len(body.items)))
    items = [body_value(item, env, placing) for item in body.items]
    if all(not item.shape.omit for item in items):
        return KnownValue(out.let(f"[{', '.join(item.code for item in items)}]"), LIST)
    display = ", ".join(item.code for item in items)
    result = out.let(f"[each for each in [{display}] if each is not OMIT]")
    may_be_empty = all(item.shape.omit for item in items)
    if may_be_empty:
        out.put(f"if not {result}: {result} = OMIT")
    return KnownValue(result, Shape("list", omit=may_be_empty))


_WRITE: dict[type, Callable[..., KnownValue]] = {
    Literal: _literal,
    TemplateAt: _template,
    BodyMap: _map,
    BodyList: _list,
}
