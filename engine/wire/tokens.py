"""A bearer token for many requests: fetched once, renewed in time, once more when it is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field

import httpx

# A token is renewed this long before its end, or a tenth of its life if that is shorter.
_MARGIN_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token and for how many seconds from now it is good; the text is never shown."""

    text: str = field(repr=False)
    lasts: float


class BearerAuth(httpx.Auth):
    """Puts a token into every request.

    `fetch` gets a new token, one request at a time; `is_refused` tells whether an answer refuses
    the token itself: then the request goes once more, with a new one. `clock` is monotonic, in
    seconds.
    """

    def __init__(
        self,
        fetch: Callable[[], Awaitable[Token]],
        is_refused: Callable[[httpx.Response], bool],
        clock: Callable[[], float],
    ) -> None:
        self._fetch = fetch
        self._is_refused = is_refused
        self._clock = clock
        self._lock = asyncio.Lock()
        self._token: Token | None = None
        self._renew_at = 0.0

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Send with a token; where that is refused, once more with a new one."""
        token = await self.token()
        response = yield _bearing(request, token)
        if self._is_refused(response):
            yield _bearing(request, await self.token(refused=token))

    async def token(self, *, refused: Token | None = None) -> Token:
        """The token there is, or a new one: it ends soon, or is the one that was `refused`."""
        async with self._lock:
            stale = self._clock() >= self._renew_at
            if self._token is None or stale or self._token is refused:
                self._token = await self._fetch()
                lasts = self._token.lasts
                self._renew_at = self._clock() + lasts - min(_MARGIN_SECONDS, lasts / 10)
            return self._token


def _bearing(request: httpx.Request, token: Token) -> httpx.Request:
    request.headers["Authorization"] = f"Bearer {token.text}"
    return request
