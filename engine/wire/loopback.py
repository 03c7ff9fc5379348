"""Addresses that lead nowhere but to this machine."""

from __future__ import annotations

import ipaddress
import re

import httpx

from ..findings.errors import AddressError

_LAST_PORT = 65_535
_PATH = re.compile(r"[A-Za-z0-9_./-]{0,200}")


def loopback(address: str) -> str:
    """The address without a slash at its end. Raise AddressError unless it is one on loopback."""
    try:
        url = httpx.URL(address)
        port = url.port
    except (httpx.InvalidURL, ValueError):
        url, port = httpx.URL(), None
    if port is not None and not 0 < port <= _LAST_PORT:
        url = httpx.URL()
    if not _PATH.fullmatch(url.path):
        url = httpx.URL()
    if url.scheme != "http" or not _is_loopback(url.host) or url.userinfo or url.query:
        words = "a simulator's address is http://127.0.0.1:PORT; no other host is spoken to"
        raise AddressError(words)
    host = f"[{url.host}]" if ":" in url.host else url.host
    return f"http://{host}{f':{port}' if port else ''}{url.path.rstrip('/')}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
