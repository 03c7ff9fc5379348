"""The tenants that are served: their plans and open systems, or why they cannot run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..delivery import Systems
from ..plan import Plan


@dataclass(frozen=True, slots=True)
class Ready:
    """A tenant that can run. `account` is the NetSuite account whose allowance it shares."""

    name: str
    plans: Mapping[str, Plan]
    systems: Systems
    account: str
    allowance: int


@dataclass(slots=True)
class Tenants:
    """All of them, by name; swapped whole when one changes."""

    ready: Mapping[str, Ready] = field(default_factory=dict)
