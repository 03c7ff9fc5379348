"""The systems that one tenant's deliveries use, open."""

from __future__ import annotations

from dataclasses import dataclass

from ..run.evaluator import DIRECT, Evaluator
from ..run.ledger import ClosedPeriod, Ledger, Lookups
from ..run.shop import Shop
from .serialize import Turns
from .steps import NO_STEPS, Steps


@dataclass(frozen=True, slots=True)
class Systems:
    """A tenant's shop, its account of the ledger, and the lookups of that account.

    Deliveries that must not write at the same time share `turns`. `steps` observes an attempt. `evaluator`
    runs the mappings.
    `closed_period` is what the tenant allows where a transaction's accounting period is closed.
    """

    shop: Shop
    ledger: Ledger
    lookups: Lookups
    turns: Turns
    steps: Steps = NO_STEPS
    evaluator: Evaluator = DIRECT
    closed_period: ClosedPeriod = ClosedPeriod.PARK
