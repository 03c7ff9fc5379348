"""The keys of the operator's file."""

from __future__ import annotations

from .builders import VERSION, Schema, block, text

_TENANT_NAME = "^[a-z][a-z0-9_-]*$"


def _list(description: str, **items: object) -> Schema:
    return {
        "type": "array",
        "description": description,
        "items": {"type": "string", "minLength": 1} | items,
        "uniqueItems": True,
    }


GRANT: Schema = {
    "environment": _list(
        "variables of the environment that its references may name: `ACME_` is the beginning of names, "
        "`ACME_KEY` one name"
    ),
    "files": _list(
        "files that its references may name besides those of its own folder: `/run/secrets/acme/` is a "
        "folder, `/run/secrets/acme_` the beginning of names, `/run/secrets/acme` one file"
    ),
    "parameters": _list(
        "parameters of AWS that its lookups may read: `/erpmap/acme/` is the beginning of names"
    ),
    "accounts": {
        "type": "array",
        "description": "NetSuite accounts that it may write to, as in 1234567_SB1",
        "items": {"type": ["string", "integer"], "pattern": "^[A-Za-z0-9]+(_[A-Za-z0-9]+)*$"},
        "uniqueItems": True,
    },
    "newstore": _list("NewStore tenants that it may read, with their stage"),
    "hosts": _list(
        "hosts of `events.url` and `notify.webhook`: hooks.example.com, or with another port than 443 "
        "hooks.example.com:8443; a host of another alphabet as xn--…"
    ),
    "allowance": {
        "type": "integer",
        "minimum": 1,
        "maximum": 500,
        "description": "the largest `netsuite.allowance`",
    },
    "folders": _list(
        "folders outside its own that links and `extends` may reach, each ending in `/`",
        pattern="/$",
    ),
}

OPERATOR: Schema = {
    "erpmap": VERSION,
    "summary": text("the file in a sentence"),
    "defaults": block(
        "What every tenant may use, for the keys that `tenants` does not give it; with `defaults`, tenants "
        "that `tenants` does not name are served too. {tenant} is the tenant's name, {TENANT} the same in "
        "capitals with _ for -.",
        GRANT,
    ),
    "tenants": {
        "type": "object",
        "description": "what each tenant may use",
        "propertyNames": {"pattern": _TENANT_NAME},
        "additionalProperties": block("What this tenant may use.", GRANT),
    },
}
