"""Filters on moments in time; they use no clock."""

from __future__ import annotations

from datetime import UTC, datetime

from ..moments import load_zone
from .declare import Function, Parameter, index_functions
from .values import convert_zone, format_utc


def _date(moment: datetime, zone_name: str) -> str:
    return convert_zone(moment, load_zone(zone_name)).date().isoformat()


_MOMENT = Parameter("value", "moment")
_PLACED = {"moment": datetime(2026, 3, 1, 3, 30, tzinfo=UTC)}

FILTERS = index_functions(
    Function(
        name="date",
        sort="filter",
        implementation=_date,
        parameters=(_MOMENT, Parameter("zone", "zone")),
        summary="The date of a moment in a time zone.",
        examples=(("moment | date('America/New_York')", _PLACED, "2026-02-28"),),
    ),
    Function(
        name="datetime",
        sort="filter",
        implementation=format_utc,
        parameters=(_MOMENT,),
        summary="A moment in UTC as ISO 8601.",
        examples=(("moment | datetime", _PLACED, "2026-03-01T03:30:00Z"),),
    ),
)
