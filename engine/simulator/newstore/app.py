"""The application: NewStore's paths, and what is said to whoever misses them."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from ..faults import Faults, Faulty
from .endpoints import account, graphql, order
from .gate import graphql_gate, rest_gate
from .responses import problem
from .shop import Shop
from .streams.calls import ROUTES
from .tokens import token

TOKEN = "/auth/realms/{tenant}/protocol/openid-connect/token"  # noqa: S105 - a path
GRAPHQL = "/api/v1/org/data/query"


def newstore_app(shop: Shop, *, faults: Faults) -> Starlette:
    """Serve a shop; the application may be mounted under a prefix."""
    app = Starlette(
        routes=[
            Route(TOKEN, token, methods=["POST"]),
            Route(GRAPHQL, graphql_gate(graphql), methods=["POST"]),
            Route("/v0/orders/{id}", rest_gate(order), methods=["GET"]),
            Route("/v0/c/payments/accounts/{id}", rest_gate(account), methods=["GET"]),
            *ROUTES,
        ],
        middleware=[Middleware(Faulty, faults=faults)],
        exception_handlers={HTTPException: _refused, ClientDisconnect: _gone},
    )
    app.router.redirect_slashes = False
    app.state.shop = shop
    return app


_CODES = {404: "resource_not_found", 405: "method_not_allowed"}


async def _refused(_request: Request, error: Exception) -> Response:
    """404 and 405 as a problem."""
    assert isinstance(error, HTTPException)
    code = _CODES.get(error.status_code, "error")
    return problem(error.status_code, code, error.detail, headers=error.headers)


async def _gone(_request: Request, _error: Exception) -> Response:
    """What nobody reads: the client hung up before its request was whole."""
    return Response(status_code=400)
