"""GraphQL over HTTP: gql's documents, requests and transport interface, over our own HTTP client.

gql's own HTTP transport prints the query for every request, logs requests and answers at DEBUG,
and quotes answers in its errors. This one prints a query once and neither logs nor quotes.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import httpx
from gql import GraphQLRequest, gql
from gql.transport import AsyncTransport
from graphql import DocumentNode, ExecutionResult, GraphQLError, print_ast

from ..documents import write_json_bytes
from ..findings.errors import ExpressionError

_HEADERS = {"Content-Type": "application/json"}
# The mappings of a tenant have few queries; many tenants share them.
_QUERIES_KEPT = 64


@dataclass(frozen=True, slots=True)
class Query:
    """A GraphQL query: its syntax tree and the text that is sent."""

    document: DocumentNode
    text: str


class PrintedRequest(GraphQLRequest):
    """A request with its query printed in advance."""

    def __init__(self, query: Query, variables: Mapping[str, object]) -> None:
        super().__init__(query.document, variable_values=dict(variables))
        self.text = query.text

    @property
    def payload(self) -> dict[str, Any]:
        """The JSON that is sent."""
        if not self.variable_values:
            return {"query": self.text}
        return {"query": self.text, "variables": self.variable_values}


class QueryResult(ExecutionResult):
    """A result with the whole document of the answer."""

    def __init__(self, document: object) -> None:
        members = document if isinstance(document, dict) else {}
        super().__init__(
            data=members.get("data"),
            errors=members.get("errors"),
            extensions=members.get("extensions"),
        )
        self.document = document


class QueryTransport(AsyncTransport):
    """A transport of gql over an HTTP client that its owner opens and closes.

    `read` returns the document of an answer, or raises. A `gql.Client` can use this transport too,
    for example to fetch a tenant's schema.
    """

    def __init__(
        self, client: httpx.AsyncClient, url: httpx.URL, read: Callable[[httpx.Response], object]
    ) -> None:
        self._client = client
        self._url = url
        self._read = read

    async def connect(self) -> None:
        """Nothing to do: the client is open."""

    async def close(self) -> None:
        """Nothing to do: the client's owner closes it."""

    async def execute(self, request: GraphQLRequest) -> QueryResult:
        """Send a query and read its answer. Raise what the client and `read` raise."""
        content = write_json_bytes(request.payload)
        response = await self._client.post(self._url, content=content, headers=_HEADERS)
        return QueryResult(self._read(response))

    def subscribe(self, request: GraphQLRequest) -> AsyncGenerator[ExecutionResult, None]:
        """NewStore's GraphQL API has no subscriptions. Raise NotImplementedError."""
        raise NotImplementedError


@lru_cache(maxsize=_QUERIES_KEPT)
def parse_query(text: str) -> Query:
    """Parse a query, which was checked when its mapping was compiled.

    Raise ExpressionError (E1001) for one that does not parse.
    """
    try:
        return print_query(gql(text).document)
    except GraphQLError:
        raise ExpressionError("E1001", "the query does not parse") from None


def print_query(document: DocumentNode) -> Query:
    """Return the query of a syntax tree."""
    return Query(document, print_ast(document))
