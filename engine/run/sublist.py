"""The lines of the item sublist: one group after another, each line with those behind it."""

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
from .bodies import fill
from .extract import extract
from .inputs import Inputs
from .open_event import IgnoredEvent, open_event
from .run_context import begin
from .scope import FAILED, RunContext
from .sources import NotReady


def build_lines(plan: Plan, work: RunContext) -> None:
    """Put `lines` into the names: each group by its name, and `all` of them in order."""
    groups: dict[str, LineGroup] = {}
    failed = False
    for lines in plan.lines:
        built = _group(lines, work)
        failed = failed or built is None
        if built is not None:
            groups[lines.name] = built
    everything = tuple(line for group in groups.values() for line in _in_order(group.lines))
    whole = LineGroup((), groups | {"all": LineGroup(everything, {})})
    work.names["lines"] = FAILED if failed else whole


def _group(lines: Lines, work: RunContext) -> LineGroup | None:
    """One group, or None when any of its lines failed."""
    entries = _entries(lines, work)
    if entries is FAILED:
        return None
    assert isinstance(entries, list)
    built = []
    for index, entry in enumerate(entries):
        inner = work if lines.variable is None else work.inside({lines.variable: entry})
        trail = f"lines.{lines.name}" + ("" if lines.variable is None else f"[{index}]")
        built.append(_line(lines, inner, trail))
    if any(line is FAILED for line in built):
        return None
    kept = tuple(line for line in built if isinstance(line, RenderedLine))
    return LineGroup(kept, _behind(lines, kept))


def _behind(lines: Lines, kept: tuple[RenderedLine, ...]) -> dict[str, LineGroup]:
    """The lines behind the kept ones, by the name of their group."""
    groups: dict[str, list[RenderedLine]] = {after.name: [] for after in lines.after}
    for line in kept:
        for behind in line.after:
            groups[behind.group].append(behind)
    return {name: LineGroup(tuple(found), {}) for name, found in groups.items()}


def _entries(lines: Lines, work: RunContext) -> object:
    """What the group loops over; a group without `for` has one entry."""
    if lines.entries is None:
        return [None]
    entries = lines.entries
    trail = f"lines.{lines.name}.for"

    def step() -> object:
        found = evaluate(entries.template, work.scope(), work.budget)
        if not isinstance(found, list | tuple):
            text = entries.template.text
            start = len(text) - len(text.lstrip())
            message = f"{quoted(text[start:])} is not a list"
            length = len(text) - start
            raise ExpressionError("E0708", message, hint=_LOOP, offset=start, length=length)
        work.budget.charge(len(found))
        return list(found)

    return work.attempt(step, entries.at, trail)


def _line(lines: Lines, work: RunContext, trail: str) -> object:
    """One line with those behind it; OMIT when its `if` does not hold; FAILED."""
    work.budget.charge(1)
    holds = condition_holds(lines.condition, work, f"{trail}.if")
    if holds is not True:
        return FAILED if holds is FAILED else OMIT
    body = fill(lines.body, work, trail)
    behind = [_line(after, work, f"{trail}.{after.name}") for after in lines.after]
    if body is FAILED or any(line is FAILED for line in behind):
        return FAILED
    kept = tuple(line for line in behind if isinstance(line, RenderedLine))
    return RenderedLine(body if isinstance(body, dict) else {}, lines.sign, kept, lines.name)


def condition_holds(condition: TemplateAt | None, work: RunContext, trail: str) -> object:
    """True, False or FAILED; no condition always holds."""
    if condition is None:
        return True
    return work.attempt(
        lambda: is_true(evaluate(condition.template, work.scope(), work.budget)),
        condition.at,
        trail,
    )


def _in_order(lines: tuple[RenderedLine, ...]) -> Iterator[RenderedLine]:
    for line in lines:
        yield line
        yield from _in_order(line.after)


_LOOP = "write `for: line in items`, where items is a list field"


def groups_of(plan: Plan, inputs: Inputs) -> dict[str, list[str]]:
    """The names of groups by the JSON text of a line, in the order of writing.

    Empty for an order that is not rendered. It costs as much as a half of `run`.
    """
    work = begin(plan, inputs)
    found: dict[str, list[str]] = {}
    with suppress(BudgetError):
        roots = open_event(plan, work, inputs)
        if roots is None or isinstance(roots, IgnoredEvent | NotReady):
            return found
        extract(plan, work, roots)
        build_lines(plan, work)
    lines = work.names.known("lines")
    for line in lines.groups["all"].lines if isinstance(lines, LineGroup) else ():
        found.setdefault(write_json(line.body), []).append(line.group)
    return found
