"""Waiting for what other processes do; nothing is said about how long it takes."""

from __future__ import annotations

import time
from collections.abc import Callable

_SECONDS = 90.0
_PAUSE = 0.02


def until(holds: Callable[[], object], otherwise: str, seconds: float = _SECONDS) -> None:
    """Wait until something holds; fail when it never does."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, otherwise
        time.sleep(_PAUSE)
