"""The keys of an answers file, which says to `erpmap new` what it would ask."""

from __future__ import annotations

from typing import Final

from ...documents.money import MINOR_UNITS
from ...mapping.files.grammar.builders import Schema, block, document, text

KINDS_OF_TAX: Final = {
    "line": "prices without tax; the tax of an order is a line of its own",
    "codes": "prices without tax; a tax code for each currency, and the rate on each line",
    "included": "prices with VAT; a tax code for each country, and the VAT on each line",
}
KINDS_OF_STORE: Final = ("web", "store")
ITEMS: Final = ("discount", "tax", "gift_card", "cash_rounding", "rounding")
_CURRENCY: Schema = {"enum": sorted(MINOR_UNITS)}
# No line ends, no braces, no blanks around it, not the `*` that is any value.
CELL: Final = r"^[^\s*{}\x00-\x1f\x7f]([^{}\x00-\x1f\x7f]*[^\s{}\x00-\x1f\x7f])?$"


def _id(description: str) -> Schema:
    return {
        "type": ["integer", "string", "null"],
        "description": f"{description}; without it an id is made up for the simulator",
        "minimum": 1,
        "pattern": "^[1-9][0-9]{0,17}$",
        "examples": [12],
    }


def _cell(description: str, *examples: str) -> Schema:
    return text(description, pattern=CELL, maxLength=200, examples=list(examples))


def _ids(description: str, key: Schema, example: object) -> Schema:
    return {
        "type": "object",
        "description": description,
        "propertyNames": key,
        "additionalProperties": _id("the NetSuite id"),
        "examples": [example],
        "minProperties": 1,
    }


def _list(description: str, entry: Schema) -> Schema:
    return {"type": "array", "description": description, "items": entry, "maxItems": 10_000}


_STORE = block(
    "A store or a web shop.",
    {
        "channel": _cell("its channel in NewStore", "NYC5"),
        "kind": text("how it sells", enum=list(KINDS_OF_STORE)),
        "name": _cell("its name", "New York Fifth Avenue"),
        "id": _id("the id of its location in NetSuite"),
        "class": _id("the id of its class in NetSuite"),
        "subsidiary": _cell("the name of its subsidiary; by default the first", "Acme US"),
        "country": text("its country, two letters", pattern="^[A-Z]{2}$", examples=["US"]),
        "timezone": text("its time zone", examples=["America/New_York"]),
        "currencies": {
            "type": "array",
            "description": "the currencies in which it sells; by default all",
            "items": _CURRENCY,
        },
        "email": text("the address of the placeholder customer", pattern=r"^[^@\s,]+@[^@\s,]+$"),
    },
    required=("channel",),
)
_PAYMENT = block(
    "A method of payment.",
    {
        "method": _cell("the method as NewStore names it", "credit_card"),
        "provider": _cell("its provider; by default any", "adyen"),
        "currency": text("its currency; by default any", **_CURRENCY),
        "item": _id("the id of its payment item in NetSuite"),
    },
    required=("method",),
)
_ANSWERS: Schema = {
    "newstore": text(
        "NewStore's tenant name with its stage",
        pattern="^(?!xn--)[a-z]([a-z0-9-]{0,61}[a-z0-9])?$",
        examples=["acme-sandbox"],
    ),
    "account": {
        "type": ["string", "integer"],
        "description": "the id of the NetSuite account",
        "pattern": "^[A-Za-z0-9]+(_[A-Za-z0-9]+)*$",
        "examples": ["1234567_SB1"],
    },
    "brand": _cell("the first name of the placeholder customer of a store", "Acme"),
    "subsidiaries": _ids("subsidiaries by name", {"pattern": CELL}, {"Acme US": 2}),
    "currencies": _ids("currencies by code", _CURRENCY, {"USD": 1}),
    "tax": text(
        "how tax is posted: " + "; ".join(f"{name}: {what}" for name, what in KINDS_OF_TAX.items()),
        enum=list(KINDS_OF_TAX),
    ),
    "tax_codes": _ids(
        "tax codes: by currency for `codes`, by country for `included`",
        {"pattern": "^([A-Z]{3}|[A-Z]{2})$"},
        {"USD": 7},
    ),
    "exempt_code": _id("the tax code of what has no tax"),
    "tax_rates": {
        "type": "object",
        "description": "the rate of included VAT in per cent, by country",
        "propertyNames": {"pattern": "^[A-Z]{2}$"},
        "additionalProperties": {
            "type": ["number", "string"],
            "description": "a rate in per cent with at most four places, as in 19 or 5.5",
            "minimum": 0,
            "maximum": 100,
            "pattern": r"^[0-9]{1,2}(\.[0-9]{1,4})?$",
        },
        "examples": [{"DE": 19}],
    },
    "stores": _list("stores and web shops", _STORE),
    "payments": _list("methods of payment", _PAYMENT),
    "service_levels": _ids("shipping methods by service level", {"pattern": CELL}, {"GROUND": 801}),
    "items": block("Items that carry no goods.", {name: _id(f"the item {name}") for name in ITEMS}),
    "gift_cards": {
        "type": "array",
        "description": "the SKUs that are gift cards",
        "items": _cell("a SKU"),
        "examples": [["GC-EMAIL"]],
    },
    "goods": _ids("some goods by SKU, for the simulator", {"minLength": 1}, {"TEE-BLACK-M": 4001}),
}


def answers_schema() -> Schema:
    """Return the JSON Schema of an answers file."""
    return document("erpmap answers", block("What `erpmap new` would ask.", _ANSWERS))
