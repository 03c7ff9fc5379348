"""What an answer of NewStore is, by its status: a document, or which kind of refusal.

Authorization that fails and an IP that is shut out are both 403; only the former has a JSON body
(NewStore's documentation, facts §3.2).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from ..documents import read_json_bytes
from ..errors import NewStoreError, ReadError
from ..wire import words_of

_KINDS = {401: "unauthorized", 429: "throttled"}
_SAID = {
    "unauthorized": "does not accept the credentials",
    "forbidden": "does not allow it",
    "blocked": "has shut out this address for a while: too many requests",
    "throttled": "asks for fewer requests",
    "unavailable": "is not available",
    "refused": "refuses the request",
    "malformed": "gives an answer that does not fit",
}
_SECONDS = re.compile(r"[0-9]{1,9}")


def check_status(
    response: httpx.Response, *, about: str, now: Callable[[], datetime] | None = None
) -> None:
    """Raise NewStoreError unless the status is 200; `about` says who answered.

    `now` is the time, UTC, for a `Retry-After` that is a date in an answer that has none.
    """
    if response.status_code != 200:
        raise refusal(response, kind_of(response), about=about, now=now)


def refusal(
    response: httpx.Response,
    kind: str,
    *,
    about: str,
    now: Callable[[], datetime] | None = None,
) -> NewStoreError:
    """The error for an answer of that kind, with nothing in its words that the body holds."""
    return NewStoreError(
        kind,
        f"{about} {_SAID[kind]} ({words_of(response)})",
        status=response.status_code,
        retry_after=_retry_after(response, now or _utc_now),
    )


def kind_of(response: httpx.Response) -> str:
    """The kind of NewStoreError that a status other than 200 stands for."""
    status = response.status_code
    if status == 403:
        return "forbidden" if holds_json(response) else "blocked"
    if status >= 500:
        return "unavailable"
    return _KINDS.get(status, "refused" if 400 <= status < 500 else "malformed")


def refuses_token(response: httpx.Response) -> bool:
    """Whether another token may help."""
    return response.status_code in (401, 403) and kind_of(response) != "blocked"


def holds_json(response: httpx.Response) -> bool:
    """Whether the body is a JSON object, whatever its header says."""
    try:
        return isinstance(read_json_bytes("the answer", response.content), dict)
    except ReadError:
        return False


def _retry_after(response: httpx.Response, now: Callable[[], datetime]) -> float | None:
    """The seconds of `Retry-After`: a number, or a date, counted from the answer's own date."""
    text = response.headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    until = _date(text)
    if until is None:
        return None
    since = _date(response.headers.get("date", "")) or now()
    return max(0.0, (until - since).total_seconds())


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _utc_now() -> datetime:
    return datetime.now(UTC)
