"""Find the keys that an order looks up in the tables of a plan. Pure."""

from __future__ import annotations

from ..language.functions import as_text
from ..mapping.plan import Plan
from .inputs import Inputs
from .run import run_in
from .run_context import begin_run


def list_looked_up(plan: Plan, inputs: Inputs) -> frozenset[str]:
    """Return every part of every key that the run of an event looks up, as text; also of missing keys."""
    context = begin_run(plan, inputs)
    lookup, found = context.lookup, set[str]()

    def look_up(name: str, keys: tuple[object, ...]) -> object:
        found.update(as_text(key) for key in keys if isinstance(key, str | int))
        return lookup(name, keys)

    context.lookup = look_up
    run_in(plan, context, inputs)
    return frozenset(found)
