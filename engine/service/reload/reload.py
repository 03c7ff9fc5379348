"""Reload of tenants while the service runs: each is replaced as a whole, or stays as it was.

The files are polled: mounted folders and replaced links send no change events.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from ...files.read_record import ReadRecord
from ...findings.errors import JournalError, NotReadyError
from ...journal.mapping_versions import StoredVersion, store_versions
from ...journal.writer import Writer
from ...mapping.files.tenant import Tenant
from ...mapping.load import LoadedTenant, list_tenants
from ..dispatch.backlog import BacklogRouter
from ..dispatch.tenants import Tenants, TenantTrouble
from ..dispatch.worker import Worker
from ..monitoring.tenant_monitors import TenantMonitors
from ..tenant_settings import read_event_keys
from .file_stamps import WatchedFiles
from .open_tenant import OpenedTenant, TenantResources, load_checked, open_tenant

POLL_SECONDS = 2.0
# Polls until a tenant that cannot run is tried again without a change of its files: a secret, or a
# simulator, may be available by then.
_RETRY_POLLS = 15

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class TenantSelection:
    """The tenants to serve: those at `root`, or only the names in `only` if there are any.

    `keys` replace the event keys of a tenant.yaml. A process that takes no events needs no key.
    """

    root: Path
    only: tuple[str, ...] = ()
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    takes_events: bool = True


@dataclass(slots=True)
class TenantReload:
    """Keeps `tenants` as their files say; `report` is called at each change, with the trouble if any.

    Set `requested` to reload all tenants at once.
    """

    selection: TenantSelection
    resources: TenantResources
    tenants: Tenants
    worker: Worker
    backlog_router: BacklogRouter
    monitors: TenantMonitors
    report: Callable[[str, TenantTrouble | None], None] = lambda _name, _trouble: None
    requested: asyncio.Event = field(default_factory=asyncio.Event)
    _opened: dict[str, OpenedTenant] = field(default_factory=dict)
    _files: WatchedFiles = field(default_factory=WatchedFiles)
    _reported: dict[str, tuple[TenantTrouble | None, object]] = field(default_factory=dict)
    _replaced: list[OpenedTenant] = field(default_factory=list)
    _reloaded: set[str] = field(default_factory=set)
    _polls: int = 0

    async def run(self) -> None:
        """Poll the files until cancelled, and at once when `requested` is set."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self.requested.wait()
            is_requested = self.requested.is_set()
            self.requested.clear()
            await self.check_files(is_requested=is_requested)

    async def close(self) -> None:
        """Stop the monitors, and close the systems of all tenants."""
        await self.monitors.close()
        for opened in (*self._opened.values(), *self._replaced):
            await opened.stack.aclose()

    async def check_files(self, *, is_requested: bool = False) -> None:
        """Bring every tenant to the state of its files; reload all of them when `is_requested`."""
        self._polls += 1
        is_retry = self._polls % _RETRY_POLLS == 0
        await self._route_late(is_retry=is_retry)
        only = self.selection.only
        names = [name for name in list_tenants(self.selection.root) if not only or name in only]
        for name in set(self._files) - set(names):
            await self.monitors.end(name)
            self._remove(name)
        if is_requested:
            self._forget_missing(names)
        for name in names:
            again = is_requested or (is_retry and name in self.tenants.troubles)
            if again or await asyncio.to_thread(self._files.has_changed, name):
                await self._reload(name)
        await self._close_replaced()

    async def _reload(self, name: str) -> None:
        """Reload a tenant; repeat it at the next poll if the journal cannot be written now."""
        try:
            await self._load(name)
        except JournalError as error:
            self._files.forget(name)
            self._record(name, TenantTrouble(str(error), is_outdated=name in self._opened))

    async def _load(self, name: str) -> None:
        """Load a tenant; if it cannot run so, its last version goes on and its trouble is reported."""
        before = self._opened.get(name)
        try:
            loaded = await asyncio.to_thread(load_checked, self.selection.root, name)
            self._files.remember(name, loaded.read)
            now = await open_tenant(self.resources, loaded, before)
        except NotReadyError as error:
            if isinstance(error.read, ReadRecord):
                self._files.remember(name, error.read)
            if before is None:
                self._admit(name, error.tenant if isinstance(error.tenant, Tenant) else None)
            goes_on = before is not None
            self._record(
                name,
                TenantTrouble(
                    words=str(error), findings=error.findings, run=error.run, is_outdated=goes_on
                ),
            )
            return
        assert loaded.tenant is not None
        missing = self._admit(name, loaded.tenant)
        try:
            await store_texts(self.worker.journal, loaded, self.worker.now())
            # Events that arrived first are routed first; those that arrive meanwhile after the swap.
            await self.backlog_router.route_backlog(now.ready)
            self._swap(name, now)
        finally:
            await self._release_unused(name, now, before)
        await self.backlog_router.route_backlog(now.ready)
        await self.backlog_router.offer_parked(now.ready)
        missing += await self.monitors.begin(loaded.tenant, now)
        self._record(name, TenantTrouble("; ".join(missing)) if missing else None)

    def _swap(self, name: str, now: OpenedTenant) -> None:
        self._opened[name] = now
        self.tenants.ready = {**self.tenants.ready, name: now.ready}
        self._reloaded.add(name)

    async def _release_unused(
        self, name: str, now: OpenedTenant, before: OpenedTenant | None
    ) -> None:
        """Close the systems of the version before, or the new ones if the tenant was not swapped."""
        is_swapped = self._opened.get(name) is now
        unused = before if is_swapped else now
        if (before is not None and before.stack is now.stack) or unused is None:
            return
        self._update_allowance(name, unused)
        if is_swapped:
            self._replaced.append(unused)
        else:
            await unused.stack.aclose()

    def _update_allowance(self, name: str, unused: OpenedTenant) -> None:
        """Withdraw the limit that an unused version of a tenant set for its account."""
        governors, current = self.resources.governors, self._opened.get(name)
        account = unused.connection.account
        if current is not None and current.connection.account == account:
            governors.get_governor(account, name, current.connection.allowance)
        else:
            governors.forget(account, name)

    async def _route_late(self, *, is_retry: bool) -> None:
        """Route events that were stored unrouted after their tenant's backlog had been routed.

        Another process in which the tenant cannot run stores such events, and so does this process
        for events that it had begun to store before.
        """
        ready = self.tenants.ready
        names = list(ready) if is_retry else [name for name in self._reloaded if name in ready]
        with suppress(JournalError):  # repeated at the next poll
            await self.backlog_router.route_late([ready[name] for name in names])
            self._reloaded = set()

    def _admit(self, name: str, tenant: Tenant | None) -> tuple[str, ...]:
        """Admit events with the keys that can be read; return a sentence for each missing key."""
        missing: tuple[str, ...] = ()
        keys = self.selection.keys.get(name) if self.selection.takes_events else ()
        if keys is None and tenant is not None:
            found = read_event_keys(tenant, self.selection.root / name, os.environ)
            keys, missing = found.keys or None, found.missing
        self.tenants.keys = {**self.tenants.keys, name: keys}
        return missing

    def _record(self, name: str, trouble: TenantTrouble | None) -> None:
        """Record a tenant's trouble and report it: once for the same trouble with the same files."""
        reported = (trouble, self._files.fingerprint(name))
        is_known = trouble is not None and self._reported.get(name) == reported
        self._reported[name] = reported
        troubles = without_key(self.tenants.troubles, name)
        self.tenants.troubles = troubles if trouble is None else {**troubles, name: trouble}
        if not is_known:
            self.report(name, trouble)

    def _remove(self, name: str) -> None:
        """Stop a tenant whose folder is gone: its deliveries wait, and its events are sent again.

        A mount may have failed. An event answered 404 would be lost (newstore.md §2.3).
        """
        self._files.forget(name)
        self._reported.pop(name, None)
        self.tenants.ready = without_key(self.tenants.ready, name)
        self.tenants.keys = {**self.tenants.keys, name: None}
        if (unused := self._opened.pop(name, None)) is not None:
            self._replaced.append(unused)
            self._update_allowance(name, unused)
        self._record(name, TenantTrouble("its folder is gone, or cannot be read"))

    def _forget_missing(self, names: Collection[str]) -> None:
        """Forget the tenants without a folder: an operator's reload confirms that they are gone."""
        for name in set(self.tenants.keys) - set(names):
            self.tenants.keys = without_key(self.tenants.keys, name)
            self.tenants.troubles = without_key(self.tenants.troubles, name)
            self._reported.pop(name, None)

    async def _close_replaced(self) -> None:
        """Close replaced systems that no delivery uses any more."""
        for unused in [old for old in self._replaced if not self.worker.is_using(old.systems)]:
            self._replaced.remove(unused)
            await unused.stack.aclose()


def without_key(mapping: Mapping[str, Value], key: str) -> Mapping[str, Value]:
    """Return a copy of a mapping without a key."""
    return {other: value for other, value in mapping.items() if other != key}


async def store_texts(journal: Writer, loaded: LoadedTenant, now: int) -> None:
    """Store the texts of a tenant's mappings under their versions, before a delivery refers to one.

    `now` is in milliseconds since 1970. Raise JournalError.
    """
    versions = [StoredVersion(loaded.name, plan.name, plan.version) for plan in loaded.plans]
    texts = {path: (text.name, text.content) for path, text in loaded.texts.items()}
    await journal.run(store_versions, versions, texts, now)
