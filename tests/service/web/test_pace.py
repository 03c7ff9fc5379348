"""A tenant that sends more than its share waits while another one sends, and never while it is alone."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from engine.service.web.pace import Pace


def waits(work: Coroutine[Any, Any, None]) -> bool:
    """Whether a coroutine does not end at once."""
    try:
        work.send(None)
    except StopIteration:
        return False
    work.close()
    return True


def test_a_tenant_that_is_alone_never_waits() -> None:
    async def run() -> None:
        pace = Pace(rate=0.1, burst=1)
        assert not any(waits(pace.wait("a")) for _ in range(1_000))

    asyncio.run(run())


def test_a_flood_waits_beside_another_tenant_which_does_not() -> None:
    async def run() -> None:
        pace = Pace(rate=0.1, burst=10)
        assert not waits(pace.wait("quiet"))
        flood = [waits(pace.wait("flood")) for _ in range(100)]
        assert flood == [False] * 11 + [True] * 89
        assert not any(waits(pace.wait("quiet")) for _ in range(10))

    asyncio.run(run())


def test_what_waits_goes_on_at_the_pace() -> None:
    async def run() -> None:
        pace, clock = Pace(rate=1_000, burst=1), asyncio.get_running_loop().time
        await pace.wait("quiet")
        begun = clock()
        await asyncio.gather(*(pace.wait("flood") for _ in range(52)))
        assert clock() - begun >= 0.05

    asyncio.run(run())
