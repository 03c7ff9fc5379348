"""Assemble written code into the source of one function."""

from __future__ import annotations

from dataclasses import dataclass

from ...findings.errors import NotCompiledError
from ...mapping.plan import Plan
from .peephole import shorten_statements
from .shapes import WHOLE
from .source_writer import SourceWriter
from .template_environment import Tables
from .variables import reuse_names, strip_texts

# Called functions charge a budget of their own: one in this many steps.
CALLED_SHARE = 10


@dataclass(frozen=True, slots=True)
class FunctionSource:
    """The source of a mapping's function, and the constants it names."""

    source: str
    constants: dict[str, object]


def collect_tables(plan: Plan, *, notes_keys: bool = False) -> Tables:
    """Collect the lookups of a plan; with `notes_keys`, its function records live keys."""
    return Tables(
        plan.tables, frozenset(live.name for live in plan.live_lookups), notes_keys=notes_keys
    )


def build_function(out: SourceWriter, tables: Tables) -> FunctionSource:
    """Build the function `run(inputs, budget, left)` with the body in `out`.

    It takes at most `left` steps of its own, and those of `budget`. Raise NotCompiledError if it needs
    all lines, records or checks as one value.
    """
    own = out.constant(frozenset(tables.own))
    head = [
        "def run(inputs, budget, left):",
        f" left -= {out.paid}",
        " event, sources, tables = inputs.event, inputs.sources, inputs.tables",
        f" if not keeps_own_tables(tables, {own}): raise DoubtError",
        " currency = None",
        *(
            f" {code} = get_exact_rows(tables.get({name!r}), {count})"
            for (name, count), code in tables.row_names.items()
        ),
        *(f" {code} = []" for code in tables.notes.values()),
    ]
    body = reuse_names("\n".join(shorten_statements(out.written())))
    source = "\n".join([*head, body, ""])
    if WHOLE in strip_texts(source):
        raise NotCompiledError("all of the lines, records or checks are used as one value")
    return FunctionSource(source, out.constants)
