"""Turns are fair by the time that owners use, not by their number."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from engine.processes import FairTurns


class Loop(asyncio.SelectorEventLoop):
    """A loop whose clock the test advances."""

    now = 0.0

    def time(self) -> float:
        return super().time() * 1e-9 + self.now


def run(use: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(use)


async def work(turns: FairTurns, owner: str, seconds: float, done: list[str]) -> None:
    async with turns.turn(owner):
        await asyncio.sleep(0)
        Loop.now += seconds
        done.append(owner)


def test_many_light_turns_come_before_the_next_heavy_turn_of_another() -> None:
    async def use() -> None:
        turns, done = FairTurns(), list[str]()
        heavy = [work(turns, "heavy", 1.0, done) for _ in range(10)]
        light = [work(turns, "light", 0.01, done) for _ in range(50)]
        await asyncio.gather(*heavy, *light)
        assert done[:51].count("heavy") == 1
        assert sorted(done) == sorted(["heavy"] * 10 + ["light"] * 50)

    run(use())


def test_an_owner_that_was_idle_has_saved_nothing_up() -> None:
    async def use() -> None:
        turns, done = FairTurns(), list[str]()
        busy = [asyncio.create_task(work(turns, "busy", 1.0, done)) for _ in range(20)]
        while len(done) < 10:
            await asyncio.sleep(0)
        late = [asyncio.create_task(work(turns, "late", 1.0, done)) for _ in range(10)]
        await asyncio.gather(*busy, *late)
        assert 4 <= done[10:20].count("late") <= 6

    run(use())


def test_a_cancelled_turn_is_given_to_the_next() -> None:
    async def use() -> None:
        turns, done = FairTurns(), list[str]()
        first = asyncio.create_task(work(turns, "a", 0.0, done))
        waiting = asyncio.create_task(work(turns, "b", 0.0, done))
        last = asyncio.create_task(work(turns, "c", 0.0, done))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(first, last)
        assert done == ["a", "c"]

    run(use())
