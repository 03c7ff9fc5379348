"""One event on its way to NetSuite: fetched, rendered, proved, written, confirmed."""

from __future__ import annotations

from .attempt import Past, attempt
from .foreseeing import Fate, Foreseen, foresee
from .inputs_document import pinned, unpinned
from .periods import ClosedPeriod, Moved
from .prepare import NotPrepared, Prepared, prepare
from .results import Delivery, Posted, State, Stopped
from .retry_loop import Time, deliver
from .serialize import LocalTurns, Turns
from .steps import Steps
from .systems import Systems

__all__ = [
    "ClosedPeriod",
    "Delivery",
    "Fate",
    "Foreseen",
    "LocalTurns",
    "Moved",
    "NotPrepared",
    "Past",
    "Posted",
    "Prepared",
    "State",
    "Steps",
    "Stopped",
    "Systems",
    "Time",
    "Turns",
    "attempt",
    "deliver",
    "foresee",
    "pinned",
    "prepare",
    "unpinned",
]
