"""The keys of a tenant.yaml."""

from __future__ import annotations

from .builders import VERSION, Schema, block, flag, text, texts, tree

EVENTS = ("parked", "stream_stopped", "certificate_expiring")

_REFERENCE = "a reference: ${env:NAME} or ${file:PATH}"

TENANT: Schema = {
    "erpmap": VERSION,
    "tenant": text("the tenant's name, which is its folder's name", pattern="^[a-z][a-z0-9_-]*$"),
    "summary": text("who it is, in a sentence"),
    "newstore": block(
        "The NewStore side.",
        {
            "tenant": text(
                "NewStore's tenant name with its stage", pattern="^[a-z][a-z0-9-]{0,62}$"
            ),
            "client_id": text(_REFERENCE),
            "client_secret": text(_REFERENCE),
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
            },
            "allowance": {
                "type": "integer",
                "minimum": 1,
                "maximum": 500,
                "description": "requests at once that erpmap may have open",
            },
            "closed_period": text(
                "what becomes of a transaction whose accounting period is closed: park (where it is not "
                "said), or first_open_day: its tranDate moves to the first open day after it",
                enum=["park", "first_open_day"],
            ),
            "auth": block(
                "How erpmap signs in: one of the two.",
                {
                    "certificate": block(
                        "OAuth 2.0 client credentials.",
                        {
                            "client_id": text(_REFERENCE),
                            "key": text("the private key, " + _REFERENCE),
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
        "How this machine reaches both.",
        {
            "environment": flag(
                "true: proxies (HTTPS_PROXY, ALL_PROXY, NO_PROXY) and certificates (SSL_CERT_FILE, "
                "SSL_CERT_DIR) of the environment count; they do not by themselves"
            ),
        },
    ),
    "events": block(
        "How events arrive.",
        {
            "keys": texts("bearer keys that are accepted, each " + _REFERENCE),
            "acknowledge": text("when an event is answered", enum=["delivered", "stored"]),
            "from": text("go-live: older orders are ignored", format="date"),
            "posted": text(
                "a CSV file in the tenant's folder: orders that an earlier integration has already posted "
                "are ignored; `order` is an id or number, `event` (if said) the event that is meant"
            ),
            "url": text(
                "where NewStore's Event Stream finds this service, https://HOST/events/TENANT, or "
                + _REFERENCE
            ),
            "stream": text(
                "the id of the Event Stream's integration; erpmap-TENANT where it is not said",
                pattern="^[a-z0-9-]{1,50}$",
            ),
            "restart": flag("true: the service starts the integration again when it has stopped"),
        },
    ),
    "mappings": texts("the mappings that are live, in the order they are asked")
    | {"maxItems": 100, "uniqueItems": True},
    "settings": tree("the settings its mappings ask for"),
    "notify": block(
        "Who is told about trouble.",
        {
            "webhook": text("an address, " + _REFERENCE),
            "on": {
                "type": "array",
                "description": "what to tell about",
                "items": {"type": "string", "enum": list(EVENTS)},
            },
        },
        required=("webhook",),
    ),
}
