"""The JSON Schema of a simulator.yaml, for editors: the simulated NetSuite account of a tenant.

`netsuite.read_account` decides what is accepted, and knows more rules; tests hold both against each other.
"""

from __future__ import annotations

from ..documents.money import MINOR_UNITS
from ..mapping.files.grammar.builders import Schema, block, document, examples, flag, text
from ..mapping.record_schemas import list_record_types

_DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


def account_schema() -> Schema:
    """Return the JSON Schema of a simulator.yaml."""
    description = "What exists in a tenant's NetSuite account, as `erpmap simulate` plays it."
    return document("erpmap simulator", block(description, _ACCOUNT, required=("account",)))


def _id(description: str, **more: object) -> Schema:
    return {"type": ["string", "integer"], "description": description} | more


def _number(description: str) -> Schema:
    return {"type": ["number", "string"], "description": description}


def _list(description: str, entry: Schema) -> Schema:
    return {"type": "array", "description": description, "items": entry}


def _entries(description: str) -> Schema:
    """Return the schema of a list of named entries."""
    keys = {
        "id": _id("the internal id"),
        "name": _id("the name"),
        "externalid": _id("the external id"),
        "subsidiary": _id("the id of the subsidiary that it belongs to"),
        "inactive": flag("it is inactive"),
    }
    return _list(description, block("An entry of the account.", keys, required=("id", "name")))


def _record_types(description: str) -> Schema:
    names = {"type": "string", "enum": [*list_record_types()]}
    return _list(description, names)


def _by_name(description: str, value: Schema) -> Schema:
    return {"type": "object", "description": description, "additionalProperties": value}


def _custom(kind: str, prefix: str) -> Schema:
    types = {"type": "string", "enum": ["any", "text", "number", "checkbox", "date", "list"]}
    return {
        "type": ["object", "array"],
        "description": f"the account's own fields of {kind}, each with its type; or only their names",
        "propertyNames": {"pattern": f"^{prefix}[^A-Z]*$"},
        "additionalProperties": types,
        "items": {"type": "string"},
    }


_CURRENCY = block(
    "A currency of the account.",
    {
        "id": _id("the internal id"),
        "symbol": text("the code of ISO 4217", enum=sorted(MINOR_UNITS)),
        "precision": {
            "type": ["integer", "string"],
            "description": "decimal places that the account keeps",
            "minimum": 0,
            "maximum": 4,
        },
    },
    required=("id", "symbol"),
)
_TAX_CODE = block(
    "How a line with this code is taxed: by `rate`, or by the rate in its column.",
    {
        "id": _id("the internal id"),
        "rate": _number("the rate in per cent"),
        "column": text("the column of the line that holds its rate", examples=["custcol_tax_rate"]),
        "body_field": text("the field that holds the rate of shipping"),
        "discounts_by": text(
            "only discounts with the line's value in this column lower its tax; without it, all directly below"
        ),
    },
    required=("id",),
)
_ITEM = block(
    "An item that a line can refer to.",
    {
        "id": _id("the internal id"),
        "itemid": _id("the item's name, as a SKU"),
        "type": text(
            "NetSuite's item type; by default InvtPart",
            examples=[
                "InvtPart",
                "NonInvtPart",
                "OthCharge",
                "Discount",
                "Payment",
                "GiftCert",
                "Group",
            ],
        ),
        "externalid": _id("the external id"),
        "inactive": flag("it is inactive"),
        "rate": examples(_number("the item's own rate; with % a share of the line above"), "-10%"),
        "members": _list(
            "what a group consists of",
            block(
                "A member of a group.",
                {
                    "item": _id("the id of its item"),
                    "quantity": _number("how many of it; 1 by default"),
                },
                required=("item",),
            ),
        ),
    },
    required=("id", "itemid"),
)
_SETTINGS = block(
    "How the account behaves at the start.",
    {
        "language": text("of messages", enum=["en", "de", "it", "fr", "es", "ja"]),
        "search_lag": _number("seconds for which searches do not find what was written"),
        "search_lag_requests": {
            "type": "integer",
            "description": "number of searches that do not find what was written",
            "minimum": 0,
            "maximum": 10_000,
        },
        "search_lag_by_external_id": flag("GET by external id lags as searches do"),
        "unsorted": text("rows of an ORDER BY without direction", enum=["all", "half", "nothing"]),
        "missing_transaction": {
            "description": "the status of GET by the id of no transaction",
            "enum": ["404", "400", 404, 400],
        },
        "lengths": {
            "description": "what the limits of texts count",
            "enum": ["characters", "bytes", "off", False],
        },
        "places": flag("countries and states are checked"),
        "auto_numbering": flag("entities are numbered; if not, names must be unique"),
        "overload": {
            "description": "the response to a request above the limit",
            "enum": ["429", "400", "request_limit", "401", 429, 400, 401],
        },
        "overload_wait": _number("seconds before that response"),
    },
)
_SCRIPT = block(
    "A user-event script: what it does to a new record.",
    {
        "records": _record_types("the record types that it runs for"),
        "add_line": block(
            "A line that it adds as the last.",
            {
                "item": _id("the id of its item"),
                "quantity": _number("its quantity"),
                "rate": _number("its rate"),
                "amount": _number("its amount"),
                "taxCode": _id("the id of its tax code"),
            },
            required=("item",),
        ),
        "round_total_to": _number("the total is rounded to a multiple of it"),
        "rounding_item": _id("the id of the item of that rounding"),
        "move_days": {
            "type": "integer",
            "description": "days by which the date moves",
            "minimum": -366,
            "maximum": 366,
        },
        "round_rates_to": {
            "type": "integer",
            "description": "decimal places of the lines' rates",
            "minimum": 0,
            "maximum": 8,
        },
    },
)
_MONTHS = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"}
_FIELDS = {"type": "array", "items": {"type": "string"}}
_ACCOUNT: Schema = {
    "account": _id("the account's id", examples=["1234567_SB1"]),
    "concurrency": {
        "type": "integer",
        "minimum": 1,
        "description": "maximum of concurrent requests; 5 by default",
    },
    "tells_limits": flag("the role may read that maximum, as administrators may"),
    "settings": _SETTINGS,
    "currencies": _list("the account's currencies", _CURRENCY),
    "subsidiaries": _entries("its subsidiaries"),
    "locations": _entries("its locations"),
    "classes": _entries("its classes"),
    "departments": _entries("its departments"),
    "ship_methods": _entries("its shipping methods"),
    "tax_codes": _list("its tax codes", _TAX_CODE),
    "items": _list("its items", _ITEM),
    "custom_fields": block(
        "Its own fields.",
        {
            "body": _custom("transactions", "custbody"),
            "column": _custom("lines", "custcol"),
            "entity": _custom("entities", "custentity"),
        },
    ),
    "certificates": _list(
        "certificates that OAuth 2.0 clients uploaded",
        block(
            "A certificate.",
            {
                "client_id": _id("the client's id"),
                "id": _id("the certificate's id"),
                "public_key": text("its public key, in PEM format"),
            },
            required=("client_id", "id", "public_key"),
        ),
    ),
    "tokens": _list(
        "secrets of token-based authentication",
        block(
            "The two keys and two secrets of a token.",
            {
                "consumer_key": _id("the integration's key"),
                "consumer_secret": _id("its secret"),
                "id": _id("the token's id"),
                "secret": _id("its secret"),
            },
            required=("consumer_key", "consumer_secret", "id", "secret"),
        ),
    ),
    "first_open_day": text(
        "transactions before it are refused", pattern=_DAY, examples=["2026-12-01"]
    ),
    "closed_months": examples(_list("closed accounting periods", _MONTHS), ["2026-10", "2026-11"]),
    "locked_months": examples(_list("locked accounting periods", _MONTHS), ["2026-09"]),
    "may_create": _record_types("the record types that the role may create; by default all"),
    "mandatory": _by_name("fields that the account's forms require, by record type", _FIELDS)
    | {"examples": [{"salesOrder": ["memo"]}]},
    "order_status": text("the status of a sales order sent without one", enum=["A", "B"]),
    "scripts": _list("user-event scripts", _SCRIPT),
    "not_exposed": _by_name("fields that the role does not see, by record type or table", _FIELDS),
    "lengths": _by_name(
        "lengths of text fields that differ, by name", {"type": "integer", "minimum": 1}
    ),
    "states": _by_name("the states of a country, by its two letters; none is any state", _FIELDS),
}
