"""The application: NewStore's paths, and the responses to unknown paths and methods."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from ..faults import FaultMiddleware, Faults
from .endpoints import get_account, get_order, post_query
from .gate import guard_graphql, guard_rest
from .responses import respond_problem
from .shop import SimulatedShop
from .streams.calls import ROUTES
from .tokens import post_token

TOKEN = "/auth/realms/{tenant}/protocol/openid-connect/token"  # noqa: S105 - a path
GRAPHQL = "/api/v1/org/data/query"


def build_newstore_app(shop: SimulatedShop, *, faults: Faults) -> Starlette:
    """Build the application of a shop; it may be mounted under a prefix."""
    app = Starlette(
        routes=[
            Route(TOKEN, post_token, methods=["POST"]),
            Route(GRAPHQL, guard_graphql(post_query), methods=["POST"]),
            Route("/v0/orders/{id}", guard_rest(get_order), methods=["GET"]),
            Route("/v0/c/payments/accounts/{id}", guard_rest(get_account), methods=["GET"]),
            *ROUTES,
        ],
        middleware=[Middleware(FaultMiddleware, faults=faults)],
        exception_handlers={HTTPException: _handle_refusal, ClientDisconnect: _handle_disconnect},
    )
    app.router.redirect_slashes = False
    app.state.shop = shop
    return app


_CODES = {404: "resource_not_found", 405: "method_not_allowed"}


async def _handle_refusal(_request: Request, error: Exception) -> Response:
    """Return 404 and 405 as a problem document."""
    assert isinstance(error, HTTPException)
    code = _CODES.get(error.status_code, "error")
    return respond_problem(error.status_code, code, error.detail, headers=error.headers)


async def _handle_disconnect(_request: Request, _error: Exception) -> Response:
    """Return a response that nobody reads: the client disconnected before its request was complete."""
    return Response(status_code=400)
