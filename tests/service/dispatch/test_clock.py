"""The journal's clock while the machine's clock jumps forward and back."""

from __future__ import annotations

import pytest

from engine.service.dispatch.clock import SlewedClock

SECOND, HOUR = 10**9, 3600 * 10**9


@pytest.mark.parametrize("jump", [5 * HOUR, -5 * HOUR, 3 * SECOND, -3 * SECOND, 0])
def test_it_corrects_a_jump_by_a_tenth_of_the_elapsed_time_until_it_agrees(jump: int) -> None:
    wall, elapsed = 1_000 * HOUR, 7 * HOUR
    clock = SlewedClock(lambda: wall, lambda: elapsed)
    wall += jump
    before = first = clock.now()
    assert first == 1_000 * HOUR // 10**6
    ticks = 0
    while before != wall // 10**6:
        wall, elapsed, ticks = wall + 10 * SECOND, elapsed + 10 * SECOND, ticks + 1
        now = clock.now()
        assert 9_000 <= now - before <= 11_000
        before = now
    assert ticks * SECOND == abs(jump)
