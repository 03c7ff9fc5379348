"""One of many: `fleet_process.py MAPPINGS JOURNAL SIMULATOR PORT TENANTS KEY DEADLINE`; port 0 only works.

With ERPMAP_SQS the processes have that queue between them. TENANTS are names with commas between
them, all with the same key.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from engine.commands.connect import tenant_opener
from engine.service.reload.tenant_selection import TenantSelection
from engine.service.service import ServiceRequest, serve, work

# Short, so that a test sees what happens when they are over.
LEASE = 2.0

if __name__ == "__main__":
    root, journal, simulator, port, names, key, deadline = sys.argv[1:]
    tenants = tuple(names.split(","))
    wanted = TenantSelection(Path(root), tenants, dict.fromkeys(tenants, (key,)))
    opener = tenant_opener(Path(root), simulator, deadline=float(deadline))
    address = ("127.0.0.1", int(port) or None)
    sqs = os.environ.get("ERPMAP_SQS")
    served = ServiceRequest(wanted, opener, journal, *address, lease=LEASE, sqs=sqs)
    asyncio.run(serve(served) if served.port else work(served))
