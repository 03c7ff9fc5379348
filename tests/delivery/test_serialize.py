"""`serialize`: what must not be written at the same time is written one after another."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send
from tiny_tenant import Desk, at_desk

from engine.delivery import AttemptState, LocalTurns
from engine.simulator.faults import Fault

ORDERS = [f"o{at}" for at in range(20)]


@dataclass
class Customers:
    """Counts the orders that are read and the customers that are asked for.

    Customers are let through when `gate` lets them.
    """

    read: int = 0
    made: int = 0
    gate: Callable[[], Awaitable[object]] | None = None

    def app(self, inner: ASGIApp) -> ASGIApp:
        async def counted(scope: Scope, receive: Receive, send: Send) -> None:
            path = str(scope.get("path", ""))
            self.read += path.endswith("/data/query")
            if scope.get("method") == "POST" and path.endswith("/record/v1/customer"):
                self.made += 1
                if self.gate is not None:
                    await self.gate()
            await inner(scope, receive, send)

        return counted


def test_twenty_orders_of_a_new_customer_at_once_ask_for_her_once() -> None:
    customers = Customers()

    async def until_all_have_come() -> None:
        while customers.read <= len(ORDERS):  # the desk has read one before
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)  # time to do what they must not: look for her, and not find her

    customers.gate = until_all_have_come

    async def work(desk: Desk) -> None:
        for key in ORDERS:
            desk.sell(key)
        results = await asyncio.gather(*(desk.attempt(key, "in_turn") for key in ORDERS))
        assert {one.state for one in results} == {AttemptState.DELIVERED}
        assert Counter(one.posted[0].how for one in results) == {"created": 1, "found": 19}
        assert (customers.made, len(desk.records("customer"))) == (1, 1)
        assert all(desk.stands(key) for key in ORDERS)
        assert isinstance(desk.systems.turns, LocalTurns)
        assert len(desk.systems.turns) == 0

    at_desk(work, between=customers.app)


def test_a_customer_whose_creation_is_unsure_is_settled_by_who_comes_next() -> None:
    async def work(desk: Desk) -> None:
        for key in ORDERS[:5]:
            desk.sell(key)
        desk.strike(Fault.COMMIT_THEN_DROP, 1, times=2)  # her creation, and the look-up after it
        results = await asyncio.gather(*(desk.settle(key, "in_turn") for key in ORDERS[:5]))
        assert {one.state for one in results} == {AttemptState.DELIVERED}
        assert len(desk.records("customer")) == 1
        assert all(desk.stands(key) for key in ORDERS[:5])

    at_desk(work)


def test_other_customers_are_not_waited_for() -> None:
    """Each creation is let through when both have come: who waited for the other would never end."""
    both = asyncio.Barrier(2)
    customers = Customers(gate=both.wait)

    async def work(desk: Desk) -> None:
        desk.sell("o1", email="ann@example.com")
        desk.sell("o2", email="bo@example.com")
        results = await asyncio.gather(*(desk.attempt(key, "in_turn") for key in ("o1", "o2")))
        assert [one.posted[0].how for one in results] == ["created", "created"]
        assert customers.made == 2

    at_desk(work, between=customers.app, deadline=5.0)


def test_a_turn_is_of_an_account_and_a_text_and_leaves_nothing_behind() -> None:
    async def run() -> None:
        turns, order = LocalTurns(), list[str]()

        async def take(name: str, account: str = "1", text: str = "ann") -> None:
            async with turns.turn(account, text):
                order.append(name)

        async with turns.turn("1", "ann"):
            waiting = [asyncio.create_task(take(name)) for name in ("second", "given up", "third")]
            await asyncio.sleep(0)  # all three wait now
            await take("another text", text="bo")
            await take("another account", account="2")
            assert len(turns) == 1
            waiting[1].cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        assert order == ["another text", "another account", "second", "third"]
        assert len(turns) == 0

    asyncio.run(run())
