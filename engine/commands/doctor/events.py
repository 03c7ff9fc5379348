"""Whether somebody would be told of trouble. Nothing is sent: a message of a check would be taken for trouble."""

from __future__ import annotations

from collections.abc import Callable

from ...findings.errors import AddressError, CredentialError
from ...findings.health import CheckResult, ok, warning
from ..connect import EventKeys, WebhookSettings


async def webhook(notify: Callable[[], WebhookSettings | None]) -> CheckResult:
    """Whether the webhook of `notify` has an address that can be used; deliveries go on without it."""
    try:
        notify()
    except CredentialError as error:
        return warning(f"nobody is told of trouble: {error.words}", "\n".join(error.missing))
    except AddressError as error:
        return warning(f"nobody is told of trouble: {error}")
    return ok("its address is there; nothing was sent")


async def some_key(keys: Callable[[], EventKeys]) -> CheckResult:
    """Whether one of the keys in tenant.yaml can be read; who only sends orders needs none."""
    found = keys()
    hint = "\n".join(found.missing)
    if not found.keys:
        return warning("none can be read: no event would be let in", hint)
    if found.missing:
        return warning(
            f"{len(found.keys)} of {len(found.keys) + len(found.missing)} can be read", hint
        )
    return ok("one can be read" if len(found.keys) == 1 else f"{len(found.keys)} can be read")
