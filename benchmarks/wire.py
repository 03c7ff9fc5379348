"""A purchase as NewStore writes it: the event with numbers, GraphQL's answer with texts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from .purchases import Address, Item, Payment, Purchase

Json = dict[str, Any]


def event_of(purchase: Purchase) -> Json:
    """The event `order.opened`."""
    payload = {
        "id": purchase.id,
        "external_id": purchase.number,
        "placed_at": f"{purchase.moment}Z",
        "channel_type": "web",
        "channel": purchase.market.channel,
        "is_exchange": False,
        "customer_email": purchase.email,
        "is_historical": False,
        "price_method": "tax_excluded",
        "grand_total": _number(purchase.total),
        "currency": purchase.market.currency,
        "tax_exempt": False,
        "items": [_event_item(purchase, item) for item in purchase.items],
    }
    return {
        "tenant": "dodici-sandbox",
        "name": "order.opened",
        "published_at": f"{purchase.moment}Z",
        "payload": payload,
    }


def order_of(purchase: Purchase) -> Json:
    """The answer to the mapping's query."""
    order: Json = {
        "id": purchase.id,
        "externalId": purchase.number,
        "placedAt": purchase.moment,
        "demandLocationId": None,
        "currency": purchase.market.currency,
        "isExchange": False,
        "isHistorical": False,
        "channel": purchase.market.channel,
        "channelType": "web",
        "priceMethod": "tax_excluded",
        "customerEmail": purchase.email,
        "shippingTax": _text(purchase.shipping_tax),
        "shippingTotal": _text(purchase.shipping),
        "taxExempt": False,
        "taxStrategy": None,
        "taxTotal": _text(purchase.tax),
        "discountTotal": _text(purchase.discount),
        "subtotal": _text(purchase.subtotal),
        "grandTotal": _text(purchase.total),
        "discounts": _connection([{"couponCode": code} for code in purchase.coupons]),
        "addresses": _connection([_address(purchase, one) for one in purchase.addresses]),
        "paymentAccount": {
            "instruments": _connection([_instrument(purchase, one) for one in purchase.payments])
        },
        "items": _connection([_item(purchase, item) for item in purchase.items]),
    }
    return {"data": {"order": order}}


def _event_item(purchase: Purchase, item: Item) -> Json:
    return {
        "id": item.id,
        "product_id": item.sku,
        "pricebook_price": _number(item.price),
        "item_discounts": _number(item.by_item),
        "order_discounts": _number(item.by_order),
        "tax": _number(item.tax),
        "tax_provider_details": [
            {"name": name, "amount": _number(amount), "rate": Decimal(rate) / 100_000}
            for (name, rate), amount in zip(purchase.market.rates, item.taxes, strict=True)
        ],
        "quantity": item.quantity,
        "status": "opened",
        "shipping_service_level": purchase.level,
    }


def _item(purchase: Purchase, item: Item) -> Json:
    return {
        "id": item.id,
        "productId": item.sku,
        "quantity": item.quantity,
        "status": "opened",
        "pricebookPrice": _text(item.price),
        "itemDiscounts": _text(item.by_item),
        "orderDiscounts": _text(item.by_order),
        "tax": _text(item.tax),
        "shippingServiceLevel": purchase.level,
        "fulfillmentLocationId": None,
    }


def _address(purchase: Purchase, address: Address) -> Json:
    return {
        "addressType": address.kind,
        "firstName": purchase.first_name,
        "lastName": purchase.last_name,
        "phone": address.phone,
        "country": purchase.market.country,
        "city": address.city,
        "addressLine1": address.line1,
        "addressLine2": address.line2,
        "state": purchase.market.state,
        "zipCode": address.zip_code,
    }


def _instrument(purchase: Purchase, payment: Payment) -> Json:
    kinds = ("authorize", "capture") if payment.is_captured else ("authorize",)
    amount = {"amount": _text(payment.amount), "currency": purchase.market.currency}
    return {
        "paymentMethod": payment.method,
        "paymentOrigin": None,
        "paymentProvider": payment.provider,
        "paymentAccountTransactions": _connection(
            [amount | {"transactionType": kind} for kind in kinds]
        ),
    }


def _connection(nodes: list[Json]) -> Json:
    page = {"hasNextPage": False}
    return {"pageInfo": page, "edges": [{"node": node} for node in nodes]}


def _text(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def _number(cents: int) -> Decimal | int:
    """As most writers shorten it: `58`, `4.9`."""
    return Decimal(_text(cents).rstrip("0").rstrip(".")) if cents % 100 else cents // 100
