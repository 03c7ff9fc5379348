"""Exchanges end: in an answer, or in one error that says whether the request may have arrived."""

from __future__ import annotations

import asyncio
import time
from contextlib import nullcontext
from dataclasses import replace

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from engine.findings.errors import NoAnswerError
from engine.simulator.faults import Fault, FaultMiddleware, Faults
from engine.simulator.serve import serve_in_thread
from engine.wire.exchange import SEND_BY, ExchangeBounds
from engine.wire.json_body import document_in
from engine.wire.open_client import open_client

BOUNDS = ExchangeBounds(deadline=2.0, received=1_000_000, inflated=4_000_000)
done: list[str] = []


async def echo(request: Request) -> JSONResponse:
    done.append(request.url.path)
    return JSONResponse({"path": request.url.path, "amount": "19.90", "long": "x" * 200})


APP = Starlette(routes=[Route("/{path:path}", echo, methods=["GET", "POST"])])


def asked(
    address: str, path: str = "/orders", *, times: int = 1, bounds: ExchangeBounds = BOUNDS
) -> list[httpx.Response]:
    async def ask() -> list[httpx.Response]:
        async with open_client(address, bounds) as client:
            return [await client.post(path, json={}) for _ in range(times)]

    return asyncio.run(ask())


def faulty(fault: Fault) -> FaultMiddleware:
    faults = Faults(stall=5.0)
    faults.script.append(fault)
    return FaultMiddleware(APP, faults)


@pytest.mark.parametrize(
    ("fault", "kind", "reached"),
    [
        (Fault.DROP, "broken", 0),
        (Fault.COMMIT_THEN_DROP, "broken", 1),
        (Fault.COMMIT_THEN_TIMEOUT, "timeout", 1),
        (Fault.DRIBBLE, "timeout", 1),
        (Fault.TRUNCATED, "broken", 1),
        (Fault.INFLATION, "oversized", 0),
    ],
)
def test_no_answer_is_one_error_that_says_it_may_have_arrived(
    fault: Fault, kind: str, reached: int
) -> None:
    done.clear()
    # Only who waits for the deadline needs a short one; a busy machine may outlive it.
    bounds = BOUNDS if kind == "timeout" else replace(BOUNDS, deadline=60.0)
    with serve_in_thread(faulty(fault)) as address, pytest.raises(NoAnswerError) as caught:
        asked(address, bounds=bounds)
    assert (caught.value.kind, caught.value.sent) == (kind, True)
    assert len(done) == reached


def test_nothing_was_sent_where_nobody_listens() -> None:
    with serve_in_thread(APP) as address:
        pass
    with pytest.raises(NoAnswerError) as caught:
        asked(address)
    assert (caught.value.kind, caught.value.sent) == ("connect", False)


@pytest.mark.parametrize(("seconds", "is_sent"), [(60, True), (-1, False)])
def test_what_was_let_in_too_long_ago_is_not_sent(seconds: int, *, is_sent: bool) -> None:
    async def ask(address: str) -> None:
        async with open_client(address, BOUNDS) as client:
            await client.get("/orders", extensions={SEND_BY: time.monotonic() + seconds})

    done.clear()
    with (
        serve_in_thread(APP) as address,
        nullcontext() if is_sent else pytest.raises(NoAnswerError) as no,
    ):
        asyncio.run(ask(address))
    assert bool(done) is is_sent
    assert no is None or (no.value.kind, no.value.sent) == ("unavailable", False)


def test_a_redirection_is_an_answer_and_is_not_followed() -> None:
    with serve_in_thread(faulty(Fault.ELSEWHERE)) as address:
        (response,) = asked(address)
    assert response.status_code == 302


def test_a_body_that_is_no_json_is_malformed_and_is_not_shown() -> None:
    with serve_in_thread(faulty(Fault.NOT_JSON)) as address:
        (response,) = asked(address)
    with pytest.raises(NoAnswerError) as caught:
        document_in(response, about="the answer")
    assert caught.value.kind == "malformed"
    assert "html" not in str(caught.value)


def test_connections_are_reused() -> None:
    ports: set[int] = set()

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        ports.add(scope["client"][1])
        await APP(scope, receive, send)

    with serve_in_thread(counting) as address:
        assert len(asked(address, times=20)) == 20
    assert len(ports) == 1


def test_the_environment_names_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serve_in_thread(APP) as address:
        (response,) = asked(address)
    assert response.status_code == 200
