"""Reports credentials of the ledger that expire soon: once a day, for a month."""

from __future__ import annotations

from collections.abc import Callable

from ...findings.errors import CredentialError
from ...findings.health import HealthStatus
from ...run.ledger import Ledger
from ...wire.notices import CERTIFICATE_EXPIRING, Notice, WallClock

LOOK_SECONDS = 24 * 3600.0
_BAD = (HealthStatus.WARNING, HealthStatus.FAILED)


async def watch_credentials(
    tenant: str,
    ledger: Ledger,
    notify: Callable[[Notice], None],
    clock: WallClock | None = None,
) -> None:
    """Check the ledger's credentials once a day until cancelled."""
    clock = clock or WallClock()
    while True:
        now = clock.now()
        try:
            result = ledger.check_credentials(now)
        except CredentialError:
            return  # unusable credentials keep the tenant from running, which `open_tenant` reports
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
