"""What goes wrong within aiohttp, as the errors of httpx that say whether a request may have arrived.

Whoever posts an order goes by it: an error that says too lightly that nothing was sent posts it twice.
"""

from __future__ import annotations

import aiohttp
import httpx

# What aiohttp raises: a ValueError is about the request itself, as a line break within a header.
FAILURES = (aiohttp.ClientError, OSError, ValueError)

# The first row that fits. Those of the first half are raised before a connection is handed to the
# request, and by nothing else; all that is not known there may have been sent.
_ERRORS: tuple[tuple[tuple[type[Exception], ...], type[httpx.TransportError]], ...] = (
    ((aiohttp.ConnectionTimeoutError,), httpx.ConnectTimeout),
    ((aiohttp.ClientHttpProxyError,), httpx.ProxyError),
    ((aiohttp.ClientConnectorError,), httpx.ConnectError),
    ((aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError), httpx.UnsupportedProtocol),
    ((TimeoutError,), httpx.ReadTimeout),
    (
        (
            aiohttp.ServerDisconnectedError,
            aiohttp.ClientResponseError,
            aiohttp.ClientPayloadError,
        ),
        httpx.RemoteProtocolError,
    ),
    ((aiohttp.ClientError, OSError), httpx.ReadError),
)


def as_httpx(error: Exception) -> httpx.TransportError:
    """One of FAILURES as an error of httpx, to be raised where the other is not handled any more.

    Its words are the name of the other, which may hold the request's headers and what was answered.
    """
    for kinds, error_type in _ERRORS:
        if isinstance(error, kinds):
            return error_type(type(error).__name__)
    return httpx.LocalProtocolError(type(error).__name__)
