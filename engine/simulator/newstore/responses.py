"""Responses in the forms of NewStore's platform: JSON, problem+json, and the block, which is neither."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from starlette.responses import Response

from ...documents import write_json_bytes

Headers = Mapping[str, str]


def respond_json(document: object, status: int = 200, headers: Headers | None = None) -> Response:
    """Return a document as JSON; numbers keep every digit."""
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
    """Return a refusal of the REST services, in the form seen in their responses."""
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
    """Return the block of an address: 403 without a JSON body, which distinguishes it from a bad token."""
    return Response("Forbidden", 403, media_type="text/plain")


def respond_throttled() -> Response:
    """Return 429, which all REST services declare, with the seconds to wait."""
    return respond_problem(
        429,
        "too_many_requests",
        "too many requests; wait and try again",
        headers={"Retry-After": "1"},
    )
