"""Reports credentials of the ledger that expire soon: once a day, for a month."""

from __future__ import annotations

from collections.abc import Callable

from ...findings.health import HealthStatus
from ...run.ledger import Ledger
from ...wire.notices import CERTIFICATE_EXPIRING, Notice, WallClock
from ..loops import Loop

LOOK_SECONDS = 24 * 3600.0
_BAD = (HealthStatus.WARNING, HealthStatus.FAILED)


async def watch_credentials(
    tenant: str,
    ledger: Ledger,
    notify: Callable[[Notice], None],
    clock: WallClock | None = None,
    loop: Loop | None = None,
) -> None:
    """Check the ledger's credentials once a day until cancelled."""
    clock, loop = clock or WallClock(), loop or Loop("monitors")
    while True:
        now, result = clock.now(), None
        with loop.round((tenant, CERTIFICATE_EXPIRING)):
            result = ledger.check_credentials(now)
        if result is None:
            await clock.sleep(LOOK_SECONDS)
            continue
        if result.verdict in _BAD:
            counts = {result.verdict.value: 1}
            notify(
                Notice(
                    kind=CERTIFICATE_EXPIRING,
                    tenant=tenant,
                    words=result.words,
                    at=now,
                    counts=counts,
                )
            )
        await clock.sleep(LOOK_SECONDS)
