"""Orders through both simulators, with every fault there is: each stands exactly once.

A usual run delivers 250, among which the rare faults are less rare; `--full` delivers 1,000.

The ledger is judged by what was bought, not by what erpmap says it has done.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from conftest import ROOT
from orders import Purchase, Sample
from scale import scaled
from shopping import orders

from engine.commands.connect import open_systems, simulated_connection
from engine.delivery import AttemptState, Delivery, RetryClock, Systems, deliver
from engine.mapping.load import load_tenant, open_folder
from engine.mapping.plan import Plan
from engine.newstore import RateLimiter
from engine.run import is_wanted
from engine.simulator.faults import Fault
from engine.simulator.serve import serve_in_thread
from engine.simulator.tenants import load_simulated_tenant
from engine.simulator.world import NETSUITE, NEWSTORE, SimulatedTenant, build_simulator_app

MAPPINGS = ROOT / "mappings"
ORDERS = scaled(250, full=1_000)
# Each fault strikes some requests, also where there are few.
OFTEN = scaled(4, full=1)
# Of each hundred requests so many thousandths; in all about every sixth is struck.
RATES = {
    Fault.SERVER_ERROR: 30,
    Fault.MAINTENANCE: 10,
    Fault.DROP: 20,
    Fault.COMMIT_THEN_DROP: 30,
    Fault.COMMIT_THEN_ERROR: 20,
    Fault.COMMIT_THEN_TIMEOUT: 3 * OFTEN,
    Fault.DRIBBLE: 3 * OFTEN,
    Fault.TRUNCATED: 10,
    Fault.NOT_JSON: 5 * OFTEN,
    Fault.INFLATION: 1 * OFTEN,
    Fault.ELSEWHERE: 2 * OFTEN,
    Fault.COMMIT_LATE: 3 * OFTEN,
    Fault.THROTTLE: 20,
    Fault.TOKEN_EXPIRED: 10,
}
# A retry rule's second is this long here: the rules are obeyed, and nobody waits for hours.
SECOND = 0.004
TWICE = 10  # every so many orders, the event comes twice at once


def test_each_order_stands_exactly_once_to_the_cent() -> None:
    bought = list(orders(ORDERS))
    folder = open_folder(MAPPINGS)
    plans = load_tenant(folder, "dodici").plans
    played = load_simulated_tenant(folder, "dodici")
    _put_trouble(played)
    for _, sample in bought:
        played.shop.add(sample.event, sample.order, sample.account)
    with serve_in_thread(build_simulator_app([played])) as address:
        deliveries = asyncio.run(_all_delivered(address, plans, [one for _, one in bought]))
    others = [one for one in deliveries if one.state is not AttemptState.DELIVERED]
    assert Counter((one.state, one.reason, one.words) for one in others) == {}
    _assert_once_and_exact(played, [purchase for purchase, _ in bought])
    assert played.netsuite.state.most_at_once <= played.account.concurrency
    struck = played.faults[NETSUITE].struck + played.faults[NEWSTORE].struck
    assert set(struck) == set(RATES) == set(Fault), "a fault that never struck proves nothing"


def _put_trouble(played: SimulatedTenant) -> None:
    rates = {fault: Fraction(part, 1000) for fault, part in RATES.items()}
    for faults in played.faults.values():
        faults.change(rates=rates)
        faults.stall = 4.0
    # To NewStore a token refused twice in a row is a permission that is missing, and parks, rightly.
    played.faults[NEWSTORE].change(rates=rates | {Fault.TOKEN_EXPIRED: Fraction(1, 1000)})
    played.shop.settings.payments_delay = 3.0
    played.shop.settings.rate_limit = None


async def _all_delivered(
    address: str, plans: Sequence[Plan], samples: Sequence[Sample]
) -> list[Delivery]:
    """Every order, some of them twice at once, ten at a time."""
    connection = await simulated_connection("dodici", address)
    passing = RetryClock(
        lambda: time.monotonic() / SECOND, lambda wait: asyncio.sleep(wait * SECOND), 1e9
    )
    turns = asyncio.Semaphore(10)

    async def one(sample: Sample, systems: Systems) -> Delivery:
        (plan,) = (plan for plan in plans if is_wanted(plan, sample.event))
        async with turns:
            return await deliver(plan, sample.event, systems, passing)

    async with open_systems(connection, deadline=2.0, rate_limiter=RateLimiter(10_000)) as opened:
        return await asyncio.gather(
            *(
                one(sample, opened.systems)
                for index, sample in enumerate(samples)
                for _ in range(2 if index % TWICE == 0 else 1)
            )
        )


def _assert_once_and_exact(played: SimulatedTenant, purchases: Sequence[Purchase]) -> None:
    ledger = played.netsuite.state.ledger
    stored = {one.external_id: one for one in ledger.transactions()}
    assert len(stored) == len(ledger.transactions()) == len(purchases)
    assert set(ledger.created.values()) == {1}
    payment_items = {item.id for item in played.account.items if item.kind == "Payment"}
    for purchase in purchases:
        prefix = "SO" if purchase.channel_type == "web" or _is_shipped(purchase) else "CS"
        one = stored[f"{prefix}-{purchase.number}"]
        paid = sum(
            (line["amount"] for line in one.lines if line["item"]["id"] in payment_items),
            Decimal(0),
        )
        assert one.fields["total"] == 0, purchase
        assert -paid == purchase.grand_total, purchase


def _is_shipped(purchase: Purchase) -> bool:
    return any(item.service_level not in (None, "IN_STORE_HANDOVER") for item in purchase.items)
