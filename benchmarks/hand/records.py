"""The records of a sales order written by hand: the customer, and the order without its lines."""

from __future__ import annotations

from decimal import Decimal
from hashlib import sha256

from ..tables import Row, Tables
from .lines import CANCELLED, HANDOVER
from .values import Json, day, needed, nodes, phone, text, tidy

_BRAND = "Dodici"
_CHANNELS = {"web": 1, "store": 3}
_CURRENCIES = {"USD": 1, "CAD": 3}
_FIND = "SELECT id FROM customer WHERE LOWER(email) = {customer_email} AND subsidiary = {store.subsidiary} AND isinactive = 'F'"


def customer(order: Json, happened: Json, store: Row, address: Json | None) -> Json:
    """The person, or the placeholder of the store when nobody left an address."""
    email = order.get("customerEmail") or happened.get("customer_email")
    its_email = (email or store["customer_email"]).lower()
    key = sha256(f"{its_email} {store['subsidiary']}".encode("utf-8", "surrogatepass")).hexdigest()
    key = key[:20]
    body: Json = {"externalId": f"C-{key}", "isPerson": True}
    if email:
        address = address or {}
        body["firstName"] = tidy(text(address, "firstName"), 32) or "-"
        body["lastName"] = tidy(text(address, "lastName"), 32) or "-"
        body["email"] = its_email
        body["phone"] = phone(text(address, "phone"))
    else:
        body["firstName"] = _BRAND
        body["lastName"] = store["customer_name"]
        body["email"] = its_email
    body["subsidiary"] = {"id": store["subsidiary"]}
    body["custentity_nws_profilesource"] = {"id": _CHANNELS[order["channelType"]]}
    values = {"customer_email": its_email, "store.subsidiary": store["subsidiary"]}
    return {
        "name": "customer",
        "record": "customer",
        "write": "ensure",
        "external_id": body["externalId"],
        "find": {"query": _FIND, "values": values},
        "serialize": key,
        "body": body,
    }


def sales_order(
    order: Json,
    happened: Json,
    tables: Tables,
    parts: tuple[Decimal | None, Json | None, Json | None, list[Json]],
) -> Json:
    """The body; `parts` are what shipping costs, the two addresses and the lines."""
    shipping, billing, delivery, lines = parts
    body = _header(order, tables)
    if (level := _service_level(order)) is not None:
        body["shipMethod"] = {"id": tables.ship_methods[level]}
    if shipping is not None:
        body["shippingCost"] = shipping
    if billing:
        body["billingAddress"] = _address_body(billing)
    if delivery:
        body["shippingAddress"] = _address_body(delivery)
    exchanges = happened.get("exchanges")
    if exchanges and exchanges[0].get("order_id") is not None:
        body["custbody_nws_exchange_of"] = exchanges[0]["order_id"]
    body["item"] = {"items": lines}
    return body


def _header(order: Json, tables: Tables) -> Json:
    store = tables.stores[order["channel"]]
    number = needed(order, "externalId")
    codes = [node.get("couponCode") for node in nodes(order.get("discounts"))]
    body: Json = {
        "externalId": f"SO-{number}",
        "entity": {"id": {"$record": "customer", "field": "id"}},
        "tranDate": day(order["placedAt"], tables.zone),
        "otherRefNum": number,
    }
    if memo := ", ".join(dict.fromkeys([code for code in codes if code is not None])):
        body["memo"] = memo
    body["currency"] = {"id": _CURRENCIES[order["currency"]]}
    body["subsidiary"] = {"id": store["subsidiary"]}
    body["location"] = {"id": store["id"]}
    body["class"] = {"id": store["class"]}
    body["department"] = {"id": _CHANNELS[order["channelType"]]}
    return body


def _service_level(order: Json) -> str | None:
    """That of the first item that is shipped."""
    for edge in order["items"]["edges"]:
        node = edge["node"] or {}
        level: str | None = node.get("shippingServiceLevel")
        if level not in (None, HANDOVER) and node.get("status") not in CANCELLED:
            return level
    return None


def address_of(order: Json) -> tuple[Json | None, Json | None]:
    """The billing and the shipping address, the first of each."""
    billing = delivery = None
    for node in nodes(order.get("addresses")):
        kind = node.get("addressType")
        if kind == "billing" and billing is None:
            billing = node
        elif kind == "shipping" and delivery is None:
            delivery = node
    return billing, delivery


def _address_body(address: Json) -> Json:
    """Everything but the addressee is left out when it is empty."""
    name = f"{text(address, 'firstName')} {text(address, 'lastName')}"
    body: Json = {"addressee": tidy(name, 83) or "-"}
    for field, key, length in (
        ("addr1", "addressLine1", 150),
        ("addr2", "addressLine2", 150),
        ("city", "city", 49),
    ):
        if value := tidy(text(address, key), length):
            body[field] = value
    if state := address.get("state"):
        body["state"] = state
    if zip_code := address.get("zipCode"):
        body["zip"] = zip_code
    if country := address.get("country"):
        body["country"] = {"id": country}
    return body
