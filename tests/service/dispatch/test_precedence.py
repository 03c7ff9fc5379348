"""While several events wait to be stored, deliveries begin one after another, each tenant's by itself."""

from __future__ import annotations

import asyncio

from engine.service.dispatch.precedence import CROWD, Precedence


def test_where_nobody_waits_to_be_stored_a_delivery_begins_at_once() -> None:
    async def run() -> None:
        precedence = Precedence(lambda: 0.0)
        with precedence.storing():
            assert CROWD > 1
            for _ in range(100):
                await precedence.turn("dodici")

    asyncio.run(run())


def test_in_a_crowd_each_tenant_begins_one_after_another_in_the_order_they_came() -> None:
    """The flood of one is not the other's business."""
    begun: list[str] = []

    async def begin(precedence: Precedence, delivery: str) -> None:
        await precedence.turn(delivery[0])
        begun.append(delivery)

    async def run() -> None:
        precedence = Precedence()
        with precedence.storing():
            with precedence.storing():
                tasks = [
                    asyncio.create_task(begin(precedence, delivery))
                    for delivery in ("a1", "a2", "a3", "b1")
                ]
                await asyncio.sleep(0)
            while not all(task.done() for task in tasks):
                with precedence.storing():
                    await asyncio.sleep(0.005)

    asyncio.run(run())
    assert begun == ["a1", "b1", "a2", "a3"]


def test_when_the_crowd_is_gone_nobody_waits_any_more() -> None:
    async def run() -> None:
        precedence = Precedence()
        with precedence.storing(), precedence.storing():
            waiting = [asyncio.create_task(precedence.turn("dodici")) for _ in range(50)]
            await asyncio.sleep(0)
        async with asyncio.timeout(2):
            await asyncio.gather(*waiting)

    asyncio.run(run())
