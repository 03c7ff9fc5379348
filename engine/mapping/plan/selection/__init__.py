"""GraphQL queries: what they select, and what their answers contain.

Queries are checked against NewStore's types when a mapping is compiled; the
resulting shape shows which parts of an answer are money and which may be
truncated. Importing this package imports graphql-core, which is slow.
"""

from __future__ import annotations

from .graphql_answer import exact_money, find_truncated, read_response
from .graphql_types import load_newstore_schema, read_schema
from .selection_tree import Selection, check_page_sizes
from .validate_query import check_query, list_variables, read_query

__all__ = [
    "Selection",
    "check_page_sizes",
    "check_query",
    "exact_money",
    "find_truncated",
    "list_variables",
    "load_newstore_schema",
    "read_query",
    "read_response",
    "read_schema",
]
