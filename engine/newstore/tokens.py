"""Tokens of an API client: fetched, kept until shortly before they end, and shared by all requests.

OAuth's client credentials by hand: it is one form sent and three members read, and a library for
it would bring sessions of its own. Id, secret and tokens are never in a text that people see.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field

import httpx

from ..errors import NewStoreError, NoAnswerError
from ..wire import document_in
from .answers import kind_of, refusal, refuses_token

_ENDPOINT = "NewStore's token endpoint"
_TOKEN = re.compile(r"[\x21-\x7e]{1,16384}")
_MARGIN_SECONDS = 60.0
_LONGEST_SECONDS = 24 * 3600.0
# For an answer that does not say how long its token is good.
_UNSAID_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Credentials:
    """An API client of a tenant; neither part is ever shown."""

    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Token:
    """A token, and when it is renewed, by the clock of its `Tokens`."""

    text: str = field(repr=False)
    renewed_at: float


class Tokens:
    """The token of one API client. One request for it at a time; all who wait share what it gives.

    `client` reaches the token endpoint and is closed by its owner; `clock` gives seconds that only
    grow. The form is `client_secret_post`, which NewStore documents (facts §3.2).
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        token_url: str,
        credentials: Credentials,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._url = token_url
        self._credentials = credentials
        self._clock = clock
        self._token: _Token | None = None
        self._failure: NewStoreError | NoAnswerError | None = None
        self._rounds = 0
        self._turn = asyncio.Lock()

    async def text(self, refused: str | None = None) -> str:
        """A token that is good, and not the one that was refused.

        Raise NewStoreError or NoAnswerError when there is none to be had.
        """
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
        if token is None or token.text == refused or self._clock() >= token.renewed_at:
            return None
        return token.text

    async def _renewed(self) -> str:
        self._failure = None
        try:
            self._token = await self._fetched()
        except (NewStoreError, NoAnswerError) as error:
            self._token, self._failure = None, error
            raise
        else:
            return self._token.text
        finally:
            self._rounds += 1

    async def _fetched(self) -> _Token:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._credentials.client_id,
            "client_secret": self._credentials.client_secret,
        }
        asked_at = self._clock()
        try:
            response = await self._client.post(self._url, data=form)
        except NoAnswerError as error:
            # Nothing of the request that needs the token has been sent.
            raise NoAnswerError(error.kind, f"{_ENDPOINT}: {error}", sent=False) from None
        _check(response)
        answer = document_in(response, about=f"the answer of {_ENDPOINT}")
        text, seconds = _members(answer)
        if text is None:
            raise refusal(response, "malformed", about=_ENDPOINT)
        return _Token(text, asked_at + seconds - min(_MARGIN_SECONDS, seconds / 10))


class TokenAuth(httpx.Auth):
    """Puts the token on each request; a token that is refused is renewed, and the request sent again.

    Once only, and not where the source IP is blocked: more requests would keep it so.
    """

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    async def async_auth_flow(
        self, request: httpx.Request
    ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """See httpx's documentation of custom authentication."""
        token = await self._tokens.text()
        request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        if refuses_token(response):
            token = await self._tokens.text(refused=token)
            request.headers["Authorization"] = f"Bearer {token}"
            yield request


def _check(response: httpx.Response) -> None:
    """Raise NewStoreError unless the status is 200; 400 is an API client that is not accepted."""
    if response.status_code == 200:
        return
    kind = kind_of(response)
    known = response.status_code == 400 or kind == "forbidden"
    raise refusal(response, "unauthorized" if known else kind, about=_ENDPOINT)


def _members(answer: object) -> tuple[str | None, float]:
    """The token, if it is one, and the seconds it is good for."""
    if not isinstance(answer, dict):
        return None, 0.0
    text, seconds = answer.get("access_token"), answer.get("expires_in")
    is_bearer = str(answer.get("token_type", "bearer")).lower() == "bearer"
    if not (isinstance(text, str) and _TOKEN.fullmatch(text) and is_bearer):
        return None, 0.0
    if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds < 0:
        return text, _UNSAID_SECONDS
    return text, float(min(seconds, _LONGEST_SECONDS))
