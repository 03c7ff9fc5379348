"""What `stream rejected` does: list, show, retry and delete events that were answered with 400."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import NoReturn

from ...findings.errors import ErpmapError, ShopError
from ...newstore import NewStore
from ...newstore import event_stream as stream
from ...newstore.event_stream import RejectedEvent
from ..exit import FINDINGS
from ..output.receipts import print_note
from ..output.terminal import print_json
from .stream_target import StreamRequest, load_integration, print_line, run_with_newstore

_NOT_DELIVERED = 502


def handle_rejected(request: StreamRequest, event: str | None, verb: str | None) -> NoReturn:
    """List rejected events, show one, or retry or delete them; exit."""
    own = load_integration(request)
    if verb is None:
        found = run_with_newstore(
            request, own, lambda newstore: _select_events(newstore, own.id, event)
        )
        _print_rejected(found, request, is_whole=event is not None)
        sys.exit(FINDINGS if found and event is None else 0)
    done = run_with_newstore(
        request, own, lambda newstore: _handle_each(newstore, own.id, event, verb)
    )
    if request.form == "json":
        print_json(done)
    else:
        for id_, words in done.items():
            print_line(f"{id_}: {words}", "red" if words == _UNDELIVERED else "green")
    sys.exit(FINDINGS if _UNDELIVERED in done.values() else 0)


_UNDELIVERED = "still not delivered"


async def _select_events(newstore: NewStore, id_: str, event: str | None) -> list[RejectedEvent]:
    if event is None:
        return await stream.list_rejected_events(newstore, id_)
    found = await stream.get_rejected_event(newstore, id_, event)
    if found is None:
        raise ErpmapError(f"there is no rejected event with the id {event[:64]!r}")
    return [found]


async def _handle_each(
    newstore: NewStore, id_: str, event: str | None, verb: str
) -> dict[str, str]:
    """Retry or delete each event; return the result by event id."""
    return {
        rejected.id: await _handle_event(newstore, id_, rejected.id, verb)
        for rejected in await _select_events(newstore, id_, event)
    }


async def _handle_event(newstore: NewStore, id_: str, event: str, verb: str) -> str:
    if verb == "delete":
        await stream.delete_rejected_event(newstore, id_, event)
        return "deleted"
    try:
        await stream.retry_rejected_event(newstore, id_, event)
    except ShopError as error:
        if error.status != _NOT_DELIVERED:
            raise
        return _UNDELIVERED
    return "delivered"


def _print_rejected(
    found: Sequence[RejectedEvent], request: StreamRequest, *, is_whole: bool
) -> None:
    if request.form == "json":
        print_json([asdict(event) for event in found])
        return
    for event in found:
        print_line(f"{event.id}  {event.at}  {event.name}  {event.reason}")
        if is_whole:
            print_json(event.event)
    if not found:
        print_line("no event is rejected", "green")
    elif not is_whole:
        print_note("show an event by its id; --retry sends it again, --delete removes it")
