"""What a template is compiled in: names, tables, the currency's unit, and how absence is met."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ...mapping.lookups import Table
from ...mapping.record_schemas import Schema
from .shapes import KnownValue
from .source_writer import SourceWriter


@dataclass(slots=True)
class Tables:
    """The tables a mapping can ask: those it brings, and those that come with each order.

    `asked` names the live ones that are asked, with the number of keys, and how their rows are
    called in the source. Where it `is_noted` what they are asked for, `notes` are the names of the
    lists that it is appended to.
    """

    own: Mapping[str, Table]
    live: frozenset[str]
    is_noted: bool = False
    asked: dict[tuple[str, int], str] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)

    def rows_of(self, name: str, count: int) -> str:
        """The name of a live table's rows."""
        return self.asked.setdefault((name, count), f"rows{len(self.asked)}")

    def notes_of(self, name: str) -> str:
        """The name of the list of what a live table was asked for."""
        return self.notes.setdefault(name, f"notes{len(self.notes)}")


@dataclass(frozen=True, slots=True)
class Environment:
    """What the templates of one place see.

    `unit` is what the minor unit of the order's currency is called in the source, empty before the
    currency is known. Where absence is `caught`, it has to be raised as what it is. `lines` is the
    schema of a line, and that of the record it stands in.
    """

    names: Mapping[str, KnownValue]
    tables: Tables
    out: SourceWriter
    unit: str = ""
    caught: bool = False
    lines: tuple[Schema, Schema] | None = None

    def with_names(self, more: Mapping[str, KnownValue]) -> Environment:
        """The same with more names."""
        return replace(self, names={**self.names, **more})

    def catching(self) -> Environment:
        """The same, where absence is caught."""
        return replace(self, caught=True)
