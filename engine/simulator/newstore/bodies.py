"""What a request carries, read within bounds."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from ...documents import read_json_bytes
from ...findings.errors import ReadError
from .responses import problem

MAX_BYTES = 1_000_000


async def body_of(request: Request) -> bytes | Response:
    """The whole body, or the answer that refuses one that is too large."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_BYTES:
            return problem(413, "request_too_large", f"a request has at most {MAX_BYTES:,} bytes")
        parts.append(part)
    return b"".join(parts)


async def json_object_of(request: Request) -> dict[str, object] | Response:
    """The body as a JSON object, or the answer that refuses it."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        return problem(415, "unsupported_media_type", "the body has to be application/json")
    body = await body_of(request)
    if isinstance(body, Response):
        return body
    try:
        document = read_json_bytes("the body", body)
    except ReadError as error:
        words = [finding.message for finding in error.findings[:10]]
        return problem(400, "invalid_request", "the body is not JSON", messages=words)
    if not isinstance(document, dict):
        return problem(400, "invalid_request", "the body has to be a JSON object")
    return document
