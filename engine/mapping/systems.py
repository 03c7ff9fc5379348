"""What the language knows of the two systems: the form of the shop's events, the keys of the ledger's records.

The runtime reads these declarations and holds no such name of its own. Sources: newstore.md §2.5 to §2.8
for events, netsuite.md §1 for records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EventForm:
    """How the shop writes an event.

    `members` are the mandatory members of the envelope with their types; `name`, `sent_at` and `payload`
    are three of them. Within the payload, `order_ids` name the order for programs and `order_numbers`
    for people, the first that is there; `moments` are when the thing happened that the event is about.
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
    """How the ledger writes a record: the keys that the runtime itself sets.

    `external_id` is a key of every body. The amounts of a line (`amount`, or `rate` × `quantity`) are
    words of the language itself.
    """

    external_id: str


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

RECORDS = RecordForm(external_id="externalId")
