"""Events that were answered with 400: listed, shown, sent again, deleted."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import NoReturn

from ...findings.errors import ErpmapError, ShopError
from ...newstore import NewStore
from ...newstore import event_stream as stream
from ...newstore.event_stream import RejectedEvent
from ..output.receipts import print_words
from ..output.terminal import print_json
from ..selection import FINDINGS
from .stream_target import StreamRequest, ours_of, say, with_newstore

_NOT_DELIVERED = 502


def see_to_rejected(asked: StreamRequest, event: str | None, verb: str | None) -> NoReturn:
    """List rejected events, show one, or have them sent again or deleted; exit."""
    ours = ours_of(asked)
    if verb is None:
        found = with_newstore(asked, ours, lambda there: _chosen(there, ours.id, event))
        _print_rejected(found, asked, is_whole=event is not None)
        sys.exit(FINDINGS if found and event is None else 0)
    done = with_newstore(asked, ours, lambda there: _each(there, ours.id, event, verb))
    if asked.form == "json":
        print_json(done)
    else:
        for id_, words in done.items():
            say(f"{id_}: {words}", "red" if words == _STILL else "green")
    sys.exit(FINDINGS if _STILL in done.values() else 0)


_STILL = "still not delivered"


async def _chosen(newstore: NewStore, id_: str, event: str | None) -> list[RejectedEvent]:
    if event is None:
        return await stream.list_rejected_events(newstore, id_)
    found = await stream.get_rejected_event(newstore, id_, event)
    if found is None:
        raise ErpmapError(f"no event of that id is rejected: {event[:64]!r}")
    return [found]


async def _each(newstore: NewStore, id_: str, event: str | None, verb: str) -> dict[str, str]:
    """What became of each event."""
    return {
        one.id: await _again(newstore, id_, one.id, verb)
        for one in await _chosen(newstore, id_, event)
    }


async def _again(newstore: NewStore, id_: str, event: str, verb: str) -> str:
    if verb == "delete":
        await stream.delete_rejected_event(newstore, id_, event)
        return "deleted"
    try:
        await stream.retry_rejected_event(newstore, id_, event)
    except ShopError as error:
        if error.status != _NOT_DELIVERED:
            raise
        return _STILL
    return "delivered"


def _print_rejected(
    found: Sequence[RejectedEvent], asked: StreamRequest, *, is_whole: bool
) -> None:
    if asked.form == "json":
        print_json([asdict(one) for one in found])
        return
    for one in found:
        say(f"{one.id}  {one.at}  {one.name}  {one.reason}")
        if is_whole:
            print_json(one.event)
    if not found:
        say("no event is rejected", "green")
    elif not is_whole:
        print_words("show one with its id; --retry sends it again, --delete forgets it")
