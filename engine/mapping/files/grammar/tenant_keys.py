"""The keys of a tenant.yaml."""

from __future__ import annotations

from ....documents.money import MINOR_UNITS
from .builders import VERSION, Schema, block, examples, flag, text, texts, tree

EVENTS = ("parked", "stream_stopped", "certificate_expiring")

_REFERENCE = "a reference: ${env:NAME} or ${file:PATH}"

TENANT: Schema = {
    "erpmap": VERSION,
    "tenant": text("the tenant's name, the same as its folder's", pattern="^[a-z][a-z0-9_-]*$"),
    "summary": text("the tenant in a sentence"),
    "newstore": block(
        "The NewStore side.",
        {
            "tenant": text(
                "NewStore's tenant name with its stage",
                pattern="^(?!xn--)[a-z]([a-z0-9-]{0,61}[a-z0-9])?$",
                examples=["acme-sandbox"],
            ),
            "client_id": text(_REFERENCE, examples=["${env:ACME_NEWSTORE_ID}"]),
            "client_secret": text(_REFERENCE, examples=["${env:ACME_NEWSTORE_SECRET}"]),
        },
        required=("tenant",),
    ),
    "netsuite": block(
        "The NetSuite side.",
        {
            "account": {
                "type": ["string", "integer"],
                "description": "the account id, e.g. 1234567 or 1234567_SB1",
                "pattern": "^[A-Za-z0-9]+(_[A-Za-z0-9]+)*$",
                "examples": ["1234567_SB1", 1234567],
            },
            "allowance": {
                "type": "integer",
                "minimum": 1,
                "maximum": 500,
                "description": "maximum concurrent requests of erpmap",
                "examples": [5],
            },
            "precision": {
                "type": "object",
                "description": "decimal places of the account's currencies, as in {JPY: 0, KWD: 2}; "
                "by default at most 2, and those that `schema pull` finds",
                "propertyNames": {"enum": sorted(MINOR_UNITS)},
                "examples": [{"JPY": 0, "KWD": 2}],
                "additionalProperties": {"type": "integer", "minimum": 0, "maximum": 4},
            },
            "closed_period": text(
                "what to do with a transaction whose accounting period is closed: park (the default), "
                "or first_open_day: its tranDate moves to the next open day",
                enum=["park", "first_open_day"],
            ),
            "refusals": text(
                "a YAML file in the tenant's folder: refusals of its account, before those of docs/refusals.md",
                examples=["refusals.yaml"],
            ),
            "auth": block(
                "How erpmap signs in: one of the two.",
                {
                    "certificate": block(
                        "OAuth 2.0 client credentials.",
                        {
                            "client_id": text(_REFERENCE),
                            "key": text(
                                "the private key, " + _REFERENCE,
                                examples=["${file:secrets/netsuite.pem}"],
                            ),
                            "id": text("the certificate's id"),
                        },
                        required=("client_id", "key", "id"),
                    ),
                    "token": block(
                        "Token-based authentication (OAuth 1.0a).",
                        {
                            "consumer_key": text(_REFERENCE),
                            "consumer_secret": text(_REFERENCE),
                            "token_id": text(_REFERENCE),
                            "token_secret": text(_REFERENCE),
                        },
                        required=("consumer_key", "consumer_secret", "token_id", "token_secret"),
                    ),
                },
            ),
        },
        required=("account",),
    ),
    "network": block(
        "How this machine connects to both.",
        {
            "environment": flag(
                "true: use the environment's proxies (HTTPS_PROXY, ALL_PROXY, NO_PROXY) and certificates "
                "(SSL_CERT_FILE, SSL_CERT_DIR); by default they are ignored"
            ),
        },
    ),
    "events": block(
        "How events arrive.",
        {
            "keys": examples(
                texts("bearer keys that are accepted, each " + _REFERENCE),
                ["${env:ACME_EVENT_KEY}"],
            ),
            "acknowledge": text("when an event is answered", enum=["delivered", "stored"]),
            "from": text(
                "go-live: older orders are ignored", format="date", examples=["2026-12-01"]
            ),
            "posted": text(
                "a CSV file in the tenant's folder: orders that an earlier integration has already posted "
                "are ignored; column `order` holds an id or number, the optional column `event` an event name",
                examples=["posted.csv"],
            ),
            "url": text(
                "the address of this service for NewStore's Event Stream, https://HOST/events/TENANT, or "
                + _REFERENCE,
                examples=["https://erpmap.example.com/events/acme"],
            ),
            "stream": text(
                "the id of the Event Stream's integration; by default erpmap-TENANT",
                pattern="^[a-z0-9-]{1,50}$",
            ),
            "restart": flag("true: the service restarts the integration when it has stopped"),
        },
    ),
    "mappings": texts("the mappings that are live, in the order in which they are tried")
    | {"maxItems": 100, "uniqueItems": True, "examples": [["sales_order", "cash_sale"]]},
    "settings": tree("the settings that its mappings declare"),
    "notify": block(
        "Where alerts are sent.",
        {
            "webhook": text("an address, " + _REFERENCE, examples=["${env:ACME_ALERTS}"]),
            "on": {
                "type": "array",
                "description": "the causes of an alert",
                "items": {"type": "string", "enum": list(EVENTS)},
            },
        },
        required=("webhook",),
    ),
}
