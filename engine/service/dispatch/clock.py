"""The clock of the journal's moments: it follows the machine's, and never jumps with it.

Waits are kept in the journal as moments, since they outlive processes. A machine's clock that is put
forward or back by hours would let all of them end at once, or none; so this one goes at most a tenth
faster or slower than time passes until both agree again, and never back.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

# Of the time that has passed.
_MOST_CORRECTED = 10
_MILLISECOND = 1_000_000
# Where there is one that goes on while the machine sleeps.
_PASSING = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def _passed() -> int:
    return time.clock_gettime_ns(_PASSING)


class Clock:
    """Moments in milliseconds since 1970, from any thread.

    `wall` is the machine's clock, `passed` one that only goes on; both in nanoseconds.
    """

    def __init__(
        self, wall: Callable[[], int] = time.time_ns, passed: Callable[[], int] = _passed
    ) -> None:
        self._wall, self._passed = wall, passed
        self._lock = Lock()
        self._shown, self._at = wall(), passed()

    def now(self) -> int:
        """The moment now; never before one that was given earlier."""
        with self._lock:
            at = self._passed()
            gone = at - self._at
            most = gone // _MOST_CORRECTED
            gap = self._wall() - (self._shown + gone)
            self._shown += gone + max(-most, min(most, gap))
            self._at = at
            return self._shown // _MILLISECOND
