"""The folder of shadows, polled: new versions of tenants' mappings are loaded when it changes.

A shadow needs no secret, no system and no cases: its results on real orders are what it is run for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ...findings.errors import JournalError, LimitError
from ...mapping.load import LoadedTenant, load_tenant, open_folder
from ...processes import Work
from ..dispatch.tenants import TenantTrouble, without_key
from ..reload.reload import POLL_SECONDS
from ..reload.store_texts import store_texts
from ..reload.tenant_selection import TenantSelection
from ..reload.watched_files import WatchedFiles, note_folders
from . import Shadow, ShadowFollower
from .shadow import make_shadow

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class ShadowFolder:
    """Keeps the follower's shadows as the files of `selection` say; `report` is as in `UnitParts`.

    `is_new` is true until every shadow was tried once.
    """

    selection: TenantSelection
    follower: ShadowFollower
    processes: Work
    report: Callable[[str, TenantTrouble | None], None] = lambda _name, _trouble: None
    _files: WatchedFiles = field(default_factory=WatchedFiles)
    _failed: dict[str, str] = field(default_factory=dict)
    is_new: bool = True

    async def run(self) -> None:
        """Poll the files until cancelled."""
        while True:
            await self.check_files()
            await asyncio.sleep(POLL_SECONDS)

    async def check_files(self) -> None:
        """Bring every shadow to the state of its files; a broken one does not run, and is reported."""
        try:
            names = self.selection.list_names()
        except OSError as error:
            self.follower.loop.fail(
                f"the shadows' folder cannot be read: {error.strerror}", "folder"
            )
            return
        self.follower.loop.succeed("folder")
        for name in set(self._files) - set(names):
            self._files.forget(name)
            self._set_shadow(name, None)
            self.report(name, TenantTrouble("its folder is gone"))
        for name in names:
            try:
                await self._check(name)
            except Exception as error:  # noqa: BLE001 - a shadow must not end the service, whatever it is
                await self._note_failure(name, error)
        self.is_new = False

    async def _check(self, name: str) -> None:
        if await asyncio.to_thread(self._files.has_changed, name):
            await self._load(name)
            self._failed.pop(name, None)

    async def _note_failure(self, name: str, error: Exception) -> None:
        """Report a failure once; the shadow is tried again when its files change."""
        files = await asyncio.to_thread(note_folders, self.selection.root, name)
        self._files.remember(name, files)
        words = f"erpmap failed in it ({type(error).__name__}); its log says where"
        if isinstance(error, LimitError):
            words = f"its files cannot be loaded: {error}; make them smaller"
        if self._failed.get(name) != words:
            self._failed[name] = words
            _log.error("the shadow of %s failed", name, exc_info=error)
            self.report(name, TenantTrouble(words))

    async def _load(self, name: str) -> None:
        loaded = await self.processes.call(name, load_shadow, self.selection.root, name)
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


def load_shadow(root: Path, name: str) -> LoadedTenant:
    """Load a shadow; it runs in a process with limits."""
    return load_tenant(open_folder(root), name)
