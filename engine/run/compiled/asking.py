"""The shorter functions of a mapping: how far an order comes before its lookups, or its documents."""

from __future__ import annotations

from ...language.budget import STEPS_PER_ORDER
from ...mapping.plan import Plan
from .environment import Environment
from .fields import compile_fields, compile_values
from .function import FunctionSource, function_of, tables_of
from .here import Here
from .opening import Opening, all_opened, documents_opened
from .source import Source

_LEAVE = "return SETTLED"


def write_wanted(plan: Plan, steps: int = STEPS_PER_ORDER) -> FunctionSource:
    """The function that goes as far as the values, as `wanted_keys` does.

    It returns the names with their values, the keys that were asked by the name of their live lookup,
    and the steps left; SETTLED for an order that is ignored or not ready. What it may take is as in
    `write_function`. Raise NotCompiledError.
    """
    out, tables = Source(), tables_of(plan, noted=True)
    roots = all_opened(Opening(plan, out, lambda _: _LEAVE, unready=_LEAVE))
    names = {"settings": roots["settings"], "tenant": roots["tenant"]}
    env = compile_fields(plan.fields, Here(None, roots), Environment(names, tables, out))
    env = compile_values(plan.values, env)
    reached = ", ".join(f"{name!r}: {value.code}" for name, value in env.names.items())
    asked = ", ".join(f"{name!r}: {code}" for name, code in tables.notes.items())
    out.doubt_if("left < 0")
    out.put(f"return {{{reached}}}, {{{asked}}}, left")
    return function_of(out, tables, steps)


def write_request(plan: Plan, steps: int = STEPS_PER_ORDER) -> FunctionSource:
    """The function that goes as far as the first document that is needed and not there.

    It returns the document's name, the roots before it, and the steps left; SETTLED where nothing is
    missing, or the order is ignored or not ready. What it may take is as in `write_function`.
    Raise NotCompiledError.
    """
    out, tables = Source(), tables_of(plan)
    opening = Opening(plan, out, lambda _: _LEAVE, asks=True)
    documents_opened(opening)
    opening.leave("")
    return function_of(out, tables, steps)
