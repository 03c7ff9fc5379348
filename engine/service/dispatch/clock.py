"""The clock of the journal's times: it follows the machine's clock, but slews where that one jumps.

Retry times are stored in the journal, because they outlast processes. Without slewing, a machine's
clock that jumps forward ends the retry time of waiting deliveries and parks them: then
`tests/service/test_clock_jumps.py::test_waits_outlast_a_clock_that_jumps` fails.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

# The correction is at most this part of the elapsed time: a tenth.
_SLEW_DIVISOR = 10
_NANOSECONDS_PER_MILLISECOND = 1_000_000
# A monotonic clock; where the system has one, it also counts while the machine sleeps.
_MONOTONIC = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def _read_monotonic() -> int:
    return time.clock_gettime_ns(_MONOTONIC)


class SlewedClock:
    """Milliseconds since 1970, for any thread; never less than before.

    `wall` is the machine's clock, `monotonic` never jumps; both return nanoseconds.
    """

    def __init__(
        self,
        wall: Callable[[], int] = time.time_ns,
        monotonic: Callable[[], int] = _read_monotonic,
    ) -> None:
        self._wall, self._monotonic = wall, monotonic
        self._lock = Lock()
        self._time, self._read_at = wall(), monotonic()

    def now(self) -> int:
        """The time: up to a tenth faster or slower than real time until it equals the machine's."""
        with self._lock:
            read_at = self._monotonic()
            elapsed = read_at - self._read_at
            limit = elapsed // _SLEW_DIVISOR
            gap = self._wall() - (self._time + elapsed)
            self._time += elapsed + max(-limit, min(limit, gap))
            self._read_at = read_at
            return self._time // _NANOSECONDS_PER_MILLISECOND
