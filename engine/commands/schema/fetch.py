"""Fetches the types of NewStore and NetSuite as the texts of snapshots."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from graphql import get_introspection_query

from ...findings.errors import LedgerError, ReadError
from ...mapping.snapshots import (
    CURRENCIES_QUERY,
    build_currencies,
    build_sdl,
    convert_catalog,
)
from ...netsuite import NetSuite
from ...newstore import NewStore
from ...run.ledger import Verdict

_CATALOG = "/services/rest/record/v1/metadata-catalog"
# Facts: netsuite.md §1.1. The converter was built for the first format.
_SCHEMA, _OPENAPI = "application/schema+json", "application/swagger+json"
# Parts of a record that have addresses of their own: its sublists and their lines.
_MAX_PARTS = 200


async def fetch_newstore_types(newstore: NewStore) -> str:
    """Fetch NewStore's types as SDL. Raise ShopError, NoAnswerError, ReadError (E1008)."""
    answer = await newstore.query(get_introspection_query(descriptions=True), {})
    return build_sdl(answer if isinstance(answer, Mapping) else {})


async def fetch_record_schema(netsuite: NetSuite, record: str) -> str:
    """Fetch the schema of a type of record as JSON. Raise LedgerError, ReadError (E0807).

    Requests JSON Schema; where that is refused or cannot be converted, OpenAPI.
    """
    try:
        answer = await _fetch_with_parts(netsuite, record)
        schema = convert_catalog(record, answer)
    except (LedgerError, ReadError) as first:
        if isinstance(first, LedgerError) and not _is_about_format(first):
            raise
        schema = await _fetch_openapi(netsuite, record, first)
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


async def fetch_currencies(netsuite: NetSuite) -> str:
    """Fetch the decimal places of the account's currencies as JSON. Raise LedgerError."""
    return build_currencies(await netsuite.rows(CURRENCIES_QUERY))


async def _fetch_openapi(
    netsuite: NetSuite, record: str, first: LedgerError | ReadError
) -> dict[str, Any]:
    """Fetch the schema in OpenAPI; if that fails too, raise the first failure."""
    try:
        return convert_catalog(record, await netsuite.document(_address(record), _OPENAPI))
    except (LedgerError, ReadError):
        raise first from None


async def _fetch_with_parts(netsuite: NetSuite, record: str) -> dict[str, Any]:
    """Fetch the JSON Schema of a record, and add the parts that it refers to."""
    answer = await netsuite.document(_address(record), _SCHEMA)
    parts: dict[str, Any] = {}
    waiting = sorted(_parts_of(record, answer))
    while waiting and len(parts) < _MAX_PARTS:
        name = waiting.pop()
        if name not in parts:
            try:
                parts[name] = await netsuite.document(_address(name), _SCHEMA)
            except LedgerError as error:
                if not _is_about_format(error):
                    raise
                continue  # the lines stay open
            waiting += sorted(_parts_of(record, parts[name]) - parts.keys())
    held = answer.get("definitions")
    return {**answer, "definitions": {**parts, **(held if isinstance(held, Mapping) else {})}}


def _parts_of(record: str, document: object) -> set[str]:
    """Return the parts of a record that a document refers to, such as `salesOrder-itemElement`."""
    return {
        name
        for reference in _references(document)
        if not reference.startswith("#")
        and (name := reference.partition("?")[0].rpartition("/")[2]).startswith(f"{record}-")
        and name.replace("-", "").isalnum()
    }


def _references(document: object) -> Iterator[str]:
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            if isinstance(reference := value.get("$ref"), str):
                yield reference
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def _is_about_format(error: LedgerError) -> bool:
    """Whether NetSuite may have refused the format, and not the login or permission."""
    return error.verdict == Verdict.REFUSED and error.status not in (401, 403)


def _address(name: str) -> str:
    return f"{_CATALOG}/{quote(name, safe='')}"
