"""Snapshots: a tenant's own schemas, read from its folder, and built from NewStore's and NetSuite's answers."""

from __future__ import annotations

from .catalog import convert_catalog
from .currencies import CURRENCIES_FILE, CURRENCIES_QUERY, build_currencies, read_places
from .introspection import build_sdl
from .read_snapshots import NETSUITE_FOLDER, NEWSTORE_FILE, read_snapshots

__all__ = [
    "CURRENCIES_FILE",
    "CURRENCIES_QUERY",
    "NETSUITE_FOLDER",
    "NEWSTORE_FILE",
    "build_currencies",
    "build_sdl",
    "convert_catalog",
    "read_places",
    "read_snapshots",
]
