"""GraphQL over HTTP: a POST of JSON, answered with 200 whatever GraphQL has to say."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from . import execution
from .answers import json_answer, problem
from .bodies import json_object_of
from .shop import shop_of

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
