"""One of many: `fleet_process.py MAPPINGS JOURNAL SIMULATOR PORT TENANTS KEY DEADLINE`; port 0 only works.

With ERPMAP_SQS the processes have that queue between them; ERPMAP_TEST_DUE are the seconds after which
due work that nobody takes up is reported, ERPMAP_TEST_ADMIN is the administrative port. TENANTS are names with commas between
them, all with the same key.
"""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from pathlib import Path

from engine.commands.connect import tenant_opener
from engine.service.monitoring.due_watch import DUE_SECONDS
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
    served = ServiceRequest(wanted, opener, journal, *address, lease=LEASE, sqs=sqs, processes=0)
    due = float(os.environ.get("ERPMAP_TEST_DUE", str(DUE_SECONDS)))
    admin_port = int(os.environ.get("ERPMAP_TEST_ADMIN", "0")) or None
    served = replace(served, admin_port=admin_port, due_seconds=due)
    asyncio.run(serve(served) if served.port else work(served))
