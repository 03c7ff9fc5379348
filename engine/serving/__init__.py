"""The service put together: tenants opened, the journal, an engine, the doors."""

from __future__ import annotations

from .service import Served, serve, work

__all__ = ["Served", "serve", "work"]
