"""The endpoints of GraphQL and of the REST reads. GraphQL responds with 200 even to invalid queries."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from . import execution
from .bodies import read_json_object
from .lag import drop_hidden_taxes, is_paid, keep_known_payments, read_stored
from .order_document import build_order
from .responses import respond_json, respond_problem
from .shop import SimulatedShop, StoredDocument, get_shop

TIMEZONE_HEADER = "Force-Render-Timezone"


async def post_query(request: Request) -> Response:
    """Execute one GraphQL query."""
    body = await read_json_object(request)
    if isinstance(body, Response):
        return body
    call = _read_call(body, is_zoned=TIMEZONE_HEADER in request.headers)
    if call is None:
        words = "query must be a text, variables an object, operationName a text"
        return respond_problem(400, "invalid_request", words)
    return respond_json(execution.execute_call(get_shop(request), call))


def _read_call(body: dict[str, object], *, is_zoned: bool) -> execution.GraphqlCall | None:
    query, name = body.get("query"), body.get("operationName")
    variables = body.get("variables")
    if not isinstance(query, str) or not isinstance(name, str | None):
        return None
    if not isinstance(variables, dict | None):
        return None
    return execution.GraphqlCall(
        query=query, variables=variables or {}, operation=name, zoned=is_zoned
    )


async def get_order(request: Request) -> Response:
    """Return an order by `id_type`, `internal` or `external`; NewStore's default is unknown."""
    shop, key = get_shop(request), request.path_params["id"]
    find = _FIND.get(request.query_params.get("id_type", ""))
    if find is None:
        return respond_problem(400, "invalid_request", "id_type must be internal or external")
    found = find(shop, key)
    stored = None if found is None else read_stored(shop, found[1])
    if found is None or stored is None:
        return respond_problem(404, "resource_not_found", "the order does not exist")
    shown = replace(stored, document=drop_hidden_taxes(shop, stored.document))
    return respond_json(build_order(found[0], shown))


async def get_account(request: Request) -> Response:
    """Return the payment account with an order's id; 404 until the payment has been processed."""
    shop, key = get_shop(request), request.path_params["id"]
    stored = shop.orders.get(key)
    if stored is not None:
        stored.reads += 1
    if key not in shop.accounts or (stored is not None and not is_paid(shop, stored)):
        return respond_problem(404, "resource_not_found", "the payment account does not exist")
    account = shop.accounts[key]
    return respond_json(account if stored is None else keep_known_payments(shop, stored, account))


def _find_by_id(shop: SimulatedShop, key: str) -> tuple[str, StoredDocument] | None:
    stored = shop.orders.get(key)
    return None if stored is None else (key, stored)


def _find_by_external_id(shop: SimulatedShop, number: str) -> tuple[str, StoredDocument] | None:
    orders = list(shop.orders.items())
    found = ((key, stored) for key, stored in orders if stored.document.get("externalId") == number)
    return next(found, None)


_FIND = {"internal": _find_by_id, "external": _find_by_external_id}
