"""The governor: never more at once than allowed, less at once after a 429, fair in order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from netsuite_server import TOKEN_KEY, Scripted
from starlette.responses import JSONResponse

from engine.findings.errors import LedgerError
from engine.netsuite import Clocks, NetSuite, build_simulated_address
from engine.run.ledger import Verdict
from engine.service.dispatch.governor import AccountGovernor, Allowances, LocalAllowance
from engine.simulator.serve import serve_in_thread
from engine.wire.allowance import Allowance


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


async def most_open(allowance: Allowance, requests: int) -> int:
    """How many of so many requests are open at once, when each ends after the others have had a turn."""
    open_ones = most = 0

    async def ask() -> None:
        nonlocal open_ones, most
        async with allowance.request():
            open_ones += 1
            most = max(most, open_ones)
            for _ in range(5):
                await asyncio.sleep(0)
            open_ones -= 1

    await asyncio.gather(*(ask() for _ in range(requests)))
    return most


def test_never_more_and_no_less_than_allowed() -> None:
    assert asyncio.run(most_open(LocalAllowance(4), 50)) == 4


def test_too_many_halves_it_and_it_creeps_back() -> None:
    clock = Clock()
    allowance = LocalAllowance(8, clock)
    allowance.throttled()
    allowance.throttled()  # refused together with the one before
    assert allowance.cap() == 4
    clock.now += 2.0
    allowance.throttled()
    assert allowance.cap() == 2
    assert asyncio.run(most_open(allowance, 20)) == 2
    for grown in (3, 4, 5, 6, 7, 8, 8):
        clock.now += 10.0
        assert allowance.cap() == grown


def test_one_is_always_left() -> None:
    clock = Clock()
    allowance = LocalAllowance(2, clock)
    for _ in range(4):
        allowance.throttled()
        clock.now += 3.0
    assert asyncio.run(most_open(allowance, 9)) == 1


def test_whoever_gives_up_waiting_leaves_no_gap() -> None:
    async def run() -> int:
        allowance = LocalAllowance(1)
        async with allowance.request():
            waiting = [asyncio.create_task(most_open(allowance, 1)) for _ in range(3)]
            await asyncio.sleep(0)
            waiting[0].cancel()
        waiting[1].cancel()  # it has been let in already, and does not know it yet
        ended = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(one) for one in ended] == [asyncio.CancelledError] * 2 + [int]
        return await most_open(allowance, 5)

    assert asyncio.run(run()) == 1


def test_tenants_of_one_account_share_the_smallest_allowance() -> None:
    made: list[tuple[str, int]] = []

    def make(account: str, most: int) -> AccountGovernor:
        made.append((account, most))
        return LocalAllowance(most)

    async def run() -> int:
        all_ = Allowances(make)
        first, second = all_.of("acc", "one", 5), all_.of("acc", "two", 3)
        assert first is second
        all_.of("other", "three", 9)
        return await most_open(first, 20)

    assert asyncio.run(run()) == 3
    assert made == [("acc", 5), ("other", 9)]


@pytest.mark.parametrize("ask", ["create", "rows"])
def test_a_429_of_netsuite_lowers_it(ask: str) -> None:
    allowance = LocalAllowance(8)
    refusal = JSONResponse({"o:errorDetails": [{"o:errorCode": "CONCURRENCY_LIMIT_EXCEEDED"}]}, 429)

    async def run(address: str) -> None:
        at = build_simulated_address("1234567_SB1", address)
        clocks = Clocks(lambda: 1_800_000_000.0, lambda: 0.0)
        async with NetSuite(at, TOKEN_KEY, clocks, allowance=allowance) as netsuite:
            await asks[ask](netsuite)

    async def create(netsuite: NetSuite) -> None:
        assert (await netsuite.create("salesOrder", {})).verdict is Verdict.THROTTLED

    async def rows(netsuite: NetSuite) -> None:
        with pytest.raises(LedgerError) as raised:
            await netsuite.rows("SELECT id FROM item")
        assert raised.value.verdict == Verdict.THROTTLED

    asks: dict[str, Callable[[NetSuite], Awaitable[None]]] = {"create": create, "rows": rows}
    with serve_in_thread(Scripted([refusal]).app()) as address:
        asyncio.run(run(address))
    assert allowance.cap() == 4
