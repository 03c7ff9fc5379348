"""Access checks: the bearer token and the block of an address, before anything else.

No Authorization header is 401, an unknown or expired token 403 with a JSON body, too many requests
403 without one (NewStore's documentation). The faults `throttle` and `token_expired` strike here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from ..faults import Fault
from .responses import respond_blocked, respond_problem, respond_throttled
from .shop import SimulatedShop, get_shop

Endpoint = Callable[[Request], Awaitable[Response]]


def guard_graphql(endpoint: Endpoint) -> Endpoint:
    """Check access before an endpoint; a throttle blocks the address, without a JSON body."""
    return _guard(endpoint, respond_blocked)


def guard_rest(endpoint: Endpoint) -> Endpoint:
    """Check access before an endpoint; a throttle is 429 with Retry-After."""
    return _guard(endpoint, respond_throttled)


def _guard(endpoint: Endpoint, throttle: Callable[[], Response]) -> Endpoint:
    async def guarded(request: Request) -> Response:
        shop = get_shop(request)
        if request.scope.get("fault") is Fault.THROTTLE:
            return throttle()
        refusal = _check_access(shop, request)
        return await endpoint(request) if refusal is None else refusal

    return guarded


def count_request(shop: SimulatedShop, request: Request) -> bool:
    """Count a request of its address; return False while the address is blocked."""
    address = request.client.host if request.client else ""
    return shop.access.admit_request(address, shop.clock(), shop.settings.rate_limit)


def _check_access(shop: SimulatedShop, request: Request) -> Response | None:
    if not count_request(shop, request):
        return respond_blocked()
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return respond_problem(
            401,
            "unauthorized",
            "the request has no bearer token",
            headers={"WWW-Authenticate": "Bearer"},
        )
    if request.scope.get("fault") is Fault.TOKEN_EXPIRED:
        shop.access.revoke_token(token.strip())
    if not shop.access.is_valid(token.strip(), shop.clock()):
        return respond_problem(403, "forbidden", "the token is not valid or has expired")
    return None
