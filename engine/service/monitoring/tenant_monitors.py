"""All that is watched for one tenant while it is served, and its notifier beside it."""

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
from ..reload.open_tenant import OpenedTenant
from ..tenant_settings import WebhookSettings, read_stream_settings, read_webhook_settings
from .credential_monitor import watch_credentials
from .parked_monitor import watch_parked
from .stream_monitor import StreamToWatch, watch_stream


@dataclass(frozen=True, slots=True)
class TenantWatch:
    """What is watched, and who is told; without `notify` nobody is, and the rest is done all the same.

    Without `watched` there is no stream to look at. `seen` hears of each look at it, so that it can
    be shown.
    """

    tenant: str
    watched: StreamToWatch | None
    shop: Shop
    ledger: Ledger
    journal: Writer
    notify: WebhookSettings | None
    seen: Callable[[StreamView], None] = lambda _: None
    passing: WallClock = field(default_factory=WallClock)


async def watch_tenant(one: TenantWatch) -> None:
    """Watch until cancelled; what waits to be told is told at the end."""
    tenant, passing = one.tenant, one.passing
    notifier = None if one.notify is None else Notifier(one.notify.hook, passing)

    def tell(notice: Notice) -> None:
        if notifier is not None and one.notify is not None and notice.kind in one.notify.on:
            notifier.tell(notice)

    async with asyncio.TaskGroup() as group:
        if notifier is not None:
            group.create_task(notifier.run())
        if one.watched is not None:
            group.create_task(watch_stream(one.watched, one.shop, tell, passing, one.seen))
        group.create_task(watch_credentials(tenant, one.ledger, tell, passing))
        group.create_task(watch_parked(one.journal, tenant, tell, passing))


_log = logging.getLogger(__name__)


@dataclass(slots=True)
class TenantMonitors:
    """One watch for each tenant that runs, begun anew when it changes.

    With a simulator the stream is not watched, for nobody has registered one there, and a webhook
    that has no address is no trouble, though it is said.
    """

    root: Path
    journal: Writer
    is_simulated: bool
    _watches: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _warned: dict[str, str] = field(default_factory=dict)

    async def begin(self, tenant: Tenant, opened: OpenedTenant) -> tuple[str, ...]:
        """Watch a tenant from now on; gives what keeps a part of it from being watched or told."""
        await self.end(tenant.name)
        folder = self.root / tenant.name
        troubles: list[str] = []
        notify: WebhookSettings | None = None
        try:
            notify = read_webhook_settings(tenant, folder, os.environ, simulated=self.is_simulated)
        except (CredentialError, AddressError) as error:
            words = f"nobody is told of trouble: {_words(error)}"
            troubles += [] if self.is_simulated else [words]
            self._warn(tenant.name, words)
        watched: StreamToWatch | None = None
        try:
            settings = read_stream_settings(tenant, folder, os.environ)
            watched = StreamToWatch(tenant.name, settings.integration, settings.restarts)
        except CredentialError as error:
            troubles.append(f"the stream is not watched: {_words(error)}")
        one = TenantWatch(
            tenant.name,
            None if self.is_simulated else watched,
            opened.systems.shop,
            opened.systems.ledger,
            self.journal,
            notify,
        )
        self._watches[tenant.name] = asyncio.create_task(_minded(one))
        return tuple(troubles)

    def _warn(self, name: str, words: str) -> None:
        """Say once for the log what with a simulator is no trouble of the tenant."""
        if self.is_simulated and self._warned.get(name) != words:
            self._warned[name] = words
            _log.warning("%s: %s", name, words)

    async def end(self, name: str) -> None:
        """Watch a tenant no more; what waits to be told is told."""
        task = self._watches.pop(name, None)
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def close(self) -> None:
        """Watch nobody any more."""
        for name in list(self._watches):
            await self.end(name)


async def _minded(one: TenantWatch) -> None:
    """Watch until cancelled; what fails here must not end the service, and must be seen."""
    try:
        await watch_tenant(one)
    except* AddressError as group:
        _log.error("%s is not watched: %s", one.tenant, group.exceptions[0])


def _words(error: CredentialError | AddressError) -> str:
    missing = error.missing if isinstance(error, CredentialError) else ()
    return "; ".join(missing) or str(error)
