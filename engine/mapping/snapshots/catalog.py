"""NetSuite's metadata catalog becomes the schema of a record, in the form of the bundled ones. Pure.

The catalog answers with a JSON Schema of the record, or with OpenAPI 3 and its components (Oracle's help
on the metadata catalog); both refer to other types by `$ref`. The account's catalog is complete: a
custom field that it does not list is a mistake.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...findings.diagnostics import Finding
from ...findings.errors import ReadError
from ..record_schemas import Schema, find_flaw, find_references, load_bare_schema, read_schema
from .catalog_parts import CatalogParts, UnclearError, name_order
from .catalog_values import convert_fields

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
_DEFS = "#/$defs/"


def convert_catalog(record: str, openapi_or_schema: Mapping[str, Any]) -> dict[str, Any]:
    """Build the self-contained JSON Schema (2020-12) of a record type, e.g. `salesOrder`.

    `openapi_or_schema` is the parsed answer of the catalog to Accept `application/schema+json` or
    `application/swagger+json`. Links and read-only properties are left out; another record becomes a
    reference, even if the catalog lists its fields; the lines of a sublist that is only a link may
    have any fields. Raise ReadError (E0807) for an answer that is not a schema, lacks a part that it
    refers to, is circular or is too large.
    """
    try:
        return _convert(record, openapi_or_schema)
    except UnclearError as error:
        message = f"the catalog's answer for {record[:100]!r} cannot be used: {error}"
        hint = "request metadata-catalog/TYPE with Accept: application/schema+json"
        raise ReadError(message, [Finding("E0807", message, hint=hint)]) from error


def _convert(record: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    if not _NAME.fullmatch(record):
        raise UnclearError("this is not the name of a record type, such as salesOrder")
    parts = CatalogParts.of(record, answer)
    fields = convert_fields(parts, parts.root(answer), depth=1)
    if not fields:
        raise UnclearError("it describes no field that can be written")
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": record,
        "description": f"What this account takes in the body of a record of type {record}",
        "type": "object",
        "properties": fields,
        "additionalProperties": False,
    }
    schema["$defs"] = _used_definitions(schema, {**_shared_definitions(), **parts.made})
    problem = find_flaw(schema)
    if problem is not None:
        raise UnclearError(problem)
    try:
        read_schema(record, schema)
    except ValueError as error:
        raise UnclearError("the resulting schema is not valid") from error
    return schema


def _shared_definitions() -> Mapping[str, Schema]:
    """Return the definitions that all bundled schemas share: references, dates and the like."""
    customer = load_bare_schema("customer")
    assert customer is not None
    shared: Mapping[str, Schema] = customer.schema["$defs"]
    return shared


def _used_definitions(schema: Schema, known: Mapping[str, Schema]) -> dict[str, Schema]:
    """Return the definitions that the schema refers to, directly or not, sorted."""
    used: dict[str, Schema] = {}
    waiting = [*find_references(schema)]
    while waiting:
        name = waiting.pop().removeprefix(_DEFS)
        if name not in used:
            used[name] = known[name]
            waiting += find_references(known[name])
    return dict(sorted(used.items(), key=name_order))
