"""What `stream register`, `start`, `stop` and `delete` do to an integration."""

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


def register(request: StreamRequest, terms: RegistrationTerms) -> NoReturn:
    """Register the integration, or with --update change the existing one; print it and exit."""
    own = load_integration(request)
    wanted = build_registration(request, own, terms)
    integration = run_with_newstore(
        request, own, lambda newstore: _register_or_update(newstore, wanted, terms)
    )
    if request.form == "json":
        print_json(asdict(integration))
    else:
        print_line(describe_integration(integration), "green" if integration.is_running else "red")
    sys.exit(0 if integration.is_running else FINDINGS)


async def _register_or_update(
    newstore: NewStore, wanted: Registration, terms: RegistrationTerms
) -> Integration:
    try:
        return await stream.register_integration(newstore, wanted)
    except ShopError as error:
        if error.status != _CONFLICT:
            raise
    if not terms.update:
        words = "--update changes its address, key and filter"
        raise ErpmapError(f"the integration {wanted.id} exists already; {words}")
    await stream.stop_integration(newstore, wanted.id)
    try:
        await stream.change_integration(newstore, wanted)
    finally:  # it ran before, and events that it misses are lost after a while
        await stream.start_integration(newstore, wanted.id)
    integration = await stream.get_integration(newstore, wanted.id)
    if integration is None:
        raise ErpmapError(f"the integration {wanted.id} was deleted in the meantime")
    return integration


def change_state(verb: str, request: StreamRequest) -> NoReturn:
    """Start, stop or delete the integration, and exit."""
    own = load_integration(request)
    if not run_with_newstore(request, own, lambda newstore: _VERBS[verb](newstore, own.id)):
        exit_with_error(ErpmapError(f"there is no integration {own.id}"), request.form)
    done = _DONE[verb]
    if request.form == "json":
        print_json({"tenant": request.tenant, "integration": own.id, "done": done})
    else:
        print_line(f"{own.id}: {done}", "green")
    sys.exit(0)


_VERBS: Mapping[str, Callable[[NewStore, str], Awaitable[bool]]] = {
    "start": stream.start_integration,
    "stop": stream.stop_integration,
    "delete": stream.delete_integration,
}
_DONE = {"start": "started", "stop": "stopped", "delete": "deleted"}
