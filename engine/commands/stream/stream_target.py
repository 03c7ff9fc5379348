"""Which integration of which tenant is asked about, and the way to it."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import click
from rich.text import Text

from ...findings.errors import ErpmapError
from ...mapping.load import LoadedTenant
from ...newstore import NewStore
from ...newstore.event_stream import Integration, Registration
from ...orders.report.excerpt import clean
from ...wire import webhook
from ..connect import (
    NewStoreAccess,
    StreamSettings,
    both,
    known_of,
    open_newstore,
    read_event_key,
    read_stream_settings,
    simulated_connection,
)
from ..output.terminal import console
from ..selection import awaited, chosen_tenants, load_named, stop_at, stop_with

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StreamRequest:
    """Which integration of which tenant: the tenant's own where none is named."""

    root: Path
    tenant: str
    integration: str | None
    simulator: str | None
    form: str


@dataclass(frozen=True, slots=True)
class RegistrationTerms:
    """What is said about a registration; without `url` the tenant.yaml says it."""

    url: str | None
    since: datetime | None
    all_events: bool
    update: bool


@dataclass(frozen=True, slots=True)
class ReplayWindow:
    """What is sent again, and how many seconds its end is waited for."""

    start: datetime
    end: datetime
    patience: float


@dataclass(frozen=True, slots=True)
class OwnIntegration:
    """A loaded tenant and what it says of its stream."""

    loaded: LoadedTenant
    settings: StreamSettings
    folder: Path
    id: str

    @property
    def wanted(self) -> tuple[str, ...]:
        """The names of the events that its mappings want."""
        return tuple(sorted({plan.trigger.event for plan in self.loaded.plans}))


def registration_of(
    asked: StreamRequest, ours: OwnIntegration, terms: RegistrationTerms
) -> Registration:
    """What the integration is to be. Wrong use, or an end with a sentence."""
    url = terms.url or ours.settings.url
    if url is None:
        hint = f"--url https://HOST/events/{asked.tenant}, or `events: {{url: …}}` in tenant.yaml"
        raise click.UsageError(f"say where NewStore finds the service: {hint}")
    assert ours.loaded.tenant is not None
    try:
        url = webhook(url, simulated=asked.simulator is not None)
        key = read_event_key(ours.loaded.tenant, ours.folder, os.environ)
    except ErpmapError as error:
        stop_at(error, asked.form)
    events = None if terms.all_events else ours.wanted
    return Registration(ours.id, url, key, events, terms.since)


def ours_of(asked: StreamRequest) -> OwnIntegration:
    """The tenant and its settings, or an end with what is wrong."""
    (name,) = chosen_tenants(asked.root, asked.tenant)
    loaded = load_named(asked.root, name)
    if not loaded.ok:
        stop_with(loaded.findings, asked.form)
    assert loaded.tenant is not None
    try:
        settings = read_stream_settings(loaded.tenant, asked.root / name, os.environ)
    except ErpmapError as error:
        stop_at(error, asked.form)
    id_ = asked.integration or settings.integration
    return OwnIntegration(loaded, settings, asked.root / name, id_)


def with_newstore(
    asked: StreamRequest, ours: OwnIntegration, work: Callable[[NewStore], Awaitable[T]]
) -> T:
    """What is done with the tenant's NewStore, or the simulator's; else an end with a sentence."""

    async def done() -> T:
        async with open_newstore(await _access(asked, ours)) as newstore:
            return await work(newstore)

    return awaited(done(), asked.form)


async def _access(asked: StreamRequest, ours: OwnIntegration) -> NewStoreAccess:
    """The way to NewStore; NetSuite's secrets are not needed for it. Raise what is in the way."""
    assert ours.loaded.tenant is not None
    if asked.simulator is not None:
        known = both(await simulated_connection(ours.loaded.name, asked.simulator))
    else:
        known = known_of(ours.loaded.tenant, ours.folder, os.environ)
    if known.newstore is None:
        raise known.troubles[0]
    return known.newstore


def sentence(there: Integration) -> str:
    """An integration in a line."""
    events = "all events" if there.events is None else ", ".join(there.events)
    url = there.callback_url or "somewhere else than a webhook"
    kind = "" if there.kind == "permanent" else f" ({there.kind})"
    return f"{there.id}{kind}: {there.status}, {events} to {url}"


def say(words: str, style: str = "") -> None:
    """A line for people."""
    console().print(Text(clean(words), style=style))
