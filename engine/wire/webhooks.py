"""Addresses of webhooks, ours or other people's: https, or this machine where one is played. Pure."""

from __future__ import annotations

import httpx

from ..findings.errors import AddressError
from .loopback import loopback

_LONGEST = 2_000


def webhook(address: str, *, simulated: bool = False) -> str:
    """The address itself. Raise AddressError unless it is https; `simulated` allows loopback.

    The words never hold the address: those of webhooks are secrets.
    """
    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, ValueError):
        url = httpx.URL()
    is_short = len(address) <= _LONGEST
    if is_short and url.scheme == "https" and url.host and not url.userinfo and not url.fragment:
        return address
    if simulated:
        return loopback(address)
    raise AddressError("a webhook's address is https://HOST/…, without user and password")
