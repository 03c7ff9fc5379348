"""Bodies of requests: read whole up to a bound, as JSON with exact numbers, or refused.

NetSuite takes 104 MB (Oracle, chapter_161251386312); here it is 10 MB, since all is held in memory.
"""

from __future__ import annotations

from starlette.requests import Request

from ...documents import MAX_CHARACTERS, read_json_bytes
from ...findings.errors import ReadError
from .names import Body
from .refusals import invalid_content

MAX_BYTES = MAX_CHARACTERS


async def read_whole_body(request: Request) -> bytes:
    """All of the body. Raise RefusalError when it is too large."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        # What is too much is read and forgotten: a client that is still sending hears no answer.
        if size <= MAX_BYTES:
            parts.append(part)
    if size > MAX_BYTES:
        raise invalid_content([("The request body is too large.", None)])
    return b"".join(parts)


def parse_body(data: bytes, *, may_be_empty: bool = False) -> Body:
    """The JSON map that a body holds. Raise RefusalError (INVALID_CONTENT) when it holds none."""
    if may_be_empty and not data.strip():
        return {}
    try:
        document = read_json_bytes("the body", data)
    except ReadError as error:
        raise invalid_content() from error
    if not isinstance(document, dict):
        raise invalid_content()
    return document
