"""The folder of shadows, polled: new versions of tenants' mappings are loaded when it changes.

A shadow needs no secret, no system and no cases: its results on real orders are what it is run for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ...findings.errors import JournalError
from ...mapping.load import list_tenants, load_tenant, open_folder
from ..dispatch.tenants import TenantTrouble
from ..reload.file_stamps import WatchedFiles
from ..reload.reload import POLL_SECONDS, store_texts, without_key
from . import Shadow, ShadowFollower
from .shadow import make_shadow


@dataclass(slots=True)
class ShadowFolder:
    """Keeps the follower's shadows as the files at `root` say; `report` is as in `TenantReload`.

    Only served tenants have a shadow: those in `only`, if there are any.
    """

    root: Path
    only: tuple[str, ...]
    follower: ShadowFollower
    report: Callable[[str, TenantTrouble | None], None] = lambda _name, _trouble: None
    _files: WatchedFiles = field(default_factory=WatchedFiles)

    async def run(self) -> None:
        """Poll the files until cancelled."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            await self.check_files()

    async def check_files(self) -> None:
        """Bring every shadow to the state of its files; a broken one does not run, and is reported."""
        names = [name for name in list_tenants(self.root) if not self.only or name in self.only]
        for name in set(self._files) - set(names):
            self._files.forget(name)
            self._set_shadow(name, None)
            self.report(name, TenantTrouble("its folder is gone"))
        for name in names:
            if await asyncio.to_thread(self._files.has_changed, name):
                await self._load(name)

    async def _load(self, name: str) -> None:
        loaded = await asyncio.to_thread(load_tenant, open_folder(self.root), name)
        self._files.remember(name, loaded.read)
        shadow = make_shadow(loaded)
        try:
            # The notes refer to these versions.
            await store_texts(self.follower.journal, loaded, self.follower.now())
        except JournalError as error:  # repeated at the next poll
            self._files.forget(name)
            self.report(name, TenantTrouble(str(error)))
            return
        self._set_shadow(name, shadow)
        is_broken = shadow.trouble is not None
        self.report(
            name, TenantTrouble("its files have findings", shadow.findings) if is_broken else None
        )

    def _set_shadow(self, name: str, shadow: Shadow | None) -> None:
        others = without_key(self.follower.shadows, name)
        self.follower.shadows = others if shadow is None else {**others, name: shadow}
