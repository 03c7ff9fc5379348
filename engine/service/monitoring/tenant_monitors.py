"""The monitors of a tenant while it is served, and its notifier."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ...findings.errors import AddressError, CredentialError
from ...journal.writer import Writer
from ...mapping.files.tenant import Tenant
from ...run.ledger import Ledger
from ...run.shop import Shop, StreamView
from ...wire.notices import Notice, Notifier, WallClock
from ..loops import Loop
from ..reload.open_tenant import OpenedTenant
from ..tenant_settings import WebhookSettings, read_stream_settings, read_webhook_settings
from .credential_monitor import watch_credentials
from .parked_monitor import watch_parked
from .stream_monitor import StreamToWatch, watch_stream


@dataclass(frozen=True, slots=True)
class TenantWatch:
    """The monitored systems of a tenant; without `notify` its trouble is handled but not sent.

    Without `stream` no stream is checked. `on_check` is called with each check of the stream.
    """

    tenant: str
    stream: StreamToWatch | None
    shop: Shop
    ledger: Ledger
    journal: Writer
    notify: WebhookSettings | None
    on_check: Callable[[StreamView], None] = lambda _: None
    clock: WallClock = field(default_factory=WallClock)
    loop: Loop = field(default_factory=lambda: Loop("monitors"))


async def watch_tenant(watch: TenantWatch) -> None:
    """Run the monitors until cancelled; waiting notices are sent at the end."""
    tenant, clock, loop = watch.tenant, watch.clock, watch.loop
    notifier = None if watch.notify is None else Notifier(watch.notify.hook, clock)

    def notify(notice: Notice) -> None:
        if notifier is not None and watch.notify is not None and notice.kind in watch.notify.on:
            notifier.tell(notice)

    async with asyncio.TaskGroup() as group:
        if notifier is not None:
            group.create_task(notifier.run())
        if watch.stream is not None:
            group.create_task(watch_stream(watch.stream, watch.shop, notify, clock, watch.on_check))
        group.create_task(watch_credentials(tenant, watch.ledger, notify, clock, loop))
        group.create_task(watch_parked(watch.journal, tenant, notify, clock, loop))


_log = logging.getLogger(__name__)


@dataclass(slots=True)
class TenantMonitors:
    """The monitors of each tenant that runs, started anew when it changes.

    With a simulator the stream is not monitored, because none is registered there, and a webhook
    without an address is logged, but no trouble.
    """

    root: Path
    journal: Writer
    is_simulated: bool
    loop: Loop = field(default_factory=lambda: Loop("monitors"))
    _watches: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _warned: dict[str, str] = field(default_factory=dict)

    async def begin(self, tenant: Tenant, opened: OpenedTenant) -> tuple[str, ...]:
        """Start the monitors of a tenant; return why a part of it is not monitored or notified."""
        await self.end(tenant.name)
        folder = self.root / tenant.name
        troubles: list[str] = []
        notify: WebhookSettings | None = None
        try:
            notify = read_webhook_settings(tenant, folder, os.environ, simulated=self.is_simulated)
        except (CredentialError, AddressError) as error:
            words = f"trouble is not reported: {_words(error)}"
            troubles += [] if self.is_simulated else [words]
            self._warn(tenant.name, words)
        stream: StreamToWatch | None = None
        try:
            settings = read_stream_settings(tenant, folder, os.environ)
            stream = StreamToWatch(tenant.name, settings.integration, settings.restarts)
        except CredentialError as error:
            troubles.append(f"the stream is not monitored: {_words(error)}")
        watch = TenantWatch(
            tenant=tenant.name,
            stream=None if self.is_simulated else stream,
            shop=opened.systems.shop,
            ledger=opened.systems.ledger,
            journal=self.journal,
            notify=notify,
            loop=self.loop,
        )
        self._watches[tenant.name] = asyncio.create_task(_watch_safely(watch))
        return tuple(troubles)

    def _warn(self, name: str, words: str) -> None:
        """Log once what is no trouble of the tenant with a simulator."""
        if self.is_simulated and self._warned.get(name) != words:
            self._warned[name] = words
            _log.warning("%s: %s", name, words)

    async def end(self, name: str) -> None:
        """Stop the monitors of a tenant; waiting notices are sent."""
        task = self._watches.pop(name, None)
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def close(self) -> None:
        """Stop all monitors."""
        for name in list(self._watches):
            await self.end(name)


async def _watch_safely(watch: TenantWatch) -> None:
    """Run the monitors until cancelled; log their error, which must not end the service."""
    try:
        await watch_tenant(watch)
    except* AddressError as group:
        watch.loop.fail(f"{watch.tenant} is not monitored: {group.exceptions[0]}", watch.tenant)


def _words(error: CredentialError | AddressError) -> str:
    missing = error.missing if isinstance(error, CredentialError) else ()
    return "; ".join(missing) or str(error)
