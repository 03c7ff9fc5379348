"""A service of which a part has failed ends: one that seems to work, and does not, is worse."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Iterator

import pytest

from engine.findings.errors import ErpmapError
from engine.service.service import RunningService
from engine.service.shutdown import Shutdown


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """As they were: whoever is told to end leaves them to the system."""
    kept = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)}
    yield
    for one, handler in kept.items():
        signal.signal(one, handler)


async def _ended_with(*parts: asyncio.Task[None]) -> None:
    """A service that would go on for ever, but for these parts."""
    ending = Shutdown(1.0)
    running, told = RunningService([*parts], ending), asyncio.Event()
    try:
        await running.wait_until(told.set, told.wait())
    finally:
        for part in parts:
            await ending.finish_task(part)


async def _goes_on() -> None:
    await asyncio.Event().wait()


async def _fails() -> None:
    raise OverflowError


def test_a_part_that_fails_ends_it_with_a_sentence(caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> None:
        parts = [asyncio.create_task(part) for part in (_goes_on(), _fails())]
        with pytest.raises(ErpmapError, match="its log says where"):
            await _ended_with(*parts)
        assert all(part.done() for part in parts)

    with caplog.at_level(logging.ERROR):
        asyncio.run(run())
    assert caplog.records[0].exc_info is not None
