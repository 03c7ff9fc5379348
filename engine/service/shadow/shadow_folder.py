"""The folder of a shadow looked at: the new versions of tenants' mappings come, change and go with it.

It needs no secret, no system and no cases: what it makes of orders is what is to be found out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ...findings.errors import JournalError
from ...mapping.load import list_tenants, load_tenant, open_folder
from ..dispatch.tenants import TenantTrouble
from ..reload.reload import LOOK_SECONDS, FileStamps, stamp_files, store_texts
from . import Shadow, ShadowFollower
from .shadow import make_shadow


@dataclass(slots=True)
class ShadowFolder:
    """Keeps the shadows that are followed as the files at `root` say; `told` as in `Tending`.

    Only those tenants that are served: `only` these, if any are named.
    """

    root: Path
    only: tuple[str, ...]
    following: ShadowFollower
    told: Callable[[str, TenantTrouble | None], None] = lambda _name, _trouble: None
    _seen: dict[str, FileStamps] = field(default_factory=dict)

    async def run(self) -> None:
        """Look again and again until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.look()

    async def look(self) -> None:
        """Bring every shadow to what its files say now; a broken one is none, and its trouble is told."""
        there = [name for name in list_tenants(self.root) if not self.only or name in self.only]
        for name in set(self._seen) - set(there):
            del self._seen[name]
            self._cast(name, None)
            self.told(name, TenantTrouble("its folder is gone"))
        for name in there:
            seen = await asyncio.to_thread(stamp_files, self.root, name)
            if seen != self._seen.get(name):
                self._seen[name] = seen
                await self._changed(name)

    async def _changed(self, name: str) -> None:
        loaded = await asyncio.to_thread(load_tenant, open_folder(self.root), name)
        shadow = make_shadow(loaded)
        try:
            # What is noted names the versions.
            await store_texts(self.following.journal, loaded, self.following.now())
        except JournalError as error:  # at the next look once more
            del self._seen[name]
            self.told(name, TenantTrouble(str(error)))
            return
        self._cast(name, shadow)
        is_broken = shadow.trouble is not None
        self.told(
            name, TenantTrouble("its files have findings", shadow.findings) if is_broken else None
        )

    def _cast(self, name: str, shadow: Shadow | None) -> None:
        others = {key: one for key, one in self.following.shadows.items() if key != name}
        self.following.shadows = others if shadow is None else {**others, name: shadow}
