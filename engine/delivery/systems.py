"""The systems one tenant's deliveries speak to, open."""

from __future__ import annotations

from dataclasses import dataclass

from ..live import LiveLookups
from ..netsuite import NetSuite
from ..newstore import NewStore


@dataclass(frozen=True, slots=True)
class Systems:
    """A tenant's NewStore, its NetSuite account, and the lookups that are asked there."""

    newstore: NewStore
    netsuite: NetSuite
    lookups: LiveLookups
