"""The state of a run that traces causes: the plan, its names and tables, and what decides about money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ...findings.diagnostics import Place
from ...findings.errors import LookupMissingError
from ...language.budget import STEPS_PER_ORDER, Budget
from ...language.templates import Scope
from ...mapping.lookups import Row, Table, look_up
from ...mapping.lookups.find import find_row, format_key
from ...mapping.lookups.table import ANY, key_text
from ...mapping.plan import Plan, TemplateAt
from ..inputs import Inputs
from ..run_context import build_lookup
from .causes import NOTHING, Cause, LineageStep, Role, StepKind, add_step, join_causes, weaken
from .trace_template import TracedScope, trace_template
from .traced import Traced, build_map, step_through

# The order has been run within its own budget before; what traces it takes more steps.
_STEPS = 10 * STEPS_PER_ORDER


@dataclass(slots=True)
class LineageRun:
    """The names that templates see, with their causes.

    `places` has the places of settings, by `settings.NAME`, and of rows in a mapping, by `lookups.NAME.KEY`.
    """

    plan: Plan
    tables: Mapping[str, Table]
    names: dict[str, Traced]
    places: Mapping[str, Place] = field(default_factory=dict)
    currency: Traced = field(default_factory=lambda: Traced(None))
    budget: Budget = field(default_factory=lambda: Budget(_STEPS))

    def with_names(self, more: Mapping[str, Traced]) -> LineageRun:
        """Return the same run with more names, as for the entry of a loop."""
        return replace(self, names={**self.names, **more})

    def evaluate(self, template: TemplateAt) -> Traced:
        """Return the value of a template with its causes."""
        currency = self.currency.value
        scope = Scope(
            names={},
            lookup=build_lookup(self.tables),
            currency=currency if isinstance(currency, str) else None,
            places=self.plan.places,
        )
        return trace_template(
            template.template,
            TracedScope(
                names=self.names,
                lookup=self._look_up,
                plain=scope,
                currency=self.currency.own,
                budget=self.budget,
            ),
        )

    def condition(self, template: TemplateAt, name: str) -> Traced:
        """Return the value of a condition; its cause is the step of the condition."""
        found = self.evaluate(template)
        step = LineageStep(
            kind=StepKind.CONDITION,
            name=name,
            text=template.template.text,
            place=template.at.place,
            value=found.value,
        )
        return Traced(found.value, add_step(step, found.truth()))

    def _place_row(self, table: Table, row: Row | None) -> Place | None:
        if row is None:
            return table.origin.place
        own = self.places.get(".".join(("lookups", table.name, *row.key)))
        return own or table.origin.place_at(row.number)

    def _look_up(self, name: str, keys: list[Traced]) -> Traced:
        table = self.tables.get(name)
        values = tuple(key.value for key in keys)
        if table is None:
            raise LookupMissingError(name, f"the lookup {name} has no recorded answers")
        row = find_row(table, values)
        cause = join_causes(*map(_trace_key, keys, _list_cells(row, len(keys))))
        value = look_up(table, values) if row is None else row.value
        step = LineageStep(
            kind=StepKind.LOOKUP,
            name=name,
            text=_describe_row(table, row, values),
            place=self._place_row(table, row),
            value=value,
            trail=("lookups", name),
        )
        return step_through(step, Traced(value, cause))


def _list_cells(row: Row | None, count: int) -> tuple[str, ...]:
    """Return the cell of a row for each of `count` keys."""
    cells = () if row is None else row.key
    return (*cells, *[ANY] * count)[:count]


def _trace_key(key: Traced, cell: str) -> Cause:
    """Return the cause that a key is: where its cell matches any value, it decides only that no other row does."""
    return weaken(Role.DECIDES, key.deep()) if cell == ANY else key.deep()


def _describe_row(table: Table, row: Row | None, keys: tuple[object, ...]) -> str:
    """Describe the row of a table: `location['EUW']`, with its number where it has no line of its own."""
    shown = format_key(tuple(key_text(each, ignore_case=False) for each in keys))
    if row is None:
        return f"{table.name}[{shown}], which has no row: its default"
    has_number = row.number and table.origin.lines_of is None
    number = f" {table.origin.label(row.number)}" if has_number else ""
    cells = format_key(row.key)
    return f"{table.name}[{shown}]{'' if cells == shown else f' by {cells}'}{number}"


def begin_lineage(plan: Plan, inputs: Inputs, places: Mapping[str, Place]) -> LineageRun:
    """Return the state of a new run; `places` has the place of each setting."""
    return LineageRun(
        plan=plan,
        tables={**plan.tables, **inputs.tables},
        places=places,
        names={
            "settings": _trace_facts("settings", plan.settings, StepKind.SETTING, places),
            "tenant": _trace_facts("tenant", plan.tenant_facts, StepKind.TENANT, places),
        },
    )


def _trace_facts(
    name: str, facts: Mapping[str, object], kind: StepKind, places: Mapping[str, Place]
) -> Traced:
    """Return the settings or facts of a tenant, each a step of its own."""
    entries = {}
    for key, value in facts.items():
        full = f"{name}.{key}"
        step = LineageStep(kind=kind, name=full, text="", place=places.get(full), value=value)
        entries[key] = Traced(value, NOTHING if value is None else add_step(step))
    return build_map(entries)
