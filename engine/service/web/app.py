"""The service's doors, as an ASGI application."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ...findings.errors import JournalError, RefusedError
from .receiving import LET_IN, Limits, Room, check_head, check_key, event_in

Answer = tuple[int, Mapping[str, object]]
Accept = Callable[[str, Mapping[str, object]], Awaitable[Callable[[], Awaitable[Answer]]]]

# Whose rest is not waited for: who has sent too slowly, or in a way that may be misread.
_CLOSING = frozenset((400, 408, 505))
_UNAVAILABLE = 503
_OURS: Answer = (500, {"error": "a mistake of the service; send it again"})


@dataclass(frozen=True, slots=True)
class Answered:
    """A request for an event that was answered.

    `tenant` is None for one that is not known. `document` is what was answered; `seconds` are those
    from the request's head to the answer. `refusal` says why it was not taken, without its content.
    """

    tenant: str | None
    status: int
    document: Mapping[str, object]
    seconds: float
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What is seen from outside.

    `ready` says whether events are taken and delivered, and in a document what is not;
    `metrics` gives a media type and a text of it.
    """

    ready: Callable[[], Awaitable[tuple[bool, Mapping[str, object]]]]
    metrics: Callable[[], Awaitable[tuple[str, bytes]]]


@dataclass(frozen=True, slots=True)
class Doors:
    """What the application needs.

    `keys` gives those of each tenant, None for one whose keys cannot be read; `accept` stores an
    event, and gives what waits for the answer to it: a status and a document. `told` hears of every
    answer.
    """

    keys: Callable[[], Mapping[str, tuple[str, ...] | None]]
    accept: Accept
    limits: Limits = field(default_factory=Limits)
    told: Callable[[Answered], None] = lambda _answered: None


@dataclass(frozen=True, slots=True)
class _Rooms:
    """What requests under way take: a place each, and the bytes of their bodies."""

    places: Room
    bytes: Room


def service_app(doors: Doors | None, seen: Seen) -> Starlette:
    """What is seen from outside, and, where there are doors, `POST /events/{tenant}`."""

    async def alive(_request: Request) -> Response:
        return JSONResponse({"alive": True})

    async def ready(_request: Request) -> Response:
        is_ready, document = await seen.ready()
        return JSONResponse(dict(document), 200 if is_ready else _UNAVAILABLE)

    async def metrics(_request: Request) -> Response:
        kind, text = await seen.metrics()
        return Response(text, media_type=kind)

    app = Starlette(
        routes=[
            *([] if doors is None else [_events(doors)]),
            Route("/healthz", alive),
            Route("/readyz", ready),
            Route("/metrics", metrics),
        ],
        exception_handlers={HTTPException: _no_page, 500: _mistaken},
    )
    # To where a request says that this is, which is anywhere.
    app.router.redirect_slashes = False
    return app


def _events(doors: Doors) -> Route:
    limits = doors.limits
    rooms = _Rooms(Room(limits.requests), Room(limits.held))

    async def receive(request: Request) -> Response:
        return await _received(doors, rooms, request)

    return Route("/events/{tenant}", receive, methods=["POST"])


async def _received(doors: Doors, rooms: _Rooms, request: Request) -> Response:
    """The answer to an event, told to those who watch, whatever happens."""
    begin = time.perf_counter()
    tenant: str = request.path_params["tenant"]
    (status, document), refusal = _OURS, None
    try:
        status, document, refusal = await _answer(doors, rooms, request, tenant)
    finally:
        keys = doors.keys()
        known = tenant if tenant in keys else None
        seconds = time.perf_counter() - begin
        doors.told(Answered(known, status, document, seconds, refusal))
    return _said(status, document)


async def _answer(
    doors: Doors, rooms: _Rooms, request: Request, tenant: str
) -> tuple[int, Mapping[str, object], str | None]:
    """The status and document to answer an event with, and why it is refused, if it is."""
    try:
        check_head(request)
        check_key(request, tenant, doors.keys())
        with rooms.places.held(tenant) as place:
            place(1)
            _let_in(request)
            with rooms.bytes.held(tenant) as take:
                # Nothing here holds on to the event: when it is stored, its bytes are others'.
                answer = await doors.accept(tenant, await event_in(request, doors.limits, take))
            return (*await answer(), None)
    except RefusedError as error:
        return error.status, {"error": str(error)}, error.log_message
    except JournalError as error:
        return _UNAVAILABLE, {"error": "the event cannot be stored now"}, str(error)


def _let_in(request: Request) -> None:
    """Tell the connection, if it is one of `connections`, that its request has a place here."""
    let_in = request.scope.get("state", {}).get(LET_IN)
    if let_in is not None:
        let_in()


def _said(status: int, document: Mapping[str, object]) -> Response:
    headers = {"Connection": "close"} if status in _CLOSING else {}
    if status == _UNAVAILABLE:
        headers["Retry-After"] = "1"
    return JSONResponse(dict(document), status, headers)


async def _no_page(request: Request, error: Exception) -> Response:
    """What nobody serves, or not by this method; the beginning of HTTP/2 looks like it."""
    assert isinstance(error, HTTPException)
    try:
        check_head(request)
    except RefusedError as refused:
        return _said(refused.status, {"error": str(refused)})
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


async def _mistaken(_request: Request, _error: Exception) -> Response:
    """A mistake of ours: the log has its type and place, and the sender sends the event again."""
    status, document = _OURS
    return JSONResponse(dict(document), status, {"Connection": "close"})
