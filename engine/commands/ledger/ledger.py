"""What `erpmap ledger` does: print the records of a simulated NetSuite."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from rich.box import SIMPLE
from rich.table import Table

from ...documents.exact import is_number
from ...findings.errors import ErpmapError
from ...orders.report.excerpt import clean
from ...orders.report.outcomes import format_amount
from ..connect import simulated_ledger
from ..exit import exit_with_error
from ..output.terminal import console, print_json
from ..tenants import select_tenants

_LINES = "item"
_TEXTS = ("record", "id", "externalId", "tranDate")
# NetSuite adds these fields to the lines for the total.
_BESIDE_LINES = {
    "discountTotal": "discount",
    "shippingCost": "shipping",
    "handlingCost": "handling",
    "taxTotal": "tax",
}


def show_ledger(root: Path, tenant: str, simulator: str, form: str) -> NoReturn:
    """Print a tenant's records in the simulator, and exit."""
    (name,) = select_tenants(root, tenant)
    try:
        records = asyncio.run(simulated_ledger(name, simulator))
    except ErpmapError as error:
        exit_with_error(error, form)
    if form == "json":
        print_json(records)
    else:
        _print_table(name, records)
    sys.exit(0)


def _print_table(tenant: str, records: Sequence[Mapping[str, object]]) -> None:
    table = Table(box=SIMPLE)
    for heading in ("record", "id", "external id", "date"):
        table.add_column(heading, overflow="fold")
    for heading in ("total", "lines", "amount"):
        table.add_column(heading, justify="right", overflow="fold")
    for record in records:
        parts = _total_parts(record)
        table.add_row(
            *(clean(str(record.get(key, ""))) for key in _TEXTS),
            _format_amount(record.get("total")),
            "\n".join(clean(name) for name, _ in parts),
            "\n".join(_format_amount(value) for _, value in parts),
        )
    if records:
        console().print(table)
    count = f"{len(records):,} record{'s' if len(records) != 1 else ''}"
    console().print(f"{clean(tenant)}: {count}")


def _total_parts(record: Mapping[str, object]) -> list[tuple[str, object]]:
    """Return the parts of the total: the lines, and the fields beside them."""
    lines = [(_describe_item(line), line.get("amount")) for line in _lines(record)]
    extras = [(name, record.get(key)) for key, name in _BESIDE_LINES.items()]
    return [*lines, *((name, value) for name, value in extras if is_number(value) and value)]


def _lines(record: Mapping[str, object]) -> list[Mapping[str, object]]:
    lines = record.get(_LINES)
    if not isinstance(lines, list):
        return []
    return [line for line in lines if isinstance(line, Mapping)]


def _describe_item(line: Mapping[str, object]) -> str:
    """Return the quantity, where there is one, and the item's id: `2 x 4001`."""
    item = line.get("item")
    id_ = item.get("id", "?") if isinstance(item, Mapping) else item
    quantity = line.get("quantity")
    return f"{id_}" if quantity is None else f"{quantity} x {id_}"


def _format_amount(value: object) -> str:
    """Format an amount; empty when it is not a number."""
    return format_amount(value) if is_number(value) else ""
