"""What was written becomes the source of one function."""

from __future__ import annotations

from dataclasses import dataclass

from ...findings.errors import NotCompiledError
from ...mapping.plan import Plan
from .peephole import shortened
from .shapes import WHOLE
from .source_writer import SourceWriter
from .template_environment import Tables
from .variables import with_few_names, without_texts

# What is charged by what the function calls comes from a purse of its own: one in so many steps.
CALLED_SHARE = 10


@dataclass(frozen=True, slots=True)
class FunctionSource:
    """The source of a function of a mapping, and the constants it names."""

    source: str
    constants: dict[str, object]


def tables_of(plan: Plan, *, noted: bool = False) -> Tables:
    """The tables that the function of a plan can ask; with `noted` it notes the keys of live ones."""
    return Tables(plan.tables, frozenset(live.name for live in plan.live_lookups), is_noted=noted)


def function_of(out: SourceWriter, tables: Tables, steps: int) -> FunctionSource:
    """The function `run(inputs, budget)` with the body in `out`.

    It takes at most `steps`, of which `budget` holds one in ten. Raise NotCompiledError where it
    needs all of the lines, records or checks as one value.
    """
    own = out.constant(frozenset(tables.own))
    head = [
        "def run(inputs, budget):",
        f" left = {steps - steps // CALLED_SHARE - out.paid}",
        " event, sources, tables = inputs.event, inputs.sources, inputs.tables",
        f" if not all_known(tables, {own}): raise DoubtError",
        " currency = None",
        *(
            f" {code} = rows_of(tables.get({name!r}), {count})"
            for (name, count), code in tables.asked.items()
        ),
        *(f" {code} = []" for code in tables.notes.values()),
    ]
    body = with_few_names("\n".join(shortened(out.written())))
    source = "\n".join([*head, body, ""])
    if WHOLE in without_texts(source):
        raise NotCompiledError("all of the lines, records or checks are used as one value")
    return FunctionSource(source, out.constants)
