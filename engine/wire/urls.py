"""Checked addresses: a simulator on loopback, a webhook, and a path below a base address. Pure."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache

import httpx

from ..findings.errors import AddressError

_HIGHEST_PORT = 65_535
_PATH = re.compile(r"[A-Za-z0-9_./-]{0,200}")
_LONGEST_WEBHOOK = 2_000
# Most requests go to a few collections; the address of a single record is soon forgotten.
_URLS_KEPT = 256


def loopback(address: str) -> str:
    """The address without a trailing slash. Raise AddressError unless its host is this machine."""
    url = parse_url(address) or httpx.URL()
    port = url.port
    if port is not None and not 0 < port <= _HIGHEST_PORT:
        url = httpx.URL()
    if not _PATH.fullmatch(url.path):
        url = httpx.URL()
    if url.scheme != "http" or not _is_loopback(url.host) or url.userinfo or url.query:
        words = "a simulator's address must be http://127.0.0.1:PORT; other hosts are not allowed"
        raise AddressError(words)
    host = f"[{url.host}]" if ":" in url.host else url.host
    return f"http://{host}{f':{port}' if port else ''}{url.path.rstrip('/')}"


def webhook(address: str, *, simulated: bool = False) -> str:
    """The address itself. Raise AddressError unless it is https; `simulated` also allows loopback.

    The message never contains the address: a webhook's address is a secret.
    """
    url = parse_url(address) or httpx.URL()
    is_short = len(address) <= _LONGEST_WEBHOOK
    if is_short and url.scheme == "https" and url.host and not url.userinfo and not url.fragment:
        return address
    if simulated:
        return loopback(address)
    raise AddressError("a webhook's address must be https://HOST/…, without user and password")


def parse_url(address: str) -> httpx.URL | None:
    """Return an address in its parts; None when it cannot be used as one.

    A host may be written in a form that only fails when it is decoded (`xn--a`): it is decoded here.
    """
    try:
        url = httpx.URL(address)
        _ = url.host, url.port
    except (httpx.InvalidURL, ValueError):
        return None
    return url


@lru_cache(maxsize=_URLS_KEPT)
def whole_url(base_url: str, path: str) -> httpx.URL:
    """The address of a path, parsed once; httpx itself would parse the path twice per request."""
    return httpx.URL(base_url + path)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
