"""Whether events are taken and delivered now, and if not, why."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..dispatch.tenants import Tenants
from ..errors import JournalError
from ..journal.committing import Committer
from ..journal.counting import write_nothing
from .remembering import Remembered

# A journal that does not answer within these is as good as none.
PATIENCE_SECONDS = 3.0
# However often it is asked, the journal is written for it no more often than that.
_KEPT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Readiness:
    """`is_working` says whether the engine runs.

    A tenant that cannot run is told, and does not make the service unready: its events are stored,
    and those of the others are delivered.
    """

    written: Remembered[bool]
    is_working: Callable[[], bool]
    tenants: Tenants

    async def ready(self) -> tuple[bool, Mapping[str, object]]:
        """Whether, and a document: `ready`, `journal`, `engine`, and each tenant with its trouble."""
        journal, engine = await self.written.get(), self.is_working()
        tenants = {
            name: {"ready": name in self.tenants.ready, "trouble": _words(self.tenants, name)}
            for name in sorted({*self.tenants.keys, *self.tenants.ready})
        }
        is_ready = journal and engine
        return is_ready, {
            "ready": is_ready,
            "journal": "written" if journal else "cannot be written",
            "engine": "works" if engine else "does not work",
            "tenants": tenants,
        }


def readiness(journal: Committer, is_working: Callable[[], bool], tenants: Tenants) -> Readiness:
    """That of a service."""

    async def written() -> bool:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await journal.do(write_nothing)
        except (JournalError, TimeoutError):
            return False
        return True

    return Readiness(Remembered(written, _KEPT_SECONDS), is_working, tenants)


def _words(tenants: Tenants, name: str) -> str | None:
    trouble = tenants.troubles.get(name)
    return None if trouble is None else trouble.words
