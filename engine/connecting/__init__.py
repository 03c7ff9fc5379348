"""A tenant's systems, opened: credentials resolved here, at the edge, and nowhere before."""

from __future__ import annotations

from .connection import Connection, connection_of, trusts_environment
from .opening import open_systems
from .references import References
from .simulated import simulated_connection

__all__ = [
    "Connection",
    "References",
    "connection_of",
    "open_systems",
    "simulated_connection",
    "trusts_environment",
]
