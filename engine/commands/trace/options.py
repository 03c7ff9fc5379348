"""Options of `erpmap trace`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..corpus.order_choice import OrderChoice, order_options
from ..options import format_option, tenant_argument


@click.command(short_help="Show every payload value that a source value reaches.")
@tenant_argument
@click.argument("path")
@order_options
@format_option
@click.pass_obj
def trace(root: Path, /, tenant: str, path: str, form: str, **given: Any) -> None:
    """Show every payload value that a value of a source reaches, and every check that reads it.

    PATH is a place in a source, as paths of mappings begin: order.grandTotal, or
    order.items.edges[0].node.tax; [] stands for every entry. What it only decides about is marked so:
    `decides` chooses which value is taken, `position` changes the number in the list.

    \b
    erpmap trace nordhus --case shipping-discount order.grandTotal
    erpmap trace nordhus --case shipping-discount 'order.items.edges[].node.tax'
    erpmap trace nordhus --delivery 12 order.shippingTotal --format json
    """
    from .trace import trace_source

    trace_source(root, tenant, OrderChoice(**given), path, form)
