"""The shop, as deliveries and the service use it: one protocol, and the data that passes through it.

The runtime names no shop. A room that speaks to one (`newstore`) implements `Shop`. How the shop's
events are shaped is in `envelope`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from .source_requests import SourceRequest


class StreamState(StrEnum):
    """The state of a tenant's event stream, as far as the shop reports it."""

    RUNNING = "running"
    STOPPED = "stopped"
    RESTARTED = "restarted"
    MISSING = "missing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class StreamView:
    """One look at an event stream at a moment (UTC); `stopped` is when it stopped, if known."""

    state: StreamState
    words: str
    at: datetime
    stopped: datetime | None = None

    @property
    def is_bad(self) -> bool:
        """Whether events are missing."""
        return self.state not in (StreamState.RUNNING, StreamState.UNKNOWN)


class Shop(Protocol):
    """One tenant's shop: documents are fetched, and the stream of its events is watched."""

    async def fetch(self, request: SourceRequest) -> object:
        """Return the document of a source, or ABSENT.

        Raise ShopError for an answer that is no document, NoAnswerError without an answer,
        AddressError for a path that leads elsewhere.
        """
        ...

    async def check_stream(self, stream: str, now: datetime, *, restart: bool) -> StreamView:
        """Look at a stream, and start it when it has stopped and `restart` is set; never raise."""
        ...
