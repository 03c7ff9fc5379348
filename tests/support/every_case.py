"""Every order there is in the repository, by its tenant."""

from __future__ import annotations

from pathlib import Path

from conftest import ROOT

from engine.findings.errors import ReadError
from engine.mapping.plan import Plan
from engine.orders.order import build_inputs, read_order, read_recorded_tables
from engine.run import Inputs

TENANTS = {
    "dodici": ROOT / "mappings",
    "nordhus": ROOT / "mappings",
    "acme": ROOT / "tests" / "orders" / "tour" / "mappings",
}


def _is_readable(folder: Path) -> bool:
    """Whether there is an order to run; some cases are about files that cannot be read."""
    try:
        read_order(folder)
    except ReadError:
        return False
    return True


CASES = [
    (tenant, path.parent)
    for tenant, root in TENANTS.items()
    for path in sorted((root / tenant / "cases").glob("**/event.json"))
    if _is_readable(path.parent)
]


def order_in(tenant: str, folder: Path, plan: Plan) -> Inputs:
    """What a mapping is given for a case."""
    shared = read_recorded_tables(TENANTS[tenant] / tenant / "cases" / "lookups")
    return build_inputs(plan, read_order(folder), shared)
