"""What a GraphQL query selects, and what its answers hold.

Queries are checked against NewStore's types when a mapping is compiled; the
shape found then says which parts of an answer are money and which may be cut
short. Importing this imports graphql-core, which takes a while.
"""

from __future__ import annotations

from .graphql_answer import exact_money, read_response, truncated
from .graphql_types import newstore_schema, read_schema
from .selection_tree import Selection, connections_without_page_size
from .validate_query import check_query, read_query

__all__ = [
    "Selection",
    "check_query",
    "connections_without_page_size",
    "exact_money",
    "newstore_schema",
    "read_query",
    "read_response",
    "read_schema",
    "truncated",
]
