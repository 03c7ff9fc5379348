"""Build the order's lines: one group after another, each line followed by its `after` lines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from ..documents import write_json
from ..findings.errors import BudgetError, ExpressionError
from ..findings.quote import quoted
from ..language.functions import is_true
from ..language.lines import LineGroup, RenderedLine
from ..language.templates import OMIT, evaluate
from ..mapping.plan import Lines, Plan, TemplateAt
from .bodies import fill_body
from .extract import extract_fields
from .inputs import Inputs
from .open_event import IgnoredEvent, open_event
from .run_context import begin_run
from .scope import FAILED, RunContext
from .sources import NotReady


def build_lines(plan: Plan, context: RunContext) -> None:
    """Add `lines` to the names: each group by its name, and `all` lines in order."""
    groups: dict[str, LineGroup] = {}
    failed = False
    for lines in plan.lines:
        built = _build_group(lines, context)
        failed = failed or built is None
        if built is not None:
            groups[lines.name] = built
    everything = tuple(line for group in groups.values() for line in _walk_lines(group.lines))
    whole = LineGroup((), groups | {"all": LineGroup(everything, {})})
    context.names["lines"] = FAILED if failed else whole


def _build_group(lines: Lines, context: RunContext) -> LineGroup | None:
    """Build one group; None if any of its lines failed."""
    entries = _evaluate_entries(lines, context)
    if entries is FAILED:
        return None
    assert isinstance(entries, list)
    built = []
    for index, entry in enumerate(entries):
        inner = context if lines.variable is None else context.with_names({lines.variable: entry})
        trail = f"lines.{lines.name}" + ("" if lines.variable is None else f"[{index}]")
        built.append(_build_line(lines, inner, trail))
    if any(line is FAILED for line in built):
        return None
    kept = tuple(line for line in built if isinstance(line, RenderedLine))
    return LineGroup(kept, _group_after_lines(lines, kept))


def _group_after_lines(lines: Lines, kept: tuple[RenderedLine, ...]) -> dict[str, LineGroup]:
    """Return the `after` lines of the kept lines, by group name."""
    groups: dict[str, list[RenderedLine]] = {after.name: [] for after in lines.after}
    for line in kept:
        for after in line.after:
            groups[after.group].append(after)
    return {
        after.name: LineGroup(
            tuple(groups[after.name]), _group_after_lines(after, tuple(groups[after.name]))
        )
        for after in lines.after
    }


def _evaluate_entries(lines: Lines, context: RunContext) -> object:
    """Return the entries of the group's loop; a group without `for` has one entry."""
    if lines.entries is None:
        return [None]
    entries = lines.entries
    trail = f"lines.{lines.name}.for"

    def step() -> object:
        found = evaluate(entries.template, context.scope(), context.budget)
        if not isinstance(found, list | tuple):
            text = entries.template.text
            start = len(text) - len(text.lstrip())
            message = f"{quoted(text[start:])} is not a list"
            length = len(text) - start
            raise ExpressionError("E0708", message, hint=_LOOP, offset=start, length=length)
        context.budget.charge(len(found))
        return list(found)

    return context.attempt(step, entries.at, trail)


def _build_line(lines: Lines, context: RunContext, trail: str) -> object:
    """Build one line with its `after` lines; OMIT if its `if` does not hold; FAILED on an error."""
    context.budget.charge(1)
    holds = condition_holds(lines.condition, context, f"{trail}.if")
    if holds is not True:
        return FAILED if holds is FAILED else OMIT
    body = fill_body(lines.body, context, trail)
    after_lines = [_build_line(after, context, f"{trail}.{after.name}") for after in lines.after]
    if body is FAILED or any(line is FAILED for line in after_lines):
        return FAILED
    kept = tuple(line for line in after_lines if isinstance(line, RenderedLine))
    return RenderedLine(
        body=body if isinstance(body, dict) else {},
        stored_sign=lines.sign,
        after=kept,
        group=lines.name,
    )


def condition_holds(condition: TemplateAt | None, context: RunContext, trail: str) -> object:
    """Return True, False or FAILED; true without a condition."""
    if condition is None:
        return True
    return context.attempt(
        lambda: is_true(evaluate(condition.template, context.scope(), context.budget)),
        condition.at,
        trail,
    )


def _walk_lines(lines: tuple[RenderedLine, ...]) -> Iterator[RenderedLine]:
    for line in lines:
        yield line
        yield from _walk_lines(line.after)


_LOOP = "write `for: line in items`, where items is a list field"


def list_line_groups(plan: Plan, inputs: Inputs) -> dict[str, list[str]]:
    """Return the group names of each line, by the line's JSON text, in the order of writing.

    Empty for an order that is not rendered. It costs half as much as `run`.
    """
    context = begin_run(plan, inputs)
    found: dict[str, list[str]] = {}
    with suppress(BudgetError):
        roots = open_event(plan, context, inputs)
        if roots is None or isinstance(roots, IgnoredEvent | NotReady):
            return found
        extract_fields(plan, context, roots)
        build_lines(plan, context)
    lines = context.names.peek("lines")
    for line in lines.groups["all"].lines if isinstance(lines, LineGroup) else ():
        found.setdefault(write_json(line.body), []).append(line.group)
    return found
