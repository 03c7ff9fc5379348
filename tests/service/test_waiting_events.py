"""Events that wait for shadows: one tenant's flood costs no other tenant a comparison."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from engine.service.shadow.waiting_events import WaitingEvents


@dataclass(frozen=True)
class Event:
    tenant: str
    number: int


def test_the_tenant_with_the_most_events_loses_its_newest() -> None:
    waiting = WaitingEvents[Event](4)
    for number in range(4):
        assert waiting.put(Event("loud", number)) is None
    assert waiting.put(Event("loud", 4)) == Event("loud", 4)
    assert waiting.put(Event("calm", 0)) == Event("loud", 3)
    assert waiting.put(Event("calm", 1)) == Event("loud", 2)
    assert waiting.put(Event("calm", 2)) == Event("calm", 2)


def test_turns_are_fair_by_time() -> None:
    waiting = WaitingEvents[Event](1_000)
    for number in range(300):
        waiting.put(Event("heavy", number))
        waiting.put(Event("light", number))
    taken: Counter[str] = Counter()
    for _ in range(110):
        event = waiting.take()
        taken[event.tenant] += 1
        waiting.charge(event.tenant, 1.0 if event.tenant == "heavy" else 0.1)
    assert taken == {"light": 100, "heavy": 10}


def test_who_was_idle_saves_nothing_up() -> None:
    waiting = WaitingEvents[Event](1_000)
    for number in range(100):
        waiting.put(Event("early", number))
    for _ in range(50):
        waiting.charge(waiting.take().tenant, 1.0)
    for number in range(100):
        waiting.put(Event("late", number))
    taken = Counter[str]()
    for _ in range(20):
        event = waiting.take()
        taken[event.tenant] += 1
        waiting.charge(event.tenant, 1.0)
    assert abs(taken["early"] - taken["late"]) <= 1


@given(st.lists(st.sampled_from("abc"), max_size=60), st.integers(1, 10))
def test_nothing_is_lost_unsaid_and_a_tenants_order_stays(tenants: list[str], most: int) -> None:
    waiting = WaitingEvents[Event](most)
    put = [Event(tenant, number) for number, tenant in enumerate(tenants)]
    lost = [gone for event in put if (gone := waiting.put(event)) is not None]
    assert len(waiting) <= most
    taken = []
    while waiting:
        taken.append(waiting.take())
    assert sorted([*lost, *taken], key=lambda event: event.number) == put
    for tenant in "abc":
        own = [event.number for event in taken if event.tenant == tenant]
        assert own == sorted(own)


def test_a_taker_waits_for_an_event() -> None:
    async def take() -> Event:
        waiting = WaitingEvents[Event](1)
        asyncio.get_running_loop().call_soon(waiting.put, Event("a", 1))
        return await waiting.get()

    assert asyncio.run(take()) == Event("a", 1)
