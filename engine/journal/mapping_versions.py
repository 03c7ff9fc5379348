"""Versions of mappings, stored with all their texts, so that a delivery can be rendered again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from .dialects import insert_into
from .pack import pack, unpack
from .tables import VERSIONS


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """The key of a mapping's version; `version` is its digest."""

    tenant: str
    mapping: str
    version: str


# By path below the mappings folder: the name that messages use for the text, and its content.
VersionTexts = Mapping[str, tuple[str, str]]


def store_versions(
    connection: Connection, versions: list[StoredVersion], texts: VersionTexts, now: int
) -> None:
    """Store the texts of these versions; a version that is stored already is not changed.

    Two loads may give the same version from different texts: a comment changes no version.
    """
    document = pack({path: list(named) for path, named in texts.items()})
    for one in versions:
        row = insert_into(connection, VERSIONS).values(
            tenant=one.tenant,
            mapping=one.mapping,
            version=one.version,
            texts=document,
            first_at=now,
        )
        columns = [VERSIONS.c.tenant, VERSIONS.c.mapping, VERSIONS.c.version]
        connection.execute(row.on_conflict_do_nothing(index_elements=columns))


def is_stored(connection: Connection, one: StoredVersion) -> bool:
    """Whether a service has loaded this version."""
    found = select(VERSIONS.c.id).where(
        VERSIONS.c.tenant == one.tenant,
        VERSIONS.c.mapping == one.mapping,
        VERSIONS.c.version == one.version,
    )
    return connection.scalar(found) is not None


def read_texts(connection: Connection, one: StoredVersion) -> dict[str, tuple[str, str]] | None:
    """The texts of a version; None when it is not stored. Raise DamagedError."""
    found = connection.scalar(
        select(VERSIONS.c.texts)
        .where(VERSIONS.c.tenant == one.tenant, VERSIONS.c.mapping == one.mapping)
        .where(VERSIONS.c.version == one.version)
    )
    if found is None:
        return None
    document: Any = unpack(found)
    return {path: (str(name), str(content)) for path, (name, content) in document.items()}
