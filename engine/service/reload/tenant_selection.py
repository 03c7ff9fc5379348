"""The tenants that a process serves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ...mapping.load import list_tenants


@dataclass(frozen=True, slots=True)
class TenantSelection:
    """The tenants to serve: those at `root`, or only the names in `only` if there are any.

    `keys` replace the event keys of a tenant.yaml. A process that takes no events needs no key.
    """

    root: Path
    only: tuple[str, ...] = ()
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    takes_events: bool = True

    def list_names(self) -> list[str]:
        """List the tenants that have a folder now. Raise OSError when the root cannot be read."""
        return [name for name in list_tenants(self.root) if not self.only or name in self.only]
