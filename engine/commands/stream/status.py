"""What `stream status` does: print the state, log and rejected events of an integration."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import NoReturn

from ...newstore import NewStore
from ...newstore import event_stream as stream
from ...newstore.event_stream import Integration, LoggedEvent, RejectedEvent
from ..exit import FINDINGS
from ..output.terminal import print_json
from .stream_target import (
    OwnIntegration,
    StreamRequest,
    describe_integration,
    load_integration,
    print_line,
    run_with_newstore,
)

_MISSING = "missing"


def show_status(request: StreamRequest) -> NoReturn:
    """Print the integration's status, and exit: 0 when it runs and sends all wanted events."""
    own = load_integration(request)
    found = run_with_newstore(request, own, lambda newstore: _read_status(newstore, own.id))
    integration, logs, rejected, others = found
    left_out = _list_left_out(own, integration)
    if request.form == "json":
        document: dict[str, object] = {
            "tenant": request.tenant,
            "integration": own.id,
            "status": _MISSING if integration is None else integration.status,
            "callback_url": integration and integration.callback_url,
            "events": integration and integration.events,
            "left_out": left_out,
            "rejected": len(rejected),
            "logs": [asdict(entry) for entry in logs],
            "others": [asdict(other) for other in others],
        }
        print_json(document)
    else:
        _print_status(request, own, found)
    sys.exit(0 if integration is not None and integration.is_running and not left_out else FINDINGS)


_StreamStatus = tuple[Integration | None, list[LoggedEvent], list[RejectedEvent], list[Integration]]


async def _read_status(newstore: NewStore, id_: str) -> _StreamStatus:
    integrations = await stream.list_integrations(newstore)
    integration = next((candidate for candidate in integrations if candidate.id == id_), None)
    others = [candidate for candidate in integrations if candidate.id != id_]
    if integration is None:
        return None, [], [], others
    logs = await stream.read_log(newstore, id_)
    return integration, logs, await stream.list_rejected_events(newstore, id_), others


def _list_left_out(own: OwnIntegration, integration: Integration | None) -> list[str]:
    """Return the events that a mapping wants and the integration does not send."""
    if integration is None or integration.events is None or integration.kind == "temporary":
        return []
    return [name for name in own.wanted if name not in integration.events]


def _print_status(request: StreamRequest, own: OwnIntegration, found: _StreamStatus) -> None:
    integration, logs, rejected, others = found
    if integration is None:
        print_line(f"{own.id}: there is no such integration; register it:", "bold red")
        print_line(
            f"  erpmap stream register {request.tenant} --url https://HOST/events/{request.tenant}"
        )
    else:
        print_line(
            describe_integration(integration), "green" if integration.is_running else "bold red"
        )
    for entry in logs:
        print_line(f"  {entry.at}  {entry.action}  {entry.reason}")
    if integration is not None and not integration.is_running and integration.kind != "temporary":
        print_line(
            f"  erpmap stream start {request.tenant} starts it and sends the events missed in the last 30 days"
        )
    for name in _list_left_out(own, integration):
        print_line(
            f"  a mapping wants {name}, which is not sent: run erpmap stream register {request.tenant} --update",
            "red",
        )
    if rejected:
        print_line(f"  {len(rejected)} rejected: erpmap stream rejected {request.tenant}", "yellow")
    for other in others:
        print_line(f"  another integration: {describe_integration(other)}", "dim")
