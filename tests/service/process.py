"""The service, to be killed: `process.py MAPPINGS JOURNAL SIMULATOR PORT TENANT KEY`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from engine.serving import Served, Wanted, serve

if __name__ == "__main__":
    root, journal, simulator, port, tenant, key = sys.argv[1:]
    wanted = Wanted(Path(root), (tenant,), simulator, {tenant: (key,)})
    asyncio.run(serve(Served(wanted, journal, "127.0.0.1", int(port))))
