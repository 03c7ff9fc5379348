"""What an attempt was given, kept before anything is written: the same order can be run again.

An attempt that is unsure repeats with what it was given, so that it looks for the very record that
it may have written. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..mapping.lookups import table_from_document, table_to_document
from ..mapping.plan import Plan
from ..run import ABSENT, Inputs


def inputs_to_document(inputs: Inputs) -> dict[str, object]:
    """Sources and tables as a document of JSON's kinds; the event is kept by itself."""
    sources = [
        [name, source is not ABSENT, _none_if_absent(source)]
        for name, source in inputs.sources.items()
    ]
    tables = {name: table_to_document(table) for name, table in inputs.tables.items()}
    return {"sources": sources, "tables": tables}


def inputs_from_document(plan: Plan, event: object, document: Mapping[str, Any]) -> Inputs:
    """The inputs again. Tables of lookups that the plan has no more are left out."""
    sources = {
        name: source if is_there else ABSENT for name, is_there, source in document["sources"]
    }
    options = {live.name: live.options for live in plan.live_lookups}
    tables = {
        name: table_from_document(name, table, options[name])
        for name, table in document["tables"].items()
        if name in options
    }
    return Inputs(event, sources, tables)


def _none_if_absent(source: object) -> object:
    return None if source is ABSENT else source
