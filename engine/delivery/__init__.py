"""One attempt at one event: fetch its sources, render it, check it, write each record exactly once."""

from __future__ import annotations

from .attempt import Keep, attempt
from .history import AttemptHistory, is_pinned, ways_of
from .inputs_document import inputs_from_document, inputs_to_document
from .prepare import NotPrepared, Prepared, prepare
from .results import AttemptState, Delivery
from .retry_loop import RetryClock, deliver
from .serialize import LocalTurns, Turns
from .steps import Steps
from .systems import Systems

__all__ = [
    "AttemptHistory",
    "AttemptState",
    "Delivery",
    "Keep",
    "LocalTurns",
    "NotPrepared",
    "Prepared",
    "RetryClock",
    "Steps",
    "Systems",
    "Turns",
    "attempt",
    "deliver",
    "inputs_from_document",
    "inputs_to_document",
    "is_pinned",
    "prepare",
    "ways_of",
]
