"""What NetSuite takes in the body of a record: yes or no for every payload, and why not in words."""

from .accepting import Schema
from .schema import RecordSchema, read_schema, record_schema, record_types
from .words import Mistake

__all__ = ["Mistake", "RecordSchema", "Schema", "read_schema", "record_schema", "record_types"]
