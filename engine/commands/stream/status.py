"""Where an integration stands, for people and programs."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import NoReturn

from ...newstore import NewStore
from ...newstore import event_stream as stream
from ...newstore.event_stream import Integration, LoggedEvent, RejectedEvent
from ..output.terminal import print_json
from ..selection import FINDINGS
from .stream_target import OwnIntegration, StreamRequest, ours_of, say, sentence, with_newstore

_MISSING = "missing"


def show_status(asked: StreamRequest) -> NoReturn:
    """Print where the integration stands, and exit: 0 when all that is wanted is sent."""
    ours = ours_of(asked)
    found = with_newstore(asked, ours, lambda newstore: _seen(newstore, ours.id))
    there, logs, rejected, others = found
    left_out = _left_out(ours, there)
    if asked.form == "json":
        document: dict[str, object] = {
            "tenant": asked.tenant,
            "integration": ours.id,
            "status": _MISSING if there is None else there.status,
            "callback_url": there and there.callback_url,
            "events": there and there.events,
            "left_out": left_out,
            "rejected": len(rejected),
            "logs": [asdict(entry) for entry in logs],
            "others": [asdict(other) for other in others],
        }
        print_json(document)
    else:
        _print_status(asked, ours, found)
    sys.exit(0 if there is not None and there.is_running and not left_out else FINDINGS)


_Seen = tuple[Integration | None, list[LoggedEvent], list[RejectedEvent], list[Integration]]


async def _seen(newstore: NewStore, id_: str) -> _Seen:
    everyone = await stream.list_integrations(newstore)
    there = next((one for one in everyone if one.id == id_), None)
    others = [one for one in everyone if one.id != id_]
    if there is None:
        return None, [], [], others
    logs = await stream.read_log(newstore, id_)
    return there, logs, await stream.list_rejected_events(newstore, id_), others


def _left_out(ours: OwnIntegration, there: Integration | None) -> list[str]:
    """The events that a mapping wants and the integration does not send."""
    if there is None or there.events is None or there.kind == "temporary":
        return []
    return [name for name in ours.wanted if name not in there.events]


def _print_status(asked: StreamRequest, ours: OwnIntegration, found: _Seen) -> None:
    there, logs, rejected, others = found
    if there is None:
        say(f"{ours.id}: there is no such integration", "bold red")
        say(f"  erpmap stream register {asked.tenant} --url https://HOST/events/{asked.tenant}")
    else:
        say(sentence(there), "green" if there.is_running else "bold red")
    for entry in logs:
        say(f"  {entry.at}  {entry.action}  {entry.reason}")
    if there is not None and not there.is_running and there.kind != "temporary":
        say(f"  erpmap stream start {asked.tenant} sends what it missed in the last 30 days")
    for name in _left_out(ours, there):
        say(f"  {name} is wanted by a mapping and not sent: erpmap stream register --update", "red")
    if rejected:
        say(f"  {len(rejected)} rejected: erpmap stream rejected {asked.tenant}", "yellow")
    for other in others:
        say(f"  beside it: {sentence(other)}", "dim")
