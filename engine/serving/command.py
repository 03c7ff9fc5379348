"""What `erpmap serve` does: say what is served, serve it, and end as told."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from ..commands import FINDINGS, chosen_tenants
from ..dispatch.tenants import Trouble
from ..errors import ErpmapError
from ..terminal import print_findings
from .service import Served, serve
from .tending import Wanted


@dataclass(frozen=True, slots=True)
class Asked:
    """The command line of `erpmap serve`."""

    root: Path
    tenants: tuple[str, ...]
    journal: str
    host: str
    port: int
    simulator: str | None


def run(asked: Asked) -> None:
    """Serve until told to stop; what keeps it from serving is a sentence and exit code 1."""
    for name in asked.tenants or (None,):
        chosen_tenants(asked.root, name)
    wanted = Wanted(asked.root, asked.tenants, asked.simulator)
    served = Served(wanted, asked.journal, asked.host, asked.port, _tell, _listening)
    try:
        asyncio.run(serve(served))
    except ErpmapError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(FINDINGS)


def _tell(name: str, trouble: Trouble | None) -> None:
    click.echo(f"{name}: {'ready' if trouble is None else trouble.words}", err=True)
    if trouble is not None and trouble.findings:
        print_findings(trouble.findings, stderr=True)


def _listening(address: str) -> None:
    click.echo(f"events: POST {address}/events/TENANT", err=True)
