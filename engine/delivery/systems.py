"""The systems one tenant's deliveries speak to, open."""

from __future__ import annotations

from dataclasses import dataclass

from ..live import LiveLookups
from ..netsuite import NetSuite
from ..newstore import NewStore
from .steps import SILENT, Steps
from .turns import Turns


@dataclass(frozen=True, slots=True)
class Systems:
    """A tenant's NewStore, its NetSuite account, and the lookups that are asked there.

    Deliveries that must not write at the same time share `turns`. `steps` hears what an attempt does.
    """

    newstore: NewStore
    netsuite: NetSuite
    lookups: LiveLookups
    turns: Turns
    steps: Steps = SILENT
