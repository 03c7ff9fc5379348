"""Whether somebody would be told of trouble. Nothing is sent: a message of a check would be taken for trouble."""

from __future__ import annotations

from collections.abc import Callable

from ...delivery.connecting import Notify
from ...findings.check import Said, ok, warning
from ...findings.errors import AddressError, CredentialError


async def webhook(notify: Callable[[], Notify | None]) -> Said:
    """Whether the webhook of `notify` has an address that can be used; deliveries go on without it."""
    try:
        notify()
    except CredentialError as error:
        return warning(f"nobody is told of trouble: {error.words}", "\n".join(error.missing))
    except AddressError as error:
        return warning(f"nobody is told of trouble: {error}")
    return ok("its address is there; nothing was sent")
