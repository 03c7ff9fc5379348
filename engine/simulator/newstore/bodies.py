"""Request bodies, read within limits."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from ...documents import read_json_bytes
from ...findings.errors import ReadError
from .responses import respond_problem

MAX_BYTES = 1_000_000


async def read_body(request: Request) -> bytes | Response:
    """Return the whole body, or the response that refuses a body that is too large."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BYTES:
            return respond_problem(
                413, "request_too_large", f"the body exceeds {MAX_BYTES:,} bytes"
            )
        parts.append(part)
    return b"".join(parts)


async def read_json_object(request: Request) -> dict[str, object] | Response:
    """Return the body as a JSON object, or the response that refuses it."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        return respond_problem(
            415, "unsupported_media_type", "the content type must be application/json"
        )
    body = await read_body(request)
    if isinstance(body, Response):
        return body
    try:
        document = read_json_bytes("the body", body)
    except ReadError as error:
        words = [finding.message for finding in error.findings[:10]]
        return respond_problem(400, "invalid_request", "the body is not JSON", messages=words)
    if not isinstance(document, dict):
        return respond_problem(400, "invalid_request", "the body must be a JSON object")
    return document
