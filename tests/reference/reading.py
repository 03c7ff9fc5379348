"""An order's documents become a `Sale`."""

from __future__ import annotations

from itertools import product

from orders import Json, Sample

from .amounts import amount
from .payments import nodes, payments_in
from .refusal import known, needed
from .sale import House, Item, Sale


def read(house: House, sample: Sample, order: Json) -> Sale:
    """The sale; cancelled items, in both spellings, are neither sold nor shipped."""
    live = [node for node in nodes(order["items"]) if node["status"] not in _CANCELLED]
    levels = (node["shippingServiceLevel"] for node in live)
    payments = payments_in(sample, order)
    for payment, key in product(payments, ("method", "provider")):
        needed(payment._asdict(), key)
    needed(order, "externalId")
    return Sale(
        house=house,
        order=order,
        event=sample.event["payload"],
        store=known(house.stores, order["channel"], "location"),
        items=tuple(_item(node) for node in live),
        service_levels=tuple(level for level in levels if level not in _NOT_SHIPPED),
        payments=tuple(payments),
    )


def _item(node: Json) -> Item:
    return Item(
        id=node["id"],
        sku=node["productId"],
        quantity=node["quantity"],
        price=amount(needed(node, "pricebookPrice")),
        tax=amount(node["tax"]),
        discount=amount(node["itemDiscounts"]) + amount(node["orderDiscounts"]),
    )


_CANCELLED = {"cancelled", "canceled"}
_NOT_SHIPPED = {None, "IN_STORE_HANDOVER"}
