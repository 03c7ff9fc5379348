"""The example tenants' orders rendered dry, and some of their proofs in full."""

from __future__ import annotations

from ...bundled import bundled
from ..output.terminal import print_heading, print_outcome, print_summary
from ..selection import outcomes_below, ready_plans, recorded_answers

# Orders whose proof the demo shows in full: the last of each tenant is meant to be refused.
_DEMO = {
    "dodici": (
        "discounts-and-coupon",
        "split-payment-gift-card",
        "exchange-uneven",
        "payment-over",
    ),
    "nordhus": ("yen-and-japanese-names", "shipping-discount"),
}


def show_rendered() -> None:
    """Render every example order, and show the proofs of those chosen."""
    root = bundled("mappings")
    for tenant, shown in _DEMO.items():
        plans = ready_plans(root, tenant, None, "human")
        shared = recorded_answers(root, tenant, (), "human")
        outcomes = list(outcomes_below(plans, root / tenant / "cases", shared))
        print_heading(f"{tenant}: every example order")
        print_summary(outcomes)
        for case in shown:
            print_heading(f"{tenant}: {case}")
            for name, outcome in outcomes:
                if name == case and outcome.state != "ignored":
                    print_outcome(outcome, stderr=False)
