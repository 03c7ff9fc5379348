"""How connections are opened: reused, verified, never redirected, blind to the environment unless asked."""

from __future__ import annotations

import ssl
from functools import lru_cache

import httpx

from .. import __version__
from .bounded import BoundedTransport, Bounds
from .environment import proxy_for, trusted, without_key_log

_CONNECT_SECONDS = 10.0
# Most requests go to a few collections; the address of a single record is soon forgotten.
_URLS_KEPT = 256


def open_client(
    base_url: str,
    bounds: Bounds,
    *,
    auth: httpx.Auth | None = None,
    trust_env: bool = False,
) -> httpx.AsyncClient:
    """A client for one system; close it.

    Nothing is redirected: a system that answers elsewhere is not the one that was named. Proxies
    and certificate files of the environment count only with `trust_env`: the proxy is the one for
    `base_url`, and all that the client sends goes through it. Raise AddressError when these cannot
    be used.
    """
    context = trusted(from_environment=trust_env)
    inner = _carrier(context, proxy_for(base_url) if trust_env else None)
    return httpx.AsyncClient(
        base_url=base_url,
        auth=auth,
        follow_redirects=False,
        trust_env=False,
        # The transport's deadline is for the whole exchange; a clock for each read would be another.
        timeout=httpx.Timeout(None, connect=min(_CONNECT_SECONDS, bounds.deadline)),
        transport=BoundedTransport(inner, bounds),
        headers={"Accept-Encoding": "gzip", "User-Agent": f"erpmap/{__version__}"},
    )


@lru_cache(maxsize=_URLS_KEPT)
def whole_url(base_url: str, path: str) -> httpx.URL:
    """The address of a path, read once: httpx would read a path twice to join it, each time."""
    return httpx.URL(base_url + path)


def _carrier(context: ssl.SSLContext, proxy: str | None) -> httpx.AsyncBaseTransport:
    """What carries requests, imported where a client is opened: most commands open none.

    As it is imported, aiohttp makes contexts of its own, which would open the log of keys.
    """
    with without_key_log():
        from .aiohttp_transport import AiohttpTransport  # noqa: PLC0415 - a tenth of a second
    return AiohttpTransport(context, proxy)
