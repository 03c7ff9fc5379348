"""The systems one tenant's deliveries speak to, open."""

from __future__ import annotations

from dataclasses import dataclass

from ..netsuite import NetSuite
from ..newstore import NewStore
from .live import LiveLookups
from .periods import ClosedPeriod
from .serialize import Turns
from .steps import SILENT, Steps


@dataclass(frozen=True, slots=True)
class Systems:
    """A tenant's NewStore, its NetSuite account, and the lookups that are asked there.

    Deliveries that must not write at the same time share `turns`. `steps` hears what an attempt does.
    `closed_period` is what the tenant allows where NetSuite has closed a transaction's period.
    """

    newstore: NewStore
    netsuite: NetSuite
    lookups: LiveLookups
    turns: Turns
    steps: Steps = SILENT
    closed_period: ClosedPeriod = ClosedPeriod.PARK
