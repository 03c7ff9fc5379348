"""A transport that reads every answer whole, within a deadline and a size, inflation included.

httpx's own time-outs are for each read: an answer that dribbles outlives them all. It inflates
what comes without a bound: 300 kB may become 300 MB. Here both have an end.
"""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from math import inf

import httpx

from ..findings.errors import NoAnswerError

# An extension of a request: the moment on the monotonic clock after which it is not sent any more.
SEND_BY = "send_by"
_GZIP = 16 + zlib.MAX_WBITS
_PLAIN = frozenset(("", "identity"))
# Headers about the body as it travelled: what is handed on is the body itself.
_OF_TRAVEL = frozenset((b"content-encoding", b"content-length", b"transfer-encoding"))
# Before anything of the request can have arrived.
_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.ProxyError,
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long an exchange may take, in seconds, and how many bytes its answer may have.

    The deadline is for the whole of it, from connecting to the last byte. `received` are bytes as
    they come, `inflated` as they are read.
    """

    deadline: float = 60.0
    received: int = 16 * 1024 * 1024
    inflated: int = 32 * 1024 * 1024


class BoundedTransport(httpx.AsyncBaseTransport):
    """Another transport, with bounds; raises NoAnswerError where that raises httpx's errors."""

    def __init__(self, inner: httpx.AsyncBaseTransport, bounds: Bounds) -> None:
        self._inner = inner
        self._bounds = bounds

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The whole answer. Raise NoAnswerError: no connection, none in time, broken, too large.

        And for a request that is sent too late: whoever let it in may have been frozen since.
        """
        try:
            async with asyncio.timeout(self._bounds.deadline):
                return await self._exchange(request)
        except TimeoutError:
            words = f"no whole answer within {self._bounds.deadline:g} s"
            raise NoAnswerError("timeout", words, sent=True) from None
        except _NEVER_SENT as error:
            words = f"no connection ({type(error).__name__})"
            raise NoAnswerError("connect", words, sent=False) from error
        except httpx.TimeoutException as error:
            raise NoAnswerError("timeout", "no answer in time", sent=True) from error
        except httpx.TransportError as error:
            words = f"the connection broke ({type(error).__name__})"
            raise NoAnswerError("broken", words, sent=True) from error

    async def aclose(self) -> None:
        """Close all connections."""
        await self._inner.aclose()

    async def _exchange(self, request: httpx.Request) -> httpx.Response:
        if time.monotonic() > request.extensions.get(SEND_BY, inf):
            raise NoAnswerError("unavailable", "it was not sent in time", sent=False)
        response = await self._inner.handle_async_request(request)
        try:
            assert isinstance(response.stream, httpx.AsyncByteStream)
            body = await _whole(response.stream, _coding_of(response), self._bounds)
        finally:
            await response.aclose()
        return httpx.Response(
            response.status_code,
            headers=[pair for pair in response.headers.raw if pair[0].lower() not in _OF_TRAVEL],
            content=body,
            extensions=response.extensions,
        )


def _coding_of(response: httpx.Response) -> str:
    """`gzip`, or nothing for a body as it is; other codings were not asked for."""
    coding: str = response.headers.get("content-encoding", "").strip().lower()
    if coding in _PLAIN:
        return ""
    if coding == "gzip":
        return coding
    raise NoAnswerError("malformed", "the answer's content coding was not asked for", sent=True)


async def _whole(
    stream: AsyncIterator[bytes] | httpx.AsyncByteStream, coding: str, bounds: Bounds
) -> bytes:
    """All of the body, inflated. Raise NoAnswerError when it is too large or no gzip."""
    inflate = zlib.decompressobj(_GZIP) if coding else None
    received, parts, size = 0, [], 0
    async for chunk in stream:
        received += len(chunk)
        part = chunk if inflate is None else _inflated(inflate, chunk, bounds.inflated - size)
        size += len(part)
        if received > bounds.received or size > bounds.inflated:
            raise NoAnswerError("oversized", "the answer is too large", sent=True)
        parts.append(part)
    if inflate is not None and received and not inflate.eof:
        raise NoAnswerError("malformed", "the compressed answer ends too early", sent=True)
    return b"".join(parts)


def _inflated(inflate: zlib._Decompress, chunk: bytes, room: int) -> bytes:
    """What a chunk inflates to, at most one byte more than there is room for."""
    was_over = inflate.eof
    try:
        part = b"" if was_over else inflate.decompress(chunk, room + 1)
    except zlib.error as error:
        raise NoAnswerError("malformed", "the answer is not the gzip it says", sent=True) from error
    if inflate.unused_data or (was_over and chunk):
        raise NoAnswerError("malformed", "the answer goes on behind its gzip", sent=True)
    return part
