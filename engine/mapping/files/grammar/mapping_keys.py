"""The keys of a mapping file."""

from __future__ import annotations

from ...systems import ENSURE
from .builders import (
    DURATION,
    NAME,
    VERSION,
    Schema,
    block,
    by_name,
    examples,
    flag,
    named,
    one_or_more,
    text,
    text_or,
    tree,
    value,
)

TYPES = (
    "string",
    "integer",
    "decimal",
    "money",
    "date",
    "datetime",
    "timezone",
    "boolean",
    "id",
    "list",
    "table",
)
_TYPE = text("the type of the value; without it the value is not converted", enum=list(TYPES))
_WHEN = examples(
    text("JMESPath; applies only when it is true"), "event.payload.channel_type == 'web'"
)
_IF = text("a Jinja expression; applies only when it is true", examples=["line.discount > 0"]) | {
    "type": ["string", "boolean"]
}
_RULE = text("the retry rule to follow", examples=["order_pending", "payment_pending"])
_BODY = tree("the NetSuite payload; leaves are templates")

_SETTING = block(
    "A setting that a tenant must or may set.",
    {
        "type": _TYPE,
        "default": value("the value when the tenant does not set it"),
        "optional": flag("the tenant may leave it out; the setting is then null"),
        "summary": text("what it is for"),
    },
)

_SOURCE = block(
    "A document to fetch: GraphQL or REST.",
    {
        "graphql": text("the query"),
        "rest": text(
            "the path, a template over the JMESPath roots; values are percent-encoded",
            examples=["/v0/c/payments/accounts/{{ event.payload.id }}"],
        ),
        "variables": {
            "type": "object",
            "description": "the query's variables, each a JMESPath",
            "examples": [{"id": "event.payload.id", "tenant": "tenant.newstore.tenant"}],
            "additionalProperties": {"type": "string"},
        },
        "select": text(
            "JMESPath over the answer's data; its result is the source", examples=["order"]
        ),
        "when": _WHEN,
        "absent": text(
            "the retry rule to follow when there is no such document (null or 404)",
            examples=["order_pending", "payment_pending"],
        ),
        "summary": text("what it is for"),
    },
)

_PLAIN_FIELD = {
    "path": text(
        "JMESPath over event, tenant, settings and the sources", examples=["order.grandTotal"]
    ),
    "type": _TYPE,
    "optional": flag("the value may be absent; the field is then null"),
    "default": value("the value when it is absent"),
    "each": text(
        "JMESPath to a list: the field is a list with an entry for each element",
        examples=["order.items.edges[].node"],
    ),
    "join": named(
        "elements of other lists, joined to each entry by a key",
        block(
            "One joined list.",
            {
                "from": text("JMESPath to the other list", examples=["event.payload.items"]),
                "on": text("JMESPath that gives the key, on both sides", examples=["id"]),
            },
            required=("from", "on"),
        ),
    ),
    "values": named(
        "values computed for each entry, in Jinja, from its fields and earlier fields",
        text("a template", examples=["{{ price * quantity }}"]),
    ),
    "summary": text("what it is for"),
}

_ENTRY_FIELD = text_or(
    block(
        "A field of an entry: a JMESPath over the entry, or a map.",
        {key: _PLAIN_FIELD[key] for key in ("path", "type", "optional", "default", "summary")},
    )
)
_ENTRY_FIELDS = {"fields": named("the fields of an entry, paths relative to it", _ENTRY_FIELD)}

_OPTION = block("One way to get the field.", _PLAIN_FIELD | _ENTRY_FIELDS | {"when": _WHEN})
_FIELD = text_or(
    block(
        "A value extracted from the documents: a JMESPath, or a map.",
        _PLAIN_FIELD
        | _ENTRY_FIELDS
        | {"choose": named("several options; the first whose `when` is true is used", _OPTION)},
    )
)

_COMPUTED = text_or(
    block(
        "A value computed from the fields: a template, or a map.",
        {
            "is": text("a template", examples=["{{ items | total('tax') }}"]),
            "type": _TYPE,
            "optional": flag("the value may be absent; it is then null"),
            "summary": text("what it is for"),
        },
    )
)

_LOOKUP = block(
    "A table from NewStore values to NetSuite values.",
    {
        "values": examples(
            tree("the table itself: key → value, maps within maps for several keys"),
            {"USD": 1, "CAD": 3},
        ),
        "file": text(
            "a CSV, YAML or JSON file, in the tenant's folder or beside the mapping",
            examples=["lookups/locations.csv"],
        ),
        "suiteql": text(
            "a SuiteQL query of named columns; `{keys}` stands for the list of requested keys",
            examples=["SELECT itemid, id, isinactive FROM item WHERE itemid IN ({keys})"],
        ),
        "parameter": text(
            "the name of an AWS Systems Manager parameter that holds the whole table",
            examples=["netsuite/newstore_to_netsuite_channel"],
        ),
        "key": examples(
            one_or_more("the key columns of a CSV file, or the names of the keys"),
            "location",
            ["method", "provider", "currency"],
        ),
        "value": text("the column that holds the value; without it the whole row", examples=["id"]),
        "keys": text(
            "JMESPath over the fields: the keys that a live lookup queries",
            examples=["items[].sku"],
        ),
        "cache": text(
            "how long a live answer is kept; 5 minutes by default",
            pattern=DURATION,
            examples=["15m"],
        ),
        "ignore_case": flag("upper and lower case are the same"),
        "prefix": {
            "type": "integer",
            "minimum": 1,
            "maximum": 100,
            "description": "number of characters; a missing key is looked up again by this many of its first characters",
        },
        "default": value("the value for a missing key"),
        "summary": text("what it is for"),
    },
)

_LINE = {
    "if": _IF,
    "stored": text(
        "`negated` when NetSuite stores the amount with the opposite sign", enum=["negated"]
    ),
    "body": _BODY,
}
_LINES = block(
    "Entries of the transaction's item sublist.",
    _LINE
    | {
        "for": text("`NAME in LIST`: a line for each entry of a list", examples=["line in items"]),
        "after": named(
            "lines that directly follow the line they belong to",
            block("A line that follows another line.", _LINE),
        ),
    },
)

_RECORD = block(
    "A NetSuite record to write.",
    {
        "record": text("the NetSuite record type", pattern="^[a-z][A-Za-z0-9_]{1,63}$"),
        "write": text(
            "how it is written", enum=["create", ENSURE, "update", "upsert", "transform"]
        ),
        "if": _IF,
        "external_id": text(
            "a template; unique over all transactions of the account",
            examples=["SO-{{ external_id }}"],
        ),
        "find": text(
            "ensure: a SuiteQL query that finds the record; `{name}` stands for a value",
            examples=["SELECT id FROM customer WHERE email = {email} AND isinactive = 'F'"],
        ),
        "from": block(
            "transform: the record that is transformed.",
            {
                "record": text("its NetSuite record type", examples=["salesOrder"]),
                "id": text("a template giving its id"),
                "external_id": text("a template giving its external id"),
            },
            required=("record",),
        ),
        "match": by_name(
            "update, transform: for each sublist of the body, the column that identifies a line; a transform leaves out the lines that are not named",
            text("a column"),
        ),
        "landed": text(
            "update: a Jinja expression over `found` that is true once the record is updated",
            examples=["found.memo == memo"],
        ),
        "serialize": text(
            "a template; within one process, deliveries with equal text write the record one after another"
        ),
        "earlier": named(
            "create: external ids from earlier integrations; if a record with one of them exists, none is created",
            text("a template"),
        ),
        "body": _BODY,
        "confirm": examples(
            tree("fields to read back after writing; a difference is a state of its own"),
            {"total": "{{ checks.balance.sum }}"},
        ),
        "summary": text("what it is for"),
    },
)

_CHECK = block(
    "A rule a payload must meet.",
    {
        "of": text(
            "the record whose payload is `body`; by default the last one, which must have no `if` then"
        ),
        "terms": named(
            "templates, each a number",
            examples(
                {"type": ["string", "number"], "description": "a template or a number"},
                "{{ lines.item | stored }}",
            ),
        ),
        "holds": text(
            "a Jinja expression that must be true; `summary` describes it",
            examples=["items | where('vat_fits', false) | length == 0"],
        ),
        "sums_to": {
            "type": ["number", "string"],
            "description": "what the terms must add up to: a number or a template",
        },
        "equal": {
            "type": "array",
            "description": "two templates that must give the same number",
            "examples": [["{{ checks.balance.sum }}", "{{ grand_total }}"]],
            "items": {"type": ["string", "number"]},
            "minItems": 2,
            "maxItems": 2,
        },
        "summary": text("what it is for"),
    },
)

_RETRY = block(
    "What to do when a delivery does not succeed.",
    {
        "on": {
            "type": "array",
            "description": "NetSuite error codes, HTTP statuses, classes; the most specific wins; a temporary error that no rule names follows `unavailable`",
            "items": {"type": ["string", "integer"]},
            "examples": [["connect", "timeout", "5xx"], [429, "CONCURRENCY_LIMIT_EXCEEDED"]],
        },
        "respond": {
            "type": "integer",
            "enum": [200, 500],
            "description": "the HTTP status for the sender",
        },
        "wait": {
            "type": "array",
            "description": "waiting times; the last one repeats",
            "items": {"type": "string", "pattern": DURATION},
            "minItems": 1,
            "examples": [["2s", "10s", "1m", "10m"]],
        },
        "for": text("how long to retry", pattern=DURATION, examples=["24h"]),
        "then": text("what to do afterwards", enum=["park"]),
        "summary": text("what it is for"),
    },
)

MAPPING: Schema = {
    "erpmap": VERSION,
    "mapping": text("the mapping's name", pattern=NAME, examples=["sales_order"]),
    "summary": text("what it does, in a sentence"),
    "extends": examples(
        one_or_more("mappings that this one extends; later ones win"),
        "base/sales_order",
        ["base/sales_order", "common"],
    ),
    "on": block(
        "The events that this mapping accepts.",
        {
            "event": text("the event's name", examples=["order.opened"]),
            "when": _WHEN,
            "identity": text(
                "JMESPath: two events with the same identity are the same event",
                examples=["event.payload.id"],
            ),
        },
    ),
    "settings": named("what a tenant must or may set, used as settings.NAME", _SETTING),
    "sources": named("documents fetched in order; each name is a root of later paths", _SOURCE),
    "ready": named(
        "conditions to wait for; not being ready is not an error",
        block(
            "One condition.",
            {
                "check": text("JMESPath that must be true", examples=["order.items.edges"]),
                "otherwise": _RULE,
            },
            required=("check",),
        ),
    ),
    "fields": named("values extracted from the documents", _FIELD),
    "values": named("values computed from the fields, once", _COMPUTED),
    "lookups": named("tables from NewStore values to NetSuite values", _LOOKUP),
    "lines": named("entries of the item sublist, in this order", _LINES),
    "records": named("the NetSuite records, written in this order", _RECORD),
    "checks": named("rules the finished payload must meet", _CHECK),
    "retry": named("what to do when a delivery does not succeed", _RETRY),
}
