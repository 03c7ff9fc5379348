"""Senders of events: so many connections, each one event after the other, as fast as it is answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence


def requests_of(bodies: Sequence[bytes], path: str, key: str) -> list[bytes]:
    """Whole requests, ready to be written."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: service\r\nAuthorization: Bearer {key}\r\n"
        "Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    )
    return [head.replace("{length}", str(len(body))).encode() + body for body in bodies]


async def send_all(port: int, requests: Sequence[bytes], senders: int) -> list[float]:
    """The seconds until each was answered 200. Raise RuntimeError for another answer."""
    waiting = iter(requests)
    taken: list[float] = []

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in waiting:
            start = time.perf_counter()
            writer.write(request)
            await _answer(reader)
            taken.append(time.perf_counter() - start)
        writer.close()

    await asyncio.gather(*(one() for _ in range(senders)))
    return taken


async def _answer(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head.decode(errors="replace"))
    length = next(
        line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")
    )
    await reader.readexactly(int(length.partition(b":")[2]))
