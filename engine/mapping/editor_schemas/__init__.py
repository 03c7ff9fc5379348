"""The JSON Schemas of our files as editors use them."""

from .file_schemas import FILE_SCHEMAS, format_schema

__all__ = ["FILE_SCHEMAS", "format_schema"]
