"""httpx's requests carried by aiohttp, which parses answers in C and takes less CPU time.

A request is sent as httpx has made it, byte for byte, and never a second time.
"""

from __future__ import annotations

import asyncio
import io
import select
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Self

import aiohttp
import httpx
from yarl import URL

from .aiohttp_errors import FAILURES, as_httpx

if TYPE_CHECKING:
    from aiohttp.client_reqrep import ConnectionKey
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace

_IDLE_SECONDS = 30.0
_MOST = 100
# aiohttp warns of more as bytes: written at once, they would hold up everything else.
_MOST_AT_ONCE = 1024 * 1024
# What an answer's head may have: gateways add more than aiohttp takes by itself.
_MOST_OF_A_LINE, _MOST_HEADERS = 64 * 1024, 1_000


class AiohttpTransport(httpx.AsyncBaseTransport):
    """Connections that are kept for a while, at most 100 in use; who finds none free waits.

    `context` says whose certificates are accepted, a proxy's too; `proxy` is `http://HOST:PORT`, with
    user and password if need be. It belongs to the loop that first uses it.
    """

    def __init__(self, context: ssl.SSLContext, proxy: str | None = None) -> None:
        self._context = context
        self._proxy, self._proxy_headers = _proxy(proxy)
        # Not aiohttp's own limit: the time to connect would have to do for the waiting, too.
        self._room = asyncio.Semaphore(_MOST)
        self._session: aiohttp.ClientSession | None = None
        self._is_closed = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The head of the answer, and its body as it comes; it has to be closed.

        Raise httpx.TransportError: one of connecting only where nothing of the request can have
        arrived.
        """
        await self._room.acquire()
        answer = failed = None
        try:
            answer = await self._sent(request)
        except FAILURES as error:
            failed = as_httpx(error)
        finally:
            if answer is None:
                self._room.release()
        if answer is None:
            assert failed is not None
            raise failed
        reason = (answer.reason or "").encode("utf-8", "surrogateescape")
        return httpx.Response(
            answer.status,
            headers=answer.raw_headers,
            stream=_Body(answer, self._room.release),
            extensions={"reason_phrase": reason},
        )

    async def aclose(self) -> None:
        """Close all connections; who waits for one sends nothing any more."""
        self._is_closed = True
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _sent(self, request: httpx.Request) -> aiohttp.ClientResponse:
        if self._is_closed:
            raise httpx.ConnectError("the client is closed")
        session = self._session or self._opened()
        address = _address(request.url)
        headers = _headers(request)
        if self._proxy is not None and address.scheme == "http":
            headers.extend(self._proxy_headers.items())
        body = await request.aread()
        return await session.request(
            request.method,
            address,
            data=io.BytesIO(body) if len(body) > _MOST_AT_ONCE else body or None,
            allow_redirects=False,
            timeout=_timeout(request.extensions.get("timeout", {}).get("connect")),
            middlewares=(_Once(headers),),
            proxy=self._proxy,
            proxy_headers=self._proxy_headers,
        )

    def _opened(self) -> aiohttp.ClientSession:
        """A session, which has to be made within the loop; it follows nothing of the environment."""
        connector = _Connector(
            ssl=self._context,
            limit=0,
            keepalive_timeout=_IDLE_SECONDS,
            use_dns_cache=False,
            resolver=aiohttp.ThreadedResolver(),
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            # The one that is added behind _Once.
            skip_auto_headers=("Content-Type",),
            # BoundedTransport inflates, within bounds.
            auto_decompress=False,
            trust_env=False,
            max_line_size=_MOST_OF_A_LINE,
            max_field_size=_MOST_OF_A_LINE,
            max_headers=_MOST_HEADERS,
        )
        return self._session


class _Once:
    """What aiohttp calls each time that it would send a request: the second time it fails.

    aiohttp repeats a PUT, GET or DELETE by itself where a kept connection ends without an answer. The
    headers are put in here because it adds some of its own.
    """

    __slots__ = ("_failed", "_headers")

    def __init__(self, headers: Sequence[tuple[str, str]]) -> None:
        self._headers = headers
        self._failed: aiohttp.ClientError | None = None

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        if self._failed is not None:
            raise self._failed
        self._failed = aiohttp.ServerDisconnectedError()
        request.headers.clear()
        request.headers.extend(self._headers)
        try:
            return await handler(request)
        except aiohttp.ClientError as error:
            self._failed = error
            raise


class _Connector(aiohttp.TCPConnector):
    """Connections of aiohttp, without those on which something came that nobody had asked for.

    Some servers say 408 before they close: it would be read as the answer to the next request. The
    one that was used last goes first, so that those of a crowd end, and few are old when they are used.
    """

    async def _get(self, key: ConnectionKey, traces: list[Trace]) -> Connection | None:
        if key in self._conns:
            self._conns[key].rotate(1)
        while (kept := await super()._get(key, traces)) is not None:
            if _is_silent(kept):
                return kept
            kept.close()
        return None


def _is_silent(kept: Connection) -> bool:
    """Whether nothing has come on it, nor its end; what the loop has not read yet, the socket tells."""
    if kept.protocol is None or kept.protocol.should_close or kept.transport is None:
        return False
    number = kept.transport.get_extra_info("socket").fileno()
    if number < 0:
        return False
    look = select.poll()
    look.register(number, select.POLLIN)
    return not look.poll(0)


class _Body(httpx.AsyncByteStream, AsyncIterator[bytes]):
    """The body as it comes, still compressed. Where it is left too early, its connection is closed."""

    def __init__(self, answer: aiohttp.ClientResponse, release: Callable[[], None]) -> None:
        self._answer = answer
        self._release: Callable[[], None] | None = release
        self._is_whole = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            chunk = await self._answer.content.readany()
        except FAILURES as error:
            failed = as_httpx(error)
        else:
            if chunk:
                return chunk
            self._is_whole = True
            raise StopAsyncIteration
        raise failed

    async def aclose(self) -> None:
        """Give the connection back; another time it does nothing."""
        if self._is_whole:
            self._answer.release()
        else:
            self._answer.close()
        if self._release is not None:
            self._release()
            self._release = None


def _proxy(url: str | None) -> tuple[URL | None, dict[str, str]]:
    """Where a proxy is, and the header that says who asks it. Raise ValueError for no address."""
    if url is None:
        return None, {}
    proxy = httpx.Proxy(url)
    if proxy.raw_auth is None:
        return URL(str(proxy.url)), {}
    basic = b64encode(b":".join(proxy.raw_auth)).decode("ascii")
    return URL(str(proxy.url)), {"Proxy-Authorization": f"Basic {basic}"}


def _address(url: httpx.URL) -> URL:
    """The same address, nothing quoted otherwise: signatures are made over it.

    Only a `?` with nothing behind it is dropped. Raise httpx.UnsupportedProtocol for what would
    arrive as another one.
    """
    target = url.raw_path.decode("ascii")
    address = URL(f"{url.scheme}://{url.netloc.decode('ascii')}{target}", encoded=True)
    if target not in (address.raw_path_qs, f"{address.raw_path_qs}?"):
        raise httpx.UnsupportedProtocol("an address that cannot be sent as it is")
    return address


def _headers(request: httpx.Request) -> list[tuple[str, str]]:
    """As they are written in the request, in their order.

    Raise httpx.UnsupportedProtocol for a body that is sent in chunks: here a body is sent whole.
    """
    if "transfer-encoding" in request.headers:
        raise httpx.UnsupportedProtocol("a body whose length is not known")
    return [(name.decode("ascii"), value.decode("utf-8")) for name, value in request.headers.raw]


@lru_cache(maxsize=8)
def _timeout(connect: float | None) -> aiohttp.ClientTimeout:
    """Seconds to connect in, names and TLS included; the whole has its end in BoundedTransport."""
    return aiohttp.ClientTimeout(total=None, connect=connect)
