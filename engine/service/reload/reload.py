"""Reload of tenants while the service runs: each by its own unit, side by side.

The files are polled: mounted folders and replaced links send no change events.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field

from ..dispatch.tenants import without_key
from ..loops import Loop
from .tenant_unit import TenantUnit, UnitParts

POLL_SECONDS = 2.0
# Polls until late events are looked for without a change: another process may have stored them.
_LATE_POLLS = 15
# After this time the service is ready for the tenants that are.
_LOADING_SECONDS = 30.0


@dataclass(slots=True)
class TenantReload:
    """Keeps the tenants as their files say; `loop` is told what fails beside a tenant.

    Set `requested` to reload all of them at once.
    """

    parts: UnitParts
    loop: Loop = field(default_factory=lambda: Loop("reload"))
    requested: asyncio.Event = field(default_factory=asyncio.Event)
    _units: dict[str, TenantUnit] = field(default_factory=dict)
    _checks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _is_requested: set[str] = field(default_factory=set)
    _polls: int = 0
    _began: float = field(default_factory=time.monotonic)

    @property
    def is_early(self) -> bool:
        """Whether the service started less than half a minute ago."""
        return time.monotonic() < self._began + _LOADING_SECONDS

    def list_tenants(self) -> None:
        """Find the tenants by their folders: until one is loaded, its events are to be sent again."""
        self._find_units()

    @property
    def is_loading(self) -> bool:
        """Whether a tenant was not tried yet after the start, for half a minute at most."""
        return self.is_early and any(unit.is_new for unit in self._units.values())

    async def run(self) -> None:
        """Poll the files until cancelled, and at once when `requested` is set."""
        while True:
            is_requested = self.requested.is_set()
            self.requested.clear()
            await self._begin_checks(is_requested=is_requested)
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self.requested.wait()

    async def close(self) -> None:
        """Stop the monitors, and close the systems of all tenants."""
        for check in self._checks.values():
            check.cancel()
        if self._checks:
            await asyncio.wait(self._checks.values())
        await self.parts.monitors.close()
        for unit in self._units.values():
            await unit.close()

    async def check_files(self, *, is_requested: bool = False) -> None:
        """Bring every tenant to the state of its files; reload all of them when `is_requested`."""
        await self._begin_checks(is_requested=is_requested)
        if self._checks:
            await asyncio.wait(self._checks.values())

    async def _begin_checks(self, *, is_requested: bool) -> None:
        """Begin to check each tenant that is not being checked; a slow one delays no other."""
        self._polls += 1
        await self._route_late(is_retry=self._polls % _LATE_POLLS == 0)
        names = self._find_units()
        if names is None:
            return
        if is_requested:
            self._is_requested |= set(names)
        for name in self._units:
            if name not in self._checks:
                self._begin_check(name, is_present=name in names)
        if is_requested:
            await self._forget_missing(names)

    def _begin_check(self, name: str, *, is_present: bool) -> None:
        is_requested = name in self._is_requested
        self._is_requested.discard(name)
        work = self._units[name].check(is_present=is_present, is_requested=is_requested)
        check = asyncio.create_task(work)
        self._checks[name] = check
        check.add_done_callback(lambda _: self._checks.pop(name))

    def _find_units(self) -> list[str] | None:
        """Return the tenants that have a folder, each with a unit; None if the folders cannot be read."""
        try:
            names = self.parts.selection.list_names()
        except OSError as error:
            self.loop.fail(f"the tenants' folders cannot be read: {error.strerror}", "folders")
            return None
        self.loop.succeed("folders")
        tenants = self.parts.tenants
        for name in names:
            if name not in self._units:
                self._units[name] = TenantUnit(name, self.parts)
                tenants.keys = {name: None, **tenants.keys}
        return names

    async def _forget_missing(self, names: list[str]) -> None:
        """Forget the tenants without a folder: an operator's reload confirms that they are gone."""
        gone = [check for name, check in self._checks.items() if name not in names]
        if gone:  # they stop first
            await asyncio.wait(gone)
        tenants = self.parts.tenants
        for name in set(tenants.keys) - set(names):
            tenants.keys = without_key(tenants.keys, name)
            tenants.troubles = without_key(tenants.troubles, name)

    async def _route_late(self, *, is_retry: bool) -> None:
        """Route events that were stored unrouted after their tenant's backlog had been routed.

        Another process in which the tenant cannot run stores such events, and so does this process
        for events that it had begun to store before.
        """
        ready = self.parts.tenants.ready
        units = [unit for unit in self._units.values() if unit.is_late or is_retry]
        late = [ready[unit.name] for unit in units if unit.name in ready]
        with self.loop.round("late"):  # repeated at the next poll
            await self.parts.backlog_router.route_late(late)
            for unit in units:
                unit.is_late = False
