"""The keys of a tenant's own file of refusals."""

from __future__ import annotations

from .builders import Schema, block, text, texts

_CODE = "^[A-Z][A-Z0-9_]{1,60}$"

REFUSALS: Schema = {
    "type": "array",
    "maxItems": 200,
    "items": block(
        "A refusal of NetSuite: how it is recognised, and what it means.",
        {
            "code": text("the code that retry rules name", pattern=_CODE),
            "verdict": text(
                "what becomes of the record",
                enum=["refused", "duplicate", "throttled", "unavailable", "unknown"],
            ),
            "netsuite": texts("codes of NetSuite that mean it")
            | {"items": {"type": "string", "pattern": _CODE}, "maxItems": 50},
            "words": texts("texts that NetSuite's words contain, in any case and without accents")
            | {"items": {"type": "string", "minLength": 6, "maxLength": 200}, "maxItems": 50},
            "cause": text("the cause, for people", minLength=1, maxLength=300),
            "remedy": text("what to do, for people", minLength=1, maxLength=300),
        },
        required=("code", "cause", "remedy"),
    ),
}
