"""One event on its way to NetSuite: fetched, rendered, proved, written, confirmed."""

from __future__ import annotations

from .attempt import Past, attempt
from .foreseeing import Fate, Foreseen, foresee
from .patience import Time, deliver
from .periods import ClosedPeriod, Moved
from .pinning import pinned, unpinned
from .preparing import NotPrepared, Prepared, prepare
from .states import Delivery, Posted, State, Stopped
from .steps import Steps
from .systems import Systems
from .turns import LocalTurns, Turns

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
