"""Whatever strikes, in whatever order: each order stands once and to the cent, or is visibly open."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from scale import scaled
from tiny_tenant import FRESH, Desk, Json, at_desk, total_of

from engine.delivery import AttemptHistory, AttemptState, Delivery
from engine.simulator.faults import Fault

LATE = 0.05
# 300 MB for each would take all the time there is; see test_deliveries for that one.
FAULTS = sorted(set(Fault) - {Fault.INFLATION})
SOLD = (("SHOE", "99.90"), ("SOCKS", "4.55"), ("HAT", "0.01"), ("SHOE", "1234567.89"))
# What is done with an order: the mappings it goes through, one after another.
WAYS = (("sale",), ("in_turn",), ("amended",), ("sale", "billed"), ("sale", "cancelled"))


@dataclass(frozen=True)
class Ordered:
    """An order of a script."""

    way: tuple[str, ...]
    lines: tuple[tuple[str, int, str], ...]
    is_remembered: bool

    @property
    def total(self) -> Decimal:
        return total_of(*self.lines)


lines = st.builds(
    lambda item, many: (item[0], many, item[1]), st.sampled_from(SOLD), st.integers(1, 9)
)
orders = st.builds(
    Ordered,
    st.sampled_from(WAYS),
    st.lists(lines, min_size=1, max_size=3).map(tuple),
    st.booleans(),
)
scripts = st.lists(st.one_of(st.none(), st.sampled_from(FAULTS)), max_size=12)


def key_of(at: int) -> str:
    return f"o{at}"


async def delivered(desk: Desk, at: int, order: Ordered, past: AttemptHistory) -> Delivery:
    """How far the order comes; the first mapping that does not get through ends it."""
    for mapping in order.way:
        result = await desk.settle(key_of(at), mapping, past, most=4)
        if result.state is not AttemptState.DELIVERED:
            break
    return result


def check(desk: Desk, at: int, order: Ordered, *, is_done: bool) -> None:
    """What stands for an order is whole; and it does stand, if that was said."""
    name = key_of(at).upper()
    found: dict[str, list[Json]] = {}
    for one in desk.ledger.document()["records"]:
        found.setdefault(one.get("externalId", ""), []).append(one)
    wanted = {f"UP-{name}" if order.way == ("amended",) else f"SO-{name}"}
    wanted |= {f"CS-{name}"} if "billed" in order.way else set()
    for external_id in wanted:
        standing = found.get(external_id, [])
        assert len(standing) == 1 or (not standing and not is_done), (external_id, standing)
        for one in standing:
            assert (one["total"], one["created"], len(one["item"])) == (
                order.total,
                1,
                len(order.lines),
            )
    memos = [one for one in desk.records() if one.get("memo") == name]
    assert len(memos) <= 1
    for one in memos if is_done and "cancelled" in order.way else ():
        assert all(line.get("isClosed") for line in one["item"])


def playing(
    ordered: list[Ordered], script: list[Fault | None], shop_script: list[Fault | None]
) -> Callable[[Desk], Awaitable[list[Delivery]]]:
    async def work(desk: Desk) -> list[Delivery]:
        for at, order in enumerate(ordered):
            desk.sell(key_of(at), *order.lines)
        desk.pause = LATE * 3
        for system, faults in (("netsuite", script), ("newstore", shop_script)):
            struck = desk.played.faults[system]
            struck.change(rates={}, script=faults)
            struck.late, struck.stall = LATE, 0.8
        results = await asyncio.gather(
            *(delivered(desk, at, order, FRESH) for at, order in enumerate(ordered))
        )
        await asyncio.sleep(LATE * 2)
        for at, (order, result) in enumerate(zip(ordered, results, strict=True)):
            check(desk, at, order, is_done=result.state is AttemptState.DELIVERED)
        return await again(desk, ordered, results)

    return work


async def again(desk: Desk, ordered: list[Ordered], results: list[Delivery]) -> list[Delivery]:
    """With all faults over, everything is delivered, whether or not the first time is remembered."""
    for faults in desk.played.faults.values():
        faults.change(rates={})
    final = []
    for at, (order, result) in enumerate(zip(ordered, results, strict=True)):
        past = AttemptHistory(0, 0.0, doubts=result.doubts if order.is_remembered else frozenset())
        final.append(await delivered(desk, at, order, past))
        assert final[-1].state is AttemptState.DELIVERED, (result, final[-1])
    await asyncio.sleep(LATE * 2)
    for at, order in enumerate(ordered):
        check(desk, at, order, is_done=True)
    emails = [one["email"] for one in desk.records("customer")]
    assert len(emails) == len(set(emails))
    return final


@settings(max_examples=scaled(12, full=120), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    ordered=st.lists(orders, min_size=1, max_size=4),
    script=scripts,
    shop_script=st.lists(st.one_of(st.none(), st.sampled_from(FAULTS)), max_size=3),
)
def test_each_order_stands_once_and_to_the_cent_or_is_open(
    ordered: list[Ordered], script: list[Fault | None], shop_script: list[Fault | None]
) -> None:
    results = at_desk(playing(ordered, script, shop_script), deadline=0.6)
    note(str(results))
