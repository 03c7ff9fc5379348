"""A window's events sent again, and the end waited for."""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import asdict, replace
from typing import NoReturn

from ...newstore.replay import ReplayPatience, StreamReplay, build_replay
from ...newstore.replay import run_replay as replay_events
from ..output.receipts import print_words
from ..output.terminal import print_json
from ..selection import FINDINGS, NOT_READY
from .stream_target import (
    RegistrationTerms,
    ReplayWindow,
    StreamRequest,
    ours_of,
    registration_of,
    say,
    with_newstore,
)

# NewStore does not tell how many events there were: maybe none.
_WHOLE = (
    "what NewStore has of the window was sent again and taken; it does not tell how many events "
    "these were: `erpmap queue list --all` shows what came"
)


def replay(asked: StreamRequest, terms: RegistrationTerms, window: ReplayWindow) -> NoReturn:
    """Have the window's events sent again, wait, say what became of it, and exit."""
    ours = ours_of(asked)
    permanent = registration_of(asked, ours, terms)
    wanted = build_replay(replace(permanent, starts=window.start, ends=window.end))
    told = print_words if asked.form == "human" else lambda _: None
    waiting = ReplayPatience(
        clock=time.monotonic, sleep=asyncio.sleep, patience=window.patience, report=told
    )
    ended = with_newstore(asked, ours, lambda newstore: replay_events(newstore, wanted, waiting))
    if asked.form == "json":
        print_json({**asdict(ended), "is_whole": ended.is_whole})
    else:
        _print_replayed(asked, ended)
    if not ended.is_over:
        sys.exit(NOT_READY)
    sys.exit(0 if ended.is_whole else FINDINGS)


def _print_replayed(asked: StreamRequest, ended: StreamReplay) -> None:
    if not ended.is_over:
        say(f"{ended.integration} still runs; the same command goes on waiting for it", "yellow")
    elif ended.is_whole:
        say(_WHOLE, "green")
    if ended.rejected:
        option = f"--integration {ended.integration}"
        hint = f"erpmap stream rejected {asked.tenant} {option}"
        say(f"{ended.rejected} events were rejected: {hint}", "red")
    if ended.in_doubt:
        hint = "erpmap reconcile tells what is missing"
        say(f"the last attempt before its end failed, maybe not all was sent: {hint}", "red")
