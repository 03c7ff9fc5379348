"""The options of `erpmap simulate`."""

from __future__ import annotations

from pathlib import Path

import click

from ..options import Duration, complete_tenant


@click.command()
@click.argument("tenant", required=False, shell_complete=complete_tenant)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8100,
    show_default=True,
    help="Where on this machine; 0 is any port that is free.",
)
@click.option("--latency", default="0", metavar="SECONDS", help="What every request waits.")
@click.option(
    "--payments-delay",
    type=Duration(),
    default="0s",
    show_default=True,
    help="How long after an order its payments appear.",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="FAULT=PART",
    help="A fault of NetSuite that strikes a part of the requests, as in drop=0.05; repeatable.",
)
@click.pass_obj
def simulate(
    root: Path,
    tenant: str | None,
    port: int,
    latency: str,
    payments_delay: float,
    faults: tuple[str, ...],
) -> None:
    """Play NewStore and NetSuite on this machine, with their traps, until Ctrl-C.

    NewStore has the orders of the tenants' cases, NetSuite the accounts in their simulator.yaml.
    Nothing leaves this machine, and what was written is gone afterwards.

    \b
    erpmap simulate dodici
    erpmap simulate dodici --fault commit_then_drop=0.2 --payments-delay 10s
    """
    from .simulate import read_settings
    from .simulate import simulate as play

    play(root, tenant, port, read_settings(latency, payments_delay, faults))
