"""Reads the orders of a corpus one after another: their documents, and the inputs of a plan.

An order that cannot be read is one of the corpus: to ask for its inputs raises the findings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click
from sqlalchemy import Connection

from ...delivery import inputs_from_document
from ...files.beneath import Root
from ...findings.diagnostics import SourceText
from ...journal.deliveries import (
    DeliveryFilter,
    DeliveryHistory,
    ListedDelivery,
    list_deliveries,
    read_history,
)
from ...mapping.plan import Plan
from ...orders.cases import find_cases
from ...orders.order import Order, build_inputs, read_order
from ...orders.order_folders import EVENT, find_orders, join_path
from ...run import Inputs
from ..queue.open_journal import open_existing_journal
from .journal_documents import has_documents, open_documents
from .options import CorpusChoice

_PAGE = 500


@dataclass(frozen=True, slots=True)
class StoredOrder:
    """One order with its documents: `name` is that of its folder, or the order's of a delivery.

    `read_inputs` returns the inputs of a plan; it raises ReadError for files that cannot be read.
    `mapping` names the only mapping that the order is for, None where every mapping may take it.
    """

    name: str
    read_inputs: Callable[[Plan], Inputs]
    mapping: str | None = None


def read_corpus(
    choice: CorpusChoice,
    cases: Path,
    tenant: str,
    shared: Mapping[str, SourceText],
    roots: Sequence[Root] = (),
) -> Iterator[StoredOrder]:
    """Yield the orders of a corpus; raise UsageError where there is none.

    `cases` is the folder of the tenant's cases, whose links lead as far as `roots`; `shared` are the recorded
    answers of live lookups.
    """
    if choice.since is not None:
        found = _read_journal(choice, tenant)
        where = f"the journal holds no delivery of {tenant} with its documents since then"
    elif choice.folder is not None:
        found = _read_folder(choice.folder, shared)
        where = f"there is no {EVENT} below {str(choice.folder)!r}"
    else:
        found = _read_cases(cases, shared, roots)
        where = f"there are no cases in {str(cases)!r}; name a folder of orders with --all DIR"
    is_empty = True
    for order in found:
        is_empty = False
        yield order
    if is_empty:
        raise click.UsageError(where)


def _read_folder(folder: Path, shared: Mapping[str, SourceText]) -> Iterator[StoredOrder]:
    for name, _ in find_orders(folder):
        read = partial(read_order, join_path(folder, name))
        yield StoredOrder(name, partial(_build_inputs, read, shared))


def _read_cases(
    cases: Path, shared: Mapping[str, SourceText], roots: Sequence[Root]
) -> Iterator[StoredOrder]:
    for name, folder in find_cases(cases, roots):
        read = partial(read_order, folder, roots)
        yield StoredOrder(name, partial(_build_inputs, read, shared))


def _build_inputs(
    read: Callable[[], Order], shared: Mapping[str, SourceText], plan: Plan
) -> Inputs:
    return build_inputs(plan, read(), shared)


def _read_journal(choice: CorpusChoice, tenant: str) -> Iterator[StoredOrder]:
    """Yield the deliveries that have their documents: those of the last attempt that stored them."""
    wanted = DeliveryFilter(tenant=tenant, since=choice.since)
    with open_existing_journal(choice.journal) as journal:
        after = 0
        while listed := journal.run_blocking(_list_page, wanted, after):
            after = listed[-1].id
            for each in listed:
                history = journal.run_blocking(read_history, each.id)
                if history is not None and has_documents(history):
                    read = partial(_open_inputs, history)
                    yield StoredOrder(each.order, read, each.mapping)


def _list_page(connection: Connection, wanted: DeliveryFilter, after: int) -> list[ListedDelivery]:
    return list_deliveries(connection, wanted, after=after, most=_PAGE)


def _open_inputs(history: DeliveryHistory, plan: Plan) -> Inputs:
    event, document = open_documents(history)
    return inputs_from_document(plan, event, document)
