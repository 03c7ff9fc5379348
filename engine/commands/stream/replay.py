"""What `stream replay` does: have a window's events sent again, and wait for the end."""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import asdict, replace
from typing import NoReturn

from ...newstore.replay import ReplayPatience, StreamReplay, build_replay
from ...newstore.replay import run_replay as replay_events
from ..exit import FINDINGS, NOT_READY
from ..output.receipts import print_note
from ..output.terminal import print_json
from .stream_target import (
    RegistrationTerms,
    ReplayWindow,
    StreamRequest,
    build_registration,
    load_integration,
    print_line,
    run_with_newstore,
)

# NewStore does not report how many events there were: perhaps none.
_WHOLE = (
    "NewStore has sent the events of the window again, and all were accepted; it does not report how "
    "many there were: `erpmap queue list --all` shows them"
)


def replay(request: StreamRequest, terms: RegistrationTerms, window: ReplayWindow) -> NoReturn:
    """Have the window's events sent again, wait for the end, print the result, and exit."""
    own = load_integration(request)
    permanent = build_registration(request, own, terms)
    wanted = build_replay(replace(permanent, starts=window.start, ends=window.end))
    report = print_note if request.form == "human" else lambda _: None
    waiting = ReplayPatience(
        clock=time.monotonic, sleep=asyncio.sleep, patience=window.patience, report=report
    )
    ended = run_with_newstore(
        request, own, lambda newstore: replay_events(newstore, wanted, waiting)
    )
    if request.form == "json":
        print_json({**asdict(ended), "is_whole": ended.is_whole})
    else:
        _print_replayed(request, ended)
    if not ended.is_over:
        sys.exit(NOT_READY)
    sys.exit(0 if ended.is_whole else FINDINGS)


def _print_replayed(request: StreamRequest, ended: StreamReplay) -> None:
    if not ended.is_over:
        print_line(
            f"{ended.integration} still runs; repeat the command to wait for it again", "yellow"
        )
    elif ended.is_whole:
        print_line(_WHOLE, "green")
    if ended.rejected:
        option = f"--integration {ended.integration}"
        hint = f"erpmap stream rejected {request.tenant} {option}"
        print_line(f"{ended.rejected} events were rejected: {hint}", "red")
    if ended.in_doubt:
        hint = "erpmap reconcile shows missing orders"
        print_line(
            f"the last attempt before its end failed, some events may not have been sent: {hint}",
            "red",
        )
