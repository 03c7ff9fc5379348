"""What the live mapping was not given, asked of its systems: documents of NewStore, look-ups of NetSuite.

Reads only. What it was given is used where that answers the same question.
"""

from __future__ import annotations

from dataclasses import replace

from ...delivery import Systems
from ...findings.diagnostics import select_errors
from ...findings.errors import AddressError, LedgerError, NoAnswerError, ShopError
from ...mapping.plan import Plan
from ...run import Inputs
from ...run.compiled import find_next_request
from .recorded_answers import MissingAnswer, add_tables, list_documents, request_key


async def fetch_inputs(
    shadow: Plan, live: Plan, given: Inputs, systems: Systems
) -> Inputs | MissingAnswer:
    """The inputs of the shadow; what no system answers is missing."""
    try:
        inputs = await _with_sources(shadow, live, given, systems)
        known = add_tables(shadow, live, given, inputs)
        if isinstance(known, Inputs):
            return known
        # All of them: an answer may give the keys of another lookup. What was asked before is remembered.
        tables, findings = await systems.lookups.tables(shadow, inputs)
    except (AddressError, LedgerError, ShopError, NoAnswerError) as error:
        return MissingAnswer(f"asked for, and not answered ({type(error).__name__})")
    if found := select_errors(findings):
        return MissingAnswer(f"its look-ups fail: {', '.join(sorted({one.code for one in found}))}")
    return replace(inputs, tables=tables)


async def _with_sources(shadow: Plan, live: Plan, given: Inputs, systems: Systems) -> Inputs:
    there, inputs = list_documents(live, given), Inputs(given.event)
    while (request := find_next_request(shadow, inputs)) is not None:
        key = request_key(request)
        if key not in there:
            there[key] = await systems.shop.fetch(request)
        inputs = replace(inputs, sources={**inputs.sources, request.source.name: there[key]})
    return inputs
