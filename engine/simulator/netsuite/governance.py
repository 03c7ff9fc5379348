"""So many requests at once and no more (Oracle, bridgehead_1500275603): the next one gets 429.

An ASGI application around the others. A request takes its place when all of it has arrived (chosen: a
client that stands still in the middle of a body is asking for nothing yet), and holds it until its
work is done; that a fault lets its answer hang does not count.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .bodies import MAX_BYTES
from .records import RecordCall
from .refusals import permission_denied
from .responses import respond_json, respond_throttled

TOKEN_PATH = "/services/rest/auth/oauth2/v1/token"  # noqa: S105 - a path
_SLOT = "netsuite.place"


@dataclass(slots=True)
class RequestSlots:
    """How many requests may be, are, and were at most under way at once, and how many were refused."""

    limit: int
    taken: int = 0
    most: int = 0
    refused: int = 0

    def acquire(self) -> bool:
        """Take a place; False when there is none."""
        if self.taken >= self.limit:
            self.refused += 1
            return False
        self.taken += 1
        self.most = max(self.most, self.taken)
        return True

    def document(self) -> dict[str, int]:
        """All of them, for an operator."""
        return {
            "limit": self.limit,
            "under_way": self.taken,
            "most_at_once": self.most,
            "refused": self.refused,
        }


@dataclass(slots=True)
class _Slot:
    places: RequestSlots
    is_held: bool = field(default=True)

    def release(self) -> None:
        """Leave the place; once is enough."""
        if self.is_held:
            self.is_held = False
            self.places.taken -= 1


class ConcurrencyMiddleware:
    """Lets a request in when there is a place. Giving out tokens needs none."""

    def __init__(self, app: ASGIApp, places: RequestSlots) -> None:
        self._app = app
        self._places = places

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or say that it is one too many."""
        if scope["type"] != "http" or scope["path"].endswith(TOKEN_PATH):
            await self._app(scope, receive, send)
        elif (arrived := await _receive_all(receive)) is None:
            return  # the client has left in the middle: there is nobody to answer
        elif self._places.acquire():
            scope["app"].state.most_at_once = self._places.most
            scope[_SLOT] = place = _Slot(self._places)
            try:
                await self._app(scope, arrived, send)
            finally:
                place.release()
        else:
            await respond_throttled()(scope, arrived, send)


async def _receive_all(receive: Receive) -> Receive | None:
    """What receives a request again that has arrived, as far as it is looked at; None if it never does."""
    messages: deque[Message] = deque()
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        messages.append(message)
        size += len(message.get("body", b""))
        if not message.get("more_body", False) or size > MAX_BYTES:
            break

    async def again() -> Message:
        return messages.popleft() if messages else await receive()

    return again


class SlotReleaseMiddleware:
    """The inner end of `ConcurrencyMiddleware`: what is behind it has done the work."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and leave the place."""
        try:
            await self._app(scope, receive, send)
        finally:
            if _SLOT in scope:
                scope[_SLOT].release()


PATH = "/services/rest/system/v1/governanceLimits"


def get_limits(call: RecordCall) -> Response:
    """The account's limit, none of which is set aside for an integration. Raise RefusalError (403)."""
    account = call.site.account
    if not account.tells_limits:
        raise permission_denied(
            "Your current role does not have permission to perform this action."
        )
    document = {
        "accountConcurrencyLimit": account.concurrency,
        "accountUnallocatedConcurrencyLimit": account.concurrency,
    }
    return respond_json(document, "application/json")
