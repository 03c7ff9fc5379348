"""Dates, times and time zones, read strictly.

Pure: no clock. The names of time zones are those of the `tzdata` package, so
every machine has the same ones.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from ..findings.errors import ExpressionError
from ..findings.quote import did_you_mean, quoted

_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_DATETIME = re.compile(
    _DATE.pattern + r"[T ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
_MICROSECOND_DIGITS = 6
_ZONE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{0,30}(/[A-Za-z0-9_+-]{1,30}){0,3}")


def read_date(text: str) -> date:
    """Read `YYYY-MM-DD`; raise ExpressionError (E0512) for anything else."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise _format_error("date", text, hint="write a date as 2026-11-20")
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError as error:
        raise _format_error("date", text, hint="this day does not exist") from error


def read_datetime(text: str) -> datetime:
    """Read an ISO 8601 date and time as an aware datetime in UTC.

    Fractions of a second may have any number of digits and are cut to microseconds.
    Without `Z` or an offset the time is UTC, as the shop's GraphQL sends it.
    Raise ExpressionError (E0512) for anything else, leap seconds included.
    """
    match = _DATETIME.fullmatch(text)
    if match is None:
        raise _format_error("date and time", text, hint="write them as 2026-11-20T18:41:06.110Z")
    *parts, fraction, offset = match.groups()
    microsecond = (fraction or "")[:_MICROSECOND_DIGITS].ljust(_MICROSECOND_DIGITS, "0")
    year, month, day, hour, minute, second = map(int, parts)
    try:
        moment = datetime(
            year, month, day, hour, minute, second, int(microsecond), tzinfo=_read_offset(offset)
        )
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _format_error("date and time", text, hint="this time does not exist") from error


def read_timezone(text: str) -> str:
    """Return the text itself if it names a time zone, else raise ExpressionError (E0513)."""
    if text in list_zone_names():
        return text
    otherwise = "use a name such as America/New_York or UTC"
    raise ExpressionError(
        "E0513",
        f"{quoted(text)} is not a time zone",
        hint=lambda: did_you_mean(text, sorted(list_zone_names()), otherwise=otherwise),
    )


@cache
def list_zone_names() -> frozenset[str]:
    """Return the names of all time zones: `Area/City` and the older ones."""
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="ascii").split())


def _read_offset(offset: str | None) -> timezone:
    """Return the zone of `+05:30`, `-0500`, `+01`, `Z` or nothing; raise ValueError when out of range."""
    if offset is None or offset == "Z":
        return UTC
    digits = offset[1:].replace(":", "").ljust(4, "0")
    hours, minutes = int(digits[:2]), int(digits[2:])
    if minutes > 59:
        raise ValueError("an hour has sixty minutes")
    distance = timedelta(hours=hours, minutes=minutes)
    return timezone(-distance if offset[0] == "-" else distance)


def _format_error(kind: str, text: str, *, hint: str) -> ExpressionError:
    return ExpressionError("E0512", f"{quoted(text)} is not a {kind}", hint=hint)


@lru_cache(maxsize=1024)
def load_zone(name: str) -> ZoneInfo | None:
    """Return the time zone of this name, None when there is none."""
    if not _ZONE_NAME.fullmatch(name):
        return None
    try:
        # Never the machine's own files: an order has the same date on every machine.
        with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as rules:
            return ZoneInfo.from_file(rules, key=name)
    except (OSError, ValueError):  # unknown, a folder such as `America`, or not a zone file
        return None


def is_zone(value: object) -> bool:
    """Return whether a value names a time zone."""
    return isinstance(value, str) and len(value) <= 100 and load_zone(value) is not None
