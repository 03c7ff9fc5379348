"""Snapshots: a tenant's own schemas, read from its folder, and built from NewStore's and NetSuite's answers."""

from __future__ import annotations

from .catalog import convert_catalog
from .introspection import build_sdl
from .read_snapshots import NETSUITE_FOLDER, NEWSTORE_FILE, read_snapshots

__all__ = ["NETSUITE_FOLDER", "NEWSTORE_FILE", "build_sdl", "convert_catalog", "read_snapshots"]
