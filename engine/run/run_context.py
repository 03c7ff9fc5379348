"""Begin a run: its names, tables, budget and findings. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from ..findings.errors import ExpressionError
from ..findings.quote import quoted
from ..language.budget import Budget
from ..mapping.lookups import Table, look_up
from ..mapping.plan import Plan
from .envelope import read_order_number
from .inputs import Inputs
from .scope import Lookup, RunContext, RunFindings, ScopeNames


def begin_run(plan: Plan, inputs: Inputs, budget: Budget | None = None) -> RunContext:
    """Return the context of a new run; `budget` is by default that of every order."""
    subject = f"{plan.tenant}/{plan.name} order {read_order_number(inputs.event)}"
    names = ScopeNames(settings=plan.settings, tenant=plan.tenant_facts)
    tables = {**plan.tables, **inputs.tables}
    return RunContext(
        budget=budget or Budget(),
        findings=RunFindings(subject, plan.retyped),
        names=names,
        lookup=build_lookup(tables),
        places=plan.places,
    )


def build_lookup(tables: Mapping[str, Table]) -> Lookup:
    """Return the `lookup` of templates: a function of the table's name and the keys."""

    def look_up_by_name(name: str, keys: tuple[object, ...]) -> object:
        table = tables.get(name)
        if table is None:
            raise ExpressionError(
                "E0603",
                f"the live lookup {quoted(name)} has no recorded answers",
                hint=f"give its recorded answers as a file: --lookup {name}=FILE",
            )
        return look_up(table, keys)

    return look_up_by_name
