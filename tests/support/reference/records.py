"""The records of a sale: its customer, and a sales order or a cash sale."""

from __future__ import annotations

from hashlib import sha256

from orders import Json

from .lines import lines
from .payments import nodes
from .refusal import known
from .sale import Sale
from .texts import country, day, field, mail, phone, state

CHANNELS = {"web": 1, "store": 3}


def customer(sale: Sale) -> Json:
    """The person, or the placeholder of the store when nobody left an e-mail."""
    email = sale.email or mail(sale.store.customer_email)
    key = sha256(f"{email} {sale.store.subsidiary}".encode()).hexdigest()[:20]
    body = {
        "externalId": f"C-{key}",
        "isPerson": True,
        **(_person(sale) if sale.email else _placeholder(sale)),
        "email": email,
        "subsidiary": {"id": sale.store.subsidiary},
        "custentity_nws_profilesource": {"id": CHANNELS[sale.order["channelType"]]},
    }
    return {
        "record": "customer",
        "name": "customer",
        "write": "ensure",
        "external_id": f"C-{key}",
        "serialize": key,
        "body": body,
    }


def sales_order(sale: Sale) -> Json:
    """With both addresses, shipped as the first live item that is shipped."""
    more: Json = {
        "billingAddress": _address_body(_address(sale, "billing")),
        "shippingAddress": _address_body(_address(sale, "shipping")),
    }
    if sale.service_levels:
        method = known(sale.house.ship_methods, sale.service_levels[0], "shipping method")
        more["shipMethod"] = {"id": method}
    return _transaction(sale, "salesOrder", name="sales_order", more=more)


def cash_sale(sale: Sale) -> Json:
    """Paid and carried away."""
    return _transaction(sale, "cashSale", name="cash_sale", more={"undepFunds": True})


def _person(sale: Sale) -> Json:
    """The first address with a name in it, else the name of the store's placeholder."""
    addresses = [_address(sale, kind) or {} for kind in ("billing", "shipping")]
    inside = sale.event.get("shipping_address") or {}
    names = [(one.get("firstName"), one.get("lastName")) for one in addresses]
    names.append((inside.get("first_name"), inside.get("last_name")))
    found = ([field(part, 32) or "-" for part in name] for name in names)
    first, last = next((name for name in found if name != ["-", "-"]), _placeholder(sale).values())
    phones = [number for one in addresses if (number := phone(one.get("phone")))]
    return {"firstName": first, "lastName": last, "phone": [*phones, "5555555555"][0]}


def _placeholder(sale: Sale) -> Json:
    return {"firstName": sale.house.brand, "lastName": sale.store.customer_name}


def _address(sale: Sale, kind: str) -> Json | None:
    found = (one for one in nodes(sale.order["addresses"]) if one["addressType"] == kind)
    return next(found, None)


def _transaction(sale: Sale, record: str, *, name: str, more: Json) -> Json:
    prefix = {"salesOrder": "SO-", "cashSale": "CS-"}[record]
    external_id = prefix + sale.order["externalId"]
    body = {"externalId": external_id} | _header(sale) | more
    body["item"] = {"items": lines(sale)}
    return {
        "record": record,
        "name": name,
        "write": "create",
        "external_id": external_id,
        "body": _without_nothing(body),
    }


def _header(sale: Sale) -> Json:
    order, store = sale.order, sale.store
    found = (node["couponCode"] for node in nodes(order["discounts"]))
    coupons = [code for code in found if code is not None]
    exchanges = sale.event.get("exchanges") or [{"order_id": None}]
    return {
        "entity": {"id": {"$record": "customer", "field": "id"}},
        "tranDate": day(order["placedAt"], store.timezone),
        "otherRefNum": field(order["externalId"], 45),
        "memo": field(", ".join(dict.fromkeys(coupons)), 999),
        "currency": {"id": known(sale.house.currencies, sale.currency, "currency")},
        "subsidiary": {"id": store.subsidiary},
        "location": {"id": store.id},
        "class": {"id": store.class_},
        "department": {"id": CHANNELS[order["channelType"]]},
        "shippingCost": sale.rounded(sale.shipping_cost) if sale.shipping_cost else None,
        "custbody_nws_exchange_of": exchanges[0]["order_id"],
    }


def _address_body(address: Json | None) -> Json | None:
    """Everything but the addressee may be blank, and is then left out."""
    if address is None:
        return None
    name = f"{address['firstName'] or ''} {address['lastName'] or ''}"
    land = country(address["country"])
    return _without_nothing(
        {
            "addressee": field(name, 83) or "-",
            "addr1": field(address["addressLine1"], 150),
            "addr2": field(address["addressLine2"], 150),
            "city": field(address["city"], 49),
            "state": state(address["state"], land) if land else None,
            "zip": field(address["zipCode"], 36),
            "country": {"id": land} if land else None,
        }
    )


def _without_nothing(body: Json) -> Json:
    return {key: value for key, value in body.items() if value is not None}
