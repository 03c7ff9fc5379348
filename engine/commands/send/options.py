"""The options of `erpmap send`."""

from __future__ import annotations

from pathlib import Path

import click

from ..options import (
    Duration,
    check_simulator,
    event_option,
    format_option,
    mapping_option,
    order_option,
    simulator_option,
    tenant_argument,
)


@click.command(short_help="Deliver one order now.")
@tenant_argument
@order_option
@event_option
@mapping_option
@click.option("--dry-run", is_flag=True, help="Fetch, render and look up; write nothing.")
@click.option(
    "--patience",
    type=Duration(),
    default="1m",
    show_default=True,
    help="How long to keep trying by the mapping's retry rules.",
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

    You may send an order again: its records are looked up by their external ids, compared, and left
    as they are. With --event the sources are fetched for the event in the file; with --order alone
    the event is built from the order.

    \b
    erpmap send dodici --order DO000000101 --dry-run
    erpmap send dodici --event event.json
    erpmap send dodici --order DO000000101 --simulator http://127.0.0.1:8100

    Exit codes: 0 delivered or ignored, 1 parked (findings, refused), 3 still waiting: send it again.
    Of a dry run: 0 it would be delivered, 1 findings or a predicted failure, 3 not ready yet.
    """
    if not order and event is None:
        raise click.UsageError("name the order with --order ID or --event FILE")
    from .send import SendRequest
    from .send import send as send_order

    request = SendRequest(
        root=root,
        tenant=tenant,
        mapping=mapping,
        order=order,
        event=event,
        simulator=check_simulator(simulator),
        form=form,
    )
    send_order(request, patience=patience, dry_run=dry_run)
