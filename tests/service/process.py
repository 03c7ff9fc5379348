"""The service, to be killed: `process.py MAPPINGS JOURNAL SIMULATOR PORT TENANT KEY [LEASE]`.

LEASE are the seconds after which another process takes over what this one held.
"""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from pathlib import Path

from engine.commands.connect import tenant_opener
from engine.service.dispatch.tenants import TenantTrouble
from engine.service.reload.tenant_selection import TenantSelection
from engine.service.service import ServiceRequest, serve


def tell(name: str, trouble: TenantTrouble | None) -> None:
    """What `erpmap serve` says of a tenant, in a line."""
    sys.stderr.write(f"{name}: {trouble or 'ready'}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    root, journal, simulator, port, tenant, key, *lease = sys.argv[1:]
    wanted = TenantSelection(Path(root), (tenant,), {tenant: (key,)})
    opener = tenant_opener(Path(root), simulator, requests_a_second=100)
    # The simulators are asked as often as NewStore's documented limit allows.
    admin_port = int(os.environ["SERVICE_ADMIN_PORT"])
    served = ServiceRequest(
        wanted, opener, journal, "127.0.0.1", int(port), tell, admin_port=admin_port, processes=0
    )
    asyncio.run(serve(replace(served, lease=float(lease[0])) if lease else served))
