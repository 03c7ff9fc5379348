"""Who is let in: the bearer token and the block of an address, checked before anything else.

No Authorization header is 401, a token that is unknown or has ended 403 with a JSON body, too many
requests 403 without one (NewStore's documentation). Faults that are a gate's own are carried out here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from ..faults import Fault
from .responses import blocked, problem, throttled
from .shop import Shop, shop_of

Endpoint = Callable[[Request], Awaitable[Response]]


def graphql_gate(endpoint: Endpoint) -> Endpoint:
    """Let in who may ask; a throttle is the block of the address, without a JSON body."""
    return _guarded(endpoint, blocked)


def rest_gate(endpoint: Endpoint) -> Endpoint:
    """Let in who may ask; a throttle is 429 with Retry-After."""
    return _guarded(endpoint, throttled)


def _guarded(endpoint: Endpoint, throttle: Callable[[], Response]) -> Endpoint:
    async def guarded(request: Request) -> Response:
        shop = shop_of(request)
        if request.scope.get("fault") is Fault.THROTTLE:
            return throttle()
        refusal = _refusal(shop, request)
        return await endpoint(request) if refusal is None else refusal

    return guarded


def is_admitted(shop: Shop, request: Request) -> bool:
    """Count a request of an address; False while that is blocked."""
    address = request.client.host if request.client else ""
    return shop.access.admits(address, shop.clock(), shop.settings.rate_limit)


def _refusal(shop: Shop, request: Request) -> Response | None:
    if not is_admitted(shop, request):
        return blocked()
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return problem(
            401, "unauthorized", "a bearer token is needed", headers={"WWW-Authenticate": "Bearer"}
        )
    if request.scope.get("fault") is Fault.TOKEN_EXPIRED:
        shop.access.revoke(token.strip())
    if not shop.access.knows(token.strip(), shop.clock()):
        return problem(403, "forbidden", "the token is not valid or has expired")
    return None
