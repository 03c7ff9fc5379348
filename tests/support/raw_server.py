"""Servers on loopback that say what a test gives them, byte for byte, and remember what came."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

CRLF = b"\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass(frozen=True, slots=True)
class Reply:
    """Bytes; afterwards the connection is closed, or reset, or waits for another request.

    They are said once `since` is set. `unasked` is said after them, once `later` is set.
    """

    data: bytes = OK
    closes: bool = False
    resets: bool = False
    since: asyncio.Event | None = None
    unasked: bytes = b""
    later: asyncio.Event | None = None


@dataclass
class RawServer:
    """`asked`: the number of the connection, and the bytes of the request, head and body.

    `protocols` are those that TLS has agreed on.
    """

    replies: list[Reply]
    asked: list[tuple[int, bytes]] = field(default_factory=list)
    protocols: set[str | None] = field(default_factory=set)
    port: int = 0
    opened: int = 0
    ended: int = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        number = self.opened
        secret = writer.get_extra_info("ssl_object")
        if secret is not None:
            self.protocols.add(secret.selected_alpn_protocol())
        try:
            while (request := await request_in(reader)) is not None:
                self.asked.append((number, request))
                reply = self.replies.pop(0)
                await _say(writer, reply.data, reply.since)
                await _say(writer, reply.unasked, reply.later)
                if reply.resets:
                    _reset(writer)
                if reply.closes or reply.resets:
                    return
        finally:
            writer.close()
            self.ended += 1

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connections(self) -> list[int]:
        """By which connection each request came."""
        return [number for number, _ in self.asked]


async def request_in(reader: asyncio.StreamReader) -> bytes | None:
    """The next request, whole; None where there is none any more."""
    try:
        head = await reader.readuntil(CRLF + CRLF)
        lines = [line.lower() for line in head.split(CRLF)]
        (length,) = [int(line[15:]) for line in lines if line.startswith(b"content-length:")] or [0]
        return head + await reader.readexactly(length)
    except (asyncio.IncompleteReadError, OSError):
        return None


@asynccontextmanager
async def answering(
    *replies: Reply, context: ssl.SSLContext | None = None
) -> AsyncIterator[RawServer]:
    """A server that gives these replies, one for each request; then it is a mistake to ask."""
    raw = RawServer(list(replies))
    server = await asyncio.start_server(raw, "127.0.0.1", 0, ssl=context)
    async with server:
        raw.port = server.sockets[0].getsockname()[1]
        yield raw


async def _say(writer: asyncio.StreamWriter, data: bytes, when: asyncio.Event | None) -> None:
    if when is not None:
        await when.wait()
    writer.write(data)
    await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close it so that the other side is told of a reset, not of an end."""
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
