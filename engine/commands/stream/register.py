"""An integration registered, changed, started, stopped, deleted."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import NoReturn

from ...findings.errors import ErpmapError, ShopError
from ...newstore import NewStore
from ...newstore import event_stream as stream
from ...newstore.event_stream import Integration, Registration
from ..output.terminal import print_json
from ..selection import FINDINGS, stop_at
from .stream_target import (
    RegistrationTerms,
    StreamRequest,
    ours_of,
    registration_of,
    say,
    sentence,
    with_newstore,
)

_CONFLICT = 409


def register(asked: StreamRequest, terms: RegistrationTerms) -> NoReturn:
    """Register the integration, or change the one there is; print it and exit."""
    ours = ours_of(asked)
    wanted = registration_of(asked, ours, terms)
    there = with_newstore(asked, ours, lambda newstore: _put(newstore, wanted, terms))
    if asked.form == "json":
        print_json(asdict(there))
    else:
        say(sentence(there), "green" if there.is_running else "red")
    sys.exit(0 if there.is_running else FINDINGS)


async def _put(newstore: NewStore, wanted: Registration, terms: RegistrationTerms) -> Integration:
    try:
        return await stream.register_integration(newstore, wanted)
    except ShopError as error:
        if error.status != _CONFLICT:
            raise
    if not terms.update:
        words = "--update gives it this address, key and filter"
        raise ErpmapError(f"there is an integration {wanted.id} already; {words}")
    await stream.stop_integration(newstore, wanted.id)
    try:
        await stream.change_integration(newstore, wanted)
    finally:  # it ran before, and what it misses is lost after a while
        await stream.start_integration(newstore, wanted.id)
    there = await stream.get_integration(newstore, wanted.id)
    if there is None:
        raise ErpmapError(f"the integration {wanted.id} was deleted meanwhile")
    return there


def do(verb: str, asked: StreamRequest) -> NoReturn:
    """Start, stop or delete the integration, and exit."""
    ours = ours_of(asked)
    if not with_newstore(asked, ours, lambda newstore: _VERBS[verb](newstore, ours.id)):
        stop_at(ErpmapError(f"there is no integration {ours.id}"), asked.form)
    said = _DONE[verb]
    if asked.form == "json":
        print_json({"tenant": asked.tenant, "integration": ours.id, "done": said})
    else:
        say(f"{ours.id}: {said}", "green")
    sys.exit(0)


_VERBS: Mapping[str, Callable[[NewStore, str], Awaitable[bool]]] = {
    "start": stream.start_integration,
    "stop": stream.stop_integration,
    "delete": stream.delete_integration,
}
_DONE = {"start": "started", "stop": "stopped", "delete": "deleted"}
