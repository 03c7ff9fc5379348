"""TLS and proxies: what fails before the request is sent was never sent, and nothing else."""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from proxying import without_proxies
from raw_server import OK, Reply, answering

from engine.findings.errors import NoAnswerError
from engine.wire.exchange import ExchangeBounds
from engine.wire.open_client import open_client

BOUNDS = ExchangeBounds(deadline=60.0)
CREDENTIALS = b64encode(b"user:p@ss").decode()
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1, signed by its own key, and the key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([]), datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=True
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "own.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    return path


@pytest.fixture
def theirs(pem: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """What a server has; our side accepts it, as the environment says."""
    without_proxies(monkeypatch)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


@asynccontextmanager
async def serving(serve: Serve, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    tasks: set[asyncio.Task[object]] = set()

    async def tracked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        await serve(reader, writer)

    server = await asyncio.start_server(tracked, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]
        await asyncio.gather(*tasks)


async def said(url: str, *, trust_env: bool = True, connect: float = 5.0) -> str:
    """`200`, or what was wrong and whether it may have been sent."""
    async with open_client(url, BOUNDS, trust_env=trust_env) as client:
        try:
            answer = await client.put("/a%2Fb", timeout=httpx.Timeout(None, connect=connect))
        except NoAnswerError as error:
            return f"{error}, {'sent' if error.sent else 'never sent'}"
        return str(answer.status_code)


@pytest.mark.parametrize("piece", [b"HTTP/1.1 20", OK])
def test_what_arrives_on_an_idle_connection_over_tls_closes_it(
    theirs: ssl.SSLContext, piece: bytes
) -> None:
    async def run() -> list[int]:
        idle = asyncio.Event()
        replies = [Reply(), Reply(unasked=piece, later=idle), Reply(), Reply()]
        async with answering(*replies, context=theirs) as server:
            url = f"https://127.0.0.1:{server.port}"
            async with open_client(url, BOUNDS, trust_env=True) as client:
                await client.post("")
                await client.post("")
                idle.set()
                while server.ended == 0:
                    await asyncio.sleep(0.001)
                await client.post("")
                await client.post("")
            return server.connections()

    assert asyncio.run(run()) == [1, 1, 2, 3]


def test_an_exchange_over_tls(theirs: ssl.SSLContext) -> None:
    async def run() -> list[str]:
        half = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"
        replies = (Reply(), Reply(), Reply(b"", closes=True), Reply(half, resets=True))
        async with answering(*replies, context=theirs) as server:
            found = [await said(f"https://127.0.0.1:{server.port}") for _ in replies]
        assert len(server.asked) == len(replies)
        assert server.protocols == {"http/1.1"}
        return found

    broken = "the connection broke (RemoteProtocolError), sent"
    assert asyncio.run(run()) == ["200", "200", broken, broken]


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        await reader.read()
    writer.close()


async def garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(100)
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    writer.close()


async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(100)
    writer.close()


def test_what_fails_before_was_never_sent(theirs: ssl.SSLContext) -> None:
    async def run() -> list[str]:
        found = []
        async with answering(context=theirs) as server:
            url = f"https://127.0.0.1:{server.port}"
            found.append(await said(url, trust_env=False))
            found.append(await said(url.replace("127.0.0.1", "localhost")))
        assert not server.asked
        found.append(await said(url))
        for serve in (garbage, closing):
            async with serving(serve) as port:
                found.append(await said(f"https://127.0.0.1:{port}"))
        async with serving(silent) as port:
            found.append(await said(f"https://127.0.0.1:{port}", connect=0.2))
        return found

    none = "no connection (ConnectError), never sent"
    assert asyncio.run(run()) == [none] * 5 + ["no connection (ConnectTimeout), never sent"]


@pytest.mark.parametrize("is_secret", [False, True], ids=["http", "https"])
def test_a_tunnel_through_a_proxy(
    theirs: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, *, is_secret: bool
) -> None:
    asked: list[bytes] = []

    async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        host, port = asked[-1].split()[1].decode().split(":")
        there, here = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(pumped(reader, here), pumped(there, writer))

    async def run() -> None:
        async with (
            answering(Reply(), Reply(), context=theirs) as server,
            serving(tunnel, theirs if is_secret else None) as port,
        ):
            scheme = "https" if is_secret else "http"
            monkeypatch.setenv("HTTPS_PROXY", f"{scheme}://user:p%40ss@127.0.0.1:{port}")
            async with open_client(
                f"https://127.0.0.1:{server.port}", BOUNDS, trust_env=True
            ) as client:
                for _ in range(2):
                    assert (await client.put("/a%2Fb", content=b"body")).content == b"ok"
        assert server.connections() == [1, 1]
        (head,) = asked
        assert head.startswith(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n" % server.port)
        assert b"Proxy-Authorization: Basic " + CREDENTIALS.encode() in head
        for _, request in server.asked:
            assert request.startswith(b"PUT /a%2Fb HTTP/1.1\r\nHost: 127.0.0.1:")
            assert b"proxy" not in request.lower()

    asyncio.run(run())


async def pumped(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError, ssl.SSLError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


def test_a_proxy_for_plain_http_is_told_who_asks(
    theirs: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> bytes:
        async with answering(Reply()) as proxy:
            monkeypatch.setenv("HTTP_PROXY", f"http://user:p%40ss@127.0.0.1:{proxy.port}")
            assert await said("http://shop.example") == "200"
        return proxy.asked[0][1]

    head = asyncio.run(run())
    assert head.startswith(b"PUT http://shop.example/a%2Fb HTTP/1.1\r\n")
    assert b"\r\nProxy-Authorization: Basic " + CREDENTIALS.encode() in head
    assert b"aiohttp" not in head


def test_a_proxy_that_fails(theirs: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> list[str]:
        found = []
        answers = (b"HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n", b"", b"none\r\n\r\n", OK)
        for answer in answers:
            async with answering(Reply(answer, closes=True)) as proxy:
                monkeypatch.setenv("HTTPS_PROXY", proxy.url)
                found.append(await said("https://shop.example"))
        found.append(await said("https://shop.example"))
        async with serving(silent) as port:
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
            found.append(await said("https://shop.example", connect=0.2))
        return found

    broken = "the connection broke (RemoteProtocolError), sent"
    assert asyncio.run(run()) == [
        "no connection (ProxyError), never sent",
        broken,
        broken,
        "no connection (ConnectError), never sent",
        "no connection (ConnectError), never sent",
        "no connection (ConnectTimeout), never sent",
    ]
