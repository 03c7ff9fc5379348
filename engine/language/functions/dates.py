"""Filters on moments in time; there is no clock in here."""

from __future__ import annotations

from datetime import UTC, datetime

from .declare import Function, Parameter, by_name
from .time_zones import zone
from .values import in_zone, utc_text


def _date(moment: datetime, zone_name: str) -> str:
    return in_zone(moment, zone(zone_name)).date().isoformat()


_MOMENT = Parameter("value", "moment")
_PLACED = {"placed_at": datetime(2026, 3, 1, 3, 30, tzinfo=UTC)}

FILTERS = by_name(
    Function(
        "date",
        "filter",
        _date,
        (_MOMENT, Parameter("zone", "zone")),
        "The date of a moment where the clock is that of a time zone.",
        (("placed_at | date('America/New_York')", _PLACED, "2026-02-28"),),
    ),
    Function(
        "datetime",
        "filter",
        utc_text,
        (_MOMENT,),
        "A moment in UTC as ISO 8601.",
        (("placed_at | datetime", _PLACED, "2026-03-01T03:30:00Z"),),
    ),
)
