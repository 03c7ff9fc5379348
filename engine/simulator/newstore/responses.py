"""Answers as NewStore's platform gives them: JSON, problem+json, and the block that is neither."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from starlette.responses import Response

from ...documents import write_json_bytes

Headers = Mapping[str, str]


def respond_json(document: object, status: int = 200, headers: Headers | None = None) -> Response:
    """A JSON document; numbers keep their digits."""
    return Response(
        write_json_bytes(document), status, headers=headers, media_type="application/json"
    )


def respond_problem(
    status: int,
    code: str,
    message: str,
    *,
    messages: Sequence[str] = (),
    headers: Headers | None = None,
) -> Response:
    """A refusal of the REST services; the shape is the one seen in their answers."""
    document = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": message,
        "instance": None,
        "error_code": code,
        "message": message,
        "messages": list(messages) or [message],
        "request_id": str(uuid.uuid4()),
    }
    return Response(
        write_json_bytes(document), status, headers=headers, media_type="application/problem+json"
    )


def respond_blocked() -> Response:
    """The block of an address: 403 without a JSON body, which is how it is told from a bad token."""
    return Response("Forbidden", 403, media_type="text/plain")


def respond_throttled() -> Response:
    """429 of the REST services, which all declare it, with the seconds to wait."""
    return respond_problem(
        429, "too_many_requests", "too many requests; wait", headers={"Retry-After": "1"}
    )
