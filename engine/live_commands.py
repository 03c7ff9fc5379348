"""What the commands do that speak to NewStore and NetSuite: send one order, render it, simulate.

Wrong use is a `click.UsageError`; what cannot be reached is a sentence and exit code 1.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, TypeVar

import click

from .commands import FINDINGS, NOT_READY, exit_code, ready_tenant, stop_with
from .connecting import Connection, connection_of, open_systems, simulated_connection
from .delivery import (
    Delivery,
    NotPrepared,
    State,
    Systems,
    Time,
    deliver,
    foresee,
    prepare,
)
from .errors import ErpmapError, FindingsError
from .load import LoadedTenant
from .newstore import event_of
from .orders import read_document
from .plan import Plan
from .receipts import print_deliveries, print_words
from .run import Outcome, Payload, is_wanted
from .terminal import print_outcomes

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asked:
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


def send(asked: Asked, *, patience: float, dry_run: bool) -> NoReturn:
    """Deliver the order now, print what became of it, and exit."""
    loaded, plans = ready_tenant(asked.root, asked.tenant, asked.mapping, asked.form)
    if dry_run:
        _show(*_run(_prepared(asked, loaded, plans, foreseen=True)), asked.form)
    deliveries = _run(_delivered(asked, loaded, plans, patience))
    print_deliveries(deliveries, asked.form)
    states = {delivery.state for delivery in deliveries}
    if State.PARKED in states:
        sys.exit(FINDINGS)
    sys.exit(NOT_READY if State.WAITING in states else 0)


def render_live(asked: Asked) -> NoReturn:
    """Render the order from live sources, print its payloads, and exit; nothing is written."""
    loaded, plans = ready_tenant(asked.root, asked.tenant, asked.mapping, asked.form)
    _show(*_run(_prepared(asked, loaded, plans, foreseen=False)), asked.form)


def connection_to(asked: Asked, loaded: LoadedTenant) -> Awaitable[Connection]:
    """The tenant's own connection, or the simulator's. Raise CredentialError, AddressError."""
    if asked.simulator is not None:
        return simulated_connection(asked.tenant, asked.simulator)
    assert loaded.tenant is not None
    tenant = loaded.tenant

    async def own() -> Connection:
        return connection_of(tenant, asked.root / asked.tenant, os.environ)

    return own()


def _run(work: Awaitable[T]) -> T:
    """The result; what a system or a credential refuses ends in a sentence, not in a traceback."""

    async def awaited() -> T:
        return await work

    try:
        return asyncio.run(awaited())
    except FindingsError as error:
        stop_with(error.findings, "human")
    except ErpmapError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(FINDINGS)


async def _delivered(
    asked: Asked, loaded: LoadedTenant, plans: Sequence[Plan], patience: float
) -> list[Delivery]:
    """The order through every mapping that wants it, or through all: one of them says why not."""
    passing = Time(time.monotonic, asyncio.sleep, patience)
    told = print_words if asked.form == "human" else lambda _: None
    async with open_systems(await connection_to(asked, loaded)) as systems:
        event = await _event(asked, systems)
        wanted = [plan for plan in plans if is_wanted(plan, event)] or list(plans)
        return [await deliver(plan, event, systems, passing, told=_teller(told)) for plan in wanted]


def _teller(say: Callable[[str], None]) -> Callable[[Delivery], None]:
    def tell(delivery: Delivery) -> None:
        wait = f"tried again in {delivery.wait:g} s" if delivery.wait is not None else ""
        say(f"order {delivery.order} · {delivery.mapping}: {delivery.words}; {wait}")

    return tell


async def _prepared(
    asked: Asked, loaded: LoadedTenant, plans: Sequence[Plan], *, foreseen: bool
) -> tuple[list[Outcome], list[str]]:
    """What each mapping that wants the order makes of it, and what writing it would do."""
    async with open_systems(await connection_to(asked, loaded)) as systems:
        event = await _event(asked, systems)
        wanted = [plan for plan in plans if is_wanted(plan, event)] or list(plans)
        outcomes = [await _outcome(plan, event, systems) for plan in wanted]
        payloads = [payload for outcome in outcomes for payload in outcome.payloads]
        words = [await _foreseen(payload, systems) for payload in payloads if foreseen]
    return outcomes, words


async def _outcome(plan: Plan, event: object, systems: Systems) -> Outcome:
    prepared = await prepare(plan, event, systems)
    if isinstance(prepared, NotPrepared):
        raise ErpmapError(prepared.answer.words)
    return prepared.outcome


async def _foreseen(payload: Payload, systems: Systems) -> str:
    shown = payload.external_id or payload.name
    return f"{payload.record} {shown}: {await foresee(systems.netsuite, payload)}"


async def _event(asked: Asked, systems: Systems) -> object:
    """The event in the file, or the one that the order would have had."""
    if asked.event is not None:
        event = read_document(asked.event)
        if asked.order is not None and asked.order not in _names_of(event):
            raise ErpmapError(f"the event is about another order than {asked.order[:64]!r}")
        return event
    assert asked.order is not None
    tenant = systems.newstore.address.tenant
    event = await event_of(systems.newstore, tenant, asked.order)
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


def _show(outcomes: Sequence[Outcome], words: Sequence[str], form: str) -> NoReturn:
    print_outcomes(outcomes, form)
    for line in words:
        print_words(line)
    sys.exit(exit_code({outcome.state for outcome in outcomes}))
