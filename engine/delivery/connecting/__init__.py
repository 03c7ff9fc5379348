"""A tenant's systems, opened: credentials resolved here, at the edge, and nowhere before."""

from __future__ import annotations

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
from .events import (
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
from .opening import open_netsuite, open_newstore, open_systems
from .references import References
from .simulated import simulated_connection, simulated_ledger

__all__ = [
    "Connection",
    "EventKeys",
    "KnownSystems",
    "NewStoreAccess",
    "References",
    "StreamSettings",
    "WebhookSettings",
    "both",
    "closed_period_of",
    "connection_of",
    "event_key",
    "event_keys",
    "has_event_keys",
    "has_webhook",
    "known_of",
    "notify_of",
    "open_netsuite",
    "open_newstore",
    "open_systems",
    "simulated_connection",
    "simulated_ledger",
    "stream_settings",
    "together",
    "trusts_environment",
]
