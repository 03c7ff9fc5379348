"""Events on their way into the journal, and what storing one comes to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Fate(StrEnum):
    """What became of an event."""

    ROUTED = "routed"  # it has deliveries; they say the rest
    IGNORED = "ignored"  # no mapping wants it
    DUPLICATE = "duplicate"  # all of its deliveries were there already, begun by another event
    UNROUTED = "unrouted"  # its tenant has no mappings that can run; it waits for them


@dataclass(frozen=True, slots=True)
class Route:
    """A mapping that wants an event, and what makes the event the same as another one there."""

    mapping: str
    identity: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event that has arrived, with its routes; `document` is packed (`documents`).

    `digest` is that of its payload, `order_key` names the order whose deliveries keep their order.
    """

    tenant: str
    name: str
    digest: str
    order_key: str
    order_shown: str
    document: bytes
    at: int
    routes: tuple[Route, ...] = ()
    fate: Fate = Fate.ROUTED
    reason: str | None = None

    @property
    def order(self) -> tuple[str, str]:
        """Which order it is about: its tenant and key."""
        return self.tenant, self.order_key


@dataclass(frozen=True, slots=True)
class Stored:
    """What storing an event came to: its id, whether it is new, and the deliveries it is about."""

    event: int
    fate: Fate
    deliveries: tuple[int, ...]
    begun: tuple[int, ...] = ()
    is_new: bool = False
