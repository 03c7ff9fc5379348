"""Request bodies: read whole up to a limit, as JSON with exact numbers, or refused.

NetSuite accepts 104 MB (Oracle, chapter_161251386312); the limit here is 10 MB, since all is held in memory.
"""

from __future__ import annotations

from starlette.requests import Request

from ...documents import MAX_CHARACTERS, read_json_bytes
from ...findings.errors import ReadError
from .names import Body
from .refusals import invalid_content

MAX_BYTES = MAX_CHARACTERS


async def read_whole_body(request: Request) -> bytes:
    """Return the whole body. Raise RefusalError when it is too large."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        # The excess is read and dropped: a client that is still sending does not read the response.
        if size <= MAX_BYTES:
            parts.append(part)
    if size > MAX_BYTES:
        raise invalid_content([("The request body is too large.", None)])
    return b"".join(parts)


def parse_body(data: bytes, *, may_be_empty: bool = False) -> Body:
    """Return the JSON map in a body. Raise RefusalError (INVALID_CONTENT) when there is none."""
    if may_be_empty and not data.strip():
        return {}
    try:
        document = read_json_bytes("the body", data)
    except ReadError as error:
        raise invalid_content() from error
    if not isinstance(document, dict):
        raise invalid_content()
    return document
