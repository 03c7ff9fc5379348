"""Faults on demand: repeatable failures of networks, gateways and busy systems.

ASGI middleware. At most one fault strikes a request: one aimed at it, else the next of the script, else
one with an active spell, else one that a seeded generator draws at the given rates.
"""

from __future__ import annotations

import asyncio
import time
import zlib
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from functools import cache
from random import Random

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .aim import AimedFault, Trap, draw_aimed
from .earlier_responses import EarlierResponses, ResponseCopy

_DISCONNECT_PAUSE = 0.001  # seconds


class Fault(StrEnum):
    """The faults. The simulators themselves carry out the last two."""

    SERVER_ERROR = "server_error"  # 500, 502, 503 or 504; nothing was done
    MAINTENANCE = "maintenance"  # 503 with an HTML page
    DROP = "drop"  # the connection closes before anything was done
    COMMIT_THEN_DROP = "commit_then_drop"  # the request was done, and the connection closes
    COMMIT_THEN_ERROR = "commit_then_error"  # the request was done, and the response is 500
    COMMIT_THEN_TIMEOUT = "commit_then_timeout"  # the request was done, and no response comes
    COMMIT_LATE = "commit_late"  # the connection closes, and the request is done later
    DRIBBLE = "dribble"  # the response comes byte by byte
    TRUNCATED = "truncated"  # the response ends in the middle
    NOT_JSON = "not_json"  # 200 with a body that is not JSON
    INFLATION = "inflation"  # a small gzip body that expands to 300 MB
    ELSEWHERE = "elsewhere"  # a redirect to another host
    THROTTLE = "throttle"  # too many requests
    TOKEN_EXPIRED = "token_expired"  # noqa: S105 - the token is refused before it expires


SIMULATOR_FAULTS = frozenset((Fault.THROTTLE, Fault.TOKEN_EXPIRED))


@dataclass(slots=True)
class Faults:
    """The faults that strike: `aimed` first, then `script`, `spells`, `rates` (a fraction for each fault).

    A None in the script lets a request pass. During a spell its fault strikes every request: an
    outage, a burst of 429; `spells` holds the ends of spells by `clock`. Seconds: `latency` delays
    every request, `stall` is the length of a timeout or a slow response, `late` delays the work of
    COMMIT_LATE. `struck` counts the faults.
    """

    rates: Mapping[Fault, Fraction] = field(default_factory=dict)
    script: deque[Fault | None] = field(default_factory=deque)
    latency: float = 0.0
    random: Random = field(default_factory=lambda: Random(20261201))  # noqa: S311 - no secret
    struck: Counter[StrEnum] = field(default_factory=Counter)
    stall: float = 30.0
    late: float = 1.0
    spells: Mapping[Fault, float] = field(default_factory=dict)
    clock: Callable[[], float] = time.monotonic
    aimed: list[AimedFault] = field(default_factory=list)

    def change(
        self,
        *,
        rates: Mapping[Fault, Fraction],
        script: Iterable[Fault | None] = (),
        spells: Mapping[Fault, float] | None = None,
        aimed: Iterable[AimedFault] = (),
    ) -> None:
        """Replace the rates, the script, the spells and the aimed faults.

        `spells` are in seconds from now. Raise ValueError for rates below 0 or above 1 in total.
        """
        if any(rate < 0 for rate in rates.values()) or sum(rates.values()) > 1:
            raise ValueError("the rates must not be negative and must add up to at most 1")
        now = self.clock()
        self.rates = dict(rates)
        self.script = deque(script)
        self.aimed = list(aimed)
        self.spells = {fault: now + seconds for fault, seconds in (spells or {}).items()}

    def list_active_spells(self) -> dict[Fault, float]:
        """Return the active spells with their remaining seconds."""
        now = self.clock()
        return {fault: end - now for fault, end in self.spells.items() if end > now}

    def draw_aimed(self, method: str, path: str) -> AimedFault | None:
        """Draw and count the fault that is aimed at a request; None when none is."""
        aimed = draw_aimed(self.aimed, method, path)
        if aimed is not None:
            self.struck[aimed.kind] += 1
        return aimed

    def draw(self) -> Fault | None:
        """Draw and count the fault that strikes a request; None when none does."""
        fault = (
            self.script.popleft()
            if self.script
            else next(iter(self.list_active_spells()), self._drawn())
        )
        if fault is not None:
            self.struck[fault] += 1
        return fault

    def _drawn(self) -> Fault | None:
        at = Fraction(self.random.random())
        for fault, rate in self.rates.items():
            if at < rate:
                return fault
            at -= rate
        return None


class FaultMiddleware:
    """Strikes an application's requests with faults.

    A simulator reads its own faults in `scope["fault"]`, and in `scope["aimed"]` what was aimed.
    """

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults
        self._earlier = EarlierResponses()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or carry out its fault."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._faults.latency:
            await asyncio.sleep(self._faults.latency)
        aimed = self._faults.draw_aimed(scope["method"], scope["path"])
        fault = self._faults.draw() if aimed is None else aimed.kind
        scope["fault"], scope["aimed"] = fault, aimed
        earlier = self._earlier.find(scope)
        send = self._earlier.record(scope, send)
        action = None if fault is None else _ACTIONS.get(fault)
        if action is None:
            await self._app(scope, receive, send)
        else:
            await action(
                _Struck(
                    app=self._app,
                    scope=scope,
                    receive=receive,
                    send=send,
                    faults=self._faults,
                    earlier=earlier,
                )
            )


@dataclass(frozen=True, slots=True)
class _Struck:
    """A request that a fault strikes."""

    app: ASGIApp
    scope: Scope
    receive: Receive
    send: Send
    faults: Faults
    earlier: ResponseCopy | None

    async def run_app(self) -> list[Message]:
        """Let the application do its work, and hold back its response."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self.app(self.scope, self.receive, keep)
        return messages

    async def respond(
        self, status: int, kind: str, body: bytes, *more: tuple[bytes, bytes]
    ) -> None:
        """Respond in the application's place."""
        headers = [(b"content-type", kind.encode()), *more]
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})

    async def drop_connection(self) -> None:
        """Abort the connection without a response; `serve` puts the transport into the scope."""
        self.scope["state"]["transport"].abort()
        # Lets the server notice the disconnect, so that it expects no response.
        await asyncio.sleep(_DISCONNECT_PAUSE)


async def _server_error(struck: _Struck) -> None:
    status = struck.faults.random.choice((500, 502, 503, 504))
    await struck.respond(status, "text/html", b"<html><body>gateway error</body></html>")


async def _maintenance(struck: _Struck) -> None:
    page = b"<!doctype html><html><title>Scheduled maintenance</title><p>We will be back.</html>"
    await struck.respond(503, "text/html; charset=utf-8", page)


async def _drop(struck: _Struck) -> None:
    await struck.drop_connection()


async def _commit_then_drop(struck: _Struck) -> None:
    await struck.run_app()
    await struck.drop_connection()


async def _commit_then_error(struck: _Struck) -> None:
    await struck.run_app()
    await struck.respond(500, "text/html", b"<html><body>internal error</body></html>")


async def _commit_then_timeout(struck: _Struck) -> None:
    await struck.run_app()
    await asyncio.sleep(struck.faults.stall)
    await struck.drop_connection()


async def _commit_late(struck: _Struck) -> None:
    messages = [await struck.receive()]
    while messages[-1].get("more_body"):
        messages.append(await struck.receive())
    await struck.drop_connection()
    await asyncio.sleep(struck.faults.late)
    rest = iter(messages)

    async def receive() -> Message:
        return next(rest, {"type": "http.disconnect"})

    await replace(struck, receive=receive).run_app()


async def _dribble(struck: _Struck) -> None:
    start, body = _split_response(await struck.run_app())
    await struck.send(start)
    pause = struck.faults.stall / max(1, len(body))
    for at in range(len(body)):
        await struck.send(
            {"type": "http.response.body", "body": body[at : at + 1], "more_body": True}
        )
        await asyncio.sleep(pause)
    if not body:
        await asyncio.sleep(struck.faults.stall)
    await struck.send({"type": "http.response.body", "body": b""})


async def _truncated(struck: _Struck) -> None:
    start, body = _split_response(await struck.run_app())
    await struck.send(start)
    half = body[: len(body) // 2]
    await struck.send({"type": "http.response.body", "body": half, "more_body": True})
    await asyncio.sleep(0)
    await struck.drop_connection()


async def _not_json(struck: _Struck) -> None:
    await struck.respond(200, "application/json", b"<html>not JSON at all")


async def _inflation(struck: _Struck) -> None:
    await struck.respond(200, "application/json", _build_bomb(), (b"content-encoding", b"gzip"))


async def _unavailable(struck: _Struck) -> None:
    await struck.respond(503, "text/plain", b"Service Unavailable")


async def _repeat_earlier(struck: _Struck) -> None:
    """Send the connection's previous response in place of the request's own, if there is any."""
    if struck.earlier is None:
        await struck.app(struck.scope, struck.receive, struck.send)
        return
    await struck.run_app()
    assert struck.earlier.start is not None
    await struck.send(struck.earlier.start)
    await struck.send({"type": "http.response.body", "body": bytes(struck.earlier.body)})


async def _answer_twice(struck: _Struck) -> None:
    """Send the response, and write it once more on the connection, where nothing was requested."""
    messages = await struck.run_app()
    start, body = _split_response(messages)
    for message in messages:
        await struck.send(message)
    transport = struck.scope["state"]["transport"]
    if not transport.is_closing():
        transport.write(ResponseCopy(start, bytearray(body)).write_raw())


async def _elsewhere(struck: _Struck) -> None:
    await struck.respond(302, "text/plain", b"", (b"location", b"http://elsewhere.invalid/login"))


@cache
def _build_bomb() -> bytes:
    """Return 300 MB of blanks as about 300 kB of gzip."""
    compressor = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    parts = [compressor.compress(b" " * (1024 * 1024)) for _ in range(300)]
    return b"".join(parts) + compressor.flush()


def _split_response(messages: list[Message]) -> tuple[Message, bytes]:
    """Return a response's first message and its whole body."""
    start = next(message for message in messages if message["type"] == "http.response.start")
    return start, b"".join(message.get("body", b"") for message in messages)


_ACTIONS: dict[StrEnum, Callable[[_Struck], Awaitable[None]]] = {
    Fault.SERVER_ERROR: _server_error,
    Fault.MAINTENANCE: _maintenance,
    Fault.DROP: _drop,
    Fault.COMMIT_THEN_DROP: _commit_then_drop,
    Fault.COMMIT_THEN_ERROR: _commit_then_error,
    Fault.COMMIT_THEN_TIMEOUT: _commit_then_timeout,
    Fault.COMMIT_LATE: _commit_late,
    Fault.DRIBBLE: _dribble,
    Fault.TRUNCATED: _truncated,
    Fault.NOT_JSON: _not_json,
    Fault.INFLATION: _inflation,
    Fault.ELSEWHERE: _elsewhere,
    Trap.UNAVAILABLE: _unavailable,
    Trap.REPEAT_EARLIER: _repeat_earlier,
    Trap.ANSWER_TWICE: _answer_twice,
}
