"""The schemas of NetSuite's records: they accept or refuse a payload, and explain why."""

from .messages import Mistake
from .record_schema import (
    RecordSchema,
    limit_schema,
    list_record_types,
    load_bare_schema,
    load_record_schema,
    read_own_limits,
    read_schema,
    read_snapshot,
)
from .schema_form import find_flaw
from .schema_parts import list_member_parts, list_root_parts, takes_kind
from .validator import (
    ADDRESS_NAMES,
    Schema,
    find_references,
    has_at_most_bytes,
    has_no_controls,
    is_state_of,
)

__all__ = [
    "ADDRESS_NAMES",
    "Mistake",
    "RecordSchema",
    "Schema",
    "find_flaw",
    "find_references",
    "has_at_most_bytes",
    "has_no_controls",
    "is_state_of",
    "limit_schema",
    "list_member_parts",
    "list_record_types",
    "list_root_parts",
    "load_bare_schema",
    "load_record_schema",
    "read_own_limits",
    "read_schema",
    "read_snapshot",
    "takes_kind",
]
