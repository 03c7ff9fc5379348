"""NetSuite's metadata catalog becomes the schema of a record, of the form of those shipped. Pure.

The catalog answers with a JSON Schema of the record, or with OpenAPI 3 and its components (Oracle's help
on the metadata catalog); both name other types by `$ref`. What the account's catalog lists is all
there is: a custom field that it does not list is a slip.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...findings.diagnostics import Finding
from ...findings.errors import ReadError
from ..record_schemas import Schema, find_flaw, find_references, load_record_schema, read_schema
from .catalog_parts import CatalogParts, UnclearError, name_order
from .catalog_values import convert_fields

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
_DEFS = "#/$defs/"


def convert_catalog(record: str, openapi_or_schema: Mapping[str, Any]) -> dict[str, Any]:
    """The self-contained JSON Schema (2020-12) of a type of record, as in `salesOrder`.

    `openapi_or_schema` is the catalog's answer, read: to Accept `application/schema+json` or
    `application/swagger+json`. Links, and what can only be read, are left out; another record is a
    reference, whatever the catalog says of its fields; of a sublist that it only links to, the lines
    stay open. Raise ReadError (E0807) for an answer that is none, lacks a part that it refers to,
    goes in circles or is too large.
    """
    try:
        return _converted(record, openapi_or_schema)
    except UnclearError as error:
        message = f"the catalog's answer for {record[:100]!r} cannot be used: {error}"
        hint = "ask for metadata-catalog/TYPE with Accept: application/schema+json"
        raise ReadError(message, [Finding("E0807", message, hint=hint)]) from error


def _converted(record: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    if not _NAME.fullmatch(record):
        raise UnclearError("a type of record has a name as in salesOrder")
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
    schema["$defs"] = _used(schema, {**_shared(), **parts.made})
    problem = find_flaw(schema)
    if problem is not None:
        raise UnclearError(problem)
    try:
        read_schema(record, schema)
    except ValueError as error:
        raise UnclearError("it makes no valid schema") from error
    return schema


def _shared() -> Mapping[str, Schema]:
    """References, dates and the like, as in the schemas shipped."""
    customer = load_record_schema("customer")
    assert customer is not None
    shared: Mapping[str, Schema] = customer.schema["$defs"]
    return shared


def _used(schema: Schema, known: Mapping[str, Schema]) -> dict[str, Schema]:
    """The definitions that the schema leads to, sorted."""
    used: dict[str, Schema] = {}
    waiting = [*find_references(schema)]
    while waiting:
        name = waiting.pop().removeprefix(_DEFS)
        if name not in used:
            used[name] = known[name]
            waiting += find_references(known[name])
    return dict(sorted(used.items(), key=name_order))
