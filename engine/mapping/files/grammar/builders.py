"""Builders of JSON Schemas: each function returns a schema."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

LANGUAGE_VERSION = 1
NAME = "^[a-z][a-z0-9_]*$"
DURATION = "^[1-9][0-9]{0,5}(s|m|h|d)$"

VERSION = {"const": LANGUAGE_VERSION, "description": "the version of the language"}


def document(title: str, schema: Schema) -> Schema:
    """Return a whole schema with its head."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}
    return head | schema


def text(description: str, **more: Any) -> Schema:
    """Return the schema of a string."""
    return {"type": "string", "description": description} | more


def examples(schema: Schema, *values: Any) -> Schema:
    """Return a schema with examples, which editors show and offer."""
    return schema | {"examples": list(values)}


def flag(description: str) -> Schema:
    """Return the schema of a boolean."""
    return {"type": "boolean", "description": description}


def value(description: str) -> Schema:
    """Return the schema of any YAML value."""
    return {"description": description}


def texts(description: str) -> Schema:
    """Return the schema of a list of strings that is not empty."""
    return {"type": "array", "description": description, "items": {"type": "string"}, "minItems": 1}


def one_or_more(description: str) -> Schema:
    """Return the schema of a string or a list of strings."""
    return {"type": ["string", "array"], "description": description, "items": {"type": "string"}}


def tree(description: str) -> Schema:
    """Return the schema of a map with any keys."""
    return {"type": "object", "description": description}


def block(description: str, keys: Schema, *, required: tuple[str, ...] = ()) -> Schema:
    """Return the schema of a map with these keys and no others."""
    block: Schema = {
        "type": "object",
        "description": description,
        "properties": keys,
        "additionalProperties": False,
    }
    return block | {"required": list(required)} if required else block


def named(description: str, entry: Schema) -> Schema:
    """Return the schema of a map from names that authors choose to entries of one shape."""
    return {
        "type": "object",
        "description": description,
        "propertyNames": {"pattern": NAME},
        "additionalProperties": entry,
    }


def by_name(description: str, entry: Schema) -> Schema:
    """Return the schema of a map from names of the ledger, such as `salesTeam`, to entries of one shape."""
    return {"type": "object", "description": description, "additionalProperties": entry}


def text_or(schema: Schema) -> Schema:
    """Return a schema that also accepts a string, as the short form of a map."""
    return schema | {"type": ["string", schema["type"]]}
