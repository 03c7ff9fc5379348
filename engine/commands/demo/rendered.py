"""The example tenants' orders rendered: those of the story, and all of them as a table."""

from __future__ import annotations

from collections.abc import Sequence

from ...bundled import bundled
from ...orders.cases import find_cases
from ...orders.order import run_folder
from ...orders.order_folders import join_path
from ...run import Outcome, RunState
from ..output.outcomes import print_summary
from ..output.terminal import print_heading
from ..recorded_lookups import read_recorded_lookups
from ..render.render import render_folder
from ..tenants import load_plans

TENANT = "dodici"
_TENANTS = (TENANT, "nordhus")


def outcomes_of_case(case: str) -> Sequence[Outcome]:
    """The outcomes of an example order in the mappings that want its event."""
    root = bundled("mappings")
    plans = load_plans(root, TENANT, None, "human")
    shared = read_recorded_lookups(root, TENANT, (), "human")
    outcomes = run_folder(plans, join_path(root / TENANT / "cases", case), shared)
    return [outcome for outcome in outcomes if outcome.state is not RunState.IGNORED]


def print_all_orders() -> None:
    """Print a row for each example order of every example tenant."""
    root = bundled("mappings")
    for tenant in _TENANTS:
        plans = load_plans(root, tenant, None, "human")
        shared = read_recorded_lookups(root, tenant, (), "human")
        cases = root / tenant / "cases"
        failing = frozenset(
            name for name, _ in find_cases(cases) if (cases / name / "findings.txt").is_file()
        )
        print_heading(f"{tenant}: every example order")
        print_summary(list(render_folder(plans, cases, shared)), failing)
