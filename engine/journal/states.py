"""The states of a delivery in the journal, and which of them are an end."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"  # until it is due
    HELD = "held"  # behind another delivery of the same order
    RUNNING = "running"
    PARKED = "parked"  # for a person
    DELIVERED = "delivered"
    IGNORED = "ignored"
    RESOLVED = "resolved"  # a person has seen to it

    @staticmethod
    def ended() -> tuple[State, ...]:
        """Those after which the next delivery of the order may go on."""
        return (State.DELIVERED, State.IGNORED, State.RESOLVED)
