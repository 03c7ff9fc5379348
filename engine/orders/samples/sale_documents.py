"""A sampled sale as NewStore writes it: the event, the answer to the order's query, the payment account. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from .sale import SampledItem, SampledPayment, SampledSale
from .sample_shop import STORE_CREDIT, WEB

Document = dict[str, object]
_REASONS = {"authorize": "authorization"}
# What a transaction adds to the two columns of an account: capture_amount, refund_amount.
_SIGNS = {"authorize": (1, 0), "capture": (-1, 1), "void": (-1, 0), "refund": (0, -1)}


def make_documents(sale: SampledSale) -> dict[str, Document]:
    """Return the documents of a sale: `event`, `order`, and `account` for an exchange."""
    order: Document = {"data": {"order": _make_order(sale)}}
    documents: dict[str, Document] = {"event": _make_event(sale), "order": order}
    if sale.exchange_of is not None:
        documents["account"] = _make_account(sale)
    return documents


def _make_connection(nodes: Sequence[object]) -> Document:
    """Return GraphQL's list of nodes, complete."""
    return {"pageInfo": {"hasNextPage": False}, "edges": [{"node": node} for node in nodes]}


def _write_text(sale: SampledSale, units: int) -> str:
    """Return an amount as GraphQL answers it: a text."""
    return format(sale.amount(units), "f")


def _write_number(sale: SampledSale, units: int) -> object:
    """Return an amount as events have it: the shortest number."""
    amount = sale.amount(units)
    return int(amount) if amount == int(amount) else amount.normalize()


def _sum_totals(sale: SampledSale) -> dict[str, int]:
    taxes = sum(item.tax for item in sale.sold) + sale.shipping.tax
    return {
        "subtotal": sum(item.full for item in sale.sold),
        "discount_total": sum(item.discount for item in sale.sold) + sale.shipping.discount,
        "shipping_total": sale.shipping.price,
        "shipping_tax": sale.shipping.tax,
        "tax_total": taxes,
        "grand_total": sale.total,
    }


def _make_order(sale: SampledSale) -> Document:
    totals = {name: _write_text(sale, units) for name, units in _sum_totals(sale).items()}
    is_web = sale.kind == WEB
    return {
        "id": sale.id,
        "externalId": sale.number,
        "placedAt": sale.placed_at,
        "demandLocationId": None if is_web else sale.branch.channel,
        "currency": sale.currency,
        "isExchange": sale.exchange_of is not None,
        "isHistorical": False,
        "channel": sale.branch.channel,
        "channelType": sale.kind,
        "priceMethod": _price_method(sale),
        "customerEmail": sale.email,
        "shippingTax": totals["shipping_tax"],
        "shippingTotal": totals["shipping_total"],
        "taxExempt": sale.is_exempt,
        "taxStrategy": None,
        "taxTotal": totals["tax_total"],
        "discountTotal": totals["discount_total"],
        "subtotal": totals["subtotal"],
        "grandTotal": totals["grand_total"],
        "discounts": _make_connection([{"couponCode": code} for code in sale.coupons]),
        "addresses": _make_connection(_list_addresses(sale)),
        "paymentAccount": _make_payments(sale),
        "items": _make_connection([_make_node(sale, item) for item in sale.items]),
    }


def _price_method(sale: SampledSale) -> str:
    return "tax_included" if sale.shop.is_included else "tax_excluded"


def _list_addresses(sale: SampledSale) -> list[Document]:
    if sale.address is None:
        return []
    return [{"addressType": kind, **sale.address} for kind in ("billing", "shipping")]


def _make_node(sale: SampledSale, item: SampledItem) -> Document:
    return {
        "id": item.id,
        "productId": item.sku,
        "quantity": item.quantity,
        "status": "cancelled" if item.is_cancelled else "opened",
        "pricebookPrice": _write_text(sale, item.price),
        "itemDiscounts": _write_text(sale, item.item_discount),
        "orderDiscounts": _write_text(sale, item.order_discount),
        "tax": _write_text(sale, item.tax),
        "shippingServiceLevel": item.level,
        "fulfillmentLocationId": None,
    }


def _make_payments(sale: SampledSale) -> Document | None:
    """Return the payment account of GraphQL, which does not know the store credit of an exchange."""
    is_exchange = sale.exchange_of is not None
    known = [
        each for each in sale.payments if not is_exchange or each.method.method != STORE_CREDIT
    ]
    if not sale.payments:
        return None
    return {"instruments": _make_connection([_make_instrument(sale, each) for each in known])}


def _make_instrument(sale: SampledSale, payment: SampledPayment) -> Document:
    transactions = [
        {"amount": _write_text(sale, units), "currency": sale.currency, "transactionType": kind}
        for kind, units in payment.steps
    ]
    return {
        "paymentMethod": payment.method.method,
        "paymentOrigin": None,
        "paymentProvider": payment.method.provider,
        "paymentAccountTransactions": _make_connection(transactions),
    }


def _make_account(sale: SampledSale) -> Document:
    instruments = [
        {
            "id": f"{sale.id[:-2]}{at:02d}",
            "payment_method": payment.method.method,
            "payment_provider": payment.method.provider,
            "payment_wallet": "",
            "currency": sale.currency,
            "original_transactions": [
                {
                    "transaction_id": f"{sale.id[:-4]}{at:02d}{place:02d}",
                    "instrument_id": f"{sale.id[:-2]}{at:02d}",
                    "reason": _REASONS.get(kind, kind),
                    "capture_amount": _write_number(sale, _SIGNS[kind][0] * units),
                    "refund_amount": _write_number(sale, _SIGNS[kind][1] * units),
                    "currency": sale.currency,
                    "created_at": f"{sale.placed_at}Z",
                }
                for place, (kind, units) in enumerate(payment.steps)
            ],
        }
        for at, payment in enumerate(sale.payments)
    ]
    return {"balance": 0, "instruments": instruments}


def _make_event(sale: SampledSale) -> Document:
    moment = f"{sale.placed_at}Z"
    payload: Document = {
        "id": sale.id,
        "external_id": sale.number,
        "created_at": moment,
        "placed_at": moment,
        "channel_type": sale.kind,
        "channel": sale.branch.channel,
        "is_exchange": sale.exchange_of is not None,
        "is_historical": False,
        "price_method": _price_method(sale),
        "currency": sale.currency,
        "tax_strategy": "avalara",
        "tax_exempt": sale.is_exempt,
    }
    payload |= {name: _write_number(sale, units) for name, units in _sum_totals(sale).items()}
    if sale.email is not None:
        payload["customer_email"] = sale.email
    if sale.kind != WEB:
        payload["demand_location_id"] = sale.branch.channel
        payload["associate_email"] = "associate@example.com"
    if sale.exchange_of is not None:
        payload["exchanges"] = [{"order_id": sale.exchange_of, "return_id": None}]
    payload["items"] = [_make_event_item(sale, item) for item in sale.items]
    return {
        "tenant": sale.shop.newstore,
        "name": "order.opened",
        "published_at": moment,
        "payload": payload,
    }


def _make_event_item(sale: SampledSale, item: SampledItem) -> Document:
    rate: Decimal = sale.shop.find_rate(sale.branch.country) / 100
    details = [{"name": "TAX", "amount": _write_number(sale, item.tax), "rate": rate.normalize()}]
    return {
        "id": item.id,
        "item_type": "product",
        "product_id": item.sku,
        "pricebook_price": _write_number(sale, item.price),
        "item_discounts": _write_number(sale, item.item_discount),
        "order_discounts": _write_number(sale, item.order_discount),
        "tax": _write_number(sale, item.tax),
        "tax_provider_details": details if item.tax else [],
        "quantity": item.quantity,
        "status": "canceled" if item.is_cancelled else "opened",
        "shipping_service_level": item.level,
    }
