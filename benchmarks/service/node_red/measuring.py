"""CPU for each order that Node-RED delivers, from the event to the sales order read back.

`flows.json` says what follows what; a function that is named there as a file is the text of that file.
Node-RED has no login with a certificate, so both tokens are fetched here, once, and given to the flow.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from engine.commands.connect import simulated_connection

from ...corpus import corpus
from ...ours import TENANT
from ...tables import read_tables
from ..bare import Script
from ..ledger import standing
from ..senders import requests_of, send_all
from ..served import KEY, Running, wait_for
from .installing import program

_HERE = Path(__file__).parent
_SENDERS = 8
_PATIENCE = 600


def node_red(address: str, folder: Path, port: int, count: int) -> float:
    """CPU seconds of Node-RED for each order. Raise MissingError, or TimeoutError for one that is stuck."""
    bodies = [texts.event for texts in corpus(count)]
    with _running(program(), folder / "node-red", address, port) as flow:
        before, end = flow.cpu, time.monotonic() + _PATIENCE
        asyncio.run(send_all(port, requests_of(bodies, f"/events/{TENANT}", KEY), _SENDERS))
        while standing(address) < count:
            if time.monotonic() > end:
                raise TimeoutError("Node-RED has not delivered every order; stderr says why")
            time.sleep(0.5)
        return (flow.cpu - before) / count


@contextmanager
def _running(command: list[str], folder: Path, address: str, port: int) -> Iterator[Running]:
    """Node-RED with the flow while the block runs, once it answers."""
    _write_flow(folder)
    command = [*command, "--userDir", str(folder), "--port", str(port), "flows.json"]
    known = json.dumps(asyncio.run(_known(address)))
    environ = {**os.environ, "BENCHMARK_KNOWN": known}
    with subprocess.Popen(command, cwd=folder, env=environ, stdout=2) as process:  # noqa: S603 # our own command
        try:
            wait_for(f"http://127.0.0.1:{port}/healthz")
            yield Running(process.pid, port)
        finally:
            process.kill()


def _write_flow(folder: Path) -> None:
    folder.mkdir()
    shutil.copy(_HERE / "settings.js", folder)
    nodes = json.loads((_HERE / "flows.json").read_text(encoding="utf-8"))
    for node in nodes:
        if node.get("func", "").endswith(".js"):
            node["func"] = (_HERE / node["func"]).read_text(encoding="utf-8")
    (folder / "flows.json").write_text(json.dumps(nodes), encoding="utf-8")


async def _known(address: str) -> dict[str, Any]:
    """What the flow is told: tables, addresses, the query, tokens, and requests at once."""
    connection = await simulated_connection(TENANT, address)
    tables = read_tables()
    async with httpx.AsyncClient() as client:
        script = Script(client, connection, tables)
        await script.sign_in()
        newstore, netsuite = await script.authorizations()
    return {
        **tables.as_json(),
        "newstore": connection.newstore.base_url,
        "newstore_authorization": newstore,
        "netsuite": connection.netsuite.base_url,
        "netsuite_authorization": netsuite,
        "query": script.query,
        "allowance": connection.allowance,
    }
