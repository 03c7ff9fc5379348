"""Tokens: fetched once, renewed in time, shared by all requests, and fetched anew when refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field

import httpx

from ..findings.errors import ErpmapError

# A token is renewed this long before its end, or a tenth of its life if that is shorter.
_MARGIN_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token and for how many seconds from its asking it is good; its text is never shown."""

    text: str = field(repr=False)
    lasts: float


class Tokens:
    """The token of one client. One request for it at a time; all who wait share what that gives.

    `fetch` asks for a token, and raises an ErpmapError when there is none to be had. `clock` gives
    seconds that only grow.
    """

    def __init__(self, fetch: Callable[[], Awaitable[Token]], clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._token: Token | None = None
        self._renewed_at = 0.0
        self._failure: ErpmapError | None = None
        self._rounds = 0
        self._turn = asyncio.Lock()

    async def text(self, refused: str | None = None) -> str:
        """A token that is good, and not the one that was refused. Raise what `fetch` raises."""
        if (kept := self._kept(refused)) is not None:
            return kept
        rounds = self._rounds
        async with self._turn:
            if (kept := self._kept(refused)) is not None:
                return kept
            if self._failure is not None and self._rounds != rounds:
                raise self._failure.with_traceback(None) from None
            return await self._renewed()

    def _kept(self, refused: str | None) -> str | None:
        token = self._token
        if token is None or token.text == refused or self._clock() >= self._renewed_at:
            return None
        return token.text

    async def _renewed(self) -> str:
        self._failure = None
        asked_at = self._clock()
        try:
            token = await self._fetch()
        except ErpmapError as error:
            self._token, self._failure = None, error
            raise
        finally:
            self._rounds += 1
        self._token = token
        self._renewed_at = asked_at + token.lasts - min(_MARGIN_SECONDS, token.lasts / 10)
        return token.text


class BearerAuth(httpx.Auth):
    """Puts the token on each request; one that is refused is renewed, and the request sent again, once.

    `is_refused` tells whether an answer refuses the token itself.
    """

    def __init__(self, tokens: Tokens, is_refused: Callable[[httpx.Response], bool]) -> None:
        self._tokens = tokens
        self._is_refused = is_refused

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """See httpx's documentation of custom authentication."""
        token = await self._tokens.text()
        response = yield _bearing(request, token)
        if self._is_refused(response):
            yield _bearing(request, await self._tokens.text(refused=token))


def _bearing(request: httpx.Request, token: str) -> httpx.Request:
    request.headers["Authorization"] = f"Bearer {token}"
    return request
