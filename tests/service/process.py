"""The service, to be killed: `process.py MAPPINGS JOURNAL SIMULATOR PORT TENANT KEY`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from engine.serving import Served, serve

if __name__ == "__main__":
    root, journal, simulator, port, tenant, key = sys.argv[1:]
    served = Served(Path(root), journal, "127.0.0.1", int(port), simulator, {tenant: (key,)})
    asyncio.run(serve(served))
