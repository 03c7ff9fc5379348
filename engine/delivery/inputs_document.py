"""The inputs of an attempt as a document, stored before anything is written. Pure.

An unsure attempt is repeated with the stored inputs, so that it looks up the record that it may have
written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..mapping.lookups import table_from_document, table_to_document
from ..mapping.plan import Plan
from ..run import ABSENT, Inputs


def inputs_to_document(inputs: Inputs) -> dict[str, object]:
    """Return sources and tables as a JSON document; the event is stored apart."""
    sources = [
        [name, source is not ABSENT, _none_if_absent(source)]
        for name, source in inputs.sources.items()
    ]
    tables = {name: table_to_document(table) for name, table in inputs.tables.items()}
    return {"sources": sources, "tables": tables}


def inputs_from_document(plan: Plan, event: object, document: Mapping[str, Any]) -> Inputs:
    """Return the inputs of a stored document, without tables of lookups that the plan no longer has."""
    sources = {
        name: source if is_present else ABSENT for name, is_present, source in document["sources"]
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
