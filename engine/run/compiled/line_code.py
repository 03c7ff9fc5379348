"""Compile the lines: their bodies by group, and the bodies of all lines in order."""

from __future__ import annotations

from dataclasses import replace

from ...mapping.plan import Lines, Plan
from .body_code import Placement, compile_body
from .operands import require_value, truth_condition
from .schema_fit_code import compile_signature
from .shapes import ANY, JSON, LINES, WHOLE, GroupShape, KnownValue, Shape
from .template_code import compile_template
from .template_environment import Environment

_ALL = "all_lines"


def compile_lines(plan: Plan, env: Environment, times: int) -> KnownValue:
    """Compile all lines; return the value of `lines`. Each value in a line is charged `times` times.

    The variable `signatures` holds the signatures of all lines if their record has a schema.
    """
    env.out.put(f"{_ALL} = []")
    env.out.put("signatures = set()")
    groups = [replace(_compile_group(lines, env, times), is_outer=True) for lines in plan.lines]
    every = tuple(part for group in groups for part in (group, *_list_after_groups(group)))
    whole = GroupShape("all", _ALL, every=every)
    parts = {group.name: _build_group_value(group) for group in groups}
    if not every:
        # Without lines the sum is 0.
        parts["all"] = KnownValue(_ALL, LINES, group=GroupShape("all", _ALL))
    else:
        parts["all"] = KnownValue(_ALL, LINES, group=whole)
    return KnownValue(WHOLE, LINES, parts=parts)


def _build_group_value(group: GroupShape) -> KnownValue:
    return KnownValue(
        code=group.code,
        shape=LINES,
        parts={b.name: _build_group_value(b) for b in group.after_groups},
        group=group,
    )


def _list_after_groups(group: GroupShape) -> tuple[GroupShape, ...]:
    return tuple(
        part
        for after_group in group.after_groups
        for part in (after_group, *_list_after_groups(after_group))
    )


def _declare_group(lines: Lines, env: Environment) -> GroupShape:
    """Declare the list of a group and those of the groups in its `after`; return their names."""
    after_groups = tuple(_declare_group(after, env) for after in lines.after)
    code = env.out.let("[]")
    for each in after_groups:
        env.out.put(f"{each.code}_each = []")
    return GroupShape(name=lines.name, code=code, sign=lines.sign, after_groups=after_groups)


def _compile_group(lines: Lines, env: Environment, times: int) -> GroupShape:
    out = env.out
    out.note(f"lines.{lines.name}")
    group = _declare_group(lines, env)
    if lines.entries is None:
        _compile_line(lines, group, env, times, "")
        return group
    found = compile_template(lines.entries.template, env)
    if not found.shape.is_a("list"):
        found = _require_list(found, env)
    assert lines.variable is not None
    entry = out.new_name()
    out.pay(1)
    with out.loop(f"for {entry} in {found.code}", found.code):
        element = found.shape.element
        shape = element or (JSON if found.shape.kind in {"json", "list"} else ANY)
        out.pay(2 + env.steps_of_names)
        _compile_line(
            lines, group, env.with_names({lines.variable: KnownValue(entry, shape)}), times, ""
        )
    return group


def _require_list(found: KnownValue, env: Environment) -> KnownValue:
    if found.shape.kind == "list" and found.group is None:
        return require_value(found, env)
    env.out.doubt_if(f"{found.code}.__class__ is not list")
    return KnownValue(found.code, Shape("list", element=ANY if found.shape.kind == "any" else JSON))


def _compile_line(
    lines: Lines, group: GroupShape, env: Environment, times: int, outer: str
) -> None:
    """Compile one line, followed by its `after` lines."""
    out = env.out
    out.pay(1)
    if lines.condition is None:
        _compile_kept_line(lines, group, env, times, outer)
        return
    holds = compile_template(lines.condition.template, env)
    with out.block(f"if {truth_condition(holds)}"):
        _compile_kept_line(lines, group, env, times, outer)


def _compile_kept_line(
    lines: Lines, group: GroupShape, env: Environment, times: int, outer: str
) -> None:
    out = env.out
    body = compile_body(lines.body, env, Placement(times))
    signature = None if env.lines is None else compile_signature(*env.lines, body, out.constant)
    if signature is not None:
        out.put(f"signatures.add(({group.code!r}, {''.join(f'{part}, ' for part in signature)}))")
    elif env.lines is not None:
        # Values decide whether the line fits: a body with such a line is validated each time.
        out.put("signatures.add(None)")
    if body.shape.omit:
        out.put(f"if {body.code} is OMIT: {body.code} = {{}}")
    out.put(f"{group.code}.append({body.code})")
    out.put(f"{_ALL}.append({body.code})")
    if outer:
        out.put(f"{outer}.append({body.code})")
    for after, after_group in zip(lines.after, group.after_groups, strict=True):
        each = out.let("[]")
        out.put(f"{after_group.code}_each.append({each})")
        _compile_line(after, after_group, env, times, each)
