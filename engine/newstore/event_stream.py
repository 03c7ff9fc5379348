"""The registration API of NewStore's Event Stream: where events are sent, its log, rejected events.

Paths, members and rules are those of NewStore's API description (facts §2.4). An answer with another
form is a NoAnswerError (`malformed`), never an empty list. All functions raise what `NewStore.get` and
`NewStore.change` raise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote

from ..findings.errors import AddressError, ExpressionError, NoAnswerError
from ..language.moments import read_datetime
from ..run import ABSENT
from .client import NewStore

PATH = "/api/v1/org/integrations/eventstream"
# A restart after more days sends new events only (facts §2.4).
MISSED_DAYS = 30
RUNNING = "running"
_ID = re.compile(r"[a-z0-9-]{1,50}")
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Registration:
    """The values of an integration to register. `events` are the names it sends, None for all.

    With `ends` it is temporary: it sends the events from `starts` to `ends` again, and stops.
    """

    id: str
    callback_url: str
    api_key: str = field(repr=False)
    events: tuple[str, ...] | None = None
    starts: datetime | None = None
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class Integration:
    """An integration as NewStore returns it. `events` are the names it sends, None for all."""

    id: str
    status: str
    kind: str
    callback_url: str | None
    events: tuple[str, ...] | None

    @property
    def is_running(self) -> bool:
        """Whether it sends events."""
        return self.status == RUNNING


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An entry of an integration's log, with an `action` such as `retry_triggered`."""

    at: str
    action: str
    reason: str


@dataclass(frozen=True, slots=True)
class RejectedEvent:
    """An event that was answered with 400. `event` is its envelope, which holds customer data."""

    id: str
    at: str
    name: str
    reason: str
    event: object = field(repr=False)


async def list_integrations(newstore: NewStore) -> list[Integration]:
    """Return all integrations of the tenant, including stopped ones."""
    return [_read_integration(each) for each in _require_list(await newstore.get(PATH))]


async def get_integration(newstore: NewStore, id_: str) -> Integration | None:
    """Return an integration; None if it does not exist."""
    found = await newstore.get(_build_path(id_))
    return None if found is ABSENT else _read_integration(found)


async def register_integration(newstore: NewStore, registration: Registration) -> Integration:
    """Register an integration, which starts at once. Raise ShopError with status 409 if it exists."""
    body: dict[str, object] = {
        "id": _check_id(registration.id),
        "integration_type": "permanent" if registration.ends is None else "temporary",
        **_build_changes(registration),
    }
    for name, moment in (("starts_at", registration.starts), ("ends_at", registration.ends)):
        if moment is not None:
            body[name] = format_moment(moment)
    return _read_integration(await newstore.change("POST", PATH, body))


async def change_integration(newstore: NewStore, registration: Registration) -> None:
    """Change address, key and filter of a stopped integration; its dates cannot change."""
    await newstore.change("PATCH", _build_path(registration.id), _build_changes(registration))


async def start_integration(newstore: NewStore, id_: str) -> bool:
    """Start an integration, which sends the events of up to thirty days. False if it does not exist."""
    return await newstore.change("POST", _build_path(id_, "_start")) is not ABSENT


async def stop_integration(newstore: NewStore, id_: str) -> bool:
    """Stop an integration. False if it does not exist."""
    return await newstore.change("POST", _build_path(id_, "_stop")) is not ABSENT


async def delete_integration(newstore: NewStore, id_: str) -> bool:
    """Delete an integration, its log and its rejected events. False if it does not exist."""
    return await newstore.change("DELETE", _build_path(id_)) is not ABSENT


async def read_log(newstore: NewStore, id_: str) -> list[LoggedEvent]:
    """Return the last entries of its log, at most fifty, in NewStore's order."""
    found = await newstore.get(_build_path(id_, "logs"))
    return [] if found is ABSENT else [_read_logged_event(each) for each in _require_list(found)]


async def list_rejected_events(newstore: NewStore, id_: str) -> list[RejectedEvent]:
    """Return its rejected events, at most thirty."""
    found = await newstore.get(_build_path(id_, "rejected_events"))
    return [] if found is ABSENT else [_read_rejected_event(each) for each in _require_list(found)]


async def get_rejected_event(newstore: NewStore, id_: str, event: str) -> RejectedEvent | None:
    """Return a rejected event; None if it does not exist."""
    found = await newstore.get(_build_path(id_, "rejected_events", event))
    return None if found is ABSENT else _read_rejected_event(found)


async def retry_rejected_event(newstore: NewStore, id_: str, event: str) -> bool:
    """Make NewStore send a rejected event again; once delivered, it is no longer rejected.

    False if it does not exist. Raise ShopError with status 502 when it was not delivered.
    """
    path = _build_path(id_, "rejected_events", event, "_retry")
    return await newstore.change("POST", path) is not ABSENT


async def delete_rejected_event(newstore: NewStore, id_: str, event: str) -> bool:
    """Delete a rejected event. False if it does not exist."""
    path = _build_path(id_, "rejected_events", event)
    return await newstore.change("DELETE", path) is not ABSENT


def format_moment(moment: datetime) -> str:
    """Return a moment in NewStore's format, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_moment(text: str) -> datetime | None:
    """Return a moment in NewStore's format; None if it is invalid."""
    try:
        return read_datetime(text)
    except ExpressionError:
        return None


def _build_changes(registration: Registration) -> dict[str, object]:
    body: dict[str, object] = {
        "callback_parameters": {
            "callback_url": registration.callback_url,
            "api_key": registration.api_key,
        }
    }
    if registration.events is not None:
        body["filter_conditions"] = {"event_filter": list(registration.events)}
    return body


def _check_id(id_: str) -> str:
    if not _ID.fullmatch(id_):
        raise AddressError("an integration's id must be 1 to 50 characters of a-z, 0-9 and -")
    return id_


def _build_path(id_: str, *further: str) -> str:
    # Ids of events come from NewStore; encoded, they cannot lead elsewhere.
    parts = [quote(part, safe="").replace(".", "%2E") for part in further]
    return "/".join((PATH, _check_id(id_), *parts))


def _read_integration(document: object) -> Integration:
    found = _require_map(document)
    callback, filters = (found.get(key) for key in ("callback_parameters", "filter_conditions"))
    url = callback.get("callback_url") if isinstance(callback, Mapping) else None
    events = filters.get("event_filter") if isinstance(filters, Mapping) else None
    return Integration(
        id=_require_text(found, "id"),
        status=_require_text(found, "status"),
        kind=str(found.get("integration_type", "")),
        callback_url=url if isinstance(url, str) else None,
        events=tuple(map(str, events)) if isinstance(events, list) else None,
    )


def _read_logged_event(document: object) -> LoggedEvent:
    found = _require_map(document)
    at, action, reason = (
        str(found.get(key) or "")[:_LONGEST] for key in ("created_at", "action", "reason")
    )
    return LoggedEvent(at, action, reason)


def _read_rejected_event(document: object) -> RejectedEvent:
    found = _require_map(document)
    event = found.get("event")
    name = event.get("name") if isinstance(event, Mapping) else None
    at, reason = (str(found.get(key) or "")[:_LONGEST] for key in ("rejected_at", "reason"))
    return RejectedEvent(
        id=_require_text(found, "id"),
        at=at,
        name=str(name or "?")[:_LONGEST],
        reason=reason,
        event=event,
    )


def _require_list(document: object) -> list[object]:
    if not isinstance(document, list):
        raise _malformed_answer()
    return document


def _require_map(document: object) -> Mapping[str, object]:
    if not isinstance(document, Mapping):
        raise _malformed_answer()
    return document


def _require_text(document: Mapping[str, object], key: str) -> str:
    value = document.get(key)
    if not isinstance(value, str) or not value:
        raise _malformed_answer()
    return value


def _malformed_answer() -> NoAnswerError:
    words = "the answer of NewStore's Event Stream does not have the documented form"
    return NoAnswerError("malformed", words, sent=True)
