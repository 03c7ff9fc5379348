"""Access tokens: fetched once, shared by all requests, renewed before they expire or when refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field

import httpx

from ..findings.errors import ErpmapError

# A token is renewed this long before it expires, or a tenth of its lifetime if that is shorter.
_MARGIN_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A bearer token and its lifetime in seconds from the request for it; the text is never shown."""

    text: str = field(repr=False)
    lifetime: float


class AccessTokenCache:
    """The current token of one client. Concurrent callers share one request for a new token.

    `fetch` requests a token and raises ErpmapError when it gets none. `clock` is monotonic, in
    seconds.
    """

    def __init__(
        self, fetch: Callable[[], Awaitable[AccessToken]], clock: Callable[[], float]
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._token: AccessToken | None = None
        self._renewed_at = 0.0
        self._failure: ErpmapError | None = None
        self._rounds = 0
        self._turn = asyncio.Lock()

    async def text(self, refused: str | None = None) -> str:
        """A valid token other than the `refused` one. Raise what `fetch` raises."""
        if (kept := self._kept(refused)) is not None:
            return kept
        rounds = self._rounds
        async with self._turn:
            if (kept := self._kept(refused)) is not None:
                return kept
            if self._failure is not None and self._rounds != rounds:
                raise self._failure.with_traceback(None) from None
            return await self._renew()

    def _kept(self, refused: str | None) -> str | None:
        token = self._token
        if token is None or token.text == refused or self._clock() >= self._renewed_at:
            return None
        return token.text

    async def _renew(self) -> str:
        self._failure = None
        requested_at = self._clock()
        try:
            token = await self._fetch()
        except ErpmapError as error:
            self._token, self._failure = None, error
            raise
        finally:
            self._rounds += 1
        self._token = token
        self._renewed_at = requested_at + token.lifetime - min(_MARGIN_SECONDS, token.lifetime / 10)
        return token.text


class BearerAuth(httpx.Auth):
    """Adds the token to each request. When it is refused, renews it and sends the request once more.

    `is_refused` decides whether an answer refuses the token itself.
    """

    def __init__(
        self, tokens: AccessTokenCache, is_refused: Callable[[httpx.Response], bool]
    ) -> None:
        self._tokens = tokens
        self._is_refused = is_refused

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """See httpx's documentation of custom authentication."""
        token = await self._tokens.text()
        response = yield _add_token(request, token)
        if self._is_refused(response):
            yield _add_token(request, await self._tokens.text(refused=token))


def _add_token(request: httpx.Request, token: str) -> httpx.Request:
    request.headers["Authorization"] = f"Bearer {token}"
    return request
