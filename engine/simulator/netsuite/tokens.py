"""The token endpoint of OAuth 2.0: a signed assertion comes, a token goes (RFC 6749 §4.4, RFC 7523)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from .answers import json_answer
from .bodies import whole_body
from .logins import GRANT, LIFETIME, Logins
from .signatures import query_parameters

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"


async def give_token(request: Request) -> Response:
    """`POST /services/rest/auth/oauth2/v1/token`."""
    logins: Logins = request.app.state.logins
    body = await whole_body(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    form = dict(query_parameters(body.decode("ascii", "replace"))) if kind == _FORM else {}
    if "grant_type" not in form:
        return _no("invalid_request")
    if form["grant_type"] != GRANT:
        return _no("unsupported_grant_type")
    audience = str(request.url.replace(query="", fragment=""))
    token = logins.give_token(form, audience)
    if token is None:
        return _no("invalid_grant")
    document = {"access_token": token, "expires_in": LIFETIME, "token_type": "Bearer"}
    return json_answer(document, _JSON)


def _no(error: str) -> Response:
    return json_answer({"error": error}, _JSON, status=400)
