"""What is older than a tenant's going live: any moment that can be written, in any zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.service.dispatch.go_live import is_before

LIVE = date(2026, 12, 1)
ZONES = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
OFFSETS = st.integers(-24 * 60 + 1, 24 * 60 - 1).map(lambda some: timezone(timedelta(minutes=some)))
ENDS = st.sampled_from([datetime.min, datetime.max])  # noqa: DTZ901 - they are given an offset


def at(placed: str) -> dict[str, object]:
    return {"payload": {"placed_at": placed}, "published_at": "2026-12-02T00:00:00Z"}


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
@pytest.mark.parametrize(
    ("placed", "is_earlier"),
    [
        ("0001-01-01T00:00:00Z", True),
        ("0001-01-01T00:00:00+14:00", True),
        ("9999-12-31T23:59:59-05:00", False),
        ("9999-12-31T23:59:59Z", False),
    ],
)
def test_the_ends_of_the_calendar_are_days_too(placed: str, zone: str, *, is_earlier: bool) -> None:
    assert is_before(at(placed), LIVE, ZoneInfo(zone)) is is_earlier


@given(st.datetimes() | ENDS, OFFSETS, ZONES, st.dates(date(1, 1, 3), date(9999, 12, 29)))
def test_every_moment_is_before_a_day_or_not(
    moment: datetime, offset: timezone, zone: ZoneInfo, day: date
) -> None:
    """As it would be said in UTC, but for the day that the zone may differ from it by."""
    local = moment.replace(tzinfo=offset)
    is_earlier = is_before(at(local.isoformat()), day, zone)
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    away = local - midnight  # never overflows: both are aware, and only differ
    if abs(away) > timedelta(days=1):
        assert is_earlier is (away < timedelta())
