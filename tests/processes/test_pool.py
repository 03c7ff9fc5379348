"""Work in other processes: limits, losses and turns, with functions of the standard library."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest

from engine.findings.errors import LimitError, WorkerError
from engine.processes import Kept, ProcessLimits, ProcessPool

LIMITS = ProcessLimits(cpu_seconds=1, seconds=20.0, memory=128 << 20, answer=1 << 20)


def with_pool(
    use: Callable[[ProcessPool], Awaitable[None]], limits: ProcessLimits = LIMITS, most: int = 2
) -> None:
    async def run() -> None:
        pool = ProcessPool(most, limits)
        try:
            await use(pool)
        finally:
            await pool.close()

    asyncio.run(run())


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_calls_of_one_owner_use_one_process_again_and_it_ends_with_the_pool() -> None:
    found: list[int] = []

    async def use(pool: ProcessPool) -> None:
        found.extend([await pool.call("a", os.getpid) for _ in range(3)])
        assert await pool.call("a", Decimal, "0.10") == Decimal("0.10")

    with_pool(use)
    assert len(set(found)) == 1
    assert found[0] != os.getpid()
    assert not is_alive(found[0])


@pytest.mark.parametrize(
    ("function", "arguments", "words"),
    [
        pytest.param(pow, (3, 10**8), "more than 1 s of processor time", id="processor"),
        pytest.param(bytes, (10**9,), "more than 128 MB of memory", id="memory"),
        pytest.param(bytes, (2 << 20,), "more than 128 MB of memory", id="a long answer"),
    ],
)
def test_work_beyond_a_limit_ends_in_words_and_the_next_is_done(
    function: Callable[..., object], arguments: tuple[object, ...], words: str
) -> None:
    async def use(pool: ProcessPool) -> None:
        with pytest.raises(LimitError, match=words):
            await pool.call("a", function, *arguments)
        assert await pool.call("a", abs, -1) == 1

    with_pool(use)


def test_work_that_only_waits_is_ended_by_the_clock() -> None:
    async def use(pool: ProcessPool) -> None:
        with pytest.raises(LimitError, match=r"more than 0\.5 s"):
            await pool.call("a", time.sleep, 60)

    with_pool(use, ProcessLimits(seconds=0.5))


def test_a_process_that_others_end_is_replaced_once() -> None:
    async def use(pool: ProcessPool) -> None:
        with pytest.raises(WorkerError, match="SIGKILL, twice"):
            await pool.call("a", signal.raise_signal, signal.SIGKILL)
        idle = await pool.call("a", os.getpid)
        os.kill(idle, signal.SIGKILL)
        assert await pool.call("a", os.getpid) != idle

    with_pool(use)


def test_an_error_of_the_work_is_told_by_its_class() -> None:
    async def use(pool: ProcessPool) -> None:
        with pytest.raises(WorkerError, match="ZeroDivisionError"):
            await pool.call("a", divmod, 1, 0)

    with_pool(use)


def test_an_owner_with_much_work_leaves_a_process_to_others() -> None:
    async def use(pool: ProcessPool) -> None:
        many = [asyncio.create_task(pool.call("a", time.sleep, 60)) for _ in range(10)]
        await asyncio.sleep(0)
        assert await pool.call("b", abs, -1) == 1
        assert not any(task.done() for task in many)
        for task in many:
            task.cancel()
        await asyncio.gather(*many, return_exceptions=True)
        assert await pool.call("a", abs, -2) == 2

    with_pool(use)


def test_an_argument_that_comes_again_is_sent_once() -> None:
    class Counted:
        pickled = 0

        def __reduce__(self) -> tuple[object, ...]:
            Counted.pickled += 1
            return Decimal, ("1.10",)

    async def use(pool: ProcessPool) -> None:
        kept = [Kept(("a", number), Counted()) for number in range(12)]
        for each in (*kept, kept[-1]):
            assert await pool.call("a", abs, each) == Decimal("1.10")
        assert Counted.pickled == len(kept)
        assert await pool.call("a", abs, kept[0]) == Decimal("1.10")  # it was dropped meanwhile

    with_pool(use)
