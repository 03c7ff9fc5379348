"""The snapshots in a tenant's folder: its NewStore's types, and what its NetSuite takes.

They are read as all files of a mappings folder are. Nothing is raised: a snapshot that cannot be
used is a finding.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from ...findings.diagnostics import Finding, Place, SourceText
from ...findings.errors import FindingsError, ReadError
from ..files.folder import MAX_SCHEMA_BYTES
from ..files.source_texts import Folder
from ..plan.selection import read_schema
from ..plan.tenant_schemas import Schemas
from ..record_schemas import RecordSchema, list_record_types, read_snapshot

if TYPE_CHECKING:
    from graphql import GraphQLSchema

NEWSTORE_FILE = "schemas/newstore.graphql"
NETSUITE_FOLDER = "schemas/netsuite"
_ENDING = ".schema.json"
_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")


def read_snapshots(
    folder: Folder, tenant: str, wanted_by: Place | None = None
) -> tuple[Schemas, tuple[Finding, ...]]:
    """The snapshots of a tenant, and what is wrong with them.

    E0102 to E0105 a file cannot be read, E1008 no GraphQL schema, E05.. no JSON, E0807 no schema of a
    record. `wanted_by` is the place of what is wrong with a file as such.
    """
    findings: list[Finding] = []
    newstore, is_broken = None, False
    try:
        newstore = _newstore(folder, tenant, wanted_by)
    except FindingsError as error:
        findings += error.findings
        is_broken = True
    records: dict[str, RecordSchema | None] = {}
    for record in _named(folder, tenant):
        try:
            schema = _record(folder, tenant, record, wanted_by)
        except ReadError as error:
            findings += error.findings
            records[record] = None
        else:
            records.update({record: schema} if schema is not None else {})
    return Schemas(newstore, is_broken, records), tuple(findings)


def _newstore(folder: Folder, tenant: str, wanted_by: Place | None) -> GraphQLSchema | None:
    text = _text(folder, f"{tenant}/{NEWSTORE_FILE}", wanted_by)
    return None if text is None else read_schema(text)


def _record(
    folder: Folder, tenant: str, record: str, wanted_by: Place | None
) -> RecordSchema | None:
    text = _text(folder, f"{tenant}/{NETSUITE_FOLDER}/{record}{_ENDING}", wanted_by)
    return None if text is None else read_snapshot(record, text)


def _named(folder: Folder, tenant: str) -> list[str]:
    """The types of record that the folder names.

    And all those shipped, because what cannot be listed, a link or a device, is refused by reading
    it; but where `salesorder` is there, some file systems would find `salesOrder` too.
    """
    beside = folder.names_beside(f"{tenant}/{NETSUITE_FOLDER}/any{_ENDING}")
    names = [PurePosixPath(path).name for path in beside]
    listed = [name.removesuffix(_ENDING) for name in names if name.endswith(_ENDING)]
    lower = {name.lower() for name in listed}
    shipped = (record for record in list_record_types() if record.lower() not in lower)
    return sorted(filter(_TYPE.fullmatch, {*listed, *shipped}))


def _text(folder: Folder, path: str, wanted_by: Place | None) -> SourceText | None:
    """The file's text; None when there is no such file."""
    try:
        return folder.read(path, wanted_by=wanted_by, limit=MAX_SCHEMA_BYTES)
    except ReadError as error:
        if [finding.code for finding in error.findings] == ["E0101"]:
            return None
        raise
