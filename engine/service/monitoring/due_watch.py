"""Watches whether due deliveries are taken up: an engine that stands still raises no error.

A tenant stands still when one of its deliveries is due, the engine has a free slot for it, and none of
its deliveries was begun, for `seconds` on end. A tenant that waits for its account, or that cannot run,
has no such delivery: it waits until a later time, or has no slot.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ...journal.claim import Claim
from ...journal.counts import find_oldest_due
from ...journal.writer import Writer
from ..loops import Loop, Loops

DUE_SECONDS = 60.0
# Looks within the time after which a tenant stands still.
_LOOKS = 12


@dataclass(slots=True)
class DueWatch:
    """Looks at the due deliveries of the tenants that have a free slot; records those that stand still.

    `now` is in milliseconds since 1970.
    """

    journal: Writer
    now: Callable[[], int]
    loops: Loops
    seconds: float = DUE_SECONDS
    clock: Callable[[], float] = time.monotonic
    _idle_since: dict[str, float] = field(default_factory=dict)
    _standing: set[str] = field(default_factory=set)

    def record_claim(self, claim: Claim) -> None:
        """Record that a delivery was begun."""
        self._idle_since.pop(claim.tenant, None)

    async def run(self, free_slots: Callable[[], Mapping[str, int]]) -> None:
        """Look until cancelled; `free_slots` is that of the engine."""
        # What it reports has lasted already.
        standing = self.loops.loop("standing_still", patience=0.0)
        looks = self.loops.loop("due_watch")
        while True:
            await asyncio.sleep(self.seconds / _LOOKS)
            with looks.round():
                await self._look(standing, list(free_slots()))

    async def _look(self, standing: Loop, tenants: Sequence[str]) -> None:
        begun, now = self.clock(), self.now()
        due = await self.journal.run(find_oldest_due, tenants, now)
        for tenant in (self._idle_since.keys() | self._standing) - due.keys():
            self._idle_since.pop(tenant, None)
            self._standing.discard(tenant)
            standing.succeed(tenant)
        for tenant, due_at in due.items():
            idle_since = self._idle_since.setdefault(tenant, begun)
            waits = (now - due_at) / 1000
            if min(self.clock() - idle_since, waits) < self.seconds * (1 - 1 / _LOOKS):
                standing.succeed(tenant)
                continue
            self._standing.add(tenant)
            standing.fail(
                f"a delivery of {tenant} has been due for more than {self.seconds:.0f} s, and none is"
                " begun although slots are free",
                tenant,
            )
