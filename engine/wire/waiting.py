"""When to come again, as an answer's headers say it. Pure.

Whoever stands between may write anything there: what is not understood counts as not said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_SECONDS = re.compile(r"[0-9]{1,9}")
# Whoever asks for more than a day is not taken at their word.
LONGEST_SECONDS = 86_400.0


def seconds_to_wait(
    headers: Mapping[str, str], now: Callable[[], datetime] | None = None
) -> float | None:
    """Retry-After in seconds, from 0 to a day; None where it is neither a number nor a date.

    A date counts from the answer's own Date. Without one it counts from `now`, the time in UTC, and
    without that it says nothing.
    """
    said = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(said):
        return min(float(said), LONGEST_SECONDS)
    until = _moment(said)
    since = _moment(headers.get("date", "")) or (now() if now and until else None)
    if until is None or since is None:
        return None
    return min(max(0.0, (until - since).total_seconds()), LONGEST_SECONDS)


def _moment(text: str) -> datetime | None:
    """A date of HTTP, which is in UTC where it does not say its zone."""
    try:
        moment = parsedate_to_datetime(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
