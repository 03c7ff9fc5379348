"""Faults on demand: what networks, gateways and busy systems do to a request, repeatably.

An ASGI application around another one. At most one fault strikes a request: the next of the
script, else one whose spell lasts, else one that a seeded generator draws at the rates given.
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

_NOTICED = 0.001  # seconds


class Fault(StrEnum):
    """What can happen. The last two are carried out by the simulators themselves."""

    SERVER_ERROR = "server_error"  # 500, 502, 503 or 504; nothing was done
    MAINTENANCE = "maintenance"  # 503 with an HTML page
    DROP = "drop"  # the connection ends before anything was done
    COMMIT_THEN_DROP = "commit_then_drop"  # it was done, and the connection ends
    COMMIT_THEN_ERROR = "commit_then_error"  # it was done, and the answer is 500
    COMMIT_THEN_TIMEOUT = "commit_then_timeout"  # it was done, and no answer comes
    COMMIT_LATE = "commit_late"  # the connection ends, and it is done a while later
    DRIBBLE = "dribble"  # the answer comes byte by byte
    TRUNCATED = "truncated"  # the answer ends in the middle
    NOT_JSON = "not_json"  # 200, and something else than JSON
    INFLATION = "inflation"  # a small gzip of very much
    ELSEWHERE = "elsewhere"  # a redirection to another host
    THROTTLE = "throttle"  # too many requests
    TOKEN_EXPIRED = "token_expired"  # noqa: S105 - the token is refused before its time


SIMULATOR_FAULTS = frozenset((Fault.THROTTLE, Fault.TOKEN_EXPIRED))


@dataclass(slots=True)
class Faults:
    """Which faults strike: `script` first, then `spells`, then `rates` (a part of 1 for each fault).

    A None in the script lets a request pass. While a spell lasts, its fault strikes every request:
    an outage, a burst of 429; `spells` are their ends by `clock`. `latency` is how many seconds
    every request waits before it is looked at, `late` those until what comes late is done. `struck`
    counts.
    """

    rates: Mapping[Fault, Fraction] = field(default_factory=dict)
    script: deque[Fault | None] = field(default_factory=deque)
    latency: float = 0.0
    random: Random = field(default_factory=lambda: Random(20261201))  # noqa: S311 - no secret
    struck: Counter[Fault] = field(default_factory=Counter)
    stall: float = 30.0
    late: float = 1.0
    spells: Mapping[Fault, float] = field(default_factory=dict)
    clock: Callable[[], float] = time.monotonic

    def change(
        self,
        *,
        rates: Mapping[Fault, Fraction],
        script: Iterable[Fault | None] = (),
        spells: Mapping[Fault, float] | None = None,
    ) -> None:
        """Put other rates, a script and spells in place of those there are.

        `spells` are in seconds from now. Raise ValueError for rates that are no parts of all.
        """
        if any(rate < 0 for rate in rates.values()) or sum(rates.values()) > 1:
            raise ValueError("rates are parts of all: none below 0, together at most 1")
        now = self.clock()
        self.rates = dict(rates)
        self.script = deque(script)
        self.spells = {fault: now + seconds for fault, seconds in (spells or {}).items()}

    def list_active_spells(self) -> dict[Fault, float]:
        """The spells that are not over, with the seconds that are left of each."""
        now = self.clock()
        return {fault: end - now for fault, end in self.spells.items() if end > now}

    def draw(self) -> Fault | None:
        """The fault that strikes this request, if any; it is counted."""
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
    """An application struck by faults; a fault of the simulators' own is `scope["fault"]`."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._faults.latency:
            await asyncio.sleep(self._faults.latency)
        fault = self._faults.draw()
        scope["fault"] = fault
        if fault is None or fault in SIMULATOR_FAULTS:
            await self._app(scope, receive, send)
        else:
            await _ACTIONS[fault](_Struck(self._app, scope, receive, send, self._faults))


@dataclass(frozen=True, slots=True)
class _Struck:
    """A request that a fault has struck."""

    app: ASGIApp
    scope: Scope
    receive: Receive
    send: Send
    faults: Faults

    async def run_app(self) -> list[Message]:
        """Let the application do its work, and keep the answer back."""
        kept: list[Message] = []

        async def keep(message: Message) -> None:
            kept.append(message)

        await self.app(self.scope, self.receive, keep)
        return kept

    async def respond(
        self, status: int, kind: str, body: bytes, *more: tuple[bytes, bytes]
    ) -> None:
        """Answer in the application's place."""
        headers = [(b"content-type", kind.encode()), *more]
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})

    async def drop_connection(self) -> None:
        """End the connection without a word; see `serving` for the transport."""
        self.scope["state"]["transport"].abort()
        await asyncio.sleep(_NOTICED)  # the server sees that it is gone, and misses no answer


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
    came = [await struck.receive()]
    while came[-1].get("more_body"):
        came.append(await struck.receive())
    await struck.drop_connection()
    await asyncio.sleep(struck.faults.late)
    rest = iter(came)

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


async def _elsewhere(struck: _Struck) -> None:
    await struck.respond(302, "text/plain", b"", (b"location", b"http://elsewhere.invalid/login"))


@cache
def _build_bomb() -> bytes:
    """300 MB of blanks as some 300 kB of gzip."""
    squeeze = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    parts = [squeeze.compress(b" " * (1024 * 1024)) for _ in range(300)]
    return b"".join(parts) + squeeze.flush()


def _split_response(messages: list[Message]) -> tuple[Message, bytes]:
    """An answer's first message and its whole body."""
    start = next(message for message in messages if message["type"] == "http.response.start")
    return start, b"".join(message.get("body", b"") for message in messages)


_ACTIONS: dict[Fault, Callable[[_Struck], Awaitable[None]]] = {
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
}
