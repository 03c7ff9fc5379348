"""Turns one request of the Event Stream into an event, or refuses it with a status and a reason.

Answers: newstore.md §2.3. A 2xx is given only when the event is on the disk.
"""

from __future__ import annotations

import asyncio
import hmac
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from starlette.requests import ClientDisconnect, Request

from ...documents import read_json_bytes
from ...findings.codes import CODES
from ...findings.errors import ReadError, RefusedError
from ...run import check_envelope

_BEARER = "bearer "
# The share of a quota that one tenant may use, as a divisor: a tenant with a key leaves room for others.
_TENANT_SHARE = 4
# A body of this many bytes is read within a millisecond or two.
_SHORT_BODY = 64 * 1024
_long_bodies = asyncio.Semaphore(1)


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """Limits of requests for events: maximum bytes of a body, and seconds until it has arrived.

    `requests`: maximum concurrent requests with a key, fewer than connections; `held`: maximum bytes of
    all bodies that are being read or stored. One tenant may use a quarter of each.
    """

    body: int = 4 * 1024 * 1024
    seconds: float = 10.0
    requests: int = 800
    held: int = 32 * 1024 * 1024


def fit_requests(limits: RequestLimits, connections: int) -> RequestLimits:
    """Return the limits with fewer requests than there are connections."""
    return replace(limits, requests=max(1, min(limits.requests, connections * 4 // 5)))


@dataclass(slots=True)
class Quota:
    """An amount that all concurrent requests share, of which a tenant may use a part."""

    limit: int
    used: int = 0
    by_tenant: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def reserve(self, tenant: str) -> Iterator[Callable[[int], None]]:
        """Yield a function that reserves an amount for a tenant; the end of the block releases it.

        The function raises RefusedError, 503, if the quota is exhausted.
        """
        reserved = 0

        def take(amount: int) -> None:
            nonlocal reserved
            is_above_share = self.by_tenant[tenant] + amount > self.limit // _TENANT_SHARE
            if is_above_share or self.used + amount > self.limit:
                raise RefusedError(503, "too many events are being received; send it again later")
            reserved += amount
            self.used += amount
            self.by_tenant[tenant] += amount

        try:
            yield take
        finally:
            self.used -= reserved
            self.by_tenant[tenant] -= reserved


def check_key(request: Request, tenant: str, known: Mapping[str, tuple[str, ...] | None]) -> None:
    """Raise RefusedError unless the request has one of a tenant's keys; compared in constant time.

    404 for an unknown tenant; 503 if its keys cannot be read, because the request's key may be valid.
    """
    if tenant not in known:
        raise RefusedError(404, "no tenant has this name")
    keys = known[tenant]
    if keys is None:
        raise RefusedError(503, "the tenant's keys cannot be read now; send the event again later")
    given = request.headers.get("authorization", "")
    bearer = given[len(_BEARER) :] if given[: len(_BEARER)].lower() == _BEARER else ""
    text = bearer.encode("utf-8", "surrogateescape")
    # Compare every key, also after a match.
    matches = [hmac.compare_digest(text, key.encode()) for key in keys]
    if not any(matches):
        raise RefusedError(401, "the Authorization header has no key of this tenant")


async def receive_event(
    request: Request, limits: RequestLimits, take: Callable[[int], None]
) -> Mapping[str, object]:
    """Return the event of a request; `take` reserves each part of the body before it is kept.

    Raise RefusedError: 408, 413, 415, or 400 for a body that is not an event.
    """
    kind = request.headers.get("content-type", "application/json").split(";")[0].strip().lower()
    coding = request.headers.get("content-encoding", "identity")
    if kind != "application/json" or coding != "identity":
        raise RefusedError(415, "send the event as application/json, without compression")
    body = await _receive_body(request, limits, take)
    try:
        event = await _read_document(body)
    except ReadError as error:
        words = "; ".join(finding.message for finding in error.findings[:3])
        # The messages quote keys of the event, so the log gets the codes.
        logged = "; ".join(f"{one.code}: {CODES[one.code]}" for one in error.findings[:3])
        raise RefusedError(400, words, logged) from None
    words = "; ".join(finding.message for finding in check_envelope(event))
    if words:
        raise RefusedError(400, words)
    assert isinstance(event, Mapping)
    return event


async def _read_document(body: bytes) -> object:
    """Return the document of a body; a long one is read beside the event loop, one at a time."""
    if len(body) <= _SHORT_BODY:
        return read_json_bytes("the event", body)
    async with _long_bodies:
        return await asyncio.to_thread(read_json_bytes, "the event", body)


def _check_length(request: Request, limits: RequestLimits) -> None:
    """Raise RefusedError, 413, if the body says that it is too large; the length is digits."""
    if int(request.headers.get("content-length", "0")) > limits.body:
        raise RefusedError(413, f"the event exceeds {limits.body:,} bytes")


async def _receive_body(
    request: Request, limits: RequestLimits, take: Callable[[int], None]
) -> bytes:
    _check_length(request, limits)
    parts, size = [], 0
    try:
        async with asyncio.timeout(limits.seconds):
            async for part in request.stream():
                size += len(part)
                if size > limits.body:
                    raise RefusedError(413, f"the event exceeds {limits.body:,} bytes")
                take(len(part))
                parts.append(part)
    except TimeoutError:
        raise RefusedError(408, f"the event did not arrive within {limits.seconds:g} s") from None
    except ClientDisconnect:
        raise RefusedError(400, "the connection ended before the event was complete") from None
    return b"".join(parts)
