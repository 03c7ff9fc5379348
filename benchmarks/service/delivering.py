"""CPU for each delivered event: the service's, and that of a bare script that does the same requests."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from ..corpus import Texts, corpus
from ..ours import TENANT
from ..tables import ROOT
from .ledger import standing
from .senders import requests_of, send_all
from .served import KEY, running

_SENDERS = 8
_JSON = {"Content-Type": "application/json"}


@contextmanager
def played(
    port: int, orders: list[Texts], mappings: Path = ROOT / "mappings", *, is_all: bool = False
) -> Iterator[str]:
    """Both systems in a process of their own, with these orders; `is_all` plays all tenants. The value is the address."""
    program = str(Path(sys.executable).with_name("erpmap"))
    command = [
        program,
        "--mappings",
        str(mappings),
        "simulate",
        *([] if is_all else [TENANT]),
        "--port",
        str(port),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:  # noqa: S603 # our own command
        try:
            assert process.stdout is not None
            process.stdout.readline()
            address = f"http://127.0.0.1:{port}"
            put_orders(address, orders)
            yield address
        finally:
            process.kill()


def bare(address: str, count: int) -> float:
    """CPU seconds of the script for each order."""
    command = [sys.executable, "-m", "benchmarks.service.bare", address, str(count)]
    told = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 # our own command
    return float(told.stdout) / count


def served(address: str, mappings: Path, journal: str, port: int, count: int) -> float:
    """CPU seconds of the service for each event, from its arrival to its end."""
    bodies = [texts.event for texts in corpus(count)]
    with running(mappings, journal, address, port) as service:
        before = service.cpu
        asyncio.run(send_all(port, requests_of(bodies, f"/events/{TENANT}", KEY), _SENDERS))
        while standing(address) < count:
            asyncio.run(asyncio.sleep(0.5))
        return (service.cpu - before) / count


def put_orders(address: str, orders: list[Texts]) -> None:
    """Orders to be in the shop of a simulator, which takes requests without a limit."""
    with httpx.Client() as client:
        settings = {"rate_limit": None}
        client.post(f"{address}/{TENANT}/settings", json=settings).raise_for_status()
        for texts in orders:
            body = b'{"event": %s, "order": %s}' % (texts.event, texts.order)
            url = f"{address}/{TENANT}/orders"
            client.post(url, content=body, headers=_JSON).raise_for_status()
