"""The mappings of dodici and nordhus written by hand: an independent referee.

What an engineer would write without erpmap: plain functions from NewStore's
documents to NetSuite's payloads, with Decimal and a few tables. Nothing here
reads a mapping or touches the engine, so that agreement means something.
`Refusal` says why an order gives no payload: `ignored` (no mapping is for it),
`not_ready` (wait and fetch again) or `finding` (a person must look).
"""

from __future__ import annotations

from orders import Json, Sample

from .amounts import PLACES, amount, half_up
from .dodici import DODICI
from .ledger import owed_and_paid
from .nordhus import NORDHUS
from .reading import read
from .ready import ready_order, wanted_as
from .records import cash_sale, customer, sales_order
from .refusal import Refusal, RefusedError
from .sale import Sale
from .texts import cut, phone, plain

__all__ = ["PLACES", "Refusal", "cut", "half_up", "phone", "plain", "reference"]

_HOUSES = {"dodici": DODICI, "nordhus": NORDHUS}
_TRANSACTIONS = {"salesOrder": sales_order, "cashSale": cash_sale}


def reference(sample: Sample) -> list[Json] | Refusal:
    """The records to write, in order, or why there are none."""
    try:
        return _records(sample)
    except RefusedError as error:
        return error.refusal


def _records(sample: Sample) -> list[Json]:
    transaction = _TRANSACTIONS[wanted_as(sample.event)]
    order = ready_order(sample)
    sale = read(_HOUSES[sample.tenant], sample, order)
    records = [customer(sale), transaction(sale)]
    _prove_balance(records[-1]["body"], sale)
    return records


def _prove_balance(body: Json, sale: Sale) -> None:
    """As NetSuite will store it: what is owed was paid, and is what NewStore says."""
    owed, paid = owed_and_paid(body, sale.currency)
    if not owed == paid == amount(sale.order["grandTotal"]):
        raise RefusedError("finding", f"owed {owed}, paid {paid}")
