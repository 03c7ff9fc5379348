"""The states of a delivery in the journal."""

from __future__ import annotations

from enum import StrEnum


class DeliveryState(StrEnum):
    """The state of a delivery; the stored text."""

    WAITING = "waiting"  # until it is due
    HELD = "held"  # behind another delivery of the same order
    RUNNING = "running"
    PARKED = "parked"  # waiting for a person
    DELIVERED = "delivered"
    IGNORED = "ignored"
    RESOLVED = "resolved"  # ended by a person

    @staticmethod
    def final() -> tuple[DeliveryState, ...]:
        """The states that end a delivery and release the next delivery of its order."""
        return (DeliveryState.DELIVERED, DeliveryState.IGNORED, DeliveryState.RESOLVED)


# Stands for every record of a delivery in its doubts: a process ended while it wrote.
EVERY_RECORD = "*"
EVERY_DOUBT = '["*"]'  # as a delivery's row has it
