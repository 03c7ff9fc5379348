"""Tenants come, change and go while the service runs: each is swapped whole, or stays as it was.

Files are looked at, not listened to: mounted folders and swapped links tell nobody.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

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
from .open_tenant import OpenedTenant, TenantResources, load_checked, open_tenant

LOOK_SECONDS = 2.0
# A tenant that cannot run may be able to later without a change of its files: a secret, a simulator.
_AGAIN_LOOKS = 15

Value = TypeVar("Value")
FileStamps = frozenset[tuple[str, int, int, int]]


@dataclass(frozen=True, slots=True)
class TenantSelection:
    """Which tenants: those at `root`, `only` those named if any are.

    `keys` replace those in a tenant.yaml. Where no events are taken, no key is needed.
    """

    root: Path
    only: tuple[str, ...] = ()
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    takes_events: bool = True


@dataclass(slots=True)
class TenantReload:
    """Keeps `tenants` as their files say; `told` hears of each change, with its trouble if any."""

    wanted: TenantSelection
    reach: TenantResources
    tenants: Tenants
    worker: Worker
    settling: BacklogRouter
    minding: TenantMonitors
    told: Callable[[str, TenantTrouble | None], None] = lambda _name, _trouble: None
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    _opened: dict[str, OpenedTenant] = field(default_factory=dict)
    _seen: dict[str, FileStamps] = field(default_factory=dict)
    _told: dict[str, tuple[TenantTrouble | None, FileStamps | None]] = field(default_factory=dict)
    _leaving: list[OpenedTenant] = field(default_factory=list)
    _fresh: set[str] = field(default_factory=set)
    _looks: int = 0

    async def run(self) -> None:
        """Look again and again until cancelled, at once when `changed` is set."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self.changed.wait()
            is_told = self.changed.is_set()
            self.changed.clear()
            await self.look(is_told=is_told)

    async def close(self) -> None:
        """Watch nobody, and close the systems of all tenants."""
        await self.minding.close()
        for one in (*self._opened.values(), *self._leaving):
            await one.stack.aclose()

    async def look(self, *, is_told: bool = False) -> None:
        """Bring every tenant to what its files say now; all anew when `is_told` of a change."""
        self._looks += 1
        is_time = self._looks % _AGAIN_LOOKS == 0
        await self._settle_late(is_time=is_time)
        only = self.wanted.only
        there = [name for name in list_tenants(self.wanted.root) if not only or name in only]
        for name in set(self._seen) - set(there):
            await self.minding.end(name)
            self._gone(name)
        if is_told:
            self._forget(there)
        for name in there:
            seen = await asyncio.to_thread(stamp_files, self.wanted.root, name)
            again = is_told or (is_time and name in self.tenants.troubles)
            if again or seen != self._seen.get(name):
                self._seen[name] = seen
                await self._tended(name)
        await self._close_left()

    async def _tended(self, name: str) -> None:
        """Load a tenant anew; once more at the next look if the journal cannot be written now."""
        try:
            await self._changed(name)
        except JournalError as error:
            del self._seen[name]
            self._note(name, TenantTrouble(str(error), is_outdated=name in self._opened))

    async def _changed(self, name: str) -> None:
        """Load a tenant anew; where it cannot run so, it goes on as it was, and its trouble shows."""
        before = self._opened.get(name)
        try:
            loaded = await asyncio.to_thread(load_checked, self.wanted.root, name)
            now = await open_tenant(self.reach, loaded, before)
        except NotReadyError as error:
            if before is None:
                self._admit(name, error.tenant if isinstance(error.tenant, Tenant) else None)
            goes_on = before is not None
            self._note(name, TenantTrouble(str(error), error.findings, error.run, goes_on))
            return
        assert loaded.tenant is not None
        missing = self._admit(name, loaded.tenant)
        try:
            await self._settled(loaded, now)
            self._swap(name, now)
        finally:
            await self._left(name, now, before)
        await self.settling.settle(now.ready)
        missing += await self.minding.begin(loaded.tenant, now)
        self._note(name, TenantTrouble("; ".join(missing)) if missing else None)

    async def _settled(self, loaded: LoadedTenant, now: OpenedTenant) -> None:
        """Keep what the mappings are made of, and route what came before they could run."""
        await store_texts(self.worker.journal, loaded, self.worker.now())
        # Those that came first are routed first; after the swap those that came meanwhile.
        await self.settling.settle(now.ready)

    def _swap(self, name: str, now: OpenedTenant) -> None:
        self._opened[name] = now
        self.tenants.ready = {**self.tenants.ready, name: now.ready}
        self._fresh.add(name)

    async def _left(self, name: str, now: OpenedTenant, before: OpenedTenant | None) -> None:
        """What a tenant does not use: the systems it had before, or the new ones if it was not swapped."""
        is_swapped = self._opened.get(name) is now
        left = before if is_swapped else now
        if (before is not None and before.stack is now.stack) or left is None:
            return
        self._allow(name, left)
        if is_swapped:
            self._leaving.append(left)
        else:
            await left.stack.aclose()

    def _allow(self, name: str, left: OpenedTenant) -> None:
        """What a tenant said of an account counts no more when it has left that."""
        governors, stays = self.reach.governors, self._opened.get(name)
        account = left.connection.account
        if stays is not None and stays.connection.account == account:
            governors.of(account, name, stays.connection.allowance)
        else:
            governors.forget(account, name)

    async def _settle_late(self, *, is_time: bool) -> None:
        """Route what was stored without its mappings after its tenant was settled.

        So does another process where the tenant cannot run, and this one with what it began before.
        """
        ready = self.tenants.ready
        names = list(ready) if is_time else [name for name in self._fresh if name in ready]
        with suppress(JournalError):  # the next time, then
            await self.settling.settle_late([ready[name] for name in names])
            self._fresh = set()

    def _admit(self, name: str, tenant: Tenant | None) -> tuple[str, ...]:
        """Let events in by the keys that can be read; gives what is missing."""
        missing: tuple[str, ...] = ()
        keys = self.wanted.keys.get(name) if self.wanted.takes_events else ()
        if keys is None and tenant is not None:
            found = read_event_keys(tenant, self.wanted.root / name, os.environ)
            keys, missing = found.there or None, found.missing
        self.tenants.keys = {**self.tenants.keys, name: keys}
        return missing

    def _note(self, name: str, trouble: TenantTrouble | None) -> None:
        """Keep it, and tell it: the same trouble with the same files is told once."""
        told = (trouble, self._seen.get(name))
        is_known = trouble is not None and self._told.get(name) == told
        self._told[name] = told
        troubles = without_key(self.tenants.troubles, name)
        self.tenants.troubles = troubles if trouble is None else {**troubles, name: trouble}
        if not is_known:
            self.told(name, trouble)

    def _gone(self, name: str) -> None:
        """A tenant whose folder cannot be seen any more: its deliveries wait, its events are sent again.

        A mount may have failed. An event answered 404 would be lost for what NewStore says of it (§2.3).
        """
        del self._seen[name]
        self._told.pop(name, None)
        self.tenants.ready = without_key(self.tenants.ready, name)
        self.tenants.keys = {**self.tenants.keys, name: None}
        if (left := self._opened.pop(name, None)) is not None:
            self._leaving.append(left)
            self._allow(name, left)
        self._note(name, TenantTrouble("its folder is gone, or cannot be read"))

    def _forget(self, there: Collection[str]) -> None:
        """Somebody says that all is as it is meant to be: whose folder is gone is a tenant no more."""
        for name in set(self.tenants.keys) - set(there):
            self.tenants.keys = without_key(self.tenants.keys, name)
            self.tenants.troubles = without_key(self.tenants.troubles, name)
            self._told.pop(name, None)

    async def _close_left(self) -> None:
        """Close systems that were replaced, when no delivery speaks to them any more."""
        for one in [one for one in self._leaving if not self.worker.is_using(one.systems)]:
            self._leaving.remove(one)
            await one.stack.aclose()


def without_key(all_: Mapping[str, Value], name: str) -> Mapping[str, Value]:
    """All but one of them."""
    return {other: value for other, value in all_.items() if other != name}


def stamp_files(root: Path, name: str) -> FileStamps:
    """What the files of a tenant, and of mappings beside it, look like from outside."""
    found = set()
    for folder in (root / name, root / "base"):
        for path in folder.rglob("*"):
            try:
                stat = path.stat()
            except OSError:
                continue
            found.add((str(path), stat.st_mtime_ns, stat.st_size, stat.st_ino))
    return frozenset(found)


async def store_texts(journal: Writer, loaded: LoadedTenant, now: int) -> None:
    """Keep the texts of a tenant under its mappings' versions; `now` as the journal counts.

    Raise JournalError.
    """
    versions = [StoredVersion(loaded.name, plan.name, plan.version) for plan in loaded.plans]
    texts = {path: (text.name, text.content) for path, text in loaded.texts.items()}
    await journal.run(store_versions, versions, texts, now)
