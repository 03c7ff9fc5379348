"""Fetches access tokens for an API client of NewStore by OAuth's client credentials grant.

It posts one form and reads three members; a library would add sessions of its own. No message holds the
id, the secret or a token.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from ..findings.errors import NoAnswerError
from ..wire.bearer import AccessToken, AccessTokenCache, BearerAuth
from ..wire.json_body import document_in
from .statuses import classify_status, refusal, refuses_token

_ENDPOINT = "NewStore's token endpoint"
_TOKEN = re.compile(r"[\x21-\x7e]{1,16384}")
_LONGEST_SECONDS = 24 * 3600.0
# The lifetime of a token whose answer does not give one.
_DEFAULT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Credentials:
    """The id and secret of a tenant's API client; neither is ever shown."""

    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)


def build_token_cache(
    client: httpx.AsyncClient,
    token_url: str,
    credentials: Credentials,
    clock: Callable[[], float] = time.monotonic,
) -> AccessTokenCache:
    """Return the token cache of one API client; it raises ShopError or NoAnswerError without a token.

    `client` reaches the token endpoint and is closed by its owner. The form is `client_secret_post`, as
    NewStore documents (facts §3.2).
    """
    form = {
        "grant_type": "client_credentials",
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
    }

    async def fetch() -> AccessToken:
        try:
            response = await client.post(token_url, data=form)
        except NoAnswerError as error:
            # The request that needs the token was not sent.
            raise NoAnswerError(error.kind, f"{_ENDPOINT}: {error}", sent=False) from None
        _check_token_status(response)
        answer = document_in(response, about=f"the answer of {_ENDPOINT}")
        text, seconds = _read_members(answer)
        if text is None:
            raise refusal(response, "malformed", about=_ENDPOINT)
        return AccessToken(text, seconds)

    return AccessTokenCache(fetch, clock)


def build_auth(tokens: AccessTokenCache) -> BearerAuth:
    """Return authentication by token; it sends nothing again to an API that blocks the source IP."""
    return BearerAuth(tokens, refuses_token)


def _check_token_status(response: httpx.Response) -> None:
    """Raise ShopError unless the status is 200; 400 means that the API client is not accepted."""
    if response.status_code == 200:
        return
    kind = classify_status(response)
    is_unauthorized = response.status_code == 400 or kind == "forbidden"
    raise refusal(response, "unauthorized" if is_unauthorized else kind, about=_ENDPOINT)


def _read_members(answer: object) -> tuple[str | None, float]:
    """Return the token, None if it is invalid, and its lifetime in seconds."""
    if not isinstance(answer, dict):
        return None, 0.0
    text, seconds = answer.get("access_token"), answer.get("expires_in")
    is_bearer = str(answer.get("token_type", "bearer")).lower() == "bearer"
    if not (isinstance(text, str) and _TOKEN.fullmatch(text) and is_bearer):
        return None, 0.0
    if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds < 0:
        return text, _DEFAULT_SECONDS
    return text, float(min(seconds, _LONGEST_SECONDS))
