"""Checks the keys of events and the webhook. Sends nothing: a message to the webhook would be taken for trouble."""

from __future__ import annotations

from collections.abc import Callable

from ...findings.errors import AddressError, CredentialError
from ...findings.health import CheckResult, ok, warning
from ...service.tenant_settings import EventKeys, WebhookSettings


async def check_webhook(notify: Callable[[], WebhookSettings | None]) -> CheckResult:
    """Check the address of the webhook of `notify`; deliveries do not need it."""
    try:
        notify()
    except CredentialError as error:
        return warning(f"no message of trouble is sent: {error.words}", "\n".join(error.missing))
    except AddressError as error:
        return warning(f"no message of trouble is sent: {error}")
    return ok("its address is there; nothing was sent")


async def check_event_keys(keys: Callable[[], EventKeys]) -> CheckResult:
    """Check that a key of `events.keys` can be read, and cannot be guessed; `erpmap send` needs none."""
    found = keys()
    hint = "\n".join(found.missing)
    if not found.keys:
        return warning("no key can be used: `erpmap serve` would refuse every event", hint)
    if found.missing:
        return warning(
            f"{len(found.keys)} of {len(found.keys) + len(found.missing)} can be used", hint
        )
    return ok("one can be used" if len(found.keys) == 1 else f"{len(found.keys)} can be used")
