"""The options of `erpmap capture`."""

from __future__ import annotations

from pathlib import Path

import click

from ..options import format_option, journal_option, tenant_argument


@click.command(short_help="Make an anonymised case of a real order.")
@tenant_argument
@click.argument("order")
@click.option("--name", help="The name of the case.  [default: captured-…]")
@journal_option
@format_option
@click.pass_obj
def capture(root: Path, tenant: str, order: str, name: str | None, journal: str, form: str) -> None:
    """Make an anonymised case of an order of TENANT, in TENANT/cases.

    ORDER is a folder with event.json and the order's sources, or the id of a delivery in the journal, or
    an order number in it. Names, e-mail addresses, phone numbers, addresses and ids become pseudonyms of
    the same shape, the same for the same word in all documents of the case. Amounts, dates, and the
    values that lookups and conditions of the mappings read stay. The present outcome is written as the
    expectation.

    Nothing is written when the anonymised order does not end as the real one does, with the same amounts
    and findings. Read a case before you commit it: it can hold a free text that says more than its shape.

    \b
    erpmap capture dodici orders/DO000000101
    erpmap capture dodici 4711 --name late-payment --journal sqlite:///journal.db

    Exit codes: 0 the case is written, 1 it is not, 2 wrong use.
    """
    from .capture import CaptureRequest, capture_order

    capture_order(
        CaptureRequest(
            root=root,
            tenant=tenant,
            order=order,
            name=name,
            journal=journal,
            form=form,
        )
    )
