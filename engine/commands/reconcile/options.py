"""The options of `erpmap reconcile`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from ..options import Moment, check_simulator, format_option, simulator_option, tenant_argument


@click.command(short_help="Compare NewStore's orders with NetSuite's transactions.")
@tenant_argument
@click.option(
    "--from",
    "start",
    type=Moment(is_past=True),
    required=True,
    help="Only orders created in NewStore from this moment on.",
)
@click.option(
    "--to", "end", type=Moment(), required=True, help="Only orders created before this moment."
)
@click.option("--exact", is_flag=True, help="Render every order and compare it line by line; slow.")
@click.option(
    "--journal",
    metavar="URL",
    help="Show the delivery's state in this journal for orders not booked: sqlite:///FILE or postgresql://…",
)
@simulator_option
@format_option
@click.pass_obj
def reconcile(
    root: Path,
    tenant: str,
    start: datetime,
    end: datetime,
    exact: bool,
    journal: str | None,
    simulator: str | None,
    form: str,
) -> None:
    """Compare the orders of TENANT in NewStore with its transactions in NetSuite.

    Reports, by day and currency, orders without a transaction, transactions whose total differs from
    the total that the mapping gives now, and transactions without an order. Writes nothing. Moments
    are in UTC.

    \b
    erpmap reconcile dodici --from 2026-11-01 --to 2026-11-02
    erpmap reconcile dodici --from 2026-10-01 --to 2026-11-01 --format json

    Exit codes: 0 every order is booked once, 1 an order is missing, differs or cannot be judged, or a
    transaction has no order, 3 some orders are not ready yet.
    """
    if end <= start:
        raise click.UsageError("--to has to be later than --from")
    from .reconcile import ReconcileRequest, run

    run(
        ReconcileRequest(
            root=root,
            tenant=tenant,
            start=start,
            end=end,
            exact=exact,
            journal=journal,
            simulator=check_simulator(simulator),
            form=form,
        )
    )
