"""One tenant's NewStore: queries and documents read, within a rate and a deadline."""

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
from ..wire import ExchangeBounds, document_in, open_client, whole_url
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
# A path of this very host: `//elsewhere` would name another one.
_PATH = re.compile(r"/(?!/)[\x21-\x7e]{0,8000}")


class NewStore:
    """A tenant's NewStore, to be entered and left with `async with`.

    `deadline` is in seconds, for one call with all that belongs to it: waiting for its turn, the
    token, a second try, further pages. Clients that go out from one IP share a `rate_limiter`.
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
        # For each request, the one that is sent again with a fresh token among them.
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
        """Have a token, as every request does. Raise NoAnswerError or ShopError."""
        async with _limit_time(self._deadline, _API):
            await self._tokens.text()

    async def query(
        self,
        text: str,
        variables: Mapping[str, object],
        selection: Selection | None = None,
    ) -> object:
        """The whole answer `{"data": …, "errors": …}`, as it came but for numbers, which are exact.

        With the query's `selection` it is read for an order: connections that were cut short are
        read to their ends (`pages`), and errors within an answer that may pass are a ShopError
        (`problems`). Others are data, and the run's to judge. Raise NoAnswerError or ShopError
        for anything but an answer of status 200 that is JSON.
        """
        query = parse_query(text)
        async with _limit_time(self._deadline, _API):
            if selection is None:
                return await self._execute(query, variables)
            answer = await self._ask(query, variables)
            return await read_all_pages(answer, PageRequest(query, variables, selection), self._ask)

    async def _ask(self, query: Query, variables: Mapping[str, object]) -> object:
        answer = await self._execute(query, variables)
        check_errors(answer)
        return answer

    async def _execute(self, query: Query, variables: Mapping[str, object]) -> object:
        return (await self._queries.execute(PrintedRequest(query, variables))).document

    async def get(self, path: str) -> object:
        """The document at a path, percent-encoded, `/v0/…`; ABSENT when there is none (404).

        Raise AddressError for what is no path, NoAnswerError or ShopError for any answer but a
        document.
        """
        response = await self._send("GET", path, None)
        if response.status_code == 404:
            return ABSENT
        check_status(response, about=_REST)
        return document_in(response, about=f"the answer of {_REST}")

    async def change(
        self, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> object:
        """What a request that changes something answers: a document, None for an empty answer, ABSENT.

        It is not sent a second time, but for a token that was refused. Raise as `get` does, for any
        status but 404 and those from 200 to 299.
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
                "a path of NewStore's REST API starts with one /, is encoded and not too long"
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
    """A deadline that, when it passes, is a NoAnswerError."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        words = f"{about}: no whole answer within {seconds:g} s"
        raise NoAnswerError("timeout", words, sent=True) from None


def _read_answer(response: httpx.Response) -> object:
    check_status(response, about=_API)
    return document_in(response, about=f"the answer of {_API}")
