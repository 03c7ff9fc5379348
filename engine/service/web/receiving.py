"""One request of the Event Stream becomes a stored event, or an answer that says why not.

Answers: newstore.md §2.3. A 2xx is given only when the event is on the disk.
"""

from __future__ import annotations

import asyncio
import hmac
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from starlette.requests import ClientDisconnect, Request

from ...documents import read_json_bytes
from ...findings.codes import CODES
from ...findings.errors import ReadError, RefusedError
from ...run import check_envelope

_BEARER = "bearer "
_VERSIONS = ("1.0", "1.1")
# Of a head, or as much of it as is not whole yet.
HEAD_BYTES = 16 * 1024
# In the state of a request: what tells its connection that the request has a place.
LET_IN = "let_in"
# Of a room, one tenant has this part at most: whoever holds a key keeps nobody else out.
_PARTS = 4


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request may be: bytes of its body, seconds until all of it has arrived.

    `requests` are those with a key that are under way at one time, fewer than there are connections;
    `held` are the bytes of all their bodies together that are read or stored. A tenant has a quarter
    of each at most.
    """

    body: int = 4 * 1024 * 1024
    seconds: float = 10.0
    requests: int = 800
    held: int = 32 * 1024 * 1024


@dataclass(slots=True)
class Room:
    """What all requests at one time take together, and a tenant's a part of it."""

    most: int
    used: int = 0
    by_tenant: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def held(self, tenant: str) -> Iterator[Callable[[int], None]]:
        """Gives what takes so much more for a tenant, which is given back at the end.

        It raises RefusedError, 503, where there is no room.
        """
        mine = 0

        def take(more: int) -> None:
            nonlocal mine
            if self.by_tenant[tenant] + more > self.most // _PARTS or self.used + more > self.most:
                raise RefusedError(503, "too much is being received at once")
            mine += more
            self.used += more
            self.by_tenant[tenant] += more

        try:
            yield take
        finally:
            self.used -= mine
            self.by_tenant[tenant] -= mine


def check_head(request: Request) -> None:
    """Raise RefusedError for a head that is too large, 431, or of no version spoken here, 505.

    And for one that does not say once whom it is for, 400.
    """
    if request.scope["http_version"] not in _VERSIONS:
        raise RefusedError(505, "HTTP/1.1 is spoken here")
    hosts = sum(name == b"host" for name, _ in request.headers.raw)
    if hosts > 1 or (hosts == 0 and request.scope["http_version"] == "1.1"):
        raise RefusedError(400, "a request names its host once")
    if sum(len(name) + len(value) for name, value in request.headers.raw) > HEAD_BYTES:
        raise RefusedError(431, f"headers have at most {HEAD_BYTES:,} bytes")


def check_key(request: Request, tenant: str, known: Mapping[str, tuple[str, ...] | None]) -> None:
    """Raise RefusedError unless the request bears one of a tenant's keys; compared in constant time.

    404 for a tenant that is not known, 503 while its keys cannot be read: they may be right.
    """
    if tenant not in known:
        raise RefusedError(404, "there is no such tenant")
    keys = known[tenant]
    if keys is None:
        raise RefusedError(503, "the tenant's keys cannot be read now")
    given = request.headers.get("authorization", "")
    bearer = given[len(_BEARER) :] if given[: len(_BEARER)].lower() == _BEARER else ""
    text = bearer.encode("utf-8", "surrogateescape")
    # Each is compared, whatever the others gave.
    matches = [hmac.compare_digest(text, key.encode()) for key in keys]
    if not any(matches):
        raise RefusedError(401, "no key, or none of this tenant's")


async def event_in(
    request: Request, limits: Limits, take: Callable[[int], None]
) -> Mapping[str, object]:
    """The event of a request; `take` is told of each byte that is kept.

    Raise RefusedError: 408, 413, 415 or 400 for what is no event.
    """
    kind = request.headers.get("content-type", "application/json").split(";")[0].strip().lower()
    if (
        kind != "application/json"
        or request.headers.get("content-encoding", "identity") != "identity"
    ):
        raise RefusedError(415, "an event is sent as application/json, not compressed")
    body = await _body(request, limits, take)
    try:
        event = read_json_bytes("the event", body)
    except ReadError as error:
        words = "; ".join(finding.message for finding in error.findings[:3])
        # The words quote keys of the event.
        told = "; ".join(f"{one.code}: {CODES[one.code]}" for one in error.findings[:3])
        raise RefusedError(400, words, told) from None
    else:
        words = "; ".join(finding.message for finding in check_envelope(event))
        if not words:
            assert isinstance(event, Mapping)
            return event
    raise RefusedError(400, words)


async def _body(request: Request, limits: Limits, take: Callable[[int], None]) -> bytes:
    if "transfer-encoding" in request.headers and "content-length" in request.headers:
        # Whoever stands in between may have taken the other one for true (RFC 9112, 6.1).
        raise RefusedError(400, "a body has a length or is chunked, not both")
    if "transfer-encoding" in request.headers and request.scope["http_version"] == "1.0":
        # HTTP/1.0 has none, so that somebody may have forwarded it without looking.
        raise RefusedError(400, "a body is chunked in HTTP/1.1 only")
    said = request.headers.get("content-length", "0")
    if not said.isdecimal() or int(said[:20]) > limits.body:
        raise RefusedError(413, f"an event has at most {limits.body:,} bytes")
    parts, size = [], 0
    try:
        async with asyncio.timeout(limits.seconds):
            async for part in request.stream():
                size += len(part)
                if size > limits.body:
                    raise RefusedError(413, f"an event has at most {limits.body:,} bytes")
                take(len(part))
                parts.append(part)
    except TimeoutError:
        raise RefusedError(408, f"the event did not arrive within {limits.seconds:g} s") from None
    except ClientDisconnect:
        raise RefusedError(400, "the sender went away") from None
    return b"".join(parts)
