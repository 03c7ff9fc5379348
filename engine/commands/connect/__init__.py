"""A tenant's systems, opened: credentials resolved here, at the edge, and nowhere before."""

from __future__ import annotations

from ...service.tenant_settings import (
    EventKeys,
    StreamSettings,
    WebhookSettings,
    has_event_keys,
    has_webhook,
    read_closed_period,
    read_event_key,
    read_event_keys,
    read_stream_settings,
    read_webhook_settings,
)
from ...wire.secret_references import References
from .connection import (
    Connection,
    KnownSystems,
    NewStoreAccess,
    both,
    connection_of,
    known_of,
    together,
    trusts_environment,
)
from .open_systems import OpenSystems, open_netsuite, open_newstore, open_systems
from .opener import TenantOpener, tenant_opener
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
    "both",
    "connection_of",
    "has_event_keys",
    "has_webhook",
    "known_of",
    "open_netsuite",
    "open_newstore",
    "open_systems",
    "read_closed_period",
    "read_event_key",
    "read_event_keys",
    "read_stream_settings",
    "read_webhook_settings",
    "simulated_connection",
    "simulated_ledger",
    "tenant_opener",
    "together",
    "trusts_environment",
]
