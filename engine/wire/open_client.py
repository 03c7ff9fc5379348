"""Opens HTTP clients: connections are reused and verified, redirects are not followed."""

from __future__ import annotations

import ssl

import httpx

from .. import __version__
from .environment import proxy_for, trusted, without_key_log
from .exchange import BoundedTransport, ExchangeBounds

_CONNECT_SECONDS = 10.0


def open_client(
    base_url: str,
    bounds: ExchangeBounds,
    *,
    auth: httpx.Auth | None = None,
    trust_env: bool = False,
) -> httpx.AsyncClient:
    """A client for one system; the caller closes it.

    It follows no redirect: an answer from another address is not from the system that was named.
    It uses proxies and certificate files of the environment only with `trust_env`; the proxy is
    the one for `base_url` and carries all requests of the client. Raise AddressError when the
    proxy or the certificates cannot be used.
    """
    context = trusted(from_environment=trust_env)
    inner = _open_transport(context, proxy_for(base_url) if trust_env else None)
    return httpx.AsyncClient(
        base_url=base_url,
        auth=auth,
        follow_redirects=False,
        trust_env=False,
        # BoundedTransport limits the time of the whole exchange; only connecting has its own limit.
        timeout=httpx.Timeout(None, connect=min(_CONNECT_SECONDS, bounds.deadline)),
        transport=BoundedTransport(inner, bounds),
        headers={"Accept-Encoding": "gzip", "User-Agent": f"erpmap/{__version__}"},
    )


def _open_transport(context: ssl.SSLContext, proxy: str | None) -> httpx.AsyncBaseTransport:
    """The transport, imported when a client is opened: most commands open none.

    The import of aiohttp creates TLS contexts, which would open the key log of the environment.
    """
    with without_key_log():
        from .aiohttp_transport import AiohttpTransport  # noqa: PLC0415 - a tenth of a second
    return AiohttpTransport(context, proxy)
