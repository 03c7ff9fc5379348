"""Traces the chosen order for `explain` and `trace`: the lineage in the mapping that takes it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import NoReturn

from ...findings.errors import BudgetError, ReadError
from ...mapping.files.changes import Changes
from ...mapping.plan import Plan
from ...run import Inputs, Outcome, RunState
from ...run.lineage import OrderLineage, trace_order
from ..corpus.chosen_order import ChosenOrder
from ..exit import exit_with_error, exit_with_findings
from ..output.outcomes import exit_code, print_outcomes
from ..output.terminal import print_findings


@dataclass(frozen=True, slots=True)
class TracedOrder:
    """The lineage of an order in one mapping, and what the overlays of that mapping changed."""

    plan: Plan
    lineage: OrderLineage
    changes: Changes


def _exit_without_payloads(outcomes: list[Outcome], form: str) -> NoReturn:
    """Print why an order has no payloads, and exit."""
    print_outcomes(outcomes, form)
    states = {outcome.state for outcome in outcomes}
    sys.exit(exit_code(states - {RunState.IGNORED}) or 1)


def trace_in_mapping(chosen: ChosenOrder, plan: Plan, inputs: Inputs) -> TracedOrder | Outcome:
    """Return the lineage of an order in one mapping, or its outcome where it has no payloads.

    Raise ReadError for a mapping that cannot be read, BudgetError for an order that is too large.
    """
    mapping = chosen.load_mapping(plan)
    found = trace_order(plan, inputs, chosen.list_places(mapping))
    if isinstance(found, OrderLineage):
        return TracedOrder(plan, found, mapping.changes)
    return found


def trace_chosen_order(chosen: ChosenOrder, form: str) -> TracedOrder:
    """Return the lineage of an order; print its outcome and exit where it has no payloads.

    Payloads that do not pass their checks are traced too: the findings go to stderr.
    """
    outcomes: list[Outcome] = []
    for plan, inputs in chosen.inputs:
        try:
            found = trace_in_mapping(chosen, plan, inputs)
        except ReadError as error:
            exit_with_findings(error.findings, form)
        except BudgetError as error:
            exit_with_error(error, form)
        if isinstance(found, TracedOrder):
            if form == "human":
                print_findings(found.lineage.outcome.findings, stderr=True)
            return found
        outcomes.append(found)
    _exit_without_payloads(outcomes, form)
