"""The beginning of every way through a plan: its names, tables, budget and trouble. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from ..findings.errors import ExpressionError
from ..findings.quote import quoted
from ..language.budget import Budget
from ..mapping.lookups import Table, lookup
from ..mapping.plan import Plan
from .envelope import order_named_in
from .inputs import Inputs
from .scope import Lookup, RunContext, RunFindings, ScopeNames


def begin(plan: Plan, inputs: Inputs, budget: Budget | None = None) -> RunContext:
    """One order about to go through a plan; `budget` is what it may cost, by default every order's."""
    subject = f"{plan.tenant}/{plan.name} order {order_named_in(inputs.event)}"
    names = ScopeNames(settings=plan.settings, tenant=plan.tenant_facts)
    tables = {**plan.tables, **inputs.tables}
    return RunContext(budget or Budget(), RunFindings(subject), names, lookup_in(tables))


def lookup_in(tables: Mapping[str, Table]) -> Lookup:
    """The `lookup` of templates: by the table's name, then the keys."""

    def ask(name: str, keys: tuple[object, ...]) -> object:
        table = tables.get(name)
        if table is None:
            raise ExpressionError(
                "E0603",
                f"the live lookup {quoted(name)} has no table here",
                hint=f"give its recorded answers as a file: --lookup {name}=FILE",
            )
        return lookup(table, keys)

    return ask
