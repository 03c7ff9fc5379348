"""The options of `erpmap doctor`."""

from __future__ import annotations

from pathlib import Path

import click

from ..options import check_simulator, format_option, simulator_option, tenant_argument


@click.command(short_help="Check every connection, credential and permission.")
@tenant_argument
@simulator_option
@format_option
@click.pass_obj
def doctor(root: Path, tenant: str, simulator: str | None, form: str) -> None:
    """Check every connection, credential, clock and permission that TENANT needs.

    The checks send real requests to NewStore and NetSuite and write nothing there.

    \b
    erpmap doctor dodici
    erpmap doctor dodici --simulator http://127.0.0.1:8100
    """
    from .doctor import check_tenant

    check_tenant(root, tenant, check_simulator(simulator), form)
