"""What a GraphQL query selects, and what its answers hold.

Queries are checked against NewStore's types when a mapping is compiled; the
shape found then says which parts of an answer are money and which may be cut
short. Importing this imports graphql-core, which takes a while.
"""

from __future__ import annotations

from .graphql_answer import exact_money, find_truncated, read_response
from .graphql_types import load_newstore_schema, read_schema
from .selection_tree import Selection, check_page_sizes
from .validate_query import check_query, read_query

__all__ = [
    "Selection",
    "check_page_sizes",
    "check_query",
    "exact_money",
    "find_truncated",
    "load_newstore_schema",
    "read_query",
    "read_response",
    "read_schema",
]
