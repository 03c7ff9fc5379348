"""A small tenant with both its systems played, to deliver orders to, one attempt at a time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from conftest import ROOT
from starlette.types import ASGIApp

from engine.commands.connect import simulated_connection
from engine.delivery import (
    AttemptHistory,
    AttemptState,
    Delivery,
    LocalTurns,
    Prepared,
    Systems,
    attempt,
    prepare,
)
from engine.journal.states import EVERY_RECORD
from engine.mapping.load import load_tenant, open_folder
from engine.mapping.plan import Plan
from engine.netsuite import Clocks, NetSuite, NetSuiteLedger
from engine.netsuite.lookups import LiveLookups, LookupLimits
from engine.newstore import NewStore, NewStoreShop, RateLimiter
from engine.simulator.faults import Fault
from engine.simulator.netsuite import SimulatedLedger, read_account
from engine.simulator.serve import serve_in_thread
from engine.simulator.world import SimulatedTenant, build_simulator_app, simulate_tenant
from engine.wire.exchange import ExchangeBounds
from engine.wire.parameter_store import ParameterStore

T = TypeVar("T")
Json = dict[str, Any]

FRESH = AttemptHistory()
IN_DOUBT = frozenset((EVERY_RECORD,))
MAPPINGS = ROOT / "tests" / "delivery" / "mappings"
ACCOUNT: Json = {
    "account": "1234567",
    "items": [
        {"id": 501, "itemid": "SHOE"},
        {"id": 502, "itemid": "SOCKS"},
        {"id": 503, "itemid": "HAT"},
    ],
    "currencies": [{"id": 1, "symbol": "USD"}],
    "tax_codes": [{"id": 7, "rate": "8.875"}],
    "custom_fields": {"column": ["custcol_line_id"]},
}
# The requests to NetSuite that a sale makes, one after another: what a script of faults counts.
FIND, CUSTOMER, ORDER, CONFIRM = range(4)


@cache
def plans() -> dict[str, Plan]:
    """The tenant's plans by name."""
    loaded = load_tenant(open_folder(MAPPINGS), "tiny")
    assert loaded.ok, loaded.findings
    return {plan.name: plan for plan in loaded.plans}


def event(key: str, name: str = "order.opened") -> Json:
    return {
        "tenant": "tiny-sandbox",
        "name": name,
        "published_at": "2026-12-03T11:59:30.000Z",
        "payload": {"id": key, "created_at": "2026-12-03T11:59:00.000Z"},
    }


def order(key: str, *lines: tuple[str, int, str], email: str = "ann@example.com") -> Json:
    """An order of lines (item, quantity, price); without any it is one pair of shoes and two socks."""
    sold = lines or (("SHOE", 1, "99.90"), ("SOCKS", 2, "4.55"))
    nodes = [
        {"id": f"{key}-{at}", "productId": sku, "quantity": quantity, "pricebookPrice": price}
        for at, (sku, quantity, price) in enumerate(sold)
    ]
    return {
        "id": key, "externalId": key.upper(), "currency": "USD", "customerEmail": email,
        "grandTotal": str(total_of(*sold)),
        "items": {"pageInfo": {"hasNextPage": False}, "nodes": nodes},
    }  # fmt: skip


def total_of(*sold: tuple[str, int, str]) -> Decimal:
    return sum((quantity * Decimal(price) for _, quantity, price in sold), Decimal("0.00"))


@dataclass
class Desk:
    """Both systems of the tenant, open, with what they hold."""

    played: SimulatedTenant
    systems: Systems
    netsuite: NetSuite
    pause: float = 0.0

    @property
    def ledger(self) -> SimulatedLedger:
        ledger: SimulatedLedger = self.played.netsuite.state.ledger
        return ledger

    def sell(self, key: str, *lines: tuple[str, int, str], **more: str) -> None:
        """An order to be in the shop."""
        self.played.shop.add(event(key), {"order": order(key, *lines, **more)})

    def strike(self, fault: Fault, at: int = 0, *, times: int = 1) -> None:
        """Let a fault strike the request to NetSuite after so many that pass."""
        script = [None] * at + [fault] * times
        self.played.faults["netsuite"].change(rates={}, script=script)

    async def attempt(
        self, key: str, mapping: str = "sale", past: AttemptHistory = FRESH
    ) -> Delivery:
        return await attempt(plans()[mapping], event(key), self.systems, past)

    async def settle(
        self, key: str, mapping: str = "sale", past: AttemptHistory = FRESH, *, most: int = 12
    ) -> Delivery:
        """Attempts until it waits no longer, each knowing of the one before; `pause` lies between."""
        for _ in range(most):
            result = await self.attempt(key, mapping, past)
            if result.state is not AttemptState.WAITING:
                return result
            past = AttemptHistory(
                result.attempts,
                1.0 * result.attempts,
                doubts=result.doubts,
                written={record.name: record for record in result.posted},
            )
            await asyncio.sleep(self.pause)
        return result

    async def sold(self, key: str) -> Delivery:
        """An order that has been delivered."""
        self.sell(key)
        result = await self.attempt(key)
        assert result.state is AttemptState.DELIVERED, result
        return result

    def records(self, record: str = "salesOrder") -> list[Json]:
        """What NetSuite holds of a type."""
        return [one for one in self.ledger.document()["records"] if one["record"] == record]

    def stands(self, key: str, total: Decimal = Decimal("109.00")) -> bool:
        """Whether exactly one sales order stands for the order, made once and to the cent."""
        found = [one for one in self.records() if one.get("memo") == key.upper()]
        return [(one["total"], one["created"]) for one in found] == [(total, 1)]


def at_desk(
    work: Callable[[Desk], Awaitable[T]],
    *,
    deadline: float = 20.0,
    between: Callable[[ASGIApp], ASGIApp] = lambda app: app,
    **account: object,
) -> T:
    """Do some work at the desk of the tenant, its account as above or with some settings changed.

    `between` puts an application of its own between the client and the simulators.
    """
    played = simulate_tenant("tiny", "tiny-sandbox", read_account(ACCOUNT | account))

    async def run(address: str) -> T:
        connection = await simulated_connection("tiny", address)
        clocks = Clocks(time.time, time.monotonic)
        bounds = ExchangeBounds(deadline=deadline)
        async with AsyncExitStack() as stack:
            newstore = await stack.enter_async_context(
                NewStore(
                    connection.newstore,
                    connection.newstore_credentials,
                    rate_limiter=RateLimiter(1_000),
                )
            )
            netsuite = await stack.enter_async_context(
                NetSuite(
                    connection.netsuite,
                    connection.netsuite_key,
                    clocks,
                    allowance=connection.allowance,
                    bounds=bounds,
                )
            )
            parameters = ParameterStore()
            stack.callback(parameters.close)
            lookups = await stack.enter_async_context(
                LiveLookups(
                    netsuite.rows,
                    parameters.read,
                    clock=time.monotonic,
                    limits=LookupLimits(miss_seconds=0),
                )
            )
            ledger = NetSuiteLedger(netsuite, connection.netsuite_key)
            systems = Systems(NewStoreShop(newstore), ledger, lookups, LocalTurns())
            desk = Desk(played, systems, netsuite)
            desk.sell("first", ("SHOE", 1, "1.00"), ("SOCKS", 1, "1.00"), ("HAT", 1, "1.00"))
            # From now on the tokens are there, and the items are known.
            assert isinstance(
                await prepare(plans()["sale"], event("first"), desk.systems), Prepared
            )
            return await work(desk)

    with serve_in_thread(between(build_simulator_app([played]))) as address:
        return asyncio.run(run(address))
