"""A tenant's own schemas, pulled: asked of its systems, compared with what is there, and written."""

from __future__ import annotations

from .asking import ask_netsuite, ask_newstore
from .comparing import Difference, between_records, between_types
from .writing import write_whole

__all__ = [
    "Difference",
    "ask_netsuite",
    "ask_newstore",
    "between_records",
    "between_types",
    "write_whole",
]
