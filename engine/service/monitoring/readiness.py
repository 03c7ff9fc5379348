"""Whether events are taken and delivered now, and if not, why."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ...findings.errors import JournalError
from ...journal.database import check_writable
from ...journal.dialects import SQLITE
from ...journal.writer import Writer
from ..dispatch.tenants import Tenants
from .cached_answer import CachedAnswer

_log = logging.getLogger(__name__)

_CANNOT = "cannot be written"
# A journal that does not answer within these is as good as none.
JOURNAL_SECONDS = 3.0
# However often it is asked, the journal is written for it no more often than that.
_KEPT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Readiness:
    """`failing` says why the journal cannot be written, None while it can; `is_working` if the engine runs.

    A tenant that cannot run is told, and does not make the service unready: its events are stored,
    and those of the others are delivered.
    """

    failing: CachedAnswer[str | None]
    is_working: Callable[[], bool]
    tenants: Tenants

    async def ready(self) -> tuple[bool, Mapping[str, object]]:
        """Whether, and a document: `ready`, `journal`, `engine`, and each tenant with its trouble."""
        failing, engine = await self.failing.get(), self.is_working()
        tenants = {
            name: {
                "ready": self.tenants.is_ready(name),
                "outdated": self.tenants.is_outdated(name),
                "trouble": _words(self.tenants, name),
            }
            for name in sorted({*self.tenants.keys, *self.tenants.ready})
        }
        is_ready = failing is None and engine
        return is_ready, {
            "ready": is_ready,
            "journal": failing or "written",
            "engine": "works" if engine else "does not work",
            "tenants": tenants,
        }


def create_readiness(
    journal: Writer, is_working: Callable[[], bool], tenants: Tenants
) -> Readiness:
    """That of a service."""

    async def failing() -> str | None:
        try:
            async with asyncio.timeout(JOURNAL_SECONDS):
                await journal.run(check_writable)
        except JournalError as error:
            _log.warning("%s", error)
            # Anybody may ask: a server's words name hosts and users, those about a file do not.
            is_file = journal.engine.dialect.name == SQLITE
            return str(error).removeprefix("the journal ") if is_file else _CANNOT
        except TimeoutError:
            return f"{_CANNOT}: it does not answer"
        return None

    return Readiness(CachedAnswer(failing, _KEPT_SECONDS), is_working, tenants)


def _words(tenants: Tenants, name: str) -> str | None:
    trouble = tenants.troubles.get(name)
    return None if trouble is None else trouble.words
