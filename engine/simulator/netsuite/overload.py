"""How NetSuite refuses a request above its limits: reports and documentation name four forms."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from .account_settings import OVERLOADS
from .refusals import RefusalError, invalid_login, request_limit_exceeded, too_many_requests

_REFUSALS: Mapping[str, Callable[[], RefusalError]] = dict(
    zip(
        OVERLOADS,
        (too_many_requests, lambda: too_many_requests(400), request_limit_exceeded, invalid_login),
        strict=True,
    )
)


async def wait_and_refuse(form: str, seconds: float) -> RefusalError:
    """Wait, and return the refusal of a form (one of OVERLOADS)."""
    if seconds:
        await asyncio.sleep(seconds)
    return _REFUSALS[form]()
