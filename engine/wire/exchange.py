"""A transport that limits each exchange: its duration, the bytes received, the bytes inflated.

httpx has a time-out for each read, so an answer that arrives byte by byte never times out, and it
inflates without a limit: 300 kB may become 300 MB.
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

# Extension of a request: the monotonic time after which it must not be sent.
SEND_BY = "send_by"
# Extension of an answer: a function that closes the connection that carried it.
CLOSE_CONNECTION = "close_connection"
_GZIP = 16 + zlib.MAX_WBITS
_PLAIN = frozenset(("", "identity"))
# Headers that describe the body as transferred; the body returned here is decoded.
_TRANSFER_HEADERS = frozenset((b"content-encoding", b"content-length", b"transfer-encoding"))
# Errors raised before any byte of the request can have been sent.
_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.ProxyError,
)


@dataclass(frozen=True, slots=True)
class ExchangeBounds:
    """Limits of an exchange: `deadline` in seconds, `received` and `inflated` in bytes.

    The deadline covers all of it, from connecting to the last byte of the answer. `received` counts
    bytes from the network, `inflated` bytes after decompression.
    """

    deadline: float = 60.0
    received: int = 16 * 1024 * 1024
    inflated: int = 32 * 1024 * 1024


class BoundedTransport(httpx.AsyncBaseTransport):
    """Applies ExchangeBounds to another transport and turns httpx's errors into NoAnswerError."""

    def __init__(self, inner: httpx.AsyncBaseTransport, bounds: ExchangeBounds) -> None:
        self._inner = inner
        self._bounds = bounds

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The whole answer. Raise NoAnswerError: no connection, timeout, broken, too large.

        Also raise it when the `SEND_BY` time has passed: the process may have been suspended after
        it was granted a slot.
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
            raise NoAnswerError("unavailable", "the time to send it had passed", sent=False)
        response = await self._inner.handle_async_request(request)
        try:
            assert isinstance(response.stream, httpx.AsyncByteStream)
            body = await _whole(response.stream, _coding_of(response), self._bounds)
        finally:
            await response.aclose()
        return httpx.Response(
            response.status_code,
            headers=[
                pair for pair in response.headers.raw if pair[0].lower() not in _TRANSFER_HEADERS
            ],
            content=body,
            extensions=response.extensions,
        )


def distrust(response: httpx.Response) -> None:
    """Close the connection of an answer that belongs to another request, and reuse no other one."""
    close = response.extensions.get(CLOSE_CONNECTION)
    if close is not None:
        close()


def _coding_of(response: httpx.Response) -> str:
    """`gzip`, or an empty string for a plain body. Raise NoAnswerError for any other coding."""
    coding: str = response.headers.get("content-encoding", "").strip().lower()
    if coding in _PLAIN:
        return ""
    if coding == "gzip":
        return coding
    raise NoAnswerError("malformed", "the answer's content coding was not requested", sent=True)


async def _whole(
    stream: AsyncIterator[bytes] | httpx.AsyncByteStream, coding: str, bounds: ExchangeBounds
) -> bytes:
    """The whole body, inflated. Raise NoAnswerError when it is too large or invalid gzip."""
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
    """The inflated chunk, cut one byte above `room`."""
    was_over = inflate.eof
    try:
        part = b"" if was_over else inflate.decompress(chunk, room + 1)
    except zlib.error as error:
        raise NoAnswerError("malformed", "the answer is not valid gzip", sent=True) from error
    if inflate.unused_data or (was_over and chunk):
        raise NoAnswerError("malformed", "the answer has data after the end of its gzip", sent=True)
    return part
