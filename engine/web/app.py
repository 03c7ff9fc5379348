"""The service's doors, as an ASGI application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..errors import JournalError
from .receiving import Limits, RefusedError, check_key, event_in

Accept = Callable[[str, Mapping[str, object]], Awaitable[tuple[int, Mapping[str, object]]]]


@dataclass(frozen=True, slots=True)
class Doors:
    """What the application needs.

    `keys` gives those of each tenant, None for one whose keys cannot be read; `accept` stores an
    event and says what to answer: a status and a document.
    """

    keys: Callable[[], Mapping[str, tuple[str, ...] | None]]
    accept: Accept
    limits: Limits = field(default_factory=Limits)


def service_app(doors: Doors) -> Starlette:
    """`POST /events/{tenant}` and what is seen from outside."""

    async def receive(request: Request) -> Response:
        tenant = request.path_params["tenant"]
        try:
            check_key(request, tenant, doors.keys())
            event = await event_in(request, doors.limits)
            status, document = await doors.accept(tenant, event)
        except RefusedError as error:
            headers = {"Connection": "close"} if error.status in (408, 413) else None
            return JSONResponse({"error": str(error)}, error.status, headers)
        except JournalError:
            return JSONResponse({"error": "the event cannot be stored now"}, 503)
        return JSONResponse(dict(document), status)

    async def alive(_request: Request) -> Response:
        return JSONResponse({"alive": True})

    return Starlette(
        routes=[
            Route("/events/{tenant}", receive, methods=["POST"]),
            Route("/healthz", alive),
        ]
    )
