"""The service's doors, as an ASGI application."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..errors import JournalError, RefusedError
from .receiving import Limits, Room, check_head, check_key, event_in

Accept = Callable[[str, Mapping[str, object]], Awaitable[tuple[int, Mapping[str, object]]]]

# Whose rest is not waited for: who has sent too slowly, or in a way that may be misread.
_CLOSING = frozenset((400, 408))
_UNAVAILABLE = 503


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
    event and says what to answer: a status and a document. `told` hears of every answer.
    """

    keys: Callable[[], Mapping[str, tuple[str, ...] | None]]
    accept: Accept
    limits: Limits = field(default_factory=Limits)
    told: Callable[[Answered], None] = lambda _answered: None


def service_app(doors: Doors, seen: Seen) -> Starlette:
    """`POST /events/{tenant}`, and what is seen from outside."""
    room = Room(doors.limits.held)

    async def receive(request: Request) -> Response:
        begin = time.perf_counter()
        tenant: str = request.path_params["tenant"]
        status, document, refusal = await _answer(doors, room, request, tenant)
        keys = doors.keys()
        known = tenant if tenant in keys else None
        seconds = time.perf_counter() - begin
        doors.told(Answered(known, status, document, seconds, refusal))
        headers = {"Connection": "close"} if status in _CLOSING else {}
        if status == _UNAVAILABLE:
            headers["Retry-After"] = "1"
        return JSONResponse(dict(document), status, headers)

    async def alive(_request: Request) -> Response:
        return JSONResponse({"alive": True})

    async def ready(_request: Request) -> Response:
        is_ready, document = await seen.ready()
        return JSONResponse(dict(document), 200 if is_ready else _UNAVAILABLE)

    async def metrics(_request: Request) -> Response:
        kind, text = await seen.metrics()
        return Response(text, media_type=kind)

    return Starlette(
        routes=[
            Route("/events/{tenant}", receive, methods=["POST"]),
            Route("/healthz", alive),
            Route("/readyz", ready),
            Route("/metrics", metrics),
        ]
    )


async def _answer(
    doors: Doors, room: Room, request: Request, tenant: str
) -> tuple[int, Mapping[str, object], str | None]:
    """The status and document to answer an event with, and why it is refused, if it is."""
    try:
        check_head(request)
        check_key(request, tenant, doors.keys())
        with room.held() as take:
            event = await event_in(request, doors.limits, take)
            return (*await doors.accept(tenant, event), None)
    except RefusedError as error:
        return error.status, {"error": str(error)}, error.told
    except JournalError as error:
        return _UNAVAILABLE, {"error": "the event cannot be stored now"}, str(error)
