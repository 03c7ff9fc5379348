"""A server on loopback that answers as a test says, and the client that asks it."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TypeVar

from netsuite_account import CONSUMER_SECRET, PRIVATE_KEY, TOKEN, TOKEN_SECRET
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from engine.netsuite import CertificateKey, Clocks, NetSuite, TokenKey, build_simulated_address
from engine.simulator.serve import serve_in_thread
from engine.wire.exchange import ExchangeBounds

T = TypeVar("T")

CERTIFICATE_KEY = CertificateKey("client-1", PRIVATE_KEY, "key-1")
TOKEN_KEY = TokenKey("consumer", CONSUMER_SECRET, "token", TOKEN_SECRET)
PATIENT = ExchangeBounds(deadline=20.0)
REAL = Clocks(time.time, time.monotonic)


@dataclass
class Scripted:
    """Answers in the order given, then the last one again; tokens are given out on the side."""

    answers: Sequence[Response]
    token_answers: list[Response] = field(default_factory=list)
    asked: list[tuple[str, str, str, bytes]] = field(default_factory=list)
    tokens: int = 0

    def app(self) -> Starlette:
        numbers = itertools.count()

        async def answer(request: Request) -> Response:
            url = f"{request.scope['raw_path'].decode()}?{request.url.query}".rstrip("?")
            authorization = request.headers.get("authorization", "")
            self.asked.append((request.method, url, authorization, await request.body()))
            return self.answers[min(next(numbers), len(self.answers) - 1)]

        async def token(_: Request) -> Response:
            self.tokens += 1
            if self.token_answers:
                return self.token_answers.pop(0)
            return JSONResponse({"access_token": f"t{self.tokens}", "expires_in": 3600})

        methods = ["GET", "POST", "PUT", "PATCH"]
        return Starlette(
            routes=[
                Route(TOKEN, token, methods=["POST"]),
                Route("/{rest:path}", answer, methods=methods),
            ]
        )


def asking(
    served: AbstractContextManager[str] | Scripted,
    ask: Callable[[NetSuite], Awaitable[T]],
    *,
    key: CertificateKey | TokenKey = CERTIFICATE_KEY,
    clocks: Clocks = REAL,
    allowance: int = 5,
    bounds: ExchangeBounds = PATIENT,
) -> T:
    """What a client gets from a server on loopback."""

    async def run(address: str) -> T:
        at = build_simulated_address("1234567_SB1", address)
        async with NetSuite(at, key, clocks, allowance=allowance, bounds=bounds) as netsuite:
            return await ask(netsuite)

    with serve_in_thread(served.app()) if isinstance(served, Scripted) else served as address:
        return asyncio.run(run(address))
