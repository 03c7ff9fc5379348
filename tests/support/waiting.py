"""Waiting for what other processes do; nothing is said about how long it takes."""

from __future__ import annotations

import time
from collections.abc import Callable

_SECONDS = 90.0
_PAUSE = 0.02


def until(holds: Callable[[], object], otherwise: str) -> None:
    """Wait until something holds; fail when it never does."""
    end = time.monotonic() + _SECONDS
    while not holds():
        assert time.monotonic() < end, otherwise
        time.sleep(_PAUSE)
