"""Moments: Unix seconds of the simulator's clock, ISO 8601 as NewStore writes it. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_PARTS = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d(?::?\d\d)?)?", re.ASCII
)


def format_moment(seconds: float) -> str:
    """Return Unix seconds as `2026-12-03T18:41:06.110Z`."""
    text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def parse_moment(text: object) -> float | None:
    """Return the Unix seconds of an ISO 8601 text, UTC without an offset; None for anything else."""
    moment = _parse_utc(text)
    return None if moment is None else moment[0].timestamp() + float(f"0{moment[1]}")


def format_sortable(text: object) -> str | None:
    """Return a text that sorts as the moment does, to the last digit; None for other values."""
    moment = _parse_utc(text)
    if moment is None:
        return None
    return moment[0].strftime("%Y-%m-%dT%H:%M:%S") + moment[1].rstrip("0")


def format_datetime(value: object, *, zoned: bool) -> object:
    """Return a Datetime as GraphQL sends it: in UTC without an offset, or with `Z` when `zoned`.

    Source: NewStore's documentation of the header Force-Render-Timezone. A value that is not a
    moment is sent unchanged.
    """
    moment = _parse_utc(value)
    if moment is None:
        return value
    return moment[0].strftime("%Y-%m-%dT%H:%M:%S") + moment[1] + ("Z" if zoned else "")


def _parse_utc(text: object) -> tuple[datetime, str] | None:
    """Return the whole second in UTC, and the fraction as written: `.110`."""
    match = _PARTS.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    date, time, fraction, offset = match.groups()
    try:
        moment = datetime.fromisoformat(f"{date}T{time}{offset or 'Z'}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment, fraction or ""
