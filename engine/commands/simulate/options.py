"""The options of `erpmap simulate`."""

from __future__ import annotations

from pathlib import Path

import click

from ..options import Duration, complete_tenant


@click.command(short_help="Simulate NewStore and NetSuite on this machine.")
@click.argument("tenant", required=False, shell_complete=complete_tenant)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8100,
    show_default=True,
    help="The port on this machine; 0 takes any free one.",
)
@click.option("--latency", default="0", metavar="SECONDS", help="Seconds before each answer.")
@click.option(
    "--payments-delay",
    type=Duration(),
    default="0s",
    show_default=True,
    help="How long after its order a payment appears.",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="FAULT=PART",
    help="A fault of NetSuite and the share of requests it hits, as in drop=0.05; repeatable.",
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
    """Simulate NewStore and NetSuite on this machine until Ctrl-C.

    NewStore holds the orders of the tenants' cases, NetSuite the accounts in their simulator.yaml.
    Nothing leaves this machine; records are kept in memory and end with the command.

    \b
    erpmap simulate dodici
    erpmap simulate dodici --fault commit_then_drop=0.2 --payments-delay 10s
    """
    from .simulate import read_settings
    from .simulate import simulate as play

    play(root, tenant, port, read_settings(latency, payments_delay, faults))
