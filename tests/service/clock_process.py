"""The service on a clock that a test puts forward and back: as `process.py`, with the file of its offset."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from process import tell

from engine.commands.connect import tenant_opener
from engine.service.reload.tenant_selection import TenantSelection
from engine.service.service import ServiceRequest, serve

if __name__ == "__main__":
    root, journal, simulator, port, tenant, key, offset = sys.argv[1:]

    def wall() -> int:
        """The machine's clock, and the seconds in the file."""
        return time.time_ns() + int(Path(offset).read_text()) * 10**9

    wanted = TenantSelection(Path(root), (tenant,), {tenant: (key,)})
    opener = tenant_opener(Path(root), simulator)
    asyncio.run(
        serve(
            ServiceRequest(
                wanted, opener, journal, "127.0.0.1", int(port), tell, wall=wall, processes=0
            )
        )
    )
