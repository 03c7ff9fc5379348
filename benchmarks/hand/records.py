"""The records of a sales order written by hand: the customer, and the order without its lines."""

from __future__ import annotations

from decimal import Decimal
from hashlib import sha256
from typing import NamedTuple

from ..tables import Row, Tables
from .contacts import email, phone, plain, tidy
from .lines import CANCELLED, HANDOVER
from .places import state_and_country
from .values import Json, day, needed, nodes, text

_BRAND = "Dodici"
_CHANNELS = {"web": 1, "store": 3}
_CURRENCIES = {"USD": 1, "CAD": 3}
_NO_PHONE = "5555555555"
_ADDRESS_TEXTS = (
    ("addr1", "addressLine1", 150),
    ("addr2", "addressLine2", 150),
    ("city", "city", 49),
)
_FIND = "SELECT id FROM customer WHERE LOWER(email) = {customer_email} AND subsidiary = {store.subsidiary} AND isinactive = 'F'"


class Addressed(NamedTuple):
    """An address of the order, and the name on it, which may be empty."""

    address: Json
    name: str


def customer(
    order: Json,
    happened: Json,
    store: Row,
    addressed: tuple[Addressed | None, Addressed | None],
) -> Json:
    """The person, or the placeholder of the store where there is no e-mail address or no name."""
    given = email(order.get("customerEmail")) or email(happened.get("customer_email"))
    its_email = given or email(store["customer_email"])
    key = sha256(f"{its_email} {store['subsidiary']}".encode("utf-8", "surrogatepass")).hexdigest()
    key = key[:20]
    body: Json = {"externalId": f"C-{key}", "isPerson": True}
    if given and (person := _person(happened, addressed)):
        body["firstName"] = tidy(text(person, "firstName"), 32) or "-"
        body["lastName"] = tidy(text(person, "lastName"), 32) or "-"
    else:
        body["firstName"] = _BRAND
        body["lastName"] = tidy(store["customer_name"], 32)
    body["email"] = its_email
    if given:
        body["phone"] = _phone(addressed)
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


def _person(happened: Json, addressed: tuple[Addressed | None, Addressed | None]) -> Json | None:
    """The first who has a name: on the billing address, the shipping address, or the event's."""
    for one in addressed:
        if one is not None and one.name:
            return one.address
    address = happened.get("shipping_address")
    if address is None:
        return None
    first, last = text(address, "first_name"), text(address, "last_name")
    return {"firstName": first, "lastName": last} if plain(first + last) else None


def _phone(addressed: tuple[Addressed | None, Addressed | None]) -> str:
    for one in addressed:
        if one is not None and (number := phone(text(one.address, "phone"))):
            return number
    return _NO_PHONE


def sales_order(
    order: Json,
    happened: Json,
    tables: Tables,
    parts: tuple[Decimal | None, Addressed | None, Addressed | None, list[Json]],
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
        "tranDate": day(order["placedAt"], tables.zones[order["channel"]]),
        "otherRefNum": tidy(number, 45),
    }
    memo = ", ".join(dict.fromkeys([code for code in codes if code is not None]))
    if memo := tidy(memo, 999):
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


def addresses_of(order: Json) -> tuple[Addressed | None, Addressed | None]:
    """The billing and the shipping address, the first of each."""
    billing = delivery = None
    for node in nodes(order.get("addresses")):
        kind = node.get("addressType")
        if kind == "billing" and billing is None:
            billing = _addressed(node)
        elif kind == "shipping" and delivery is None:
            delivery = _addressed(node)
    return billing, delivery


def _addressed(address: Json) -> Addressed:
    name = f"{text(address, 'firstName')} {text(address, 'lastName')}"
    return Addressed(address, tidy(name, 83))


def _address_body(addressed: Addressed) -> Json:
    """Everything but the addressee is left out when it is empty."""
    address = addressed.address
    body: Json = {"addressee": addressed.name or "-"}
    for field, key, length in _ADDRESS_TEXTS:
        if value := tidy(text(address, key), length):
            body[field] = value
    state, country = state_and_country(text(address, "state"), text(address, "country"))
    if state and country:
        body["state"] = state
    if zip_code := tidy(text(address, "zipCode"), 36):
        body["zip"] = zip_code
    if country:
        body["country"] = {"id": country}
    return body
