"""The event NewStore sends, and its REST payment account. Money is JSON numbers here."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from .purchase import NAMESPACE, ZERO, Json, Payment, Purchase, item_id
from .wires import as_short


def an_event(**changes: Any) -> Json:
    """The envelope of `order.opened`; money is JSON numbers here."""
    purchase = Purchase(**changes)
    names = {"dodici": "dodici-sandbox", "nordhus": "nordhus-staging"}
    return {
        "tenant": names[purchase.tenant],
        "name": "order.opened",
        "published_at": "2026-11-20T18:41:09.571Z",
        "payload": _payload(purchase),
    }


def _payload(purchase: Purchase) -> Json:
    payload: Json = {
        "id": purchase.id,
        "external_id": purchase.number,
        "placed_at": purchase.placed_at,
        "channel_type": purchase.channel_type,
        "channel": purchase.channel,
        "is_exchange": purchase.is_exchange,
        "is_historical": False,
        "price_method": "tax_included" if purchase.tax_included else "tax_excluded",
        "currency": purchase.currency,
        "tax_exempt": purchase.tax_exempt,
        "grand_total": as_short(purchase.grand_total),
        "items": [_event_item(purchase, place) for place in range(len(purchase.items))],
    }
    if purchase.event_email is not None:
        payload["customer_email"] = purchase.event_email
    if purchase.exchange_of is not None:
        payload["exchanges"] = [{"order_id": purchase.exchange_of, "return_id": None}]
    return payload


def _event_item(purchase: Purchase, place: int) -> Json:
    item = purchase.items[place]
    entry: Json = {
        "id": item_id(purchase, place),
        "item_type": "product",
        "product_id": item.sku,
        "pricebook_price": as_short(item.price),
        "item_discounts": as_short(item.item_discount),
        "order_discounts": as_short(item.order_discount),
        "tax": as_short(item.tax),
        "quantity": item.quantity,
        "status": item.status,
    }
    if not purchase.sparse:
        rate = {"name": "TAX", "amount": as_short(item.tax), "rate": Decimal("0.0852")}
        entry["tax_provider_details"] = [rate]
    if item.service_level is not None:
        entry["shipping_service_level"] = item.service_level
    return entry


def an_account(**changes: Any) -> Json:
    """The REST payment account, where an exchange's store credit is."""
    purchase = Purchase(**changes)
    return {
        "balance": 0,
        "instruments": [
            {
                "id": str(uuid.uuid5(NAMESPACE, f"{purchase.number} instrument {place}")),
                "payment_method": payment.method,
                "payment_provider": payment.provider,
                "currency": purchase.currency,
                "original_transactions": _account_transactions(payment),
            }
            for place, payment in enumerate(purchase.instruments)
        ],
    }


def _account_transactions(payment: Payment) -> list[Json]:
    """In the order of time; a capture and a void take off what was authorised."""
    rows = [
        *(("authorization", amount, ZERO) for amount in payment.voided),
        *(("void", -amount, ZERO) for amount in payment.voided),
        *(("authorization", amount, ZERO) for amount in payment.authorized),
        *(("capture", -amount, amount) for amount in payment.captured),
    ]
    return [
        {"reason": reason, "capture_amount": as_short(held), "refund_amount": as_short(taken)}
        for reason, held, taken in rows
    ]
