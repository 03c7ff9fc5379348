"""Which events are older than a tenant's going live (`events.from`): an earlier integration had them.

Pure. What counts is when the thing happened that an event is about: an order that was placed before
is ignored; its return after that is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from ...mapping.systems import EVENTS

# The rule by which an order is an earlier integration's that `events.posted` lists, and its words.
POSTED_EARLIER, EARLIER_WORDS = "posted_earlier", "events.posted lists it"


def is_before(event: Mapping[str, object], day: date, zone: ZoneInfo) -> bool:
    """Whether an event is about something before that day began in the zone."""
    payload = event[EVENTS.payload]
    assert isinstance(payload, Mapping)
    said = [payload.get(name) for name in EVENTS.moments]
    moments = [moment for text in (*said, event[EVENTS.sent_at]) if (moment := _moment(text))]
    return bool(moments) and _day_of(moments[0], zone) < day


def _day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The day of a moment in a zone; at either end of the calendar, the last one there is.

    Programs that know no moment write the calendar's first one, which west of UTC is none.
    """
    try:
        return moment.astimezone(zone).date()
    except OverflowError:
        return date.min if moment.year == date.min.year else date.max


def _moment(text: object) -> datetime | None:
    """A moment as the shop writes it; one without an offset is UTC."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
