"""Filters on moments in time; they use no clock."""

from __future__ import annotations

from datetime import UTC, datetime

from .declare import Function, Parameter, index_functions
from .time_zones import load_zone
from .values import convert_zone, format_utc


def _date(moment: datetime, zone_name: str) -> str:
    return convert_zone(moment, load_zone(zone_name)).date().isoformat()


_MOMENT = Parameter("value", "moment")
_PLACED = {"placed_at": datetime(2026, 3, 1, 3, 30, tzinfo=UTC)}

FILTERS = index_functions(
    Function(
        "date",
        "filter",
        _date,
        (_MOMENT, Parameter("zone", "zone")),
        "The date of a moment in a time zone.",
        (("placed_at | date('America/New_York')", _PLACED, "2026-02-28"),),
    ),
    Function(
        "datetime",
        "filter",
        format_utc,
        (_MOMENT,),
        "A moment in UTC as ISO 8601.",
        (("placed_at | datetime", _PLACED, "2026-03-01T03:30:00Z"),),
    ),
)
