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
from ..exit import FINDINGS, exit_with_error
from ..output.terminal import print_json
from .stream_target import (
    RegistrationTerms,
    StreamRequest,
    build_registration,
    describe_integration,
    load_integration,
    print_line,
    run_with_newstore,
)

_CONFLICT = 409


def register(asked: StreamRequest, terms: RegistrationTerms) -> NoReturn:
    """Register the integration, or change the one there is; print it and exit."""
    ours = load_integration(asked)
    wanted = build_registration(asked, ours, terms)
    there = run_with_newstore(
        asked, ours, lambda newstore: _register_or_update(newstore, wanted, terms)
    )
    if asked.form == "json":
        print_json(asdict(there))
    else:
        print_line(describe_integration(there), "green" if there.is_running else "red")
    sys.exit(0 if there.is_running else FINDINGS)


async def _register_or_update(
    newstore: NewStore, wanted: Registration, terms: RegistrationTerms
) -> Integration:
    try:
        return await stream.register(newstore, wanted)
    except ShopError as error:
        if error.status != _CONFLICT:
            raise
    if not terms.update:
        words = "--update gives it this address, key and filter"
        raise ErpmapError(f"there is an integration {wanted.id} already; {words}")
    await stream.stop(newstore, wanted.id)
    try:
        await stream.change(newstore, wanted)
    finally:  # it ran before, and what it misses is lost after a while
        await stream.start(newstore, wanted.id)
    there = await stream.integration(newstore, wanted.id)
    if there is None:
        raise ErpmapError(f"the integration {wanted.id} was deleted meanwhile")
    return there


def change_state(verb: str, asked: StreamRequest) -> NoReturn:
    """Start, stop or delete the integration, and exit."""
    ours = load_integration(asked)
    if not run_with_newstore(asked, ours, lambda newstore: _VERBS[verb](newstore, ours.id)):
        exit_with_error(ErpmapError(f"there is no integration {ours.id}"), asked.form)
    said = _DONE[verb]
    if asked.form == "json":
        print_json({"tenant": asked.tenant, "integration": ours.id, "done": said})
    else:
        print_line(f"{ours.id}: {said}", "green")
    sys.exit(0)


_VERBS: Mapping[str, Callable[[NewStore, str], Awaitable[bool]]] = {
    "start": stream.start,
    "stop": stream.stop,
    "delete": stream.delete,
}
_DONE = {"start": "started", "stop": "stopped", "delete": "deleted"}
