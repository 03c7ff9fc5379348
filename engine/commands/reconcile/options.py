"""`erpmap reconcile`: the orders of a time against the transactions that stand for them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from ..options import Moment, check_simulator, format_option, simulator_option, tenant_argument


@click.command()
@tenant_argument
@click.option(
    "--from",
    "start",
    type=Moment(is_past=True),
    required=True,
    help="Orders NewStore made from this moment on.",
)
@click.option("--to", "end", type=Moment(), required=True, help="Up to this moment, not included.")
@click.option(
    "--exact", is_flag=True, help="Render every order and compare it line by line: slow, and sure."
)
@click.option(
    "--journal",
    metavar="URL",
    help="Say of what is not booked where its delivery stands: sqlite:///FILE or postgresql://…",
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
    """Compare the orders of TENANT in NewStore with its transactions in NetSuite: count and money.

    By day and currency: orders that are missing in NetSuite, transactions whose total differs from
    what the mapping makes of the order now, and transactions that stand for no order. Nothing is
    written. Moments are in UTC.

    \b
    erpmap reconcile dodici --from 2026-11-01 --to 2026-11-02
    erpmap reconcile dodici --from 2026-10-01 --to 2026-11-01 --format json

    Exit codes: 0 all is there, 1 something is missing, differs, is too much or cannot be judged, 3
    some orders still wait for something.
    """
    if end <= start:
        raise click.UsageError("--to has to be later than --from")
    from .reconcile import ReconcileRequest, run

    run(
        ReconcileRequest(root, tenant, start, end, exact, journal, check_simulator(simulator), form)
    )
