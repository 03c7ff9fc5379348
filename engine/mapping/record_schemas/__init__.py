"""What NetSuite takes in the body of a record: yes or no for every payload, and why not in words."""

from .messages import Mistake
from .record_schema import RecordSchema, read_schema, read_snapshot, record_schema, record_types
from .schema_form import flaw_of
from .validator import Schema, references

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
