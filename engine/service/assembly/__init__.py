"""The service put together: tenants opened, the journal, an engine, the doors."""

from __future__ import annotations

from .service import Served, serve, work
from .tending import Wanted

__all__ = ["Served", "Wanted", "serve", "work"]
