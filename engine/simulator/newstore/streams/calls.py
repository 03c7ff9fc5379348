"""The registration API of the Event Stream over HTTP.

Paths, bodies and rules are those of NewStore's API description of 2022. What it leaves open, such as
the status of some responses and the form of lists, is chosen here and listed in NEWSTORE.md.
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
from ..shop import SimulatedShop, get_shop
from .delivery import send_event, start_integration, stop_integration
from .registration import parse_change, parse_registration
from .stream import IntegrationTerms, SimulatedIntegration, SimulatedRejection, get_status

PATH = "/api/v1/org/integrations/eventstream"
MAX_INTEGRATIONS = 25

IntegrationEndpoint = Callable[[Request, SimulatedShop, SimulatedIntegration], Awaitable[Response]]


async def _list_integrations(request: Request) -> Response:
    integrations = get_shop(request).stream.integrations.values()
    return respond_json([_render_integration(integration) for integration in integrations])


async def _register(request: Request) -> Response:
    shop, body = get_shop(request), await read_json_object(request)
    if isinstance(body, Response):
        return body
    terms, mistakes = parse_registration(body, shop.clock())
    if terms is None:
        return _respond_invalid(mistakes)
    known = shop.stream.integrations
    if terms.id in known:
        return respond_problem(409, "resource_exists", "an integration with this id exists already")
    if len(known) >= MAX_INTEGRATIONS:
        return _respond_invalid(
            [f"there are {MAX_INTEGRATIONS} integrations already, the maximum; delete one first"]
        )
    integration = _build_integration(shop, terms)
    known[terms.id] = integration
    start_integration(shop, integration, "registered")
    return respond_json(_render_integration(integration), 201)


def _build_integration(shop: SimulatedShop, terms: IntegrationTerms) -> SimulatedIntegration:
    """Build an integration that starts with new events, or with those since its `starts_at`."""
    random = Random(f"{shop.settings.seed}:{terms.id}")  # noqa: S311 - no secret
    taken = len(shop.stream.events) if terms.starts is None else 0
    return SimulatedIntegration(terms=terms, random=random, created=shop.clock(), taken=taken)


async def _get(
    _request: Request, _shop: SimulatedShop, integration: SimulatedIntegration
) -> Response:
    return respond_json(_render_integration(integration))


async def _change(
    request: Request, _shop: SimulatedShop, integration: SimulatedIntegration
) -> Response:
    body = await read_json_object(request)
    if isinstance(body, Response):
        return body
    if integration.is_running:
        return respond_problem(
            409, "integration_running", "the integration is running; stop it first"
        )
    terms, mistakes = parse_change(integration.terms, body)
    if terms is None:
        return _respond_invalid(mistakes)
    integration.terms = terms
    return respond_json(_render_integration(integration))


async def _start(
    _request: Request, shop: SimulatedShop, integration: SimulatedIntegration
) -> Response:
    if not integration.is_running:
        start_integration(shop, integration, "started by a client")
    return respond_json(_render_integration(integration))


async def _stop(
    _request: Request, shop: SimulatedShop, integration: SimulatedIntegration
) -> Response:
    if integration.is_running:
        stop_integration(shop, integration, "stopped by a client")
    return respond_json(_render_integration(integration))


async def _delete(
    _request: Request, shop: SimulatedShop, integration: SimulatedIntegration
) -> Response:
    stop_integration(shop, integration, "deleted")
    shop.stream.integrations.pop(integration.terms.id, None)
    return Response(status_code=204)


async def _list_logs(
    _request: Request, _shop: SimulatedShop, integration: SimulatedIntegration
) -> Response:
    return respond_json(list(integration.logs))


async def _list_rejected(
    _request: Request, _shop: SimulatedShop, integration: SimulatedIntegration
) -> Response:
    return respond_json([_render_rejection(rejection) for rejection in integration.rejected])


async def _get_rejected(
    request: Request, _shop: SimulatedShop, integration: SimulatedIntegration
) -> Response:
    rejection = _find_rejection(integration, request)
    return _respond_no_event() if rejection is None else respond_json(_render_rejection(rejection))


async def _delete_rejected(
    request: Request, _shop: SimulatedShop, integration: SimulatedIntegration
) -> Response:
    rejection = _find_rejection(integration, request)
    if rejection is None:
        return _respond_no_event()
    integration.rejected.remove(rejection)
    return Response(status_code=204)


async def _retry_rejected(
    request: Request, shop: SimulatedShop, integration: SimulatedIntegration
) -> Response:
    """Send a rejected event again, and remove it from the list when it is delivered."""
    rejection = _find_rejection(integration, request)
    if rejection is None:
        return _respond_no_event()
    integration.counts["sent"] += 1
    status = await send_event(shop.settings, integration, rejection.event)
    if status != 200:
        return respond_problem(502, "bad_gateway", "the event was not delivered")
    integration.counts["delivered"] += 1
    if rejection in integration.rejected:
        integration.rejected.remove(rejection)
    return respond_json(_render_rejection(rejection))


def _find_rejection(
    integration: SimulatedIntegration, request: Request
) -> SimulatedRejection | None:
    event_id = request.path_params["event_id"]
    return next(
        (rejection for rejection in integration.rejected if rejection.event.id == event_id), None
    )


def _respond_no_event() -> Response:
    return respond_problem(404, "resource_not_found", "the rejected event does not exist")


def _respond_invalid(mistakes: list[str]) -> Response:
    return respond_problem(400, "invalid_request", "; ".join(mistakes), messages=mistakes)


def _render_rejection(rejection: SimulatedRejection) -> dict[str, object]:
    return {
        "id": rejection.event.id,
        "rejected_at": format_moment(rejection.at),
        "reason": "answered 400",
        "event": read_json_bytes("the event", rejection.event.body),
    }


def _render_integration(integration: SimulatedIntegration) -> dict[str, object]:
    """Render an integration for its clients; the API key is never shown."""
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
    """Build an endpoint that looks up its integration, and is 404 without one."""

    async def run(request: Request) -> Response:
        shop = get_shop(request)
        integration = shop.stream.integrations.get(request.path_params["id"])
        if integration is None:
            return respond_problem(404, "resource_not_found", "the integration does not exist")
        return await endpoint(request, shop, integration)

    return run


def _select_by_method(endpoints: dict[str, Endpoint]) -> Endpoint:
    """Build one endpoint for all methods of a path; HEAD is GET."""

    async def run(request: Request) -> Response:
        return await endpoints["GET" if request.method == "HEAD" else request.method](request)

    return run


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
