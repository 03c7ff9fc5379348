"""A pool of connections that reuses only those that were silent since their last answer.

An answer that nobody requested would be read as the answer to the next request. A connection that
receives anything while it is idle is closed at once, also when only a part of an answer arrives. After
that, each request has a connection of its own for an hour: a gateway that repeats one answer repeats
others.
"""

from __future__ import annotations

import asyncio
import select
import ssl
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

import aiohttp

_IDLE_SECONDS = 30.0
# Seconds in which each request has its own connection, after one received what was not requested.
_SINGLE_USE_SECONDS = 3_600.0
# What servers send on an idle connection that they are about to close, and line ends that some add to an
# answer: neither repeats an answer.
_GOODBYES = (b"HTTP/1.1 408", b"HTTP/1.0 408")


class SilentConnector(aiohttp.TCPConnector):
    """Reuses only connections on which nothing arrived since the last answer.

    Some servers send 408 before they close an idle connection: it would be read as the answer to
    the next request.
    """

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(
            ssl=context,
            limit=0,
            keepalive_timeout=_IDLE_SECONDS,
            use_dns_cache=False,
            resolver=aiohttp.ThreadedResolver(),
        )
        # A connection is checked from its second use on: TLS sends session tickets on a new one.
        self._used: WeakSet[Any] = WeakSet()
        self._carriers: WeakKeyDictionary[Any, asyncio.Transport] = WeakKeyDictionary()
        self._single_use_until = 0.0

    async def connect(self, *arguments: Any, **options: Any) -> Any:
        """A new connection, or a kept one that is silent; the first argument is the request."""
        while True:
            connection: Any = await super().connect(*arguments, **options)
            is_kept = connection.protocol in self._used
            if is_kept and not _is_silent(connection):
                connection.close()
                continue
            if is_kept:
                connection.transport.set_protocol(connection.protocol)
            self._used.add(connection.protocol)
            self._carriers[arguments[0]] = connection.transport
            connection.add_callback(partial(self._watch, connection))
            return connection

    def carrier_of(self, request: aiohttp.ClientRequest) -> asyncio.Transport | None:
        """The connection that carried a request; None when none did, or when asked again."""
        return self._carriers.pop(request, None)

    def distrust(self, carrier: asyncio.Transport | None) -> None:
        """Close a connection that received what was not requested, and reuse none for an hour."""
        self._single_use_until = monotonic() + _SINGLE_USE_SECONDS
        if carrier is not None:
            carrier.close()

    def _watch(self, connection: Any) -> None:
        """Watch a connection from its release to its next use; aiohttp calls this before it pools it."""
        transport, protocol = connection.transport, connection.protocol
        if transport is None or protocol is None or transport.is_closing():
            return
        if monotonic() < self._single_use_until:
            transport.close()
        elif not protocol.should_close:
            distrust = partial(self.distrust, transport)
            transport.set_protocol(_IdleWatch(protocol, close=transport.close, distrust=distrust))


class _IdleWatch(asyncio.Protocol):
    """Stands in for a protocol while its connection is idle: whatever arrives closes the connection."""

    def __init__(
        self,
        protocol: asyncio.Protocol,
        *,
        close: Callable[[], None],
        distrust: Callable[[], None],
    ) -> None:
        self._protocol = protocol
        self._close = close
        self._distrust = distrust

    def data_received(self, data: bytes) -> None:
        """Close the connection: nothing was requested."""
        if data.startswith(_GOODBYES) or not data.strip(b"\r\n"):
            self._close()
        else:
            self._distrust()

    def eof_received(self) -> bool | None:
        """Let the connection end."""
        return self._protocol.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the protocol, so that the pool drops the connection."""
        self._protocol.connection_lost(exc)

    def pause_writing(self) -> None:
        """Tell the protocol."""
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        """Tell the protocol."""
        self._protocol.resume_writing()


def _is_silent(kept: Any) -> bool:
    """Whether neither data nor the end arrived; asks the socket for what the loop has not read."""
    if kept.protocol is None or kept.protocol.should_close or kept.transport is None:
        return False
    number = kept.transport.get_extra_info("socket").fileno()
    if number < 0:
        return False
    unread = select.poll()
    unread.register(number, select.POLLIN)
    return not unread.poll(0)
