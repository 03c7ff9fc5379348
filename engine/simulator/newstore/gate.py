"""Who is let in: the bearer token and the block of an address, checked before anything else.

No Authorization header is 401, a token that is unknown or has ended 403 with a JSON body, too many
requests 403 without one (NewStore's documentation). Faults that are a gate's own are carried out here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from ..faults import Fault
from .responses import respond_blocked, respond_problem, respond_throttled
from .shop import Shop, get_shop

Endpoint = Callable[[Request], Awaitable[Response]]


def guard_graphql(endpoint: Endpoint) -> Endpoint:
    """Let in who may ask; a throttle is the block of the address, without a JSON body."""
    return _guard(endpoint, respond_blocked)


def guard_rest(endpoint: Endpoint) -> Endpoint:
    """Let in who may ask; a throttle is 429 with Retry-After."""
    return _guard(endpoint, respond_throttled)


def _guard(endpoint: Endpoint, throttle: Callable[[], Response]) -> Endpoint:
    async def guarded(request: Request) -> Response:
        shop = get_shop(request)
        if request.scope.get("fault") is Fault.THROTTLE:
            return throttle()
        refusal = _check_access(shop, request)
        return await endpoint(request) if refusal is None else refusal

    return guarded


def count_request(shop: Shop, request: Request) -> bool:
    """Count a request of an address; False while that is blocked."""
    address = request.client.host if request.client else ""
    return shop.access.admit_request(address, shop.clock(), shop.settings.rate_limit)


def _check_access(shop: Shop, request: Request) -> Response | None:
    if not count_request(shop, request):
        return respond_blocked()
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return respond_problem(
            401, "unauthorized", "a bearer token is needed", headers={"WWW-Authenticate": "Bearer"}
        )
    if request.scope.get("fault") is Fault.TOKEN_EXPIRED:
        shop.access.revoke_token(token.strip())
    if not shop.access.is_valid(token.strip(), shop.clock()):
        return respond_problem(403, "forbidden", "the token is not valid or has expired")
    return None
