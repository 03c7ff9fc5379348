"""What an answer of NewStore is, by its status: a document, or which kind of refusal.

Authorization that fails and an IP that is shut out are both 403; only the former has a JSON body
(NewStore's documentation, facts §3.2).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import httpx

from ..documents import read_json_bytes
from ..findings.errors import ReadError, ShopError
from ..wire import seconds_to_wait, words_of

_KINDS = {401: "unauthorized", 429: "throttled"}
_KIND_WORDS = {
    "unauthorized": "does not accept the credentials",
    "forbidden": "does not allow it",
    "blocked": "has shut out this address for a while: too many requests",
    "throttled": "asks for fewer requests",
    "unavailable": "is not available",
    "refused": "refuses the request",
    "malformed": "gives an answer that does not fit",
}


def check_status(
    response: httpx.Response, *, about: str, now: Callable[[], datetime] | None = None
) -> None:
    """Raise ShopError unless the status is 200; `about` says who answered.

    `now` is the time, UTC, for a `Retry-After` that is a date in an answer that has none.
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
    """The error for an answer of that kind, with nothing in its words that the body holds."""
    return ShopError(
        kind,
        f"{about} {_KIND_WORDS[kind]} ({words_of(response)})",
        status=response.status_code,
        retry_after=seconds_to_wait(response.headers, now or _utc_now),
    )


def classify_status(response: httpx.Response) -> str:
    """The kind of ShopError that a status other than 200 stands for."""
    status = response.status_code
    if status == 403:
        return "forbidden" if holds_json(response) else "blocked"
    if status >= 500:
        return "unavailable"
    return _KINDS.get(status, "refused" if 400 <= status < 500 else "malformed")


def refuses_token(response: httpx.Response) -> bool:
    """Whether another token may help."""
    return response.status_code in (401, 403) and classify_status(response) != "blocked"


def holds_json(response: httpx.Response) -> bool:
    """Whether the body is a JSON object, whatever its header says."""
    try:
        return isinstance(read_json_bytes("the answer", response.content), dict)
    except ReadError:
        return False


def _utc_now() -> datetime:
    return datetime.now(UTC)
