"""GraphQL over HTTP: a POST of JSON, answered with 200 whatever GraphQL has to say."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from . import execution
from .bodies import read_json_object
from .order_document import build_order
from .responses import respond_json, respond_problem
from .shop import Shop, StoredDocument, get_shop

ZONED = "Force-Render-Timezone"


async def post_query(request: Request) -> Response:
    """Carry out one query."""
    body = await read_json_object(request)
    if isinstance(body, Response):
        return body
    asked = _read_call(body, is_zoned=ZONED in request.headers)
    if asked is None:
        words = "query has to be a text, variables an object, operationName a text"
        return respond_problem(400, "invalid_request", words)
    return respond_json(execution.execute_call(get_shop(request), asked))


def _read_call(body: dict[str, object], *, is_zoned: bool) -> execution.GraphqlCall | None:
    query, name = body.get("query"), body.get("operationName")
    variables = body.get("variables")
    if not isinstance(query, str) or not isinstance(name, str | None):
        return None
    if not isinstance(variables, dict | None):
        return None
    return execution.GraphqlCall(query, variables or {}, name, is_zoned)


async def get_order(request: Request) -> Response:
    """An order by `id_type`, `internal` or `external`; which one is meant without it is unknown."""
    shop, key = get_shop(request), request.path_params["id"]
    find = _FIND.get(request.query_params.get("id_type", ""))
    if find is None:
        return respond_problem(400, "invalid_request", "id_type has to be internal or external")
    found = find(shop, key)
    if found is None:
        return respond_problem(404, "resource_not_found", "there is no such order")
    return respond_json(build_order(*found))


async def get_account(request: Request) -> Response:
    """The payment account of an order, whose id it has; 404 until payment has been processed."""
    shop, key = get_shop(request), request.path_params["id"]
    held = shop.orders.get(key)
    if key not in shop.accounts or (held is not None and not shop.is_paid(held)):
        return respond_problem(404, "resource_not_found", "there is no such payment account")
    return respond_json(shop.accounts[key])


def _find_by_id(shop: Shop, key: str) -> tuple[str, StoredDocument] | None:
    held = shop.orders.get(key)
    return None if held is None else (key, held)


def _find_by_external_id(shop: Shop, number: str) -> tuple[str, StoredDocument] | None:
    orders = list(shop.orders.items())
    found = ((key, held) for key, held in orders if held.document.get("externalId") == number)
    return next(found, None)


_FIND = {"internal": _find_by_id, "external": _find_by_external_id}
