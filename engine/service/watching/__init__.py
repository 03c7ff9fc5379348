"""What a service that is left alone has to notice by itself, and whom it tells."""

from __future__ import annotations

from .parked import watch_parked
from .stream import Sight, Watched, look, watch_stream
from .watch import Watch, watch

__all__ = ["Sight", "Watch", "Watched", "look", "watch", "watch_parked", "watch_stream"]
