"""A tenant's own schemas: read from its folder, and made of what NewStore and NetSuite answer."""

from __future__ import annotations

from .catalog import record_schema_of
from .introspection import sdl_of
from .read_snapshots import NETSUITE_FOLDER, NEWSTORE_FILE, read_snapshots

__all__ = ["NETSUITE_FOLDER", "NEWSTORE_FILE", "read_snapshots", "record_schema_of", "sdl_of"]
