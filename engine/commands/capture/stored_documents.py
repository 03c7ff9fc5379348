"""Reads the documents of one real order: from its folder, or from a delivery of the journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from ...documents import write_json
from ...findings.diagnostics import SourceText
from ...findings.quote import quoted
from ...journal.deliveries import DeliveryFilter, DeliveryHistory, list_deliveries, read_history
from ...orders.order import Order, read_order
from ...orders.order_folders import EVENT
from ..corpus.journal_documents import has_documents, open_documents
from ..queue.open_journal import open_existing_journal


@dataclass(frozen=True, slots=True)
class StoredDocuments:
    """An order with its documents; `absent` names the sources that the shop did not have."""

    order: Order
    absent: tuple[str, ...] = field(default=())


def read_documents(order: str, tenant: str, journal: str) -> StoredDocuments:
    """Return the documents of a folder, else of a delivery by its id or order number.

    Raise ReadError for files that cannot be read, UsageError for an order that is in neither place.
    """
    folder = Path(order)
    if (folder / EVENT).is_file():
        return StoredDocuments(read_order(folder))
    if folder.is_dir():
        raise click.UsageError(f"the folder {quoted(order)} has no {EVENT}")
    with open_existing_journal(journal) as opened:
        ids = [int(order)] if order.isdecimal() and len(order) < 19 else []
        wanted = DeliveryFilter(tenant=tenant, order=order)
        listed = opened.run_blocking(
            lambda connection: list_deliveries(connection, wanted, most=500)
        )
        for id_ in [*ids, *(each.id for each in reversed(listed))]:
            history = opened.run_blocking(read_history, id_)
            found = None if history is None else _read_delivery(history, tenant)
            if found is not None:
                return found
    raise click.UsageError(
        f"{quoted(order)} is no folder with {EVENT}, and the journal has no delivery of {tenant} with this "
        "id or order number that has its documents"
    )


def _read_delivery(history: DeliveryHistory, tenant: str) -> StoredDocuments | None:
    """Return the documents of the last attempt that stored them; None without any."""
    if history.listed.tenant != tenant or not has_documents(history):
        return None
    event, document = open_documents(history)
    sources = {name: source for name, is_there, source in document["sources"] if is_there}
    absent = tuple(name for name, is_there, _ in document["sources"] if not is_there)
    tables = {name: _write_table(name, table) for name, table in document["tables"].items()}
    return StoredDocuments(Order(event, sources, tables), absent)


def _write_table(name: str, document: Mapping[str, Any]) -> SourceText:
    """Return stored answers of a live lookup as they are recorded in a file: a map of keys to values."""
    levels = document["levels"]
    rows = levels[max(levels, key=int)] if levels else []
    answers: dict[str, Any] = {}
    for key, value, _ in rows:
        inner = answers
        for part in key[:-1]:
            inner = inner.setdefault(part, {})
        inner[key[-1]] = value
    return SourceText(f"{name}.json", write_json(answers or [], indent=2) + "\n")
