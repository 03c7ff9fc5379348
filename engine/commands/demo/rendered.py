"""The example tenants' orders rendered: those of the story, and all of them as a table."""

from __future__ import annotations

from collections.abc import Sequence

from ...bundled import bundled
from ...orders.cases import find_cases
from ...orders.order import run_folder
from ...orders.order_folders import join_path
from ...run import Outcome, RunState
from ..output.terminal import print_heading, print_summary
from ..selection import outcomes_below, ready_plans, recorded_answers

TENANT = "dodici"
_TENANTS = (TENANT, "nordhus")


def outcomes_of_case(case: str) -> Sequence[Outcome]:
    """The outcomes of an example order in the mappings that want its event."""
    root = bundled("mappings")
    plans = ready_plans(root, TENANT, None, "human")
    shared = recorded_answers(root, TENANT, (), "human")
    outcomes = run_folder(plans, join_path(root / TENANT / "cases", case), shared)
    return [outcome for outcome in outcomes if outcome.state is not RunState.IGNORED]


def print_all_orders() -> None:
    """Print a row for each example order of every example tenant."""
    root = bundled("mappings")
    for tenant in _TENANTS:
        plans = ready_plans(root, tenant, None, "human")
        shared = recorded_answers(root, tenant, (), "human")
        cases = root / tenant / "cases"
        failing = frozenset(
            name for name, _ in find_cases(cases) if (cases / name / "findings.txt").is_file()
        )
        print_heading(f"{tenant}: every example order")
        print_summary(list(outcomes_below(plans, cases, shared)), failing)
