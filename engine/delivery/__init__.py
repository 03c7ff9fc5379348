"""One event on its way to NetSuite: fetched, rendered, proved, written, confirmed."""

from __future__ import annotations

from .attempt import AttemptHistory, attempt
from .foreseeing import Forecast, ForecastKind, foresee
from .inputs_document import pinned, unpinned
from .periods import ClosedPeriod, MovedDate
from .prepare import NotPrepared, Prepared, prepare
from .results import AttemptState, Delivery, StoppedRecord, WrittenRecord
from .retry_loop import RetryClock, deliver
from .serialize import LocalTurns, Turns
from .steps import Steps
from .systems import Systems

__all__ = [
    "AttemptHistory",
    "AttemptState",
    "ClosedPeriod",
    "Delivery",
    "Forecast",
    "ForecastKind",
    "LocalTurns",
    "MovedDate",
    "NotPrepared",
    "Prepared",
    "RetryClock",
    "Steps",
    "StoppedRecord",
    "Systems",
    "Turns",
    "WrittenRecord",
    "attempt",
    "deliver",
    "foresee",
    "pinned",
    "prepare",
    "unpinned",
]
