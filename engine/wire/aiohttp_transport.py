"""Sends httpx's requests through aiohttp, byte for byte and at most once.

Neither alternative keeps these promises. httpx's own transport reads a second answer that came in
the packet of the first as the answer to the next request. `httpx-aiohttp` reports a connection
lost after sending as ConnectTimeout, rewrites `%2E` in addresses, and repeats a PUT.

HTTP/1.1 numbers neither requests nor answers: an answer that a gateway repeats is read as the answer
to the next request of that connection. So a connection that receives anything while it is idle is
closed, and from then on each request has a connection of its own. An answer that comes only after the
next request was sent looks right here; the caller recognises it by what it holds, and closes its
connection (`distrust`).
"""

from __future__ import annotations

import asyncio
import io
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Sequence
from functools import lru_cache, partial
from typing import Self

import aiohttp
import httpx
from yarl import URL

from .exchange import CLOSE_CONNECTION
from .silent_connector import SilentConnector

_MAX_CONNECTIONS = 100
# aiohttp warns about larger bodies given as bytes: one write would block the event loop.
_MAX_WRITE = 1024 * 1024
# Limits of an answer's head: gateways add more headers than aiohttp's defaults allow.
_MAX_LINE, _MAX_HEADERS = 64 * 1024, 1_000

# What aiohttp raises. A ValueError is about the request itself, such as a line break in a header.
_FAILURES = (aiohttp.ClientError, OSError, ValueError)
# The first row that fits decides. aiohttp raises the errors of the first four rows only before it
# writes to a connection; after any other error the request may have been sent. A caller that takes
# a sent order for an unsent one posts it twice.
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


class AiohttpTransport(httpx.AsyncBaseTransport):
    """A pool of at most 100 connections; a request waits for a free one without a time limit.

    `context` verifies the certificates of servers and of a proxy. `proxy` is `http://HOST:PORT`,
    with user and password if needed. The transport belongs to the event loop that first uses it.
    """

    def __init__(self, context: ssl.SSLContext, proxy: str | None = None) -> None:
        self._context = context
        self._proxy, self._proxy_headers = _read_proxy(proxy)
        # Not aiohttp's own limit: its time to connect would include the wait for a free connection.
        self._free = asyncio.Semaphore(_MAX_CONNECTIONS)
        self._session: tuple[aiohttp.ClientSession, SilentConnector] | None = None
        self._is_closed = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer's head and a stream of its body; the caller closes it.

        Raise httpx.TransportError: an error of connecting only if nothing of the request can have
        been sent.
        """
        await self._free.acquire()
        answer = failure = None
        try:
            answer, close = await self._send(request)
        except _FAILURES as error:
            failure = _translate_error(error)
        finally:
            if answer is None:
                self._free.release()
        if answer is None:
            assert failure is not None
            # Outside `except`: aiohttp's error may hold the request's headers and the answer.
            raise failure
        reason = (answer.reason or "").encode("utf-8", "surrogateescape")
        return httpx.Response(
            answer.status,
            headers=answer.raw_headers,
            stream=_BodyStream(answer, self._free.release),
            extensions={
                "reason_phrase": reason,
                CLOSE_CONNECTION: close,
            },
        )

    async def aclose(self) -> None:
        """Close all connections; requests that still wait for one are not sent."""
        self._is_closed = True
        session, self._session = self._session, None
        if session is not None:
            await session[0].close()

    async def _send(
        self, request: httpx.Request
    ) -> tuple[aiohttp.ClientResponse, Callable[[], None]]:
        """The answer, and what closes the connection that carried it."""
        if self._is_closed:
            raise httpx.ConnectError("the client is closed")
        session, connector = self._session or self._open_session()
        address = _exact_url(request.url)
        headers = _exact_headers(request)
        if self._proxy is not None and address.scheme == "http":
            headers.extend(self._proxy_headers.items())
        body = await request.aread()
        sending = _SendOnce(headers, connector)
        answer = await session.request(
            request.method,
            address,
            data=io.BytesIO(body) if len(body) > _MAX_WRITE else body or None,
            allow_redirects=False,
            timeout=_timeout(request.extensions.get("timeout", {}).get("connect")),
            middlewares=(sending,),
            proxy=self._proxy,
            proxy_headers=self._proxy_headers,
        )
        return answer, partial(connector.distrust, sending.carrier)

    def _open_session(self) -> tuple[aiohttp.ClientSession, SilentConnector]:
        """A session, created within the event loop; it ignores the environment."""
        connector = SilentConnector(self._context)
        session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            # The only header that aiohttp adds after the middleware.
            skip_auto_headers=("Content-Type",),
            # BoundedTransport decompresses, within limits.
            auto_decompress=False,
            trust_env=False,
            max_line_size=_MAX_LINE,
            max_field_size=_MAX_LINE,
            max_headers=_MAX_HEADERS,
        )
        self._session = session, connector
        return self._session


class _SendOnce:
    """Middleware of one request: sets its headers, and fails when aiohttp sends it again.

    aiohttp repeats a PUT, GET or DELETE when a kept connection ends without an answer, and adds
    headers of its own. `carrier` is the connection that carried the answer.
    """

    __slots__ = ("_connector", "_failure", "_headers", "carrier")

    def __init__(self, headers: Sequence[tuple[str, str]], connector: SilentConnector) -> None:
        self._headers = headers
        self._connector = connector
        self.carrier: asyncio.Transport | None = None
        self._failure: aiohttp.ClientError | None = None

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        if self._failure is not None:
            raise self._failure
        self._failure = aiohttp.ServerDisconnectedError()
        request.headers.clear()
        request.headers.extend(self._headers)
        try:
            answer = await handler(request)
        except aiohttp.ClientError as error:
            self._failure = error
            raise
        self.carrier = self._connector.carrier_of(request)
        return answer


class _BodyStream(httpx.AsyncByteStream, AsyncIterator[bytes]):
    """The body as it arrives, still compressed. Closing it early closes its connection."""

    def __init__(self, answer: aiohttp.ClientResponse, release: Callable[[], None]) -> None:
        self._answer = answer
        self._release: Callable[[], None] | None = release
        self._is_complete = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            chunk = await self._answer.content.readany()
        except _FAILURES as error:
            failure = _translate_error(error)
        else:
            if chunk:
                return chunk
            self._is_complete = True
            raise StopAsyncIteration
        raise failure

    async def aclose(self) -> None:
        """Return the connection to the pool; a second call does nothing."""
        if self._is_complete:
            self._answer.release()
        else:
            self._answer.close()
        if self._release is not None:
            self._release()
            self._release = None


def _translate_error(error: Exception) -> httpx.TransportError:
    """The error of httpx for one of _FAILURES; its message is only the type's name."""
    for kinds, error_type in _ERRORS:
        if isinstance(error, kinds):
            return error_type(type(error).__name__)
    return httpx.LocalProtocolError(type(error).__name__)


def _read_proxy(url: str | None) -> tuple[URL | None, dict[str, str]]:
    """The proxy's address and the header with its credentials. Raise ValueError if it is invalid."""
    if url is None:
        return None, {}
    proxy = httpx.Proxy(url)
    if proxy.raw_auth is None:
        return URL(str(proxy.url)), {}
    basic = b64encode(b":".join(proxy.raw_auth)).decode("ascii")
    return URL(str(proxy.url)), {"Proxy-Authorization": f"Basic {basic}"}


def _exact_url(url: httpx.URL) -> URL:
    """The same address with the same quoting, because signatures cover it.

    Only a `?` with nothing after it is dropped. Raise httpx.UnsupportedProtocol for an address that
    yarl would change.
    """
    target = url.raw_path.decode("ascii")
    address = URL(f"{url.scheme}://{url.netloc.decode('ascii')}{target}", encoded=True)
    if target not in (address.raw_path_qs, f"{address.raw_path_qs}?"):
        raise httpx.UnsupportedProtocol("an address that cannot be sent unchanged")
    return address


def _exact_headers(request: httpx.Request) -> list[tuple[str, str]]:
    """The request's headers, spelled and ordered as they are.

    Raise httpx.UnsupportedProtocol for a body sent in chunks: this transport sends whole bodies.
    """
    if "transfer-encoding" in request.headers:
        raise httpx.UnsupportedProtocol("a body of unknown length")
    return [(name.decode("ascii"), value.decode("utf-8")) for name, value in request.headers.raw]


@lru_cache(maxsize=8)
def _timeout(connect: float | None) -> aiohttp.ClientTimeout:
    """Limits only connecting, with name lookup and TLS; BoundedTransport limits the rest."""
    return aiohttp.ClientTimeout(total=None, connect=connect)
