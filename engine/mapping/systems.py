"""The names of the two systems that the language uses: the form of the shop's events, keys of the ledger's records.

The runtime reads these declarations and contains no such name itself. Sources: newstore.md §2.5 to §2.8
for events, netsuite.md §1 for records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# The way of writing that finds a record by the mapping's query, or creates it: many orders share it.
ENSURE = "ensure"


@dataclass(frozen=True, slots=True)
class EventForm:
    """The form of the shop's events.

    `members` are the mandatory members of the envelope with their types; `name`, `sent_at` and `payload`
    are the keys of three of them. Within the payload, the first existing key of `order_ids` holds the
    order's id, the first of `order_numbers` the number that people use, the first of `moments` the time
    of the event's cause.
    """

    members: Mapping[str, type]
    name: str
    sent_at: str
    payload: str
    order_ids: tuple[str, ...]
    order_numbers: tuple[str, ...]
    moments: tuple[str, ...]
    hint: str


@dataclass(frozen=True, slots=True)
class RecordForm:
    """The keys of the ledger's records that the language itself reads or sets.

    `external_id` is a key of every body, `entries` holds the entries of a sublist; `item`, `amount`, `rate`
    and `quantity` are keys of a line, from which its stored amount is computed. `tax_code` is the key of the
    code by which the ledger computes a line's tax, unless the line has one of `tax_amounts`; `credit` is
    the key of an amount on the other side of the account.
    """

    external_id: str
    entries: str
    item: str
    amount: str
    rate: str
    quantity: str
    tax_code: str
    tax_amounts: tuple[str, ...]
    credit: str

    @property
    def line_keys(self) -> tuple[str, ...]:
        """The keys of a line that decide what the ledger stores for it."""
        return (self.item, self.amount, self.rate, self.quantity, self.tax_code, *self.tax_amounts)


EVENTS = EventForm(
    members={"tenant": str, "name": str, "published_at": str, "payload": dict},
    name="name",
    sent_at="published_at",
    payload="payload",
    # The events of orders call their own order `id`; all others refer to it as `order_id`.
    order_ids=("order_id", "id"),
    order_numbers=("external_id", "id"),
    moments=("placed_at", "returned_at", "requested_at", "created_at"),
    hint="an event is {tenant, name, published_at, payload}, as NewStore sends it",
)

RECORDS = RecordForm(
    external_id="externalId",
    entries="items",
    item="item",
    amount="amount",
    rate="rate",
    quantity="quantity",
    tax_code="taxCode",
    tax_amounts=("tax1Amt", "taxAmount"),
    credit="credit",
)
