"""A client of one tenant's NewStore: reads queries and documents within a rate and a deadline."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

import httpx

from ..documents import write_json_bytes
from ..findings.errors import AddressError, NoAnswerError
from ..mapping.plan.selection import Selection
from ..run import ABSENT
from ..wire.exchange import ExchangeBounds
from ..wire.json_body import document_in
from ..wire.open_client import open_client
from ..wire.urls import whole_url
from .address import NewStoreAddress
from .auth import Credentials, build_auth, build_token_cache
from .graphql_errors import check_errors
from .next_page import PageRequest
from .pages import read_all_pages
from .queries import PrintedRequest, Query, QueryTransport, parse_query
from .rate_limit import RateLimiter
from .statuses import check_status, classify_status, refusal

_QUERY_PATH = "/api/v1/org/data/query"
_API, _REST = "NewStore's GraphQL API", "NewStore's REST API"
_TOKEN_BOUNDS = ExchangeBounds(deadline=30.0, received=64 * 1024, inflated=256 * 1024)
# A path of this host: `//elsewhere` would name another one.
_PATH = re.compile(r"/(?!/)[\x21-\x7e]{0,8000}")


class NewStore:
    """A tenant's GraphQL and REST APIs; use as `async with`.

    `deadline` is in seconds, for one call with the wait for its turn, the token, a second try and
    further pages. Clients with the same source IP share a `rate_limiter`.
    """

    def __init__(
        self,
        address: NewStoreAddress,
        credentials: Credentials,
        *,
        rate_limiter: RateLimiter | None = None,
        deadline: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.address = address
        self._deadline = deadline
        self._rate_limiter = rate_limiter or RateLimiter()
        trust_env = address.trusts_environment
        self._token_client = open_client(address.token_url, _TOKEN_BOUNDS, trust_env=trust_env)
        self._tokens = build_token_cache(self._token_client, address.token_url, credentials, clock)
        self._client = open_client(
            address.base_url,
            ExchangeBounds(deadline=deadline),
            auth=build_auth(self._tokens),
            trust_env=trust_env,
        )
        # The hook runs for every request, also for one that is sent again with a new token.
        self._client.event_hooks = {"request": [self._wait_for_turn], "response": []}
        query_url = whole_url(address.base_url, _QUERY_PATH)
        self._queries = QueryTransport(self._client, query_url, _read_answer)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close all connections."""
        await self._client.aclose()
        await self._token_client.aclose()

    async def sign_in(self) -> None:
        """Fetch a token unless a valid one is cached. Raise NoAnswerError or ShopError."""
        async with _limit_time(self._deadline, _API):
            await self._tokens.text()

    async def query(
        self,
        text: str,
        variables: Mapping[str, object],
        selection: Selection | None = None,
    ) -> object:
        """Return the whole answer `{"data": …, "errors": …}` unchanged, with exact numbers.

        With the query's `selection`, incomplete connections are read to their ends (`pages`), and an
        answer with only temporary errors is a ShopError (`graphql_errors`); the run judges other errors.
        Raise NoAnswerError or ShopError for any answer but JSON with status 200.
        """
        query = parse_query(text)
        async with _limit_time(self._deadline, _API):
            if selection is None:
                return await self._execute(query, variables)
            answer = await self._query_page(query, variables)
            return await read_all_pages(
                answer, PageRequest(query, variables, selection), self._query_page
            )

    async def _query_page(self, query: Query, variables: Mapping[str, object]) -> object:
        answer = await self._execute(query, variables)
        check_errors(answer)
        return answer

    async def _execute(self, query: Query, variables: Mapping[str, object]) -> object:
        return (await self._queries.execute(PrintedRequest(query, variables))).document

    async def get(self, path: str) -> object:
        """Return the document at a percent-encoded path, `/v0/…`; ABSENT if it does not exist (404).

        Raise AddressError for an invalid path, NoAnswerError or ShopError for any answer but a document.
        """
        response = await self._send("GET", path, None)
        if response.status_code == 404:
            return ABSENT
        check_status(response, about=_REST)
        return document_in(response, about=f"the answer of {_REST}")

    async def change(
        self, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> object:
        """Send a request that changes something; return its document, None if it is empty, or ABSENT.

        It is sent a second time only after a refused token. Raise as `get` does, for any status but 404
        and those from 200 to 299.
        """
        response = await self._send(method, path, body)
        if response.status_code == 404:
            return ABSENT
        if not response.is_success:
            raise refusal(response, classify_status(response), about=_REST)
        if not response.content:
            return None
        return document_in(response, about=f"the answer of {_REST}")

    async def _send(
        self, method: str, path: str, body: Mapping[str, object] | None
    ) -> httpx.Response:
        if not _PATH.fullmatch(path):
            raise AddressError(
                "a path of NewStore's REST API must start with one /, be encoded, and not be too long"
            )
        content = None if body is None else write_json_bytes(body)
        headers = {} if body is None else {"Content-Type": "application/json"}
        url = whole_url(self.address.base_url, path)
        async with _limit_time(self._deadline, _REST):
            return await self._client.request(method, url, content=content, headers=headers)

    async def _wait_for_turn(self, request: httpx.Request) -> None:  # noqa: ARG002 - a hook of httpx
        await self._rate_limiter.turn()


@asynccontextmanager
async def _limit_time(seconds: float, about: str) -> AsyncIterator[None]:
    """Limit the time of a block; raise NoAnswerError when it is over."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        words = f"{about}: no whole answer within {seconds:g} s"
        raise NoAnswerError("timeout", words, sent=True) from None


def _read_answer(response: httpx.Response) -> object:
    check_status(response, about=_API)
    return document_in(response, about=f"the answer of {_API}")
