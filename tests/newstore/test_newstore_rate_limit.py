"""At most so many turns in any second, in order; who gives up takes none."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from engine.newstore import RateLimiter


class Clock:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.now += seconds


@given(
    rate=st.integers(1, 20),
    pauses=st.lists(st.sampled_from([0, 0, 0, 0.25, 0.5, 3]), min_size=1, max_size=60),
)
def test_no_second_has_more_turns_than_the_rate(rate: int, pauses: list[float]) -> None:
    clock, turns = Clock(), []
    rate_limiter = RateLimiter(rate, clock=clock, sleep=clock.sleep)

    async def run() -> None:
        for pause in pauses:
            clock.now += pause
            await rate_limiter.turn()
            turns.append(clock.now)

    asyncio.run(run())
    assert all(later - earlier >= 1 for earlier, later in zip(turns, turns[rate:], strict=False))
    assert all(later >= earlier for earlier, later in pairwise(turns))
    # Nobody waits without need: the first turns of a rate come at once.
    assert turns[0] == pauses[0]
    assert turns[: rate + 1][:-1] == [
        sum(pauses[: at + 1]) for at in range(min(rate, len(turns) - 1))
    ]


def test_turns_are_taken_in_the_order_wanted_and_who_gives_up_takes_none() -> None:
    clock, order = Clock(), []
    rate_limiter = RateLimiter(1, clock=clock, sleep=clock.sleep)

    async def want(name: int) -> None:
        await rate_limiter.turn()
        order.append((name, clock.now))

    async def run() -> None:
        tasks = [asyncio.create_task(want(name)) for name in range(5)]
        await asyncio.sleep(0)
        tasks[2].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(run())
    assert order == [(0, 0.0), (1, 1.0), (3, 2.0), (4, 3.0)]
