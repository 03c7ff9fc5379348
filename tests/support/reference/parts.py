"""A sample's order, and the parts of what the referee makes of it."""

from __future__ import annotations

from orders import Json, Sample

from . import Refusal, reference
from .ledger import is_payment


def the_order(sample: Sample) -> Json:
    """The order within GraphQL's answer."""
    order: Json = sample.order["data"]["order"]
    return order


def transaction(sample: Sample) -> Json:
    """The body of the sales order or cash sale."""
    return _body(sample, -1)


def customer(sample: Sample) -> Json:
    """The body of the customer."""
    return _body(sample, 0)


def lines(sample: Sample) -> list[Json]:
    """All lines of the transaction."""
    found: list[Json] = transaction(sample)["item"]["items"]
    return found


def payments(sample: Sample) -> list[Json]:
    """Those of them that are payments."""
    return [line for line in lines(sample) if is_payment(line)]


def _body(sample: Sample, place: int) -> Json:
    records = reference(sample)
    assert not isinstance(records, Refusal), records
    body: Json = records[place]["body"]
    return body
