"""What GraphQL answers to the query of base/order. Every call gives fresh documents to edit."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from .purchase import Json, Payment, Purchase, item_id


def an_order(**changes: Any) -> Json:
    """GraphQL's answer to the query of base/order: `{"data": {"order": {…}}}`."""
    purchase = Purchase(**changes)
    order = _header(purchase) | _totals(purchase)
    order["discounts"] = connection([{"couponCode": code} for code in purchase.coupons])
    addresses = purchase.addresses
    order["addresses"] = None if addresses is None else connection(copy.deepcopy(addresses))
    order["paymentAccount"] = _payment_account(purchase) if purchase.has_account else None
    order["items"] = connection([_node(purchase, i) for i in range(len(purchase.items))])
    return {"data": {"order": order}}


def connection(nodes: Sequence[Json]) -> Json:
    return {"pageInfo": {"hasNextPage": False}, "edges": [{"node": node} for node in nodes]}


def _header(purchase: Purchase) -> Json:
    store = purchase.channel if purchase.channel_type == "store" else None
    excluded = None if purchase.sparse else "tax_excluded"
    return {
        "id": purchase.id,
        "externalId": purchase.number,
        "placedAt": purchase.placed_at,
        "demandLocationId": store,
        "currency": purchase.currency,
        "isExchange": _flag(purchase, said=purchase.is_exchange),
        "isHistorical": False,
        "channel": purchase.channel,
        "channelType": purchase.channel_type,
        "priceMethod": "tax_included" if purchase.tax_included else excluded,
        "customerEmail": purchase.email,
        "taxExempt": _flag(purchase, said=purchase.tax_exempt),
        "taxStrategy": None,
    }


def _totals(purchase: Purchase) -> Json:
    return {
        "shippingTax": _optional(purchase, purchase.shipping.tax),
        "shippingTotal": _optional(purchase, purchase.shipping.total),
        "taxTotal": purchase.wire(purchase.tax_total),
        "discountTotal": _optional(purchase, purchase.discount_total),
        "subtotal": purchase.wire(purchase.subtotal),
        "grandTotal": purchase.wire(purchase.grand_total),
    }


def _node(purchase: Purchase, place: int) -> Json:
    item = purchase.items[place]
    return {
        "id": item_id(purchase, place),
        "productId": item.sku,
        "quantity": item.quantity,
        "status": item.status,
        "pricebookPrice": purchase.wire(item.price),
        "itemDiscounts": _optional(purchase, item.item_discount),
        "orderDiscounts": _optional(purchase, item.order_discount),
        "tax": _optional(purchase, item.tax),
        "shippingServiceLevel": item.service_level,
        "fulfillmentLocationId": None,
    }


def _payment_account(purchase: Purchase) -> Json:
    """In an exchange GraphQL does not know the store credit."""
    known = (one for one in purchase.instruments if one.method != "store_credit")
    return {"instruments": connection([_instrument(purchase, one) for one in known])}


def _instrument(purchase: Purchase, payment: Payment) -> Json:
    kinds = {"authorize": payment.authorized, "capture": payment.captured}
    transactions: list[Json] = [
        {"amount": purchase.wire(amount), "currency": purchase.currency, "transactionType": kind}
        for kind, amounts in kinds.items()
        for amount in amounts
    ]
    return {
        "paymentMethod": payment.method,
        "paymentOrigin": None,
        "paymentProvider": payment.provider,
        "paymentAccountTransactions": connection(transactions),
    }


def _optional(purchase: Purchase, amount: Decimal) -> object:
    return None if purchase.sparse and amount == 0 else purchase.wire(amount)


def _flag(purchase: Purchase, *, said: bool) -> bool | None:
    return said if said or not purchase.sparse else None
