"""Fetches the inputs that the live mapping did not have: documents of the shop, look-ups of the ledger.

Reads only. A recorded answer to the same question is used instead.
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
    """Return the inputs of the shadow, or the answer that no system gave."""
    try:
        inputs = await _with_sources(shadow, live, given, systems)
        known = add_tables(shadow, live, given, inputs)
        if isinstance(known, Inputs):
            return known
        # All lookups: an answer may give the keys of another lookup. The ledger's answers are cached.
        tables, findings = await systems.lookups.tables(shadow, inputs)
    except (AddressError, LedgerError, ShopError, NoAnswerError) as error:
        return MissingAnswer(f"asked for, and not answered ({type(error).__name__})")
    if found := select_errors(findings):
        return MissingAnswer(
            f"its look-ups fail: {', '.join(sorted({finding.code for finding in found}))}"
        )
    return replace(inputs, tables=tables)


async def _with_sources(shadow: Plan, live: Plan, given: Inputs, systems: Systems) -> Inputs:
    documents, inputs = list_documents(live, given), Inputs(given.event)
    while (request := find_next_request(shadow, inputs)) is not None:
        key = request_key(request)
        if key not in documents:
            documents[key] = await systems.shop.fetch(request)
        inputs = replace(inputs, sources={**inputs.sources, request.source.name: documents[key]})
    return inputs
