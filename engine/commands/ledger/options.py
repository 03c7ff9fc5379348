"""The options of `erpmap ledger`."""

from __future__ import annotations

from pathlib import Path

import click

from ..options import check_simulator, format_option, simulator_option, tenant_argument


@click.command(short_help="Show the records of the simulated NetSuite.")
@tenant_argument
@simulator_option
@format_option
@click.pass_obj
def ledger(root: Path, tenant: str, simulator: str | None, form: str) -> None:
    """Show the records of TENANT's simulated NetSuite.

    Each record is shown with its external id, date, total and lines.

    \b
    erpmap ledger dodici --simulator http://127.0.0.1:8100
    erpmap ledger dodici --format json
    """
    address = check_simulator(simulator)
    if address is None:
        raise click.UsageError("name a simulator with --simulator URL or ERPMAP_SIMULATOR")
    from .ledger import show_ledger

    show_ledger(root, tenant, address, form)
