"""The pace of each tenant's events: a flood of one tenant leaves time for the others."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

# Events a second that a tenant may send while others send too, and how many it may send at once. A
# tenant's Event Stream sends one after the other (newstore.md §2.3).
RATE, BURST = 50.0, 50
# A tenant is active for this long after an event.
_ACTIVE_SECONDS = 2.0


@dataclass(slots=True)
class Pace:
    """Delays the events of a tenant that sends more than its share while another tenant is active.

    A tenant that is alone is not delayed. For one event loop.
    """

    rate: float = RATE
    burst: int = BURST
    _last: dict[str, float] = field(default_factory=dict)
    _next: dict[str, float] = field(default_factory=dict)

    async def wait(self, tenant: str) -> None:
        """Wait until an event of a tenant may be taken."""
        now = asyncio.get_running_loop().time()
        self._last[tenant] = now
        if not self._is_shared(tenant, now):
            self._next.pop(tenant, None)
            return
        due = max(self._next.get(tenant, 0.0), now - self.burst / self.rate)
        self._next[tenant] = due + 1 / self.rate
        if due > now:
            await asyncio.sleep(due - now)

    def _is_shared(self, tenant: str, now: float) -> bool:
        """Whether another tenant has sent an event a short while ago."""
        old = [name for name, at in self._last.items() if now - at > _ACTIVE_SECONDS]
        for name in old:
            del self._last[name]
        return len(self._last) > (tenant in self._last)
