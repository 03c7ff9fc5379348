"""Where a tenant adds a row to a table that a mapping reads: in its own folder, also for a shared mapping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from ...findings.quote import shortened
from ..files.extend import LoadedMapping
from ..files.nodes import MapNode, Node, Scalar
from ..files.tenant import Tenant
from ..lookups import Table

_LONGEST = 200


def name_homes(
    tables: Mapping[str, Table], lookups: Node | None, loaded: LoadedMapping, tenant: Tenant
) -> dict[str, Table]:
    """Return the tables, each with the words that say where the tenant adds a row."""
    return {
        name: replace(table, home=shortened(_find_home(table, lookups, loaded, tenant), _LONGEST))
        for name, table in tables.items()
    }


def _find_home(table: Table, lookups: Node | None, loaded: LoadedMapping, tenant: Tenant) -> str:
    block = lookups.get(table.name) if isinstance(lookups, MapNode) else None
    file = block.get("file") if isinstance(block, MapNode) else None
    place = table.origin.place
    written = "" if place is None else place.text.name
    if not isinstance(file, Scalar):
        return f"`lookups.{table.name}.values` in {_find_mapping(written, loaded, tenant)}"
    own = str(PurePosixPath(tenant.name, str(file.value)))
    return own if f"/{written}".endswith(f"/{own}") else f"{own}, a copy of {written}"


def _find_mapping(written: str, loaded: LoadedMapping, tenant: Tenant) -> str:
    """Return the tenant's file that writes the values; else the one that may override them."""
    paths = {source.text.name: PurePosixPath(source.path) for source in loaded.sources}
    path = paths.get(written)
    if path is not None and path.parts[:1] == (tenant.name,):
        return str(path)
    return str(PurePosixPath(tenant.name, PurePosixPath(loaded.sources[-1].path).name))
