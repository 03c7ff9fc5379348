"""Classifies NewStore's answers by status: a document, or a kind of refusal.

A refused authorization and a blocked IP are both 403; only the former has a JSON body (NewStore's
documentation, facts §3.2).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import httpx

from ..documents import read_json_bytes
from ..findings.errors import ReadError, ShopError
from ..wire.json_body import words_of
from ..wire.retry_after import seconds_to_wait

_KINDS = {401: "unauthorized", 429: "throttled"}
_KIND_WORDS = {
    "unauthorized": "does not accept the credentials",
    "forbidden": "does not permit the request",
    "blocked": "blocks this IP address for a while: too many requests",
    "throttled": "received too many requests",
    "unavailable": "is not available",
    "refused": "refuses the request",
    "malformed": "returned an answer in another form",
}


def check_status(
    response: httpx.Response, *, about: str, now: Callable[[], datetime] | None = None
) -> None:
    """Raise ShopError unless the status is 200; `about` names the API.

    `now` is the time, UTC, for a `Retry-After` date in an answer without a date of its own.
    """
    if response.status_code != 200:
        raise refusal(response, classify_status(response), about=about, now=now)


def refusal(
    response: httpx.Response,
    kind: str,
    *,
    about: str,
    now: Callable[[], datetime] | None = None,
) -> ShopError:
    """Return the error for an answer of this kind; its words hold nothing of the body."""
    return ShopError(
        kind,
        f"{about} {_KIND_WORDS[kind]} ({words_of(response)})",
        status=response.status_code,
        retry_after=seconds_to_wait(response.headers, now or _utc_now),
    )


def classify_status(response: httpx.Response) -> str:
    """Return the kind of ShopError for a status other than 200."""
    status = response.status_code
    if status == 403:
        return "forbidden" if holds_json(response) else "blocked"
    if status >= 500:
        return "unavailable"
    return _KINDS.get(status, "refused" if 400 <= status < 500 else "malformed")


def refuses_token(response: httpx.Response) -> bool:
    """Whether a new token may be accepted."""
    return response.status_code in (401, 403) and classify_status(response) != "blocked"


def holds_json(response: httpx.Response) -> bool:
    """Whether the body is a JSON object, whatever its content type."""
    try:
        return isinstance(read_json_bytes("the answer", response.content), dict)
    except ReadError:
        return False


def _utc_now() -> datetime:
    return datetime.now(UTC)
