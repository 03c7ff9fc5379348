"""GraphQL over HTTP: gql's requests and transport, with our client, our JSON and no logging.

gql prints a query's tree for every request, logs what is sent and received at DEBUG, and quotes
bodies in its errors. Here a query is printed once, and nothing is logged or quoted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import httpx
from gql import GraphQLRequest
from gql.transport.exceptions import TransportConnectionFailed
from gql.transport.httpx import HTTPXAsyncTransport
from graphql import DocumentNode, ExecutionResult, GraphQLError, parse, print_ast

from ..documents import write_json_bytes
from ..findings.errors import ErpmapError, ExpressionError

_HEADERS = {"Content-Type": "application/json"}
# A tenant's mappings have a few queries; many tenants share them.
_QUERIES_KEPT = 64


@dataclass(frozen=True, slots=True)
class Query:
    """One query: its tree, and the text that is sent."""

    document: DocumentNode
    text: str


class _Request(GraphQLRequest):
    """A request whose text is printed already."""

    def __init__(self, query: Query, variables: Mapping[str, object]) -> None:
        super().__init__(query.document, variable_values=dict(variables))
        self._text = query.text

    @property
    def payload(self) -> dict[str, Any]:
        """What is sent, as JSON."""
        if not self.variable_values:
            return {"query": self._text}
        return {"query": self._text, "variables": self.variable_values}


class _Answer(ExecutionResult):
    """A result that keeps the whole document it came in."""

    def __init__(self, document: object) -> None:
        members = document if isinstance(document, dict) else {}
        super().__init__(
            data=members.get("data"),
            errors=members.get("errors"),
            extensions=members.get("extensions"),
        )
        self.document = document


class QueryTransport(HTTPXAsyncTransport):
    """A transport of gql over a client that somebody else opens and closes.

    `read` makes a document of an answer, or raises. A `gql.Client` can use it too, e.g. to ask for
    a tenant's schema.
    """

    def __init__(
        self, client: httpx.AsyncClient, url: httpx.URL, read: Callable[[httpx.Response], object]
    ) -> None:
        super().__init__(url)
        self.client = client
        self._read = read

    async def connect(self) -> None:
        """Nothing to do: the client is there."""

    async def close(self) -> None:
        """Nothing to do: the client's owner closes it."""

    async def ask(self, query: Query, variables: Mapping[str, object]) -> object:
        """The whole document that answers; raise what the client and `read` raise."""
        try:
            result = await self.execute(_Request(query, variables))
        except TransportConnectionFailed as error:
            # gql wraps whatever its client raises.
            cause = error.__cause__
            if not isinstance(cause, ErpmapError):
                raise
        else:
            assert isinstance(result, _Answer)
            return result.document
        # Not within `except`: the two errors would lead to each other without end.
        raise cause

    def _prepare_request(
        self,
        request: GraphQLRequest | list[GraphQLRequest],
        *,
        extra_args: dict[str, Any] | None = None,
        upload_files: bool = False,
    ) -> dict[str, Any]:
        assert isinstance(request, GraphQLRequest)
        assert not upload_files
        content = write_json_bytes(request.payload)
        return {"content": content, "headers": _HEADERS, **(extra_args or {})}

    def _prepare_result(self, response: Any) -> ExecutionResult:
        return _Answer(self._read(response))


@lru_cache(maxsize=_QUERIES_KEPT)
def query_of(text: str) -> Query:
    """The query of a text that was checked when its mapping was compiled.

    Raise ExpressionError (E1001) for one that does not even parse.
    """
    try:
        return printed(parse(text))
    except GraphQLError:
        raise ExpressionError("E1001", "the query does not parse") from None


def printed(document: DocumentNode) -> Query:
    """A query from its tree."""
    return Query(document, print_ast(document))
