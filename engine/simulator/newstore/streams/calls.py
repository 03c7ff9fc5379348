"""The registration API of the Event Stream over HTTP.

Paths, bodies and rules are those of NewStore's API description of 2022; what it leaves open, such as
the status of some answers and the shape of lists, is chosen here and written down in NEWSTORE.md.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from random import Random

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ....documents import read_json_bytes
from ..bodies import json_object_of
from ..gate import Endpoint, rest_gate
from ..moments import iso
from ..responses import json_answer, problem
from ..shop import Shop, shop_of
from .delivery import send, start, stop
from .registration import changed, registered
from .stream import IntegrationTerms, SimulatedIntegration, SimulatedRejection, status_of

PATH = "/api/v1/org/integrations/eventstream"
MAX_INTEGRATIONS = 25

_OfIntegration = Callable[[Request, Shop, SimulatedIntegration], Awaitable[Response]]


async def _list(request: Request) -> Response:
    integrations = shop_of(request).stream.integrations.values()
    return json_answer([_document(each) for each in integrations])


async def _register(request: Request) -> Response:
    shop, body = shop_of(request), await json_object_of(request)
    if isinstance(body, Response):
        return body
    terms, wrong = registered(body, shop.clock())
    if terms is None:
        return _invalid(wrong)
    known = shop.stream.integrations
    if terms.id in known:
        return problem(409, "resource_exists", "there is an integration of that id")
    if len(known) >= MAX_INTEGRATIONS:
        return _invalid([f"there are {MAX_INTEGRATIONS} integrations, which is the most"])
    integration = _new(shop, terms)
    known[terms.id] = integration
    start(shop, integration, "registered")
    return json_answer(_document(integration), 201)


def _new(shop: Shop, terms: IntegrationTerms) -> SimulatedIntegration:
    """An integration that begins with what is new, unless it was told since when."""
    random = Random(f"{shop.settings.seed}:{terms.id}")  # noqa: S311 - no secret
    taken = len(shop.stream.events) if terms.starts is None else 0
    return SimulatedIntegration(terms, random, shop.clock(), taken)


async def _get(_request: Request, _shop: Shop, integration: SimulatedIntegration) -> Response:
    return json_answer(_document(integration))


async def _change(request: Request, _shop: Shop, integration: SimulatedIntegration) -> Response:
    body = await json_object_of(request)
    if isinstance(body, Response):
        return body
    if integration.is_running:
        return problem(409, "integration_running", "stop the integration first")
    terms, wrong = changed(integration.terms, body)
    if terms is None:
        return _invalid(wrong)
    integration.terms = terms
    return json_answer(_document(integration))


async def _start(_request: Request, shop: Shop, integration: SimulatedIntegration) -> Response:
    if not integration.is_running:
        start(shop, integration, "started by a client")
    return json_answer(_document(integration))


async def _stop(_request: Request, shop: Shop, integration: SimulatedIntegration) -> Response:
    if integration.is_running:
        stop(shop, integration, "stopped by a client")
    return json_answer(_document(integration))


async def _delete(_request: Request, shop: Shop, integration: SimulatedIntegration) -> Response:
    stop(shop, integration, "deleted")
    shop.stream.integrations.pop(integration.terms.id, None)
    return Response(status_code=204)


async def _logs(_request: Request, _shop: Shop, integration: SimulatedIntegration) -> Response:
    return json_answer(list(integration.logs))


async def _rejected(_request: Request, _shop: Shop, integration: SimulatedIntegration) -> Response:
    return json_answer([_rejected_document(each) for each in integration.rejected])


async def _one_rejected(
    request: Request, _shop: Shop, integration: SimulatedIntegration
) -> Response:
    kept = _find(integration, request)
    return _no_event() if kept is None else json_answer(_rejected_document(kept))


async def _forget(request: Request, _shop: Shop, integration: SimulatedIntegration) -> Response:
    kept = _find(integration, request)
    if kept is None:
        return _no_event()
    integration.rejected.remove(kept)
    return Response(status_code=204)


async def _retry(request: Request, shop: Shop, integration: SimulatedIntegration) -> Response:
    """Send a rejected event once more; it is removed if it is delivered."""
    kept = _find(integration, request)
    if kept is None:
        return _no_event()
    integration.counts["sent"] += 1
    status = await send(shop.settings, integration, kept.event)
    if status != 200:
        return problem(502, "bad_gateway", "the event was not delivered")
    integration.counts["delivered"] += 1
    if kept in integration.rejected:
        integration.rejected.remove(kept)
    return json_answer(_rejected_document(kept))


def _find(integration: SimulatedIntegration, request: Request) -> SimulatedRejection | None:
    wanted = request.path_params["event_id"]
    return next((kept for kept in integration.rejected if kept.event.id == wanted), None)


def _no_event() -> Response:
    return problem(404, "resource_not_found", "there is no such rejected event")


def _invalid(wrong: list[str]) -> Response:
    return problem(400, "invalid_request", "; ".join(wrong), messages=wrong)


def _rejected_document(kept: SimulatedRejection) -> dict[str, object]:
    return {
        "id": kept.event.id,
        "rejected_at": iso(kept.at),
        "reason": "answered 400",
        "event": read_json_bytes("the event", kept.event.body),
    }


def _document(integration: SimulatedIntegration) -> dict[str, object]:
    """An integration as its clients see it; the key is never shown."""
    terms = integration.terms
    filters = {
        name: list(names)
        for name, names in (
            ("event_filter", terms.event_filter),
            ("entity_filter", terms.entity_filter),
        )
        if names is not None
    }
    return {
        "id": terms.id,
        "status": status_of(integration),
        "integration_type": terms.kind,
        "created_at": iso(integration.created),
        "starts_at": None if terms.starts is None else iso(terms.starts),
        "ends_at": None if terms.ends is None else iso(terms.ends),
        "callback_parameters": {"callback_url": terms.callback_url},
        "filter_conditions": filters or None,
    }


def _of(endpoint: _OfIntegration) -> Endpoint:
    """An endpoint about one integration, which has to be there."""

    async def found(request: Request) -> Response:
        shop = shop_of(request)
        integration = shop.stream.integrations.get(request.path_params["id"])
        if integration is None:
            return problem(404, "resource_not_found", "there is no such integration")
        return await endpoint(request, shop, integration)

    return found


def _by_method(endpoints: dict[str, Endpoint]) -> Endpoint:
    """One endpoint for all methods of a path; HEAD is GET."""

    async def chosen(request: Request) -> Response:
        return await endpoints["GET" if request.method == "HEAD" else request.method](request)

    return chosen


_ONE = f"{PATH}/{{id}}"
_EVENTS = f"{_ONE}/rejected_events"
_CALLS: dict[str, dict[str, Endpoint]] = {
    PATH: {"GET": _list, "POST": _register},
    _ONE: {"GET": _of(_get), "PATCH": _of(_change), "DELETE": _of(_delete)},
    f"{_ONE}/_start": {"POST": _of(_start)},
    f"{_ONE}/_stop": {"POST": _of(_stop)},
    f"{_ONE}/logs": {"GET": _of(_logs)},
    _EVENTS: {"GET": _of(_rejected)},
    f"{_EVENTS}/{{event_id}}": {"GET": _of(_one_rejected), "DELETE": _of(_forget)},
    f"{_EVENTS}/{{event_id}}/_retry": {"POST": _of(_retry)},
}
ROUTES: tuple[BaseRoute, ...] = tuple(
    Route(path, rest_gate(_by_method(endpoints)), methods=list(endpoints))
    for path, endpoints in _CALLS.items()
)
