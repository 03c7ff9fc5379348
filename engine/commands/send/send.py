"""What the commands do that speak to NewStore and NetSuite: send one order, render it, simulate.

What cannot be reached is a sentence, or JSON where that is asked for, and exit code 1.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from ...delivery import (
    AttemptState,
    Delivery,
    NotPrepared,
    RetryClock,
    Systems,
    deliver,
    prepare,
)
from ...findings.errors import ErpmapError
from ...mapping.load import LoadedTenant
from ...mapping.plan import Plan
from ...newstore import build_order_event
from ...orders.order import read_event
from ...run import Outcome, is_wanted
from ...run.ledger import Forecast
from ..connect import (
    Connection,
    OpenSystems,
    connection_of,
    open_systems,
    simulated_connection,
)
from ..output.receipts import print_deliveries, print_prepared, print_words
from ..selection import FINDINGS, NOT_READY, awaited, exit_code, ready_tenant


@dataclass(frozen=True, slots=True)
class SendRequest:
    """Which order of which tenant, and where: `order` is an id or number, `event` a file.

    With both, the sources are fetched for that event. `simulator` is an address on loopback.
    """

    root: Path
    tenant: str
    mapping: str | None
    order: str | None
    event: Path | None
    simulator: str | None
    form: str


def send(asked: SendRequest, *, patience: float, dry_run: bool) -> NoReturn:
    """Deliver the order now, print what became of it, and exit."""
    loaded, plans = ready_tenant(asked.root, asked.tenant, asked.mapping, asked.form)
    if dry_run:
        _show(awaited(_prepared(asked, loaded, plans, foreseen=True), asked.form), asked.form)
    deliveries = awaited(_delivered(asked, loaded, plans, patience), asked.form)
    print_deliveries(deliveries, asked.form)
    states = {delivery.state for delivery in deliveries}
    if AttemptState.PARKED in states:
        sys.exit(FINDINGS)
    sys.exit(NOT_READY if AttemptState.WAITING in states else 0)


def render_live(asked: SendRequest) -> NoReturn:
    """Render the order from live sources, print its payloads, and exit; nothing is written."""
    loaded, plans = ready_tenant(asked.root, asked.tenant, asked.mapping, asked.form)
    _show(awaited(_prepared(asked, loaded, plans, foreseen=False), asked.form), asked.form)


def connection_to(asked: SendRequest, loaded: LoadedTenant) -> Awaitable[Connection]:
    """The tenant's own connection, or the simulator's. Raise CredentialError, AddressError."""
    if asked.simulator is not None:
        return simulated_connection(asked.tenant, asked.simulator)
    assert loaded.tenant is not None
    tenant = loaded.tenant

    async def own() -> Connection:
        return connection_of(tenant, asked.root / asked.tenant, os.environ)

    return own()


async def _delivered(
    asked: SendRequest, loaded: LoadedTenant, plans: Sequence[Plan], patience: float
) -> list[Delivery]:
    """The order through every mapping that wants it, or through all: one of them says why not."""
    passing = RetryClock(time.monotonic, asyncio.sleep, patience)
    told = print_words if asked.form == "human" else lambda _: None
    async with open_systems(await connection_to(asked, loaded)) as clients:
        assert loaded.tenant is not None
        opened = clients.for_tenant(loaded.tenant)
        systems = opened.systems
        event = await _unposted(asked, loaded, opened)
        wanted = [plan for plan in plans if is_wanted(plan, event)] or list(plans)
        return [
            await deliver(plan, event, systems, passing, on_wait=_teller(told)) for plan in wanted
        ]


def _teller(say: Callable[[str], None]) -> Callable[[Delivery], None]:
    def tell(delivery: Delivery) -> None:
        wait = f"; trying again in {delivery.wait:g} s" if delivery.wait is not None else ""
        say(f"order {delivery.order} · {delivery.mapping}: not yet, {delivery.words}{wait}")

    return tell


async def _prepared(
    asked: SendRequest, loaded: LoadedTenant, plans: Sequence[Plan], *, foreseen: bool
) -> list[tuple[Outcome, list[Forecast] | None]]:
    """What each mapping that wants the order makes of it, and what writing it would do."""
    async with open_systems(await connection_to(asked, loaded)) as clients:
        assert loaded.tenant is not None
        opened = clients.for_tenant(loaded.tenant)
        systems = opened.systems
        asking = _unposted(asked, loaded, opened) if foreseen else _event(asked, opened)
        event = await asking
        wanted = [plan for plan in plans if is_wanted(plan, event)] or list(plans)
        outcomes = [await _outcome(plan, event, systems) for plan in wanted]
        return [
            (outcome, await _foreseen(outcome, systems) if foreseen else None)
            for outcome in outcomes
        ]


async def _outcome(plan: Plan, event: object, systems: Systems) -> Outcome:
    prepared = await prepare(plan, event, systems)
    if isinstance(prepared, NotPrepared):
        raise ErpmapError(prepared.answer.words)
    return prepared.outcome


async def _foreseen(outcome: Outcome, systems: Systems) -> list[Forecast]:
    look_up, closed_period = systems.ledger.look_up, systems.closed_period
    return [await look_up(payload, closed_period) for payload in outcome.payloads]


async def _unposted(asked: SendRequest, loaded: LoadedTenant, opened: OpenSystems) -> object:
    """The event, unless an earlier integration has posted its order: no id of ours would tell."""
    event = await _event(asked, opened)
    if loaded.posted.has(event):
        raise ErpmapError(
            f"an earlier integration has posted the order: {loaded.posted.file} lists it; "
            "to send it all the same, take it out of that file"
        )
    return event


async def _event(asked: SendRequest, opened: OpenSystems) -> object:
    """The event in the file, or the one that the order would have had."""
    if asked.event is not None:
        event = read_event(asked.event)
        if asked.order is not None and asked.order not in _names_of(event):
            raise ErpmapError(f"the event is about another order than {asked.order[:64]!r}")
        return event
    assert asked.order is not None
    tenant = opened.newstore.address.tenant
    event = await build_order_event(opened.newstore, tenant, asked.order)
    if event is None:
        raise ErpmapError(
            f"NewStore has no order {asked.order[:64]!r}, or several; give its id, or its number as people know it"
        )
    return event


def _names_of(event: object) -> tuple[object, ...]:
    """The id and the number that an event names its order by."""
    payload = event.get("payload") if isinstance(event, dict) else None
    if not isinstance(payload, dict):
        return ()
    return tuple(payload.get(name) for name in ("id", "external_id", "order_id"))


def _show(prepared: Sequence[tuple[Outcome, Sequence[Forecast] | None]], form: str) -> NoReturn:
    """Print what was prepared and foreseen, and exit; trouble that is foreseen is as good as found."""
    print_prepared(prepared, form)
    code = exit_code({outcome.state for outcome, _ in prepared})
    is_trouble = any(one.is_trouble for _, foreseen in prepared for one in foreseen or ())
    sys.exit(FINDINGS if is_trouble else code)
