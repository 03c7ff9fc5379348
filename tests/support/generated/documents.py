"""A sale as NewStore writes it: the event, GraphQL's answer, and the REST payment account."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from .markets import CREDIT, Json
from .sale import Charge, Instrument, Sale, SoldItem


@dataclass(slots=True)
class Documents:
    """What the program is given for one order; damages edit it in place."""

    event: Json
    answer: Json
    account: Json | None

    @property
    def payload(self) -> Json:
        found: Json = self.event["payload"]
        return found

    @property
    def order(self) -> Json:
        found: Json = self.answer["data"]["order"]
        return found


class RawNumber(str):
    """A JSON number as it is written, for example 5.8E1."""

    __slots__ = ()


def write_document(document: object) -> str:
    """Write JSON that keeps every digit of a Decimal."""
    if isinstance(document, RawNumber):
        return str(document)
    if isinstance(document, dict):
        inside = (f"{json.dumps(key)}:{write_document(value)}" for key, value in document.items())
        return "{" + ",".join(inside) + "}"
    if isinstance(document, list | tuple):
        return "[" + ",".join(write_document(value) for value in document) + "]"
    return format(document, "f") if isinstance(document, Decimal) else json.dumps(document)


def make_documents(sale: Sale) -> Documents:
    """Return fresh documents of a sale."""
    account = _make_account(sale) if sale.is_exchange else None
    return Documents(_make_event(sale), {"data": {"order": _make_order(sale)}}, account)


def connection(nodes: Sequence[object]) -> Json:
    """Return GraphQL's list of nodes, complete."""
    return {"pageInfo": {"hasNextPage": False}, "edges": [{"node": node} for node in nodes]}


def short(sale: Sale, units: int) -> object:
    """Return an amount as most writers write a JSON number: 58, 4.9."""
    amount = sale.market.money(units)
    return int(amount) if amount == int(amount) else amount.normalize()


def write_money(sale: Sale, units: int) -> object:
    """Return an amount as this sale's GraphQL answer writes money."""
    amount = sale.market.money(units)
    if sale.money == "number":
        return amount
    if sale.money == "short":
        return short(sale, units)
    return format(amount.quantize(Decimal("0.0001")) if sale.money == "long" else amount, "f")


def _maybe(sale: Sale, units: int) -> object:
    return None if sale.is_sparse and units == 0 else write_money(sale, units)


def _totals(sale: Sale, items: Sequence[SoldItem]) -> dict[str, int]:
    charges = [item.charge for item in items]
    shipping = sale.shipping
    return {
        "subtotal": sum(charge.full for charge in charges),
        "discount_total": sum(charge.discount for charge in charges) + shipping.discount,
        "shipping_total": shipping.full,
        "shipping_tax": shipping.tax,
        "tax_total": sum(charge.tax for charge in charges) + shipping.tax,
        "grand_total": sum(charge.paid for charge in charges) + shipping.paid,
    }


def _make_order(sale: Sale) -> Json:
    totals = _totals(sale, sale.sold)
    is_included = sale.shipping.is_included
    return {
        "id": sale.id,
        "externalId": sale.number,
        "placedAt": sale.placed_at,
        "demandLocationId": None if sale.branch.is_web else sale.branch.channel,
        "currency": sale.market.currency,
        "isExchange": sale.is_exchange,
        "isHistorical": False,
        "channel": sale.branch.channel,
        "channelType": "web" if sale.branch.is_web else "store",
        "priceMethod": "tax_included" if is_included else "tax_excluded",
        "customerEmail": sale.person.written_email,
        "taxExempt": sale.is_exempt,
        "taxStrategy": None,
        "shippingTax": _maybe(sale, totals["shipping_tax"]),
        "shippingTotal": _maybe(sale, totals["shipping_total"]),
        "taxTotal": write_money(sale, totals["tax_total"]),
        "discountTotal": _maybe(sale, totals["discount_total"]),
        "subtotal": write_money(sale, totals["subtotal"]),
        "grandTotal": write_money(sale, totals["grand_total"]),
        "discounts": connection([{"couponCode": code} for code in sale.coupons]),
        "addresses": connection([dict(address) for address in sale.person.addresses]),
        "paymentAccount": _make_payments(sale),
        "items": connection([_make_node(sale, item) for item in sale.items]),
    }


def _make_node(sale: Sale, item: SoldItem) -> Json:
    charge = item.charge
    return {
        "id": item.id,
        "productId": item.sku,
        "quantity": charge.quantity,
        "status": item.cancelled or "opened",
        "pricebookPrice": write_money(sale, charge.price),
        "itemDiscounts": _maybe(sale, charge.item_discount),
        "orderDiscounts": _maybe(sale, charge.order_discount),
        "tax": _maybe(sale, charge.tax),
        "shippingServiceLevel": item.level,
        "fulfillmentLocationId": None,
    }


def _make_payments(sale: Sale) -> Json | None:
    """In an exchange GraphQL does not know the store credit."""
    if not sale.instruments:
        return None
    known = [one for one in sale.instruments if one.means != CREDIT]
    return {"instruments": connection([_make_instrument(sale, one) for one in known])}


def _make_instrument(sale: Sale, instrument: Instrument) -> Json:
    method, provider = instrument.means
    transactions = [
        {
            "amount": write_money(sale, step.amount),
            "currency": sale.market.currency,
            "transactionType": step.kind,
        }
        for step in instrument.steps
    ]
    return {
        "paymentMethod": method,
        "paymentOrigin": None,
        "paymentProvider": provider,
        "paymentAccountTransactions": connection(transactions),
    }


_REASONS = {"authorize": "authorization"}
# What a transaction adds to the account's columns (capture_amount, refund_amount).
_SIGNS = {
    "authorize": (1, 0),
    "capture": (-1, 1),
    "void": (-1, 0),
    "refund": (0, -1),
    "issue": (1, 0),
}


def _make_account(sale: Sale) -> Json:
    instruments = [
        {
            "id": f"{sale.id[:-2]}{at:02d}",
            "payment_method": one.means[0],
            "payment_provider": one.means[1],
            "payment_wallet": "",
            "currency": sale.market.currency,
            "original_transactions": [
                {
                    "transaction_id": f"{sale.id[:-4]}{at:02d}{place:02d}",
                    "instrument_id": f"{sale.id[:-2]}{at:02d}",
                    "reason": _REASONS.get(step.kind, step.kind),
                    "capture_amount": short(sale, _SIGNS[step.kind][0] * step.amount),
                    "refund_amount": short(sale, _SIGNS[step.kind][1] * step.amount),
                    "currency": sale.market.currency,
                    "created_at": "2026-12-03T18:41:06.110Z",
                }
                for place, step in enumerate(one.steps)
            ],
        }
        for at, one in enumerate(sale.instruments)
    ]
    return {"balance": 0, "instruments": instruments}


def _make_event(sale: Sale) -> Json:
    counted = sale.items if sale.is_event_older else sale.sold
    moment = sale.placed_at[:19] + ".110Z"
    payload: Json = {
        "id": sale.id,
        "external_id": sale.number,
        "created_at": moment,
        "placed_at": moment,
        "channel_type": "web" if sale.branch.is_web else "store",
        "channel": sale.branch.channel,
        "is_exchange": sale.is_exchange,
        "is_historical": False,
        "price_method": "tax_included" if sale.shipping.is_included else "tax_excluded",
        "currency": sale.market.currency,
        "tax_strategy": "avalara",
        "tax_exempt": sale.is_exempt,
    }
    payload |= {name: short(sale, units) for name, units in _totals(sale, counted).items()}
    if sale.person.event_email is not None:
        payload["customer_email"] = sale.person.event_email
    if not sale.branch.is_web:
        payload["demand_location_id"] = sale.branch.channel
        payload["associate_email"] = "associate@example.com"
    if sale.exchange_of is not None:
        payload["exchanges"] = [{"order_id": sale.exchange_of, "return_id": None}]
    payload["items"] = [_make_event_item(sale, item) for item in sale.items]
    return {
        "tenant": sale.market.shop,
        "name": "order.opened",
        "published_at": moment,
        "payload": payload,
    }


def _make_event_item(sale: Sale, item: SoldItem) -> Json:
    charge: Charge = item.charge
    entry: Json = {
        "id": item.id,
        "item_type": "product",
        "product_id": item.sku,
        "pricebook_price": short(sale, charge.price),
        "item_discounts": short(sale, charge.item_discount),
        "order_discounts": short(sale, charge.order_discount),
        "tax": short(sale, charge.tax),
        "tax_provider_details": [
            {"name": name, "amount": short(sale, amount), "rate": (Decimal(rate) / 100).normalize()}
            for name, rate, amount in charge.taxes
        ],
        "quantity": charge.quantity,
        "status": "opened" if sale.is_event_older or not item.cancelled else "canceled",
        "shipping_service_level": item.level,
    }
    return entry
