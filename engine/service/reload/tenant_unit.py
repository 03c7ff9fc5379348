"""One served tenant: its files are watched, loaded and opened. Whatever goes wrong is its own trouble.

No exception leaves a unit, so that no tenant ends the service or another tenant.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field

from ...files.read_record import ReadRecord
from ...findings.errors import JournalError, LimitError, NotReadyError
from ...mapping.files.tenant import Tenant
from ...mapping.load import LoadedTenant
from ...run.compiled import prepare_plan
from ..dispatch.backlog import BacklogRouter
from ..dispatch.tenants import Tenants, TenantTrouble, without_key
from ..dispatch.worker import Worker
from ..monitoring.tenant_monitors import TenantMonitors
from ..tenant_settings import read_event_keys
from .check_tenant import check_tenant
from .open_tenant import OpenedTenant, TenantResources, open_tenant
from .store_texts import store_texts
from .tenant_selection import TenantSelection
from .watched_files import note_folders

# Seconds until a tenant that cannot run is tried again without a change of its files: a secret or a
# simulator may be available by then. After an error of erpmap the wait grows up to this.
RETRY_SECONDS = 30.0
_FIRST_WAIT = 2.0
# What the operator does not grant any more is not used by the version before either.
_REVOKED = frozenset(f"E120{number}" for number in range(1, 7))
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class UnitParts:
    """What the units of all tenants share.

    `report` is called at each change of a tenant, with its trouble if any; `count_failure` with the name
    of a tenant in which erpmap failed.
    """

    selection: TenantSelection
    resources: TenantResources
    tenants: Tenants
    worker: Worker
    backlog_router: BacklogRouter
    monitors: TenantMonitors
    report: Callable[[str, TenantTrouble | None], None] = lambda _name, _trouble: None
    count_failure: Callable[[str], None] = lambda _name: None


@dataclass(slots=True)
class TenantUnit:
    """Keeps one tenant as its files say. It is replaced as a whole, or stays as it was.

    `is_new` is true until the tenant was tried once, `is_late` while a version was swapped in whose late
    events were not routed yet.
    """

    name: str
    parts: UnitParts
    is_new: bool = True
    is_late: bool = False
    _is_present: bool = True
    _opened: OpenedTenant | None = None
    _read: ReadRecord | None = None
    _reported: tuple[TenantTrouble | None, object] | None = None
    _replaced: list[OpenedTenant] = field(default_factory=list)
    _wait: float = 0.0
    _tried_at: float = float("-inf")
    _is_too_large: bool = False

    async def check(self, *, is_present: bool = True, is_requested: bool = False) -> None:
        """Bring the tenant to the state of its files; load it anew when `is_requested`.

        Without its folder (`is_present` is false) it stops.
        """
        try:
            if is_present:
                await self._check(is_requested=is_requested)
            elif self._is_present or self.is_new:
                await self._remove()
            self._is_present = is_present
            await self._close_replaced()
        except Exception as error:  # noqa: BLE001 - a tenant must not end the service, whatever it is
            self._note_failure(error)
        self.is_new = False

    async def _remove(self) -> None:
        """Stop a tenant whose folder is gone: its deliveries wait, and its events are sent again.

        A mount may have failed. An event answered 404 would be lost (newstore.md §2.3).
        """
        await self.parts.monitors.end(self.name)
        tenants = self.parts.tenants
        tenants.keys = {**tenants.keys, self.name: None}
        self._read = self._reported = None
        self._withdraw()
        self._record(TenantTrouble("its folder is gone, or cannot be read"))

    def _withdraw(self) -> None:
        """Let the version that runs begin no delivery any more."""
        tenants = self.parts.tenants
        tenants.ready = without_key(tenants.ready, self.name)
        if (unused := self._opened) is not None:
            self._opened = None
            self._replaced.append(unused)
            self._update_allowance(unused)

    async def close(self) -> None:
        """Close the tenant's systems. An error is logged: the other tenants are closed all the same."""
        opened = [self._opened] if self._opened is not None else []
        closed = (each.stack.aclose() for each in (*opened, *self._replaced))
        for error in await asyncio.gather(*closed, return_exceptions=True):
            if error is not None:
                _log.error("systems of %s were not closed", self.name, exc_info=error)

    async def _check(self, *, is_requested: bool) -> None:
        if not is_requested and self._is_waiting():
            return
        is_in_trouble = self.name in self.parts.tenants.troubles and not self._is_too_large
        is_retry = is_in_trouble and self._is_retry_due()
        if is_requested or is_retry or await self._has_changed():
            self._tried_at = asyncio.get_running_loop().time()
            await self._reload()
            self._wait = 0.0

    async def _has_changed(self) -> bool:
        """Whether a file is not as the last load read it."""
        return self._read is None or await asyncio.to_thread(self._read.has_changed)

    def _is_waiting(self) -> bool:
        """Whether erpmap failed in this tenant a short while ago."""
        return asyncio.get_running_loop().time() < self._tried_at + self._wait

    def _is_retry_due(self) -> bool:
        return asyncio.get_running_loop().time() >= self._tried_at + RETRY_SECONDS

    def _note_failure(self, error: Exception) -> None:
        """Log an error of erpmap, and let the tenant be tried again after a growing wait."""
        self._wait = min(max(_FIRST_WAIT, self._wait * 2), RETRY_SECONDS)
        self._tried_at = asyncio.get_running_loop().time()
        self._read = None
        words = f"erpmap failed in it ({type(error).__name__}); its log says where"
        if isinstance(error, OSError):
            words = f"its files cannot be read: {error.strerror or type(error).__name__}"
        is_known = self.parts.tenants.troubles.get(self.name) == self._trouble(words)
        self.parts.count_failure(self.name)
        if not is_known:
            _log.error("the tenant %s failed", self.name, exc_info=error)
        self.parts.tenants.keys = {self.name: None, **self.parts.tenants.keys}
        self._record(self._trouble(words))

    def _trouble(self, words: str) -> TenantTrouble:
        return TenantTrouble(words, is_outdated=self._opened is not None)

    async def _reload(self) -> None:
        """Reload the tenant; repeat it at the next poll if the journal cannot be written now."""
        try:
            await self._load()
        except JournalError as error:
            self._read = None
            self._record(self._trouble(str(error)))

    async def _load(self) -> None:
        """Load the tenant; if it cannot run so, its last version goes on and its trouble is reported."""
        before, parts, self._is_too_large = self._opened, self.parts, False
        try:
            loaded = await self._check_files()
            now = await open_tenant(parts.resources, loaded, before)
        except LimitError as error:
            root, self._is_too_large = self.parts.selection.root, True
            self._read = await asyncio.to_thread(note_folders, root, self.name)
            self._record(self._trouble(f"its files cannot be loaded: {error}; make them smaller"))
            return
        except NotReadyError as error:
            if before is not None and any(each.code in _REVOKED for each in error.findings):
                self._withdraw()
                before = None
            if before is None:
                self._admit(error.tenant if isinstance(error.tenant, Tenant) else None)
            trouble = TenantTrouble(
                words=str(error),
                findings=error.findings,
                run=error.run,
                is_outdated=before is not None,
            )
            self._record(trouble)
            return
        assert loaded.tenant is not None
        missing = self._admit(loaded.tenant)
        try:
            await store_texts(parts.worker.journal, loaded, parts.worker.now())
            # Events that arrived first are routed first; those that arrive meanwhile after the swap.
            await parts.backlog_router.route_backlog(now.ready)
            self._swap(now)
        finally:
            await self._release_unused(now, before)
        await parts.backlog_router.route_backlog(now.ready)
        await parts.backlog_router.offer_parked(now.ready)
        missing += await parts.monitors.begin(loaded.tenant, now)
        self._record(TenantTrouble("; ".join(missing)) if missing else None)

    async def _check_files(self) -> LoadedTenant:
        """Load the tenant in a process with limits. Raise NotReadyError, LimitError and WorkerError."""
        root, processes = self.parts.selection.root, self.parts.resources.processes
        checked = await processes.call(self.name, check_tenant, root, self.name)
        self._read = checked.loaded.read
        if checked.trouble is None and not checked.cases:
            _log.warning("tenant %s: no case was run, nothing tests its mappings", self.name)
        if checked.trouble is not None:
            raise NotReadyError(
                message=checked.trouble.words,
                findings=checked.trouble.findings,
                tenant=checked.loaded.tenant,
                run=checked.trouble.run,
            )
        for plan in checked.loaded.plans:
            await asyncio.to_thread(prepare_plan, plan)
        return checked.loaded

    def _swap(self, now: OpenedTenant) -> None:
        self._opened = now
        self.parts.tenants.ready = {**self.parts.tenants.ready, self.name: now.ready}
        self.is_late = True
        _exempt_from_collection()

    async def _release_unused(self, now: OpenedTenant, before: OpenedTenant | None) -> None:
        """Close the systems of the version before, or the new ones if the tenant was not swapped."""
        is_swapped = self._opened is now
        unused = before if is_swapped else now
        if (before is not None and before.stack is now.stack) or unused is None:
            return
        self._update_allowance(unused)
        if is_swapped:
            self._replaced.append(unused)
        else:
            await unused.stack.aclose()

    def _update_allowance(self, unused: OpenedTenant) -> None:
        """Withdraw the limit that an unused version of the tenant set for its account."""
        governors, current = self.parts.resources.governors, self._opened
        account = unused.connection.account
        if current is not None and current.connection.account == account:
            governors.get_governor(account, self.name, current.connection.allowance)
        else:
            governors.forget(account, self.name)

    def _admit(self, tenant: Tenant | None) -> tuple[str, ...]:
        """Admit events with the keys that can be read; return a sentence for each missing key."""
        selection, tenants = self.parts.selection, self.parts.tenants
        missing: tuple[str, ...] = ()
        keys = selection.keys.get(self.name) if selection.takes_events else ()
        if keys is None and tenant is not None:
            found = read_event_keys(tenant, selection.root / self.name, os.environ)
            keys, missing = found.keys or None, found.missing
        tenants.keys = {**tenants.keys, self.name: keys}
        return missing

    def _record(self, trouble: TenantTrouble | None) -> None:
        """Record the tenant's trouble and report it: once for the same trouble with the same files."""
        reported = (trouble, None if self._read is None else self._read.fingerprint)
        is_known = trouble is not None and self._reported == reported
        self._reported = reported
        tenants = self.parts.tenants
        troubles = without_key(tenants.troubles, self.name)
        tenants.troubles = troubles if trouble is None else {**troubles, self.name: trouble}
        if not is_known:
            self.parts.report(self.name, trouble)

    async def _close_replaced(self) -> None:
        """Close replaced systems that no delivery uses any more."""
        worker = self.parts.worker
        for unused in [old for old in self._replaced if not worker.is_using(old.systems)]:
            self._replaced.remove(unused)
            await unused.stack.aclose()


def _exempt_from_collection() -> None:
    """Exempt what stays from the collection of garbage.

    The trees of mappings are hundreds of thousands of objects: to go through them again and again would
    stop every answer for more than 100 ms each time.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
