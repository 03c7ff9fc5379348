"""The token endpoint; the real one is Keycloak at id.p.newstore.net. Client credentials only."""

from __future__ import annotations

import base64
import binascii
import hmac
from urllib.parse import parse_qs, unquote_plus

from starlette.requests import Request
from starlette.responses import Response

from ..faults import Fault
from .bodies import read_body
from .responses import respond_json, respond_throttled
from .shop import SimulatedShop, get_shop

_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_MAX_FIELDS = 50


async def post_token(request: Request) -> Response:
    """Return an access token for a client's id and secret, in the form or as Basic credentials."""
    shop = get_shop(request)
    if request.scope.get("fault") is Fault.THROTTLE:
        return respond_throttled()
    if request.path_params["tenant"] != shop.tenant:
        return respond_json({"error": "Realm does not exist"}, 404)
    body = await read_body(request)
    if isinstance(body, Response):
        return body
    form = _read_form(request, body)
    if form is None:
        return _respond_error(400, "invalid_request", "the body must be a form")
    if "grant_type" not in form:
        return _respond_error(400, "invalid_request", "Missing form parameter: grant_type")
    if form["grant_type"] != "client_credentials":
        return _respond_error(400, "unsupported_grant_type", "Unsupported grant_type")
    if not _is_client(shop, *_read_credentials(request, form)):
        return _respond_error(401, "invalid_client", "Invalid client or Invalid client credentials")
    return _respond_token(shop)


def _respond_token(shop: SimulatedShop) -> Response:
    ttl = shop.settings.token_ttl
    document = {
        "access_token": shop.access.issue_token(shop.clock(), ttl),
        "expires_in": ttl,
        "token_type": "Bearer",
        "scope": "",
    }
    return respond_json(document, headers=_NO_STORE)


def _respond_error(status: int, error: str, words: str) -> Response:
    document = {"error": error, "error_description": words}
    return respond_json(document, status, headers=_NO_STORE)


def _read_form(request: Request, body: bytes) -> dict[str, str] | None:
    """Return the fields of a form; None for a body that is not a form or has a field twice."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return None
    try:
        fields = parse_qs(
            body.decode("utf-8"),
            keep_blank_values=True,
            max_num_fields=_MAX_FIELDS,
            errors="strict",
        )
    except ValueError:
        return None
    if any(len(values) > 1 for values in fields.values()):
        return None
    return {name: values[0] for name, values in fields.items()}


def _read_credentials(request: Request, form: dict[str, str]) -> tuple[str, str]:
    """Return the client's id and secret; Basic credentials take precedence."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        name, _, secret = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return unquote_plus(name), unquote_plus(secret)


def _is_client(shop: SimulatedShop, name: str, secret: str) -> bool:
    """Return whether a client has the id and secret; compare in constant time."""
    expected = shop.clients.get(name, "")
    return bool(expected) and hmac.compare_digest(secret.encode(), expected.encode())
