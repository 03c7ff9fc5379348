"""The environment of a template: names, lookups, the currency's unit, the handling of absence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ...mapping.lookups import Table
from ...mapping.record_schemas import Schema
from ..scope import NAMES_PER_STEP
from .shapes import KnownValue
from .source_writer import SourceWriter


@dataclass(slots=True)
class Tables:
    """The lookups of a mapping: its own tables, and the live ones, whose tables come with each order.

    `row_names` holds the variable of each live lookup's rows, by its name and the number of keys.
    With `notes_keys` the function records the requested keys in the lists that `notes` names.
    """

    own: Mapping[str, Table]
    live: frozenset[str]
    notes_keys: bool = False
    row_names: dict[tuple[str, int], str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)

    def name_rows(self, name: str, count: int) -> str:
        """Return the variable that holds the rows of a live lookup."""
        return self.row_names.setdefault((name, count), f"rows{len(self.row_names)}")

    def name_notes(self, name: str) -> str:
        """Return the variable that holds the keys requested from a live lookup."""
        return self.notes.setdefault(name, f"notes{len(self.notes)}")


@dataclass(frozen=True, slots=True)
class Environment:
    """The environment of the templates in one place.

    `unit` is the variable that holds the minor unit of the order's currency, empty before the
    currency is known; `units` the one that holds those of all currencies. If absence is `caught`, it must be raised as AbsentError. `lines` holds the
    schemas of a line and of its record. `single` are the `id()`s of templates in payloads that must
    give single values, because a map or list might hold amounts that no check counts. `exact` are those of
    templates and literals that must give amounts with the places of the currency.
    """

    names: Mapping[str, KnownValue]
    tables: Tables
    out: SourceWriter
    unit: str = ""
    units: str = "CURRENCY_UNITS"
    caught: bool = False
    lines: tuple[Schema, Schema] | None = None
    single: frozenset[int] = frozenset()
    exact: frozenset[int] = frozenset()

    @property
    def steps_of_names(self) -> int:
        """At least the steps that the interpreter takes to copy all names for the entry of a loop."""
        return 1 + len(self.names) // NAMES_PER_STEP

    def with_names(self, more: Mapping[str, KnownValue]) -> Environment:
        """Return the environment with more names."""
        return replace(self, names={**self.names, **more})

    def with_absence_caught(self) -> Environment:
        """Return the environment of a place that catches absence."""
        return replace(self, caught=True)
