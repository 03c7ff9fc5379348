"""Readiness: whether events are accepted and delivered now, and if not, why."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ...findings.errors import JournalError
from ...journal.database import check_writable
from ...journal.dialects import SQLITE
from ...journal.writer import Writer
from ..dispatch.tenants import Tenants
from ..loops import Loops
from .cached_answer import CachedAnswer

_log = logging.getLogger(__name__)

# The server's own words come behind this, in an error of a connection.
_REFUSAL = "FATAL:"
_QUOTED = re.compile('"[^"]*"')
_CANNOT = "cannot be written"
# Seconds after which a journal that does not answer counts as unavailable.
JOURNAL_SECONDS = 3.0
# Minimum seconds between two test writes to the journal, however often the page is requested.
_CACHE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Readiness:
    """The state of the service.

    `failure` returns why the journal cannot be written, None while it can; `is_working` is whether the
    engine runs, `is_loading` whether a tenant was not tried yet after the start. A loop that fails for long
    makes the service unready when it is vital; `show` returns what anyone may read of its words. A tenant
    that cannot run is reported, but the service stays ready: its events are
    stored, and those of the others are delivered.
    """

    failure: CachedAnswer[str | None]
    is_working: Callable[[], bool]
    tenants: Tenants
    loops: Loops
    show: Callable[[str], str]
    is_loading: Callable[[], bool]

    async def ready(self) -> tuple[bool, Mapping[str, object]]:
        """Return whether it is ready, and a document.

        It has `ready`, `journal`, `engine`, `loading`, the tenants, and `loops`: those that fail for long,
        with the reason.
        """
        failure, engine = await self.failure.get(), self.is_working()
        tenants = {
            name: {
                "ready": self.tenants.is_ready(name),
                "outdated": self.tenants.is_outdated(name),
                "trouble": _describe(self.tenants, name),
            }
            for name in sorted({*self.tenants.keys, *self.tenants.ready})
        }
        is_loading = self.is_loading()
        is_ready = failure is None and engine and self.loops.is_ready() and not is_loading
        failing = {name: self.show(words) for name, words in self.loops.permanent().items()}
        return is_ready, {
            "ready": is_ready,
            "journal": failure or "written",
            "engine": "works" if engine else "does not work",
            "loading": is_loading,
            "loops": failing,
            "tenants": tenants,
        }


def create_readiness(
    journal: Writer,
    is_working: Callable[[], bool],
    tenants: Tenants,
    loops: Loops,
    is_loading: Callable[[], bool],
) -> Readiness:
    """Return the readiness of a service."""
    # Anyone may read this page: a server's error names hosts and users, that of a file does not.
    show = str if journal.engine.dialect.name == SQLITE else _mask

    async def failure() -> str | None:
        try:
            async with asyncio.timeout(JOURNAL_SECONDS):
                await journal.run(check_writable)
        except JournalError as error:
            _log.warning("%s", error)
            return show(str(error)).removeprefix("the journal ")
        except TimeoutError:
            return f"{_CANNOT}: it does not answer"
        return None

    return Readiness(
        failure=CachedAnswer(failure, _CACHE_SECONDS),
        is_working=is_working,
        tenants=tenants,
        loops=loops,
        show=show,
        is_loading=is_loading,
    )


def _mask(words: str) -> str:
    """Return the words of a server's error without the names in it."""
    before, is_refusal, reason = words.partition(_REFUSAL)
    head = before.partition(":")[0]
    return f"{head}: {_QUOTED.sub('…', reason.strip())}" if is_refusal else head


def _describe(tenants: Tenants, name: str) -> str | None:
    trouble = tenants.troubles.get(name)
    if trouble is None:
        return None if name in tenants.ready else "it is being loaded"
    return trouble.words
