"""The lines of the item sublist become Python: their bodies, group by group, and all of them in order."""

from __future__ import annotations

from dataclasses import replace

from ...mapping.plan import Lines, Plan
from .body_code import Placing, body_value
from .operands import needed, truth
from .schema_fit_code import make_of
from .shapes import ANY, JSON, LINES, WHOLE, GroupShape, KnownValue, Shape
from .template_code import template_value
from .template_environment import Environment

_ALL = "all_lines"


def compile_lines(plan: Plan, env: Environment, times: int) -> KnownValue:
    """The value of `lines`; everything in a line is looked at `times` over.

    `makes` is the set of the makes of all lines, where the record they stand in has a schema.
    """
    env.out.put(f"{_ALL} = []")
    env.out.put("makes = set()")
    groups = [replace(_group(lines, env, times), is_outer=True) for lines in plan.lines]
    every = tuple(part for group in groups for part in (group, *_deep(group)))
    whole = GroupShape("all", _ALL, every=every)
    parts = {group.name: _known(group) for group in groups}
    if not every:
        # No lines at all: their sum is 0.
        parts["all"] = KnownValue(_ALL, LINES, group=GroupShape("all", _ALL))
    else:
        parts["all"] = KnownValue(_ALL, LINES, group=whole)
    return KnownValue(WHOLE, LINES, parts=parts)


def _known(group: GroupShape) -> KnownValue:
    return KnownValue(
        group.code, LINES, parts={b.name: _known(b) for b in group.behind}, group=group
    )


def _deep(group: GroupShape) -> tuple[GroupShape, ...]:
    return tuple(part for behind in group.behind for part in (behind, *_deep(behind)))


def _named(lines: Lines, env: Environment) -> GroupShape:
    """A name for each group's list, those behind it included; the lists are made first."""
    behind = tuple(_named(after, env) for after in lines.after)
    code = env.out.let("[]")
    for each in behind:
        env.out.put(f"{each.code}_each = []")
    return GroupShape(lines.name, code, lines.sign, behind)


def _group(lines: Lines, env: Environment, times: int) -> GroupShape:
    out = env.out
    out.note(f"lines.{lines.name}")
    group = _named(lines, env)
    if lines.entries is None:
        _line(lines, group, env, times, "")
        return group
    found = template_value(lines.entries.template, env)
    if not found.shape.is_a("list"):
        found = _a_list(found, env)
    assert lines.variable is not None
    entry = out.fresh()
    out.pay(1)
    with out.loop(f"for {entry} in {found.code}", found.code):
        element = found.shape.element
        shape = element or (JSON if found.shape.kind in {"json", "list"} else ANY)
        out.pay(2)
        _line(lines, group, env.with_names({lines.variable: KnownValue(entry, shape)}), times, "")
    return group


def _a_list(found: KnownValue, env: Environment) -> KnownValue:
    if found.shape.kind == "list" and found.group is None:
        return needed(found, env)
    env.out.doubt_if(f"{found.code}.__class__ is not list")
    return KnownValue(found.code, Shape("list", element=ANY if found.shape.kind == "any" else JSON))


def _line(lines: Lines, group: GroupShape, env: Environment, times: int, outer: str) -> None:
    """One line, and directly behind it those that belong to it."""
    out = env.out
    out.pay(1)
    if lines.condition is None:
        _kept(lines, group, env, times, outer)
        return
    holds = template_value(lines.condition.template, env)
    with out.block(f"if {truth(holds)}"):
        _kept(lines, group, env, times, outer)


def _kept(lines: Lines, group: GroupShape, env: Environment, times: int, outer: str) -> None:
    out = env.out
    body = body_value(lines.body, env, Placing(times))
    make = None if env.lines is None else make_of(*env.lines, body)
    if make is not None:
        out.put(f"makes.add(({group.code!r}, {''.join(f'{part}, ' for part in make)}))")
    elif env.lines is not None:
        # Where values decide there is no make, and no body with such a line is like another.
        out.put("makes.add(None)")
    if body.shape.omit:
        out.put(f"if {body.code} is OMIT: {body.code} = {{}}")
    out.put(f"{group.code}.append({body.code})")
    out.put(f"{_ALL}.append({body.code})")
    if outer:
        out.put(f"{outer}.append({body.code})")
    for after, behind in zip(lines.after, group.behind, strict=True):
        each = out.let("[]")
        out.put(f"{behind.code}_each.append({each})")
        _line(after, behind, env, times, each)
