"""Connects to a tenant's systems. Credentials are resolved here, at the edge, and nowhere before."""

from __future__ import annotations

from .connection import (
    Connection,
    KnownSystems,
    NewStoreAccess,
    as_known_systems,
    merge_troubles,
    read_connection,
    read_known_systems,
    trusts_environment,
)
from .open_systems import OpenSystems, open_netsuite, open_newstore, open_systems
from .opener import TenantOpener, resolve_connection, tenant_opener
from .simulator import simulated_connection, simulated_ledger

__all__ = [
    "Connection",
    "KnownSystems",
    "NewStoreAccess",
    "OpenSystems",
    "TenantOpener",
    "as_known_systems",
    "merge_troubles",
    "open_netsuite",
    "open_newstore",
    "open_systems",
    "read_connection",
    "read_known_systems",
    "resolve_connection",
    "simulated_connection",
    "simulated_ledger",
    "tenant_opener",
    "trusts_environment",
]
