"""Events from before a tenant went live (`events.from`), which an earlier integration has posted.

Pure. The time of the business event counts: an order that was placed before is ignored; its later
return is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from ...mapping.systems import EVENTS

# The rule that ignores an order which `events.posted` lists, and its words.
POSTED_EARLIER, EARLIER_WORDS = "posted_earlier", "events.posted lists it"


def is_before(event: Mapping[str, object], day: date, zone: ZoneInfo) -> bool:
    """Whether an event is about something that happened before that day began in the zone."""
    payload = event[EVENTS.payload]
    assert isinstance(payload, Mapping)
    texts = [payload.get(name) for name in EVENTS.moments]
    moments = [moment for text in (*texts, event[EVENTS.sent_at]) if (moment := _moment(text))]
    return bool(moments) and _day_of(moments[0], zone) < day


def _day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The day of a moment in a zone; at either end of the calendar, its first or last day.

    Programs write the calendar's first moment for "unknown", and west of UTC it has no day.
    """
    try:
        return moment.astimezone(zone).date()
    except OverflowError:
        return date.min if moment.year == date.min.year else date.max


def _moment(text: object) -> datetime | None:
    """A moment as the shop writes it; without an offset it is in UTC."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
