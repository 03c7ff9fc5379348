"""An order's documents become a `Sale`."""

from __future__ import annotations

from orders import Json, Sample

from .amounts import amount
from .payments import nodes, payments_in
from .refusal import RefusedError, known, needed
from .sale import House, Item, Sale


def read(house: House, sample: Sample, order: Json) -> Sale:
    """The sale; cancelled items, in both spellings, are neither sold nor shipped."""
    live = [node for node in nodes(order["items"]) if node["status"] not in _CANCELLED]
    levels = (node["shippingServiceLevel"] for node in live)
    sale = Sale(
        house=house,
        order=order,
        event=sample.event["payload"],
        store=known(house.stores, order["channel"], "location"),
        items=tuple(_item(node) for node in live),
        service_levels=tuple(level for level in levels if level not in _NOT_SHIPPED),
        payments=tuple(payments_in(sample, order)),
    )
    _check(sale)
    return sale


def _check(sale: Sale) -> None:
    """The right order, all that is needed, something sold, and one currency."""
    needed(sale.order, "externalId")
    for payment in sale.payments:
        needed(payment._asdict(), "method")
        if payment.currency not in {None, sale.currency}:
            raise RefusedError("finding", f"paid in {payment.currency}")
    if needed(sale.order, "id") != sale.event["id"]:
        raise RefusedError("finding", "the event is about another order")
    if not sale.items:
        raise RefusedError("finding", "everything is cancelled")
    for item in sale.items:
        if sale.rounded(item.price) != item.price:
            raise RefusedError("finding", f"{item.price} has too many places")


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
