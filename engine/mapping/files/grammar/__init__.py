"""The keys of the mapping language, declared once.

The JSON Schemas in `schemas/` (for editors and for our own findings) and the
table of keys in mappings/README.md are derived from here; tests keep them equal.
Overlays are partial, so a schema describes a mapping after merging; the compiler
of plans checks which keys are required.
"""

from __future__ import annotations

from .builders import LANGUAGE_VERSION, NAME, Schema, block, document
from .mapping_keys import MAPPING, TYPES
from .operator_keys import OPERATOR
from .refusal_keys import REFUSALS
from .tenant_keys import TENANT

__all__ = [
    "LANGUAGE_VERSION",
    "NAME",
    "TYPES",
    "Schema",
    "list_keys",
    "mapping_schema",
    "operator_schema",
    "refusals_schema",
    "tenant_schema",
]


def mapping_schema() -> Schema:
    """Return the JSON Schema of a mapping file."""
    return document(
        "erpmap mapping", block("A mapping: one event becomes NetSuite records.", MAPPING)
    )


def tenant_schema() -> Schema:
    """Return the JSON Schema of a tenant.yaml."""
    return document(
        "erpmap tenant", block("A tenant: its accounts, mappings and settings.", TENANT)
    )


def operator_schema() -> Schema:
    """Return the JSON Schema of an operator's file."""
    description = "An operator's file: what each tenant may use."
    return document("erpmap operator", block(description, OPERATOR, required=("erpmap",)))


def refusals_schema() -> Schema:
    """Return the JSON Schema of a tenant's own file of refusals."""
    return document("erpmap refusals", REFUSALS)


def list_keys(schema: Schema, trail: str = "") -> list[tuple[str, str]]:
    """List every key of a schema with its description, in order: `("fields.NAME.path", "…")`."""
    rows: list[tuple[str, str]] = []
    for key, child in schema.get("properties", {}).items():
        rows.append((trail + key, child.get("description", "")))
        rows += list_keys(child, f"{trail}{key}.")
    named = schema.get("additionalProperties")
    if isinstance(named, dict) and named:
        rows += list_keys(named, f"{trail}NAME.")
    return rows
