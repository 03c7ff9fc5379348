"""GraphQL over HTTP: a POST of JSON, answered with 200 whatever GraphQL has to say."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from . import execution
from .bodies import json_object_of
from .order_document import order_document
from .responses import json_answer, problem
from .shop import Held, Shop, shop_of

ZONED = "Force-Render-Timezone"


async def graphql(request: Request) -> Response:
    """Carry out one query."""
    body = await json_object_of(request)
    if isinstance(body, Response):
        return body
    asked = _asked(body, is_zoned=ZONED in request.headers)
    if asked is None:
        words = "query has to be a text, variables an object, operationName a text"
        return problem(400, "invalid_request", words)
    return json_answer(execution.answer(shop_of(request), asked))


def _asked(body: dict[str, object], *, is_zoned: bool) -> execution.Request | None:
    query, name = body.get("query"), body.get("operationName")
    variables = body.get("variables")
    if not isinstance(query, str) or not isinstance(name, str | None):
        return None
    if not isinstance(variables, dict | None):
        return None
    return execution.Request(query, variables or {}, name, is_zoned)


async def order(request: Request) -> Response:
    """An order by `id_type`, `internal` or `external`; which one is meant without it is unknown."""
    shop, key = shop_of(request), request.path_params["id"]
    find = _FIND.get(request.query_params.get("id_type", ""))
    if find is None:
        return problem(400, "invalid_request", "id_type has to be internal or external")
    found = find(shop, key)
    if found is None:
        return problem(404, "resource_not_found", "there is no such order")
    return json_answer(order_document(*found))


async def account(request: Request) -> Response:
    """The payment account of an order, whose id it has; 404 until payment has been processed."""
    shop, key = shop_of(request), request.path_params["id"]
    held = shop.orders.get(key)
    if key not in shop.accounts or (held is not None and not shop.paid(held)):
        return problem(404, "resource_not_found", "there is no such payment account")
    return json_answer(shop.accounts[key])


def _internal(shop: Shop, key: str) -> tuple[str, Held] | None:
    held = shop.orders.get(key)
    return None if held is None else (key, held)


def _external(shop: Shop, number: str) -> tuple[str, Held] | None:
    orders = list(shop.orders.items())
    found = ((key, held) for key, held in orders if held.document.get("externalId") == number)
    return next(found, None)


_FIND = {"internal": _internal, "external": _external}
