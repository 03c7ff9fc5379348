"""Reads `Retry-After`. Pure.

Proxies and gateways may write anything there: an unreadable value counts as absent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_SECONDS = re.compile(r"[0-9]{1,9}")
# A longer wait is shortened to one day.
LONGEST_SECONDS = 86_400.0


def seconds_to_wait(
    headers: Mapping[str, str], now: Callable[[], datetime] | None = None
) -> float | None:
    """Retry-After in seconds, from 0 to one day; None when it is neither a number nor a date.

    A date is relative to the answer's `Date` header, without that header to `now` (UTC). With
    neither, the result is None.
    """
    text = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(text):
        return min(float(text), LONGEST_SECONDS)
    until = _read_date(text)
    since = _read_date(headers.get("date", "")) or (now() if now and until else None)
    if until is None or since is None:
        return None
    return min(max(0.0, (until - since).total_seconds()), LONGEST_SECONDS)


def _read_date(text: str) -> datetime | None:
    """An HTTP date; UTC when it names no time zone."""
    try:
        moment = parsedate_to_datetime(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
