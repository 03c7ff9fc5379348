"""The integration that a `stream` command works on, and the connection to NewStore."""

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
from ...service.tenant_settings import StreamSettings, read_event_key, read_stream_settings
from ...wire.urls import webhook
from ..connect import (
    NewStoreAccess,
    as_known_systems,
    open_newstore,
    read_known_systems,
    simulated_connection,
)
from ..exit import exit_with_error, exit_with_findings, run_or_exit
from ..output.terminal import console
from ..tenants import load_named_tenant, select_tenants

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StreamRequest:
    """The integration of a tenant; without an id, the tenant's own."""

    root: Path
    tenant: str
    integration: str | None
    simulator: str | None
    form: str


@dataclass(frozen=True, slots=True)
class RegistrationTerms:
    """The options of a registration; without `url` that of the tenant.yaml."""

    url: str | None
    since: datetime | None
    all_events: bool
    update: bool


@dataclass(frozen=True, slots=True)
class ReplayWindow:
    """The window of events to send again; `patience` is in seconds."""

    start: datetime
    end: datetime
    patience: float


@dataclass(frozen=True, slots=True)
class OwnIntegration:
    """A loaded tenant with the settings of its stream."""

    loaded: LoadedTenant
    settings: StreamSettings
    folder: Path
    id: str

    @property
    def wanted(self) -> tuple[str, ...]:
        """Return the names of the events that its mappings want."""
        return tuple(sorted({plan.trigger.event for plan in self.loaded.plans}))


def build_registration(
    request: StreamRequest, own: OwnIntegration, terms: RegistrationTerms
) -> Registration:
    """Return the registration of the integration; exit with an error for an invalid address or key.

    Raise UsageError without an address.
    """
    url = terms.url or own.settings.url
    if url is None:
        hint = f"--url https://HOST/events/{request.tenant}, or `events: {{url: …}}` in tenant.yaml"
        raise click.UsageError(f"give the service's address for NewStore: {hint}")
    assert own.loaded.tenant is not None
    try:
        url = webhook(url, simulated=request.simulator is not None)
        key = read_event_key(own.loaded.tenant, own.folder, os.environ)
    except ErpmapError as error:
        exit_with_error(error, request.form)
    events = None if terms.all_events else own.wanted
    return Registration(id=own.id, callback_url=url, api_key=key, events=events, starts=terms.since)


def load_integration(request: StreamRequest) -> OwnIntegration:
    """Return the tenant and its stream settings; exit with its findings or error."""
    (name,) = select_tenants(request.root, request.tenant)
    loaded = load_named_tenant(request.root, name)
    if not loaded.ok:
        exit_with_findings(loaded.findings, request.form)
    assert loaded.tenant is not None
    try:
        settings = read_stream_settings(loaded.tenant, request.root / name, os.environ)
    except ErpmapError as error:
        exit_with_error(error, request.form)
    id_ = request.integration or settings.integration
    return OwnIntegration(loaded=loaded, settings=settings, folder=request.root / name, id=id_)


def run_with_newstore(
    request: StreamRequest, own: OwnIntegration, work: Callable[[NewStore], Awaitable[T]]
) -> T:
    """Run the work with the tenant's NewStore, or the simulator's; exit with an error's message."""

    async def done() -> T:
        async with open_newstore(await _newstore_access(request, own)) as newstore:
            return await work(newstore)

    return run_or_exit(done(), request.form)


async def _newstore_access(request: StreamRequest, own: OwnIntegration) -> NewStoreAccess:
    """Return the address and credentials of NewStore, without NetSuite's secrets.

    Raise CredentialError, AddressError, NoAnswerError.
    """
    assert own.loaded.tenant is not None
    if request.simulator is not None:
        systems = as_known_systems(await simulated_connection(own.loaded.name, request.simulator))
    else:
        systems = read_known_systems(own.loaded.tenant, own.folder, os.environ)
    if systems.newstore is None:
        raise systems.troubles[0]
    return systems.newstore


def describe_integration(integration: Integration) -> str:
    """Describe an integration in a line."""
    events = "all events" if integration.events is None else ", ".join(integration.events)
    url = integration.callback_url or "a target other than a webhook"
    kind = "" if integration.kind == "permanent" else f" ({integration.kind})"
    return f"{integration.id}{kind}: {integration.status}, {events} to {url}"


def print_line(words: str, style: str = "") -> None:
    """Print a line."""
    console().print(Text(clean(words), style=style))
