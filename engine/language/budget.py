"""The amount of work that one order may cost.

Every step is charged *before* it is done: a node visited, an entry projected,
a character produced. When the budget is used up, the order ends with a finding,
so a hostile or runaway mapping costs a bounded amount of time and memory.
"""

from __future__ import annotations

from ..findings.errors import BudgetError

# An order of 1,000 items, each with a discount, costs about 410,000 steps, and its function counts more: an
# order of 2,000 items takes about 640,000 of its steps. All steps of an order together
# take about a second.
STEPS_PER_ORDER = 700_000


class Budget:
    """A counter that only decreases; each order has its own."""

    __slots__ = ("allowed", "remaining")

    def __init__(self, allowed: int = STEPS_PER_ORDER) -> None:
        self.allowed = allowed
        self.remaining = allowed

    def charge(self, steps: int = 1) -> None:
        """Take `steps` from the budget; raise BudgetError when fewer are left."""
        self.remaining -= steps
        if self.remaining < 0:
            raise BudgetError(
                "E0901",
                f"the mapping needs more than the {self.allowed:,} steps allowed for one order",
                hint="look for a projection or a loop inside another one",
            )
