"""An order as the REST read returns it, built from the stored document. Pure; money as JSON numbers.

The fields are those of NewStore's OpenAPI file that an ERP needs. Tax lines come from the event,
the only place where they are recorded; how totals are computed is an inference.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from ...documents import is_numeric
from .shop import StoredDocument

_ADDRESS = {
    "salutation": "salutation",
    "first_name": "firstName",
    "last_name": "lastName",
    "phone": "phone",
    "country": "country",
    "city": "city",
    "address_line_1": "addressLine1",
    "address_line_2": "addressLine2",
    "state": "state",
    "zip_code": "zipCode",
}
_ZERO = Decimal(0)


def build_order(key: str, stored: StoredDocument) -> dict[str, object]:
    """Build the document of an order; members that were not recorded are null."""
    order = stored.document
    items = [item for item in _as_list(order.get("items")) if isinstance(item, Mapping)]
    is_included = order.get("priceMethod") == "tax_included"
    is_store = order.get("channelType") == "store"
    return {
        "id": key,
        "external_id": order.get("externalId"),
        "status": order.get("status"),
        "channel": order.get("channel"),
        "channel_type": order.get("channelType"),
        "store_id": order.get("channel") if is_store else None,
        "currency": order.get("currency"),
        "created_at": order.get("createdAt"),
        "placed_at": order.get("placedAt"),
        "tax_method": "vat_included" if is_included else "vat_excluded",
        "tax_exempt": order.get("taxExempt"),
        "exemption_class": None,
        "exemption_number": None,
        "customer": {"id": order.get("customerId"), "email": order.get("customerEmail")},
        "billing_address": _build_address(order, "billing"),
        "shipping_address": _build_address(order, "shipping"),
        "items": [_build_item(item, stored, is_included=is_included) for item in items],
        "shipments": [_build_shipment(order, items)],
        "totals": _build_totals(order),
        "payment_history": [],
    }


def parse_money(value: object) -> Decimal | None:
    """Return an amount recorded as number or text; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | Decimal):
        return Decimal(value)
    return Decimal(value) if isinstance(value, str) and is_numeric(value) else None


def _sum_fields(document: Mapping[str, object], *names: str) -> Decimal:
    return sum((parse_money(document.get(name)) or _ZERO for name in names), _ZERO)


def _build_item(
    item: Mapping[str, object], stored: StoredDocument, *, is_included: bool
) -> dict[str, object]:
    base, tax = parse_money(item.get("pricebookPrice")), parse_money(item.get("tax"))
    discount = _sum_fields(item, "itemDiscounts", "orderDiscounts")
    quantity = item.get("quantity")
    sold = None if base is None else base * (quantity if isinstance(quantity, int) else 1)
    rest = None if sold is None else sold - discount
    net = rest if rest is None or not is_included else rest - (tax or _ZERO)
    return {
        "id": item.get("id"),
        "product_id": item.get("productId"),
        "quantity": quantity,
        "status": item.get("status"),
        "tax_class": item.get("taxClass"),
        "price": {
            "base": base,
            "discount": discount,
            "net": net,
            "tax": tax,
            "gross": None if net is None else net + (tax or _ZERO),
        },
        "tax_lines": _build_tax_lines(item, stored),
    }


def _build_tax_lines(item: Mapping[str, object], stored: StoredDocument) -> list[object]:
    """Build the tax lines of an item from the event."""
    event_items = (
        entry for entry in _as_list(stored.payload.get("items")) if isinstance(entry, Mapping)
    )
    event_item = next((entry for entry in event_items if entry.get("id") == item.get("id")), {})
    return [
        {
            "name": tax.get("name"),
            "rate": tax.get("rate"),
            "amount": tax.get("amount"),
            "country_code": None,
        }
        for tax in _as_list(event_item.get("tax_provider_details"))
        if isinstance(tax, Mapping)
    ]


def _build_shipment(
    order: Mapping[str, object], items: list[Mapping[str, object]]
) -> dict[str, object]:
    """Build the shipment, with the part of the order's discounts that no item has."""
    of_items = sum((_sum_fields(item, "itemDiscounts", "orderDiscounts") for item in items), _ZERO)
    discount = max(_ZERO, _sum_fields(order, "discountTotal") - of_items)
    tax = parse_money(order.get("shippingTax"))
    return {
        "price": {
            "base": parse_money(order.get("shippingTotal")),
            "discount": discount,
            "tax": tax,
        },
        "discounts": [{"level": "order", "amount": discount}] if discount else [],
        "tax_lines": [{"name": None, "rate": None, "amount": tax}] if tax else [],
    }


def _build_totals(order: Mapping[str, object]) -> dict[str, object]:
    total, tax = parse_money(order.get("grandTotal")), parse_money(order.get("taxTotal"))
    return {
        "discount": parse_money(order.get("discountTotal")),
        "gift_wrapping": 0,
        "gross": total,
        "net": None if total is None else total - (tax or _ZERO),
        "shipping": parse_money(order.get("shippingTotal")),
        "tax": tax,
        "total": total,
    }


def _build_address(order: Mapping[str, object], kind: str) -> dict[str, object] | None:
    entries = (entry for entry in _as_list(order.get("addresses")) if isinstance(entry, Mapping))
    address = next((entry for entry in entries if entry.get("addressType") == kind), None)
    if address is None:
        return None
    return {name: address.get(field) for name, field in _ADDRESS.items()}


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
