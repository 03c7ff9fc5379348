"""`erpmap send` and `erpmap simulate`: the commands that speak to systems, or play them."""

from __future__ import annotations

from pathlib import Path

import click

from .options import (
    Duration,
    chosen_simulator,
    complete_tenant,
    event_option,
    format_option,
    mapping_option,
    order_option,
    simulator_option,
    tenant_argument,
)


@click.command()
@tenant_argument
@order_option
@event_option
@mapping_option
@click.option("--dry-run", is_flag=True, help="Fetch, render, look up; write nothing.")
@click.option(
    "--patience",
    type=Duration(),
    default="1m",
    show_default=True,
    help="How long to go on by the mapping's retry rules.",
)
@simulator_option
@format_option
@click.pass_obj
def send(
    root: Path,
    tenant: str,
    order: str | None,
    event: Path | None,
    mapping: str | None,
    dry_run: bool,
    patience: float,
    simulator: str | None,
    form: str,
) -> None:
    """Deliver one order now: fetch, render, prove, write to NetSuite, confirm.

    Sending an order again is harmless: its records are looked up by their external ids, compared,
    and left as they are. With --event the sources are fetched for that event as it arrived; with
    --order alone the event is made of the order.

    \b
    erpmap send dodici --order DO000000101 --dry-run
    erpmap send dodici --event event.json
    erpmap send dodici --order DO000000101 --simulator http://127.0.0.1:8100

    Exit codes: 0 delivered or ignored, 1 parked (findings, refused), 3 waiting for something. A dry
    run: 0 it would be delivered, 1 findings or trouble that is foreseen, 3 not ready yet.
    """
    if not order and event is None:
        raise click.UsageError("say which order: --order ID or --event FILE")
    from ..send import Asked
    from ..send import send as send_order

    asked = Asked(root, tenant, mapping, order, event, chosen_simulator(simulator), form)
    send_order(asked, patience=patience, dry_run=dry_run)


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
    from ..simulate import simulate as play
    from ..simulate import trouble_of

    play(root, tenant, port, trouble_of(latency, payments_delay, faults))


@click.command()
@tenant_argument
@simulator_option
@format_option
@click.pass_obj
def ledger(root: Path, tenant: str, simulator: str | None, form: str) -> None:
    """Show what TENANT's simulated NetSuite holds: each record with its date, total and lines.

    \b
    erpmap ledger dodici --simulator http://127.0.0.1:8100
    erpmap ledger dodici --format json
    """
    address = chosen_simulator(simulator)
    if address is None:
        raise click.UsageError("only a simulator has a ledger: --simulator URL or ERPMAP_SIMULATOR")
    from ..ledger import show_ledger

    show_ledger(root, tenant, address, form)
