"""Formats moments, which are milliseconds since 1970, as text in UTC."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now() -> int:
    """Return the present moment."""
    return time.time_ns() // 1_000_000


def format_moment(moment: int | None) -> str:
    """Return a moment as `2026-11-24 20:45:12`; empty for None."""
    return "" if moment is None else _to_datetime(moment).strftime("%Y-%m-%d %H:%M:%S")


def format_iso(moment: int | None) -> str | None:
    """Return a moment as `2026-11-24T20:45:12.345Z`, for JSON."""
    if moment is None:
        return None
    return _to_datetime(moment).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def format_age(moment: int, at: int) -> str:
    """Return the time between two moments, rounded down: `12 s`, `5 min`, `3 h` or `2 d`."""
    seconds = max(0, at - moment) // 1000
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _to_datetime(moment: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=moment)
