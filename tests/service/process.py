"""The service in a process of its own, to be killed: `process.py ROOT JOURNAL SIMULATOR PORT`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from engine.serving import Served, serve

KEY = "event-key-of-a-test"

if __name__ == "__main__":
    root, journal, simulator, port = sys.argv[1:]
    keys = {"dodici": (KEY,)}
    asyncio.run(serve(Served(Path(root), journal, "127.0.0.1", int(port), simulator, keys)))
