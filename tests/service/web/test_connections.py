"""One connection between a transport and a server that both only record what is asked of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

import pytest

from engine.service.web.connections import ConnectionLimits, ConnectionTable, LimitedConnection
from web.behind import request

KEPT = request(headers={"Connection": "keep-alive"})


class RecordedTransport(asyncio.Transport):
    """Keeps what is written, and whether it reads."""

    def __init__(self) -> None:
        super().__init__()
        self.written, self.is_read, self.is_closed, self.is_aborted = b"", True, False, False

    def is_closing(self) -> bool:
        return self.is_closed

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        self.written += data

    def close(self) -> None:
        self.is_closed = True

    def abort(self) -> None:
        self.is_closed = self.is_aborted = True

    def pause_reading(self) -> None:
        self.is_read = False

    def resume_reading(self) -> None:
        self.is_read = True


class RecordedServer(asyncio.Protocol):
    """Keeps what it reads; it pauses nothing by itself."""

    def __init__(self) -> None:
        self.received, self.lost = b"", 0
        self.transport: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost += 1


def in_loop(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """The test run by an event loop of its own."""

    @wraps(test)
    def run() -> None:
        asyncio.run(test())

    return run


Opened = tuple[LimitedConnection, RecordedTransport, RecordedServer]


def opened(table: ConnectionTable) -> Opened:
    server, transport = RecordedServer(), RecordedTransport()
    connection = LimitedConnection(table, lambda _connection: server)
    connection.connection_made(transport)
    return connection, transport, server


def table(head: float = 60.0, connections: int = 10, body: float = 60.0) -> ConnectionTable:
    return ConnectionTable(ConnectionLimits(head, body, connections))


def receive(connection: LimitedConnection, data: bytes) -> None:
    connection.get_buffer(-1)[: len(data)] = data
    connection.buffer_updated(len(data))


@in_loop
async def test_reading_pauses_while_a_request_waits_behind_another() -> None:
    """Behind one that waits alone it goes on: so the end of the connection is noticed."""
    connection, transport, server = opened(table())
    is_read = []
    for data in (KEPT, KEPT[:9], b"", KEPT[9:] + KEPT):
        if data:
            receive(connection, data)
        else:
            connection.begin_answer()
            connection.end_answer()
        is_read.append(transport.is_read)
    assert is_read == [True, False, True, False]
    assert server.received.count(b"HTTP/1.1") == 3


@in_loop
async def test_reading_stays_paused_until_the_server_resumes_it() -> None:
    connection, transport, server = opened(table())
    given = server.transport
    assert isinstance(given, asyncio.Transport)
    given.pause_reading()
    receive(connection, KEPT)
    before = transport.is_read
    given.resume_reading()
    assert (before, transport.is_read) == (False, True)


@in_loop
async def test_a_refusal_replaces_the_answer_and_ends_the_request() -> None:
    chunked = {"Content-Length": None, "Transfer-Encoding": "chunked"}
    connection, transport, server = opened(table())
    receive(connection, request(b"zz\r\n", chunked))
    assert transport.written.startswith(b"HTTP/1.1 400 ")
    assert transport.is_closed
    connection.end_answer()  # of the request that was told that the connection is lost
    connection.connection_lost(None)
    assert server.lost == 1


@pytest.mark.parametrize("behind", [b"\0\1 no HTTP\r\n", b"PLAY /x RTSP/1.0\r\n\r\n"])
def test_what_is_malformed_leaves_the_answer_before_it(behind: bytes) -> None:
    @in_loop
    async def test() -> None:
        connection, transport, server = opened(table())
        receive(connection, KEPT + behind)
        assert (transport.written, transport.is_closed, server.lost) == (b"", False, 0)
        assert b"PLAY" not in server.received
        assert connection.begin_answer()

    test()


@in_loop
async def test_no_refusal_is_written_into_an_answer() -> None:
    chunked = {"Content-Length": None, "Transfer-Encoding": "chunked"}
    connection, transport, _ = opened(table())
    receive(connection, request(b"", chunked))
    connection.begin_answer()
    receive(connection, b"zz\r\n")
    assert transport.written == b""
    assert transport.is_closed


@in_loop
async def test_a_sender_that_ends_is_answered_and_closed() -> None:
    connection, transport, _ = opened(table())
    receive(connection, KEPT + KEPT)
    assert connection.eof_received()
    assert not connection.begin_answer()
    connection.end_answer()
    assert connection.begin_answer()
    connection.end_answer()
    assert transport.is_closed


@in_loop
async def test_a_sender_that_ends_within_a_request_is_closed_by_a_deadline() -> None:
    """It may not have read its answers: asyncio would wait for them without end."""
    connection, transport, _ = opened(table(body=0.01))
    receive(connection, KEPT[:9])
    assert connection.eof_received()
    assert transport.is_closed
    await asyncio.sleep(0.05)
    assert transport.is_aborted


@in_loop
async def test_the_tenth_answer_without_a_key_is_the_last_and_a_key_starts_anew() -> None:
    connection, _, _ = opened(table())
    answers = []
    for number in range(19):
        receive(connection, KEPT)
        if number == 8:
            connection.admit()
        answers.append(connection.begin_answer())
        connection.end_answer()
    assert answers == [False] * 18 + [True]


@in_loop
async def test_a_slow_head_is_refused_and_an_idle_connection_is_closed() -> None:
    connection, slow, _ = opened(table(head=0.01))
    receive(connection, KEPT[:9])
    _, idle, _ = opened(table(head=0.01))
    async with asyncio.timeout(10):
        while not (slow.is_closed and idle.is_closed):
            await asyncio.sleep(0.01)
    assert slow.written.startswith(b"HTTP/1.1 408 ")
    assert (idle.written, idle.is_aborted) == (b"", True)


@in_loop
async def test_each_head_has_its_own_time() -> None:
    """Not what is left of the time in which the connection was idle."""
    loop = asyncio.get_running_loop()
    times: list[float] = []
    call_later = loop.call_later

    def timed(seconds: float, *arguments: Any) -> asyncio.TimerHandle:
        times.append(seconds)
        return call_later(seconds, *arguments)

    loop.call_later = timed  # type: ignore[method-assign,assignment]
    connection, _, _ = opened(table(head=60.0))
    receive(connection, KEPT[:9])
    receive(connection, KEPT[9:20])
    assert times == [60.0, 60.0]


@in_loop
async def test_one_connection_too_many_closes_the_one_that_serves_nothing() -> None:
    """First one that does not read, then the oldest without an admitted request; else it is refused."""
    both = table(connections=3)
    (served, kept, _), (_, idle, _), (unread, full, _) = opened(both), opened(both), opened(both)
    receive(served, KEPT)
    served.admit()
    unread.pause_writing()
    _, fourth, _ = opened(both)
    assert full.is_aborted
    fifth, answered, _ = opened(both)
    assert idle.is_aborted
    assert not kept.is_closed
    for connection in (fifth, *[one for one in both.open if one is not served]):
        receive(connection, KEPT)
        connection.admit()
    _, refused, _ = opened(both)
    assert refused.written.startswith(b"HTTP/1.1 503 ")
    assert [kept.is_closed, fourth.is_closed] == [False, False]
    fifth.begin_answer()
    fifth.end_answer()
    opened(both)
    assert answered.is_aborted
