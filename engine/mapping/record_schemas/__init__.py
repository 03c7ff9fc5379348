"""What NetSuite takes in the body of a record: yes or no for every payload, and why not in words."""

from .accepting import Schema, references
from .form import flaw_of
from .schema import RecordSchema, read_schema, read_snapshot, record_schema, record_types
from .words import Mistake

__all__ = [
    "Mistake",
    "RecordSchema",
    "Schema",
    "flaw_of",
    "read_schema",
    "read_snapshot",
    "record_schema",
    "record_types",
    "references",
]
