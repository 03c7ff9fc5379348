"""Connects to a tenant's systems. Credentials are resolved here, at the edge, and nowhere before."""

from __future__ import annotations

from ...service.tenant_settings import (
    EventKeys,
    StreamSettings,
    WebhookSettings,
    closed_period_of,
    event_key,
    event_keys,
    has_event_keys,
    has_webhook,
    notify_of,
    stream_settings,
)
from ...wire.secret_references import References
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
    "EventKeys",
    "KnownSystems",
    "NewStoreAccess",
    "OpenSystems",
    "References",
    "StreamSettings",
    "TenantOpener",
    "WebhookSettings",
    "as_known_systems",
    "closed_period_of",
    "event_key",
    "event_keys",
    "has_event_keys",
    "has_webhook",
    "merge_troubles",
    "notify_of",
    "open_netsuite",
    "open_newstore",
    "open_systems",
    "read_connection",
    "read_known_systems",
    "resolve_connection",
    "simulated_connection",
    "simulated_ledger",
    "stream_settings",
    "tenant_opener",
    "trusts_environment",
]
