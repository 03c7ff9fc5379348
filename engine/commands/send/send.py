"""What `erpmap send` and `render --order` do: read the live systems, and deliver or render one order.

A system that cannot be reached ends the command with a message, or JSON, and exit code 1.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Sequence
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
from ..connect import OpenSystems, open_systems, resolve_connection
from ..exit import FINDINGS, NOT_READY, run_or_exit
from ..output.outcomes import exit_code
from ..output.receipts import print_deliveries, print_note, print_prepared
from ..tenants import load_ready_tenant


@dataclass(frozen=True, slots=True)
class SendRequest:
    """The order to send: `order` is an id or number, `event` a file; with both, the event counts.

    `simulator` is an address on loopback.
    """

    root: Path
    tenant: str
    mapping: str | None
    order: str | None
    event: Path | None
    simulator: str | None
    form: str


def send(request: SendRequest, *, patience: float, dry_run: bool) -> NoReturn:
    """Deliver the order now, print its deliveries, and exit; with `dry_run` only predict them."""
    loaded, plans = load_ready_tenant(request.root, request.tenant, request.mapping, request.form)
    if dry_run:
        _print_and_exit(
            run_or_exit(_prepare(request, loaded, plans, with_forecast=True), request.form),
            request.form,
        )
    deliveries = run_or_exit(_deliver(request, loaded, plans, patience), request.form)
    print_deliveries(deliveries, request.form)
    states = {delivery.state for delivery in deliveries}
    if AttemptState.PARKED in states:
        sys.exit(FINDINGS)
    sys.exit(NOT_READY if AttemptState.WAITING in states else 0)


def render_live(request: SendRequest) -> NoReturn:
    """Render the order from live sources, print its payloads, and exit; nothing is written."""
    loaded, plans = load_ready_tenant(request.root, request.tenant, request.mapping, request.form)
    _print_and_exit(
        run_or_exit(_prepare(request, loaded, plans, with_forecast=False), request.form),
        request.form,
    )


async def _deliver(
    request: SendRequest, loaded: LoadedTenant, plans: Sequence[Plan], patience: float
) -> list[Delivery]:
    """Deliver the order by each mapping that wants it; if none does, by all, which give the reason."""
    clock = RetryClock(time.monotonic, asyncio.sleep, patience)
    note = print_note if request.form == "human" else lambda _: None
    assert loaded.tenant is not None
    connection = await resolve_connection(request.root, loaded.tenant, request.simulator)
    async with open_systems(connection) as clients:
        opened = clients.for_tenant(loaded.tenant)
        systems = opened.systems
        event = await _fetch_unposted_event(request, loaded, opened)
        wanted = [plan for plan in plans if is_wanted(plan, event)] or list(plans)
        return [
            await deliver(plan, event, systems, clock, on_wait=_retry_printer(note))
            for plan in wanted
        ]


def _retry_printer(say: Callable[[str], None]) -> Callable[[Delivery], None]:
    def tell(delivery: Delivery) -> None:
        wait = f"; trying again in {delivery.wait:g} s" if delivery.wait is not None else ""
        say(f"order {delivery.order} · {delivery.mapping}: not yet, {delivery.words}{wait}")

    return tell


async def _prepare(
    request: SendRequest, loaded: LoadedTenant, plans: Sequence[Plan], *, with_forecast: bool
) -> list[tuple[Outcome, list[Forecast] | None]]:
    """Render the order by each mapping that wants it, and predict the effect of writing it."""
    assert loaded.tenant is not None
    connection = await resolve_connection(request.root, loaded.tenant, request.simulator)
    async with open_systems(connection) as clients:
        opened = clients.for_tenant(loaded.tenant)
        systems = opened.systems
        fetching = (
            _fetch_unposted_event(request, loaded, opened)
            if with_forecast
            else _fetch_event(request, opened)
        )
        event = await fetching
        wanted = [plan for plan in plans if is_wanted(plan, event)] or list(plans)
        outcomes = [await _render(plan, event, systems) for plan in wanted]
        return [
            (outcome, await _forecast(outcome, systems) if with_forecast else None)
            for outcome in outcomes
        ]


async def _render(plan: Plan, event: object, systems: Systems) -> Outcome:
    prepared = await prepare(plan, event, systems)
    if isinstance(prepared, NotPrepared):
        raise ErpmapError(prepared.answer.words)
    return prepared.outcome


async def _forecast(outcome: Outcome, systems: Systems) -> list[Forecast]:
    look_up, closed_period = systems.ledger.look_up, systems.closed_period
    return [await look_up(payload, closed_period) for payload in outcome.payloads]


async def _fetch_unposted_event(
    request: SendRequest, loaded: LoadedTenant, opened: OpenSystems
) -> object:
    """Return the event. Raise ErpmapError if an earlier integration has posted its order.

    Its records have none of our external ids, so a lookup would not find them.
    """
    event = await _fetch_event(request, opened)
    if loaded.posted.has(event):
        raise ErpmapError(
            f"an earlier integration has posted the order: {loaded.posted.file} lists it; "
            "to send it anyway, remove it from that file"
        )
    return event


async def _fetch_event(request: SendRequest, opened: OpenSystems) -> object:
    """Return the event in the file, or one built from the order in NewStore."""
    if request.event is not None:
        event = read_event(request.event)
        if request.order is not None and request.order not in _order_names(event):
            raise ErpmapError(
                f"{request.event}: the event is not about order {request.order[:64]!r}"
            )
        return event
    assert request.order is not None
    tenant = opened.newstore.address.tenant
    event = await build_order_event(opened.newstore, tenant, request.order)
    if event is None:
        raise ErpmapError(
            f"NewStore has no order {request.order[:64]!r}, or several with this number; check the number, or give the order's id"
        )
    return event


def _order_names(event: object) -> tuple[object, ...]:
    """Return the id and number of an event's order."""
    payload = event.get("payload") if isinstance(event, dict) else None
    if not isinstance(payload, dict):
        return ()
    return tuple(payload.get(name) for name in ("id", "external_id", "order_id"))


def _print_and_exit(
    prepared: Sequence[tuple[Outcome, Sequence[Forecast] | None]], form: str
) -> NoReturn:
    """Print the outcomes and predictions, and exit; a predicted failure counts as a finding."""
    print_prepared(prepared, form)
    code = exit_code({outcome.state for outcome, _ in prepared})
    is_trouble = any(
        forecast.is_trouble for _, forecasts in prepared for forecast in forecasts or ()
    )
    sys.exit(FINDINGS if is_trouble else code)
