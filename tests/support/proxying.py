"""A proxy for plain HTTP on loopback, and an environment that names it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from engine.simulator.serve import serve_in_thread

VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")


def without_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that says nothing about the network."""
    for name in (*VARIABLES, *map(str.lower, VARIABLES), "SSLKEYLOGFILE", "REQUEST_METHOD"):
        monkeypatch.delenv(name, raising=False)


@dataclass
class Proxy:
    """A proxy for plain HTTP: `asked` are the addresses that it was asked for."""

    asked: list[str] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        url = scope["raw_path"].decode() + "?" * bool(scope["query_string"])
        url += scope["query_string"].decode()
        self.asked.append(f"{scope['method']} {url}")
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.request(
                scope["method"], url, content=body, headers=scope["headers"]
            )
        dropped = (b"content-encoding", b"transfer-encoding", b"content-length")
        headers = [(name, value) for name, value in answer.headers.raw if name not in dropped]
        start = {"type": "http.response.start", "status": answer.status_code, "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": answer.content})


@contextmanager
def proxied(monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """A proxy that the environment names for everything."""
    proxy = Proxy()
    with serve_in_thread(proxy) as address:
        for name in ("HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, address)
        yield proxy
