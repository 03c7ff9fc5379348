"""Which group of lines each entry of an order's sublist comes from. Pure."""

from __future__ import annotations

from contextlib import suppress

from ..documents import write_json
from ..findings.errors import BudgetError
from ..language.lines import LineGroup
from ..mapping.plan import Plan
from .beginning import begin
from .documents import NotReady
from .extract import extract
from .inputs import Inputs
from .opening import Ignored, open_event
from .sublist import build_lines


def groups_of(plan: Plan, inputs: Inputs) -> dict[str, list[str]]:
    """The names of groups by the JSON text of a line, in the order of writing.

    Empty for an order that is not rendered. It costs as much as a half of `run`.
    """
    work = begin(plan, inputs)
    found: dict[str, list[str]] = {}
    with suppress(BudgetError):
        roots = open_event(plan, work, inputs)
        if roots is None or isinstance(roots, Ignored | NotReady):
            return found
        extract(plan, work, roots)
        build_lines(plan, work)
    lines = work.names.known("lines")
    for line in lines.groups["all"].lines if isinstance(lines, LineGroup) else ():
        found.setdefault(write_json(line.body), []).append(line.group)
    return found
