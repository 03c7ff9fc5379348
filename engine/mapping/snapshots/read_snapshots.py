"""The snapshots in a tenant's folder: the types of its NewStore and the record schemas of its NetSuite.

They are read like all files of a mappings folder. An unusable snapshot is a finding, not an exception.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ...findings.diagnostics import Finding, Place, SourceText
from ...findings.errors import FindingsError, ReadError
from ..files.folder import MAX_SCHEMA_BYTES
from ..files.source_texts import Folder
from ..plan.selection import read_schema
from ..plan.tenant_schemas import Schemas
from ..record_schemas import (
    RecordSchema,
    limit_schema,
    list_record_types,
    load_record_schema,
    read_own_limits,
    read_snapshot,
)
from .currencies import CURRENCIES_FILE, read_currencies
from .newstore_documents import read_newstore_documents

if TYPE_CHECKING:
    from graphql import GraphQLSchema

NEWSTORE_FILE = "schemas/newstore.graphql"
NETSUITE_FOLDER = "schemas/netsuite"
LIMITS_FILE = "schemas/netsuite/limits.json"
_ENDING = ".schema.json"
_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")


def read_snapshots(
    folder: Folder, tenant: str, wanted_by: Place | None = None
) -> tuple[Schemas, tuple[Finding, ...]]:
    """Read the snapshots of a tenant; return them and the findings about them.

    E0102 to E0105 a file cannot be read, E1008 not a GraphQL schema, E05xx not JSON, E0807 not a
    schema of a record, or no limits, E0822 not the places of currencies, E1009 not a schema of an event or answer. `wanted_by` is the place of a
    finding about a file as a whole.
    """
    findings: list[Finding] = []
    newstore, is_broken = None, False
    try:
        newstore = _read_newstore(folder, tenant, wanted_by)
    except FindingsError as error:
        findings += error.findings
        is_broken = True
    records: dict[str, RecordSchema | None] = {}
    for record in _list_names(folder, tenant):
        try:
            schema = _read_record(folder, tenant, record, wanted_by)
        except ReadError as error:
            findings += error.findings
            records[record] = None
        else:
            records.update({record: schema} if schema is not None else {})
    try:
        records |= _limit_records(folder, tenant, wanted_by, records)
    except ReadError as error:
        findings += error.findings
    precision: Mapping[str, int] = {}
    try:
        precision = _read_currencies(folder, tenant, wanted_by)
    except ReadError as error:
        findings += error.findings
    documents, broken = read_newstore_documents(folder, tenant, wanted_by)
    findings += broken
    schemas = Schemas(
        newstore=newstore,
        has_broken_newstore=is_broken,
        records=records,
        precision=precision,
        documents=documents,
    )
    return schemas, tuple(findings)


def _limit_records(
    folder: Folder, tenant: str, wanted_by: Place | None, records: Mapping[str, RecordSchema | None]
) -> dict[str, RecordSchema]:
    """Return the schemas of all record types with the tenant's own limits; none without limits."""
    text = _read_text(folder, f"{tenant}/{LIMITS_FILE}", wanted_by)
    if text is None:
        return {}
    own = read_own_limits(text)
    shipped = {record: load_record_schema(record) for record in list_record_types()}
    known = {**shipped, **records}
    return {name: limit_schema(schema, own) for name, schema in known.items() if schema is not None}


def _read_newstore(folder: Folder, tenant: str, wanted_by: Place | None) -> GraphQLSchema | None:
    text = _read_text(folder, f"{tenant}/{NEWSTORE_FILE}", wanted_by)
    return None if text is None else read_schema(text)


def _read_record(
    folder: Folder, tenant: str, record: str, wanted_by: Place | None
) -> RecordSchema | None:
    text = _read_text(folder, f"{tenant}/{NETSUITE_FOLDER}/{record}{_ENDING}", wanted_by)
    return None if text is None else read_snapshot(record, text)


def _read_currencies(folder: Folder, tenant: str, wanted_by: Place | None) -> dict[str, int]:
    text = _read_text(folder, f"{tenant}/{CURRENCIES_FILE}", wanted_by)
    return {} if text is None else read_currencies(text)


def _list_names(folder: Folder, tenant: str) -> list[str]:
    """List the record types that the folder has a file for, and all bundled ones.

    The bundled ones are included, because a link or a device is not listed, and must be refused by
    reading it. A bundled type is left out if the folder has its name in another case, because some
    file systems ignore case.
    """
    beside = folder.names_beside(f"{tenant}/{NETSUITE_FOLDER}/any{_ENDING}")
    names = [PurePosixPath(path).name for path in beside]
    listed = [name.removesuffix(_ENDING) for name in names if name.endswith(_ENDING)]
    lower = {name.lower() for name in listed}
    shipped = (record for record in list_record_types() if record.lower() not in lower)
    return sorted(filter(_TYPE.fullmatch, {*listed, *shipped}))


def _read_text(folder: Folder, path: str, wanted_by: Place | None) -> SourceText | None:
    """Return the file's text; None when there is no such file."""
    try:
        return folder.read(path, wanted_by=wanted_by, limit=MAX_SCHEMA_BYTES)
    except ReadError as error:
        if [finding.code for finding in error.findings] == ["E0101"]:
            return None
        raise
