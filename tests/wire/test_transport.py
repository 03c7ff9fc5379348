"""What carries requests, against servers that misbehave: nothing is sent twice, nothing is altered."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import httpx
import pytest
from raw_server import OK, RawServer, Reply, answering

from engine.findings.errors import NoAnswerError
from engine.wire.aiohttp_transport import AiohttpTransport
from engine.wire.environment import trusted
from engine.wire.exchange import ExchangeBounds, distrust
from engine.wire.open_client import open_client

BOUNDS = ExchangeBounds(deadline=60.0, received=4_000_000, inflated=4_000_000)
SECRET, MARKER = "a-token-that-is-secret", "what-a-customer-wrote"
METHODS = ("POST", "PUT", "DELETE", "GET", "PATCH")
Talk = Callable[[httpx.AsyncClient], Awaitable[None]]


@pytest.fixture(autouse=True)
def nothing_is_left(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Neither an open session nor a task whose error nobody took: asyncio logs them."""
    caplog.set_level(logging.WARNING, "asyncio")
    yield
    gc.collect()
    assert not caplog.get_records("call")


def client_of(server: RawServer, bounds: ExchangeBounds = BOUNDS) -> httpx.AsyncClient:
    return open_client(server.url, bounds)


async def until(happened: Callable[[], bool]) -> None:
    while not happened():
        await asyncio.sleep(0.001)


def talking(talk: Talk, *replies: Reply, bounds: ExchangeBounds = BOUNDS) -> RawServer:
    async def run() -> RawServer:
        async with answering(*replies) as server:
            async with client_of(server, bounds) as client:
                await talk(client)
            while server.ended < server.opened:
                await asyncio.sleep(0.001)
            return server

    return asyncio.run(run())


async def failing(client: httpx.AsyncClient, method: str, path: str = "/x") -> NoAnswerError:
    with pytest.raises(NoAnswerError) as caught:
        await client.request(method, path, headers={"Authorization": SECRET})
    return caught.value


def all_that_is_said(error: BaseException | None) -> str:
    if error is None:
        return ""
    before = all_that_is_said(error.__cause__) + all_that_is_said(error.__context__)
    return f"{before}\n{error!r} {error}"


HEAD = b"HTTP/1.1 200 OK\r\n"
NAMED = MARKER.encode()
BROKEN = {
    "nothing": Reply(b"", closes=True),
    "nothing, reset": Reply(b"", resets=True),
    "half a status line": Reply(b"HTTP/1.1 20", closes=True),
    "half a head": Reply(HEAD + b"Content-Length: 5\r\nX: " + NAMED, closes=True),
    "a head without a body": Reply(HEAD + b"Content-Length: 5\r\n\r\n", closes=True),
    "half a body": Reply(HEAD + b"Content-Length: 500\r\n\r\n" + NAMED, closes=True),
    "half a body, reset": Reply(HEAD + b"Content-Length: 500\r\n\r\n" + NAMED, resets=True),
    "half a chunk": Reply(HEAD + b"Transfer-Encoding: chunked\r\n\r\n50\r\n" + NAMED, closes=True),
    "no last chunk": Reply(HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", closes=True),
    "no chunk": Reply(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + NAMED + b"\r\n"),
    "no HTTP": Reply(b"220 mail.example ESMTP " + NAMED + b"\r\n"),
    "no status": Reply(b"HTTP/1.1 " + NAMED + b"\r\n\r\n"),
    "no length": Reply(HEAD + b"Content-Length: " + NAMED + b"\r\n\r\n"),
    "two lengths": Reply(HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nok "),
    "NUL in a head": Reply(HEAD + b"X: a\0" + NAMED + b"\r\n\r\n"),
    "a huge header": Reply(HEAD + b"X: " + NAMED * 10_000 + b"\r\n\r\n"),
    "a huge reason": Reply(b"HTTP/1.1 200 " + NAMED * 10_000 + b"\r\n\r\n"),
    "too many headers": Reply(HEAD + b"X: y\r\n" * 10_000 + b"\r\n"),
}


@pytest.mark.parametrize("reply", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("is_kept", [False, True], ids=["fresh", "kept"])
def test_what_breaks_may_have_been_sent_and_is_not_sent_again(
    reply: Reply, *, is_kept: bool
) -> None:
    async def talk(client: httpx.AsyncClient) -> None:
        for method in METHODS:
            if is_kept:
                assert (await client.get("/before")).content == b"ok"
            error = await failing(client, method)
            assert (error.kind, error.sent) == ("broken", True), method
            assert SECRET not in all_that_is_said(error)
            assert MARKER not in all_that_is_said(error)

    per_method = [Reply(), reply] if is_kept else [reply]
    server = talking(talk, *per_method * len(METHODS))
    assert len(server.asked) == len(per_method) * len(METHODS)
    # What broke is not used again.
    assert server.connections() == sorted([*range(1, len(METHODS) + 1)] * len(per_method))


@pytest.mark.parametrize(
    ("method", "reply", "status", "headers", "body"),
    [
        ("GET", b"HTTP/1.1 100 Continue\r\n\r\n" + OK, 200, [("Content-Length", "2")], b"ok"),
        ("PUT", b"HTTP/1.1 103 Early\r\nX: 1\r\n\r\n" + OK, 200, [("Content-Length", "2")], b"ok"),
        (
            "POST",
            HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n1;x=y\r\n!\r\n0\r\nX: y\r\n\r\n",
            200,
            [("Transfer-Encoding", "chunked")],
            b"ok!",
        ),
        (
            "POST",
            b"HTTP/1.1 204 No Content\r\nLocation: /a%2Fb\r\n\r\n",
            204,
            [("Location", "/a%2Fb")],
            b"",
        ),
        (
            "GET",
            b"HTTP/1.1 304 Not\r\nContent-Length: 9\r\n\r\n",
            304,
            [("Content-Length", "9")],
            b"",
        ),
        ("HEAD", HEAD + b"Content-Length: 9\r\n\r\n", 200, [("Content-Length", "9")], b""),
        (
            "GET",
            b"HTTP/1.1 302 Found\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n",
            302,
            [("Location", "/y"), ("Content-Length", "0")],
            b"",
        ),
        (
            "GET",
            HEAD + b"Set-Cookie: a=1\r\nset-cookie: b=\xe4\r\nContent-Length: 0\r\n\r\n",
            200,
            [("Set-Cookie", "a=1"), ("set-cookie", "b=ä"), ("Content-Length", "0")],
            b"",
        ),
        (
            "GET",
            HEAD + b"Content-Encoding: gzip\r\nContent-Length: 7\r\n\r\nno gzip",
            200,
            [("Content-Encoding", "gzip"), ("Content-Length", "7")],
            b"no gzip",
        ),
        (
            "GET",
            HEAD + b"Content-Encoding: br\r\nContent-Length: 2\r\n\r\nbr",
            200,
            [("Content-Encoding", "br"), ("Content-Length", "2")],
            b"br",
        ),
    ],
)
def test_an_answer_is_handed_on_as_it_came(
    method: str, reply: bytes, status: int, headers: list[tuple[str, str]], body: bytes
) -> None:
    async def run() -> RawServer:
        transport = AiohttpTransport(trusted(from_environment=False))
        async with answering(Reply(reply), Reply()) as server:
            for is_first in (True, False):
                request = httpx.Request(method if is_first else "GET", server.url)
                answer = await transport.handle_async_request(request)
                assert isinstance(answer.stream, httpx.AsyncByteStream)
                read = b"".join([chunk async for chunk in answer.stream])
                await answer.aclose()
                if is_first:
                    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
                    assert (answer.status_code, read) == (status, body)
                    assert answer.headers.raw == raw
                    assert "reason_phrase" in answer.extensions
            await transport.aclose()
            return server

    assert asyncio.run(run()).connections() == [1, 1]


def test_what_is_odd_is_no_answer_either_way() -> None:
    async def talk(client: httpx.AsyncClient) -> None:
        assert (await client.post("/x")).status_code == 101
        for _ in range(2):
            error = await failing(client, "POST")
            assert (error.kind, error.sent) == ("malformed", True)

    upgrade = b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"
    other = HEAD + b"Content-Encoding: br\r\nContent-Length: 2\r\n\r\nbr"
    half = HEAD + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08"
    talking(talk, Reply(upgrade, closes=True), Reply(other), Reply(half))


@pytest.mark.parametrize(
    "path",
    [
        "/", "/a%2Fb/%27c'd;e=1,f", "/a+b%2Bc d", "/salesOrder/1/!transform/invoice",
        "/customer/eid:NS-Ärger%20ß-日本", "/q?a=x%20y+z%2B&b=%27q'&c=1?2=3", "/q?replace=item%2Cx",
        "/a/../b/./c", "//a//b", "/%zz%", "/u?r=http://x/y#gone", "/~*()!$&,=:@", "/w?q=[1]{2}|^`",
        "/w?q=%5B1%5D&;&&=", "/%E2%82%AC?%E2%82%AC=%e2%82%ac",
    ],
)  # fmt: skip
def test_what_is_sent_is_what_httpx_has_made(path: str) -> None:
    made: list[bytes] = []
    sizes = {"POST": 0, "PUT": 3_000_000, "DELETE": 0, "GET": 0, "PATCH": 1_000, "OPTIONS": 0}

    async def talk(client: httpx.AsyncClient) -> None:
        for method, size in sizes.items():
            content = b"\0\xff\r\nbody" * (size // 8) if size else None
            headers = {b"x-Odd_NAME": "ä  €".encode(), b"Content-Encoding": b"x", b"Prefer": b"a"}
            request = client.build_request(method, path, content=content, headers=headers)
            lines = [b"%s: %s" % pair for pair in request.headers.raw]
            first = b"%s %s HTTP/1.1" % (method.encode(), request.url.raw_path)
            made.append(b"\r\n".join([first, *lines, b"", content or b""]))
            assert (await client.send(request)).content == b"ok"

    server = talking(talk, *[Reply()] * len(sizes))
    assert [request for _, request in server.asked] == made
    # Only the empty form says a length of nothing.
    bare = [b"content-length" not in request.lower() for request in made]
    assert bare == [False, False, True, True, False, True]
    assert server.opened == 1


def test_what_cannot_be_written_is_not_sent() -> None:
    async def talk(client: httpx.AsyncClient) -> None:
        with pytest.raises(NoAnswerError) as caught:
            await client.post("/x", content=_chunks())
        assert not caught.value.sent
        with pytest.raises(NoAnswerError, match="LocalProtocolError"):
            await client.post("/x", headers={"X": "a\r\nY: b"})
        assert (await client.get("/q?")).content == b"ok"

    server = talking(talk, Reply())
    assert [request.split()[1] for _, request in server.asked] == [b"/q"]


async def _chunks() -> AsyncIterator[bytes]:
    yield b"a"
    yield b"b"


def test_what_comes_unasked_answers_nothing() -> None:
    late = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"

    async def run() -> RawServer:
        idle = asyncio.Event()
        first = Reply(unasked=late, later=idle)
        async with answering(first, Reply()) as server, client_of(server) as client:
            assert (await client.post("")).status_code == 200
            idle.set()
            # Longer than it takes to come; too soon, and the race would be HTTP's own.
            await asyncio.sleep(0.1)
            assert (await client.post("")).status_code == 200
        return server

    assert asyncio.run(run()).connections() == [1, 2]


REPEATED = b"HTTP/1.1 204 No Content\r\nLocation: /record/77\r\n\r\n"


@pytest.mark.parametrize("cut", [0, 1, 9, 25, len(REPEATED) - 1])
def test_an_answer_that_is_repeated_on_an_idle_connection_answers_nothing(cut: int) -> None:
    """The whole answer, or only its first piece: the client closes the connection by itself."""

    async def run() -> RawServer:
        idle = asyncio.Event()
        first = Reply(REPEATED, unasked=REPEATED[:cut] or REPEATED, later=idle)
        async with answering(first, Reply(), Reply()) as server, client_of(server) as client:
            assert (await client.post("")).status_code == 204
            idle.set()
            await until(lambda: server.ended == 1)
            assert (await client.post("")).content == b"ok"
            assert (await client.post("")).content == b"ok"
        return server

    # After such an answer no connection is used twice.
    assert asyncio.run(run()).connections() == [1, 2, 3]


def test_a_goodbye_is_no_repeated_answer() -> None:
    late = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"

    async def run() -> RawServer:
        idle = asyncio.Event()
        async with (
            answering(Reply(unasked=late, later=idle), Reply(), Reply()) as server,
            client_of(server) as client,
        ):
            await client.post("")
            idle.set()
            await until(lambda: server.ended == 1)
            await client.post("")
            await client.post("")
        return server

    assert asyncio.run(run()).connections() == [1, 2, 2]


def test_the_connection_of_an_answer_can_be_closed_by_its_reader() -> None:
    async def run() -> RawServer:
        async with answering(*[Reply()] * 4) as server, client_of(server) as client:
            await client.post("")
            distrust(await client.post(""))
            await client.post("")
            await client.post("")
        return server

    assert asyncio.run(run()).connections() == [1, 1, 2, 3]


def test_a_second_answer_in_the_packet_of_the_first_answers_nothing() -> None:
    """httpx's own transport reads it as the answer to the next request: record 77 was made."""
    second = b"HTTP/1.1 204 No Content\r\nLocation: /record/77\r\n\r\n"

    async def talk(client: httpx.AsyncClient) -> None:
        assert (await client.post("")).content == b"ok"
        assert (await client.post("")).content == b"ok"

    assert talking(talk, Reply(OK + second), Reply()).connections() == [1, 2]


@pytest.mark.parametrize(
    "late", [b"", b"HTTP/1.1 204 No Content\r\nLocation: /record/77\r\n\r\n"], ids=["end", "answer"]
)
def test_what_has_come_and_was_not_read_answers_nothing(late: bytes) -> None:
    """The loop is busy while the server ends a kept connection, or says something unasked."""
    kept: list[socket.socket] = []

    def serve(listening: socket.socket) -> None:
        for _ in range(2):
            kept.append(listening.accept()[0])
            kept[-1].recv(65536)
            kept[-1].sendall(OK)
            time.sleep(0.1)
            if late:
                kept[-1].sendall(late)
            else:
                kept[-1].close()

    async def run(port: int) -> None:
        async with open_client(f"http://127.0.0.1:{port}", BOUNDS) as client:
            assert (await client.post("")).content == b"ok"
            time.sleep(0.5)
            assert (await client.post("")).content == b"ok"

    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = threading.Thread(target=serve, args=(listening,))
        server.start()
        asyncio.run(run(listening.getsockname()[1]))
        server.join()
    assert len(kept) == 2
    for connection in kept:
        connection.close()


def test_a_large_head_is_read() -> None:
    """Gateways add headers of their own."""
    more = b"".join(b"X-%d: y\r\n" % number for number in range(500))
    large = HEAD + b"X: " + b"x" * 20_000 + b"\r\n" + more + b"Content-Length: 2\r\n\r\nok"

    async def talk(client: httpx.AsyncClient) -> None:
        assert len((await client.get("")).headers) == 502

    talking(talk, Reply(large))


def test_who_waits_for_a_closed_client_has_sent_nothing() -> None:
    async def run() -> tuple[list[object], RawServer]:
        never = asyncio.Event()
        async with answering(*[Reply(since=never)] * 100) as server, client_of(server) as client:
            under_way = [asyncio.create_task(client.get("/")) for _ in range(120)]
            await until(lambda: len(server.asked) == 100)
            await client.aclose()
            ended: list[object] = await asyncio.gather(*under_way, return_exceptions=True)
            never.set()
            return ended, server

    ended, server = asyncio.run(run())
    assert [getattr(one, "sent", None) for one in ended] == [True] * 100 + [False] * 20
    assert len(server.asked) == 100


@pytest.mark.parametrize("begun", [b"", HEAD + b"Content-Length: 5\r\n\r\nab"], ids=["", "begun"])
def test_the_deadline_closes_the_connection(begun: bytes) -> None:
    async def talk(client: httpx.AsyncClient) -> None:
        error = await failing(client, "POST")
        assert (error.kind, error.sent) == ("timeout", True)
        assert (await client.get("/y")).content == b"ok"

    server = talking(talk, Reply(begun), Reply(), bounds=ExchangeBounds(deadline=0.3))
    assert server.connections() == [1, 2]


def test_an_answer_that_is_left_is_not_read_on() -> None:
    big = HEAD + b"Content-Length: 900000\r\n\r\n" + b"x" * 500_000

    async def talk(client: httpx.AsyncClient) -> None:
        assert (await failing(client, "POST")).kind == "oversized"
        assert (await client.get("/y")).content == b"ok"

    server = talking(talk, Reply(big), Reply(), bounds=ExchangeBounds(60.0, 100_000, 100_000))
    assert server.connections() == [1, 2]


def test_who_finds_no_connection_free_waits_longer_than_connecting_may_take() -> None:
    """A hundred answers are held back; another request is sent when they have ended."""

    async def run() -> None:
        told = asyncio.Event()
        end = HEAD + b"Connection: close\r\nContent-Length: 0\r\n\r\n"
        replies = [Reply(end, closes=True, since=told)] * 101
        async with answering(*replies) as server, client_of(server) as client:
            asking = [asyncio.create_task(client.get("")) for _ in range(100)]
            await until(lambda: len(server.asked) == 100)
            soon = httpx.Timeout(None, connect=0.02)
            asking.append(asyncio.create_task(client.get("", timeout=soon)))
            await asyncio.sleep(0.2)
            assert (len(server.asked), asking[-1].done()) == (100, False)
            told.set()
            assert {answer.status_code for answer in await asyncio.gather(*asking)} == {200}

    asyncio.run(run())


def test_a_name_without_address_was_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    async def run() -> NoAnswerError:
        async with open_client("http://nowhere.example", BOUNDS) as client:
            return await failing(client, "PUT")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error = asyncio.run(run())
    assert (str(error), error.sent) == ("no connection (ConnectError)", False)
