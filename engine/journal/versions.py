"""Versions of mappings, kept with all they were made of, so that a delivery can be rendered again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from .documents import packed, unpacked
from .tables import VERSIONS, insert_of


@dataclass(frozen=True, slots=True)
class Version:
    """A mapping of a tenant as it was once; `version` is its digest."""

    tenant: str
    mapping: str
    version: str


# A text by its path below the mappings folder: how it was called for people, and its content.
Texts = Mapping[str, tuple[str, str]]


def remember(connection: Connection, versions: list[Version], texts: Texts, now: int) -> None:
    """Keep what these versions were made of; one that is known stays as it is.

    Two loads may give the same version from other texts: a comment changes no version.
    """
    document = packed({path: list(named) for path, named in texts.items()})
    for one in versions:
        row = insert_of(connection, VERSIONS).values(
            tenant=one.tenant,
            mapping=one.mapping,
            version=one.version,
            texts=document,
            first_at=now,
        )
        columns = [VERSIONS.c.tenant, VERSIONS.c.mapping, VERSIONS.c.version]
        connection.execute(row.on_conflict_do_nothing(index_elements=columns))


def texts_of(connection: Connection, one: Version) -> dict[str, tuple[str, str]] | None:
    """What a version was made of; None when it is not kept. Raise DamagedError."""
    found = connection.scalar(
        select(VERSIONS.c.texts)
        .where(VERSIONS.c.tenant == one.tenant, VERSIONS.c.mapping == one.mapping)
        .where(VERSIONS.c.version == one.version)
    )
    if found is None:
        return None
    document: Any = unpacked(found)
    return {path: (str(name), str(content)) for path, (name, content) in document.items()}
