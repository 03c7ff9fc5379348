"""The service as ASGI applications: one takes events from the Event Stream, the other shows its state.

Strangers can reach the first: its pages say with one word whether the service is alive and ready. Names of
tenants and reasons are on the administrative pages alone.
"""

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
from .connections import CONNECTION
from .pace import Pace
from .receive import Quota, RequestLimits, check_key, receive_event

Answer = tuple[int, Mapping[str, object]]
Accept = Callable[[str, Mapping[str, object]], Awaitable[Callable[[], Awaitable[Answer]]]]

# The connection is closed after these: the sender is too slow, or the rest may be misread.
_CLOSING = frozenset((400, 408))
_UNAVAILABLE = 503
_INTERNAL: Answer = (500, {"error": "internal error of the service; send the event again"})


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """The answer to a request for an event.

    `tenant` is None if it is unknown. `document` is the body of the answer; `seconds` is the time from
    the request's head to the answer. `refusal` is the reason of a refusal, without content of the event.
    """

    tenant: str | None
    status: int
    document: Mapping[str, object]
    seconds: float
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class StatusPages:
    """The pages about the service.

    `ready` returns whether events are accepted and delivered, and a document that says why not;
    `metrics` returns a media type and a text.
    """

    ready: Callable[[], Awaitable[tuple[bool, Mapping[str, object]]]]
    metrics: Callable[[], Awaitable[tuple[str, bytes]]]


@dataclass(frozen=True, slots=True)
class EventEndpoint:
    """What the application needs to accept events.

    `keys` returns the keys of each tenant, None for a tenant whose keys cannot be read; `accept` stores an
    event and returns a function that waits for its answer; `observe` is called with every answer.
    """

    keys: Callable[[], Mapping[str, tuple[str, ...] | None]]
    accept: Accept
    limits: RequestLimits = field(default_factory=RequestLimits)
    pace: Pace = field(default_factory=Pace)
    observe: Callable[[HttpAnswer], None] = lambda _answer: None


@dataclass(frozen=True, slots=True)
class _Quotas:
    """The quotas of concurrent requests and of the bytes of their bodies."""

    requests: Quota
    bytes: Quota


def create_app(endpoint: EventEndpoint, pages: StatusPages) -> Starlette:
    """Return the application that takes events; its pages tell no details."""

    async def ready(_request: Request) -> Response:
        is_ready, _ = await pages.ready()
        return _ready_response({"ready": is_ready})

    return _create_app([_event_route(endpoint), Route("/readyz", ready)])


def create_admin_app(pages: StatusPages) -> Starlette:
    """Return the application of the administrative pages, with all details."""

    async def ready(_request: Request) -> Response:
        is_ready, document = await pages.ready()
        return _ready_response({**document, "ready": is_ready})

    async def metrics(_request: Request) -> Response:
        kind, text = await pages.metrics()
        return Response(text, media_type=kind)

    return _create_app([Route("/readyz", ready), Route("/metrics", metrics)])


def _ready_response(document: Mapping[str, object]) -> Response:
    return JSONResponse(document, 200 if document["ready"] else _UNAVAILABLE)


def _create_app(routes: list[Route]) -> Starlette:
    async def alive(_request: Request) -> Response:
        return JSONResponse({"alive": True})

    app = Starlette(
        routes=[*routes, Route("/healthz", alive)],
        exception_handlers={HTTPException: _answer_no_page, 500: _answer_internal_error},
    )
    # A redirect would lead to the host that the request names, which may be any host.
    app.router.redirect_slashes = False
    return app


def _event_route(endpoint: EventEndpoint) -> Route:
    limits = endpoint.limits
    quotas = _Quotas(Quota(limits.requests), Quota(limits.held))

    async def receive(request: Request) -> Response:
        return await _answer_observed(endpoint, quotas, request)

    return Route("/events/{tenant}", receive, methods=["POST"])


async def _answer_observed(endpoint: EventEndpoint, quotas: _Quotas, request: Request) -> Response:
    """Answer an event and report the answer, also after an internal error."""
    begin = time.perf_counter()
    tenant: str = request.path_params["tenant"]
    (status, document), refusal = _INTERNAL, None
    try:
        status, document, refusal = await _answer_event(endpoint, quotas, request, tenant)
    finally:
        keys = endpoint.keys()
        known = tenant if tenant in keys else None
        seconds = time.perf_counter() - begin
        endpoint.observe(HttpAnswer(known, status, document, seconds=seconds, refusal=refusal))
    return _response(status, document)


async def _answer_event(
    endpoint: EventEndpoint, quotas: _Quotas, request: Request, tenant: str
) -> tuple[int, Mapping[str, object], str | None]:
    """Return the status and document of the answer, and the reason of a refusal."""
    try:
        check_key(request, tenant, endpoint.keys())
        with quotas.requests.reserve(tenant) as take_place:
            take_place(1)
            _admit(request)
            await endpoint.pace.wait(tenant)
            with quotas.bytes.reserve(tenant) as take:
                # No name is bound to the event, so its memory is free while the answer is waited for.
                answer = await endpoint.accept(
                    tenant, await receive_event(request, endpoint.limits, take)
                )
            return (*await answer(), None)
    except RefusedError as error:
        return error.status, {"error": str(error)}, error.log_message
    except JournalError as error:
        return (
            _UNAVAILABLE,
            {"error": "the event cannot be stored now; send it again later"},
            str(error),
        )


def _admit(request: Request) -> None:
    """Keep the request's connection open; other servers than ours have no such connections."""
    connection = request.scope.get("state", {}).get(CONNECTION)
    if connection is not None:
        connection.admit()


def _response(status: int, document: Mapping[str, object]) -> Response:
    headers = {"Connection": "close"} if status in _CLOSING else {}
    if status == _UNAVAILABLE:
        headers["Retry-After"] = "1"
    return JSONResponse(dict(document), status, headers)


async def _answer_no_page(_request: Request, error: Exception) -> Response:
    """Answer a path or method without a page."""
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


async def _answer_internal_error(_request: Request, _error: Exception) -> Response:
    """Answer 500; the log has the error's type and place, and the sender sends the event again."""
    status, document = _INTERNAL
    return JSONResponse(dict(document), status, {"Connection": "close"})
