"""A certificate that ends soon: told each day, for a month."""

from __future__ import annotations

from collections.abc import Callable

from ...findings.errors import CredentialError
from ...findings.health import HealthStatus
from ...netsuite import CertificateKey, TokenKey
from ...netsuite.certificate import lasting
from ...wire.notifying import CERTIFICATE_EXPIRING, Notice, Passing

LOOK_SECONDS = 24 * 3600.0
_BAD = (HealthStatus.WARNING, HealthStatus.FAILED)


async def watch_certificate(
    tenant: str,
    key: CertificateKey | TokenKey,
    tell: Callable[[Notice], None],
    passing: Passing | None = None,
) -> None:
    """Look at the certificate beside NetSuite's key once a day until cancelled."""
    passing = passing or Passing()
    while True:
        now = passing.now()
        try:
            said = lasting(key, now)
        except CredentialError:
            return  # a key that is none has kept the tenant from running, which is told elsewhere
        if said.verdict in _BAD:
            words = f"NetSuite's certificate: {said.words}"
            tell(Notice(CERTIFICATE_EXPIRING, tenant, words, now, {said.verdict.value: 1}))
        await passing.sleep(LOOK_SECONDS)
