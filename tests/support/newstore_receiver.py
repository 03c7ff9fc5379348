"""A service that the Event Stream calls: it keeps what comes, and answers as it is told."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from newstore_shops import STREAMS, Asking, served, shop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from engine.documents import read_json_bytes
from engine.simulator.newstore import SimulatedShop
from engine.simulator.serve import serve_in_thread


@dataclass
class Receiver:
    """`answers` come first, one for each call, then 200; 0 is no answer in time."""

    answers: deque[int] = field(default_factory=deque)
    bodies: list[Any] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)

    async def __call__(self, request: Request) -> Response:
        self.bodies.append(read_json_bytes("an event", await request.body()))
        self.keys.append(request.headers.get("authorization"))
        status = self.answers.popleft() if self.answers else 200
        if status == 0:
            await asyncio.sleep(30)
        return Response(status_code=status)

    @property
    def ids(self) -> list[str]:
        return [body["payload"]["id"] for body in self.bodies]


@dataclass
class Streaming:
    """A shop that is served, and a receiver beside it."""

    shop: SimulatedShop
    asking: Asking
    receiver: Receiver
    address: str

    def body(self, name: str = "one", **more: object) -> dict[str, object]:
        return {
            "id": name,
            "integration_type": "permanent",
            "callback_parameters": {"callback_url": self.address, "api_key": "key-1"},
            **more,
        }

    def register(self, name: str = "one", **more: object) -> None:
        response = self.asking.http.post(STREAMS, json=self.body(name, **more))
        assert response.status_code == 201, response.text

    def call(self, path: str, method: str = "POST") -> Any:
        response = self.asking.http.request(method, f"{STREAMS}/{path}")
        assert response.status_code < 300, response.text
        return response.json() if response.content else None

    def drain(self) -> None:
        asyncio.run(asyncio.wait_for(self.shop.wait_until_idle(), 20))


@contextmanager
def streaming(sold: SimulatedShop | None = None) -> Iterator[Streaming]:
    """In order, each once, with short pauses, unless the shop's settings are changed."""
    sold = sold or shop()
    sold.settings.shuffle, sold.settings.repeated = 0, Fraction(0)
    sold.settings.retry_pause = 0.01
    receiver = Receiver()
    app = Starlette(routes=[Route("/", receiver.__call__, methods=["POST"])])
    with serve_in_thread(app) as address, served(sold) as asking:
        yield Streaming(sold, asking, receiver, f"{address}/")
