"""Checks an integration of the Event Stream, and restarts it if that is allowed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from ..findings.errors import NoAnswerError, ShopError
from ..run.shop import StreamState, StreamView
from . import event_stream
from .client import NewStore


async def check_stream(client: NewStore, name: str, now: datetime, *, restart: bool) -> StreamView:
    """Return the state of an integration; start a stopped one if `restart` is set.

    Raise nothing that NewStore does: the state is unknown when NewStore does not answer.
    """
    try:
        found = await event_stream.get_integration(client, name)
        if found is None:
            return StreamView(
                StreamState.MISSING, f"the integration {name} does not exist in NewStore", now
            )
        if found.is_running:
            return StreamView(StreamState.RUNNING, f"the integration {name} is running", now)
        stopped = await _find_stop(client, name)
    except (ShopError, NoAnswerError) as error:
        words = f"the integration {name} cannot be read: {error}"
        return StreamView(StreamState.UNKNOWN, words, now)
    view = StreamView(
        state=StreamState.STOPPED,
        words=_describe_stop(name, stopped, now),
        at=now,
        stopped=stopped,
    )
    return await _restart(client, name, view) if restart else view


async def _restart(client: NewStore, name: str, view: StreamView) -> StreamView:
    try:
        await event_stream.start_integration(client, name)
    except (ShopError, NoAnswerError) as error:
        return replace(view, words=f"{view.words}, and could not be restarted: {error}")
    words = f"{view.words}, and was restarted"
    return replace(view, state=StreamState.RESTARTED, words=words)


async def _find_stop(client: NewStore, name: str) -> datetime | None:
    """Return when the integration last stopped, by its log; None if the log has no such entry."""
    moments = [
        event_stream.parse_moment(entry.at)
        for entry in await event_stream.read_log(client, name)
        if entry.action == "integration_stopped"
    ]
    return max((moment for moment in moments if moment is not None), default=None)


def _describe_stop(name: str, stopped: datetime | None, now: datetime) -> str:
    if stopped is None:
        return f"the integration {name} had stopped"
    words = f"the integration {name} had stopped at {event_stream.format_moment(stopped)}"
    if now - stopped > timedelta(days=event_stream.MISSED_DAYS):
        days = event_stream.MISSED_DAYS
        words += f", more than {days} days ago: older events need a replay"
    return words
