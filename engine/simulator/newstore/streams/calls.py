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
from ..bodies import read_json_object
from ..gate import Endpoint, guard_rest
from ..moments import format_moment
from ..responses import respond_json, respond_problem
from ..shop import Shop, get_shop
from .delivery import send_event, start_integration, stop_integration
from .registration import parse_change, parse_registration
from .stream import IntegrationTerms, SimulatedIntegration, SimulatedRejection, get_status

PATH = "/api/v1/org/integrations/eventstream"
MAX_INTEGRATIONS = 25

IntegrationEndpoint = Callable[[Request, Shop, SimulatedIntegration], Awaitable[Response]]


async def _list_integrations(request: Request) -> Response:
    integrations = get_shop(request).stream.integrations.values()
    return respond_json([_render_integration(each) for each in integrations])


async def _register(request: Request) -> Response:
    shop, body = get_shop(request), await read_json_object(request)
    if isinstance(body, Response):
        return body
    terms, wrong = parse_registration(body, shop.clock())
    if terms is None:
        return _respond_invalid(wrong)
    known = shop.stream.integrations
    if terms.id in known:
        return respond_problem(409, "resource_exists", "there is an integration of that id")
    if len(known) >= MAX_INTEGRATIONS:
        return _respond_invalid([f"there are {MAX_INTEGRATIONS} integrations, which is the most"])
    integration = _build_integration(shop, terms)
    known[terms.id] = integration
    start_integration(shop, integration, "registered")
    return respond_json(_render_integration(integration), 201)


def _build_integration(shop: Shop, terms: IntegrationTerms) -> SimulatedIntegration:
    """An integration that begins with what is new, unless it was told since when."""
    random = Random(f"{shop.settings.seed}:{terms.id}")  # noqa: S311 - no secret
    taken = len(shop.stream.events) if terms.starts is None else 0
    return SimulatedIntegration(terms, random, shop.clock(), taken)


async def _get(_request: Request, _shop: Shop, integration: SimulatedIntegration) -> Response:
    return respond_json(_render_integration(integration))


async def _change(request: Request, _shop: Shop, integration: SimulatedIntegration) -> Response:
    body = await read_json_object(request)
    if isinstance(body, Response):
        return body
    if integration.is_running:
        return respond_problem(409, "integration_running", "stop the integration first")
    terms, wrong = parse_change(integration.terms, body)
    if terms is None:
        return _respond_invalid(wrong)
    integration.terms = terms
    return respond_json(_render_integration(integration))


async def _start(_request: Request, shop: Shop, integration: SimulatedIntegration) -> Response:
    if not integration.is_running:
        start_integration(shop, integration, "started by a client")
    return respond_json(_render_integration(integration))


async def _stop(_request: Request, shop: Shop, integration: SimulatedIntegration) -> Response:
    if integration.is_running:
        stop_integration(shop, integration, "stopped by a client")
    return respond_json(_render_integration(integration))


async def _delete(_request: Request, shop: Shop, integration: SimulatedIntegration) -> Response:
    stop_integration(shop, integration, "deleted")
    shop.stream.integrations.pop(integration.terms.id, None)
    return Response(status_code=204)


async def _list_logs(_request: Request, _shop: Shop, integration: SimulatedIntegration) -> Response:
    return respond_json(list(integration.logs))


async def _list_rejected(
    _request: Request, _shop: Shop, integration: SimulatedIntegration
) -> Response:
    return respond_json([_render_rejection(each) for each in integration.rejected])


async def _get_rejected(
    request: Request, _shop: Shop, integration: SimulatedIntegration
) -> Response:
    kept = _find_rejection(integration, request)
    return _respond_no_event() if kept is None else respond_json(_render_rejection(kept))


async def _delete_rejected(
    request: Request, _shop: Shop, integration: SimulatedIntegration
) -> Response:
    kept = _find_rejection(integration, request)
    if kept is None:
        return _respond_no_event()
    integration.rejected.remove(kept)
    return Response(status_code=204)


async def _retry_rejected(
    request: Request, shop: Shop, integration: SimulatedIntegration
) -> Response:
    """Send a rejected event once more; it is removed if it is delivered."""
    kept = _find_rejection(integration, request)
    if kept is None:
        return _respond_no_event()
    integration.counts["sent"] += 1
    status = await send_event(shop.settings, integration, kept.event)
    if status != 200:
        return respond_problem(502, "bad_gateway", "the event was not delivered")
    integration.counts["delivered"] += 1
    if kept in integration.rejected:
        integration.rejected.remove(kept)
    return respond_json(_render_rejection(kept))


def _find_rejection(
    integration: SimulatedIntegration, request: Request
) -> SimulatedRejection | None:
    wanted = request.path_params["event_id"]
    return next((kept for kept in integration.rejected if kept.event.id == wanted), None)


def _respond_no_event() -> Response:
    return respond_problem(404, "resource_not_found", "there is no such rejected event")


def _respond_invalid(wrong: list[str]) -> Response:
    return respond_problem(400, "invalid_request", "; ".join(wrong), messages=wrong)


def _render_rejection(kept: SimulatedRejection) -> dict[str, object]:
    return {
        "id": kept.event.id,
        "rejected_at": format_moment(kept.at),
        "reason": "answered 400",
        "event": read_json_bytes("the event", kept.event.body),
    }


def _render_integration(integration: SimulatedIntegration) -> dict[str, object]:
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
        "status": get_status(integration),
        "integration_type": terms.kind,
        "created_at": format_moment(integration.created),
        "starts_at": None if terms.starts is None else format_moment(terms.starts),
        "ends_at": None if terms.ends is None else format_moment(terms.ends),
        "callback_parameters": {"callback_url": terms.callback_url},
        "filter_conditions": filters or None,
    }


def _with_integration(endpoint: IntegrationEndpoint) -> Endpoint:
    """An endpoint about one integration, which has to be there."""

    async def found(request: Request) -> Response:
        shop = get_shop(request)
        integration = shop.stream.integrations.get(request.path_params["id"])
        if integration is None:
            return respond_problem(404, "resource_not_found", "there is no such integration")
        return await endpoint(request, shop, integration)

    return found


def _select_by_method(endpoints: dict[str, Endpoint]) -> Endpoint:
    """One endpoint for all methods of a path; HEAD is GET."""

    async def chosen(request: Request) -> Response:
        return await endpoints["GET" if request.method == "HEAD" else request.method](request)

    return chosen


_ONE = f"{PATH}/{{id}}"
_EVENTS = f"{_ONE}/rejected_events"
_CALLS: dict[str, dict[str, Endpoint]] = {
    PATH: {"GET": _list_integrations, "POST": _register},
    _ONE: {
        "GET": _with_integration(_get),
        "PATCH": _with_integration(_change),
        "DELETE": _with_integration(_delete),
    },
    f"{_ONE}/_start": {"POST": _with_integration(_start)},
    f"{_ONE}/_stop": {"POST": _with_integration(_stop)},
    f"{_ONE}/logs": {"GET": _with_integration(_list_logs)},
    _EVENTS: {"GET": _with_integration(_list_rejected)},
    f"{_EVENTS}/{{event_id}}": {
        "GET": _with_integration(_get_rejected),
        "DELETE": _with_integration(_delete_rejected),
    },
    f"{_EVENTS}/{{event_id}}/_retry": {"POST": _with_integration(_retry_rejected)},
}
ROUTES: tuple[BaseRoute, ...] = tuple(
    Route(path, guard_rest(_select_by_method(endpoints)), methods=list(endpoints))
    for path, endpoints in _CALLS.items()
)
